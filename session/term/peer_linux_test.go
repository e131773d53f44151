package term

import (
	"fmt"
	"strings"
)

// picture is a screen as it can be compared with another terminal's and kept
// in a file: the text, what is not drawn in the default style, and the cursor.
type picture struct {
	lines  []string
	styles []string // for each line, its runs: "columns style, columns style"
	x, y   int
	// reverse: the default colours are exchanged on all of the screen (DECSCNM).
	reverse bool
}

// pictureOf is what term shows. The cursor is where CPR says that it is.
func pictureOf(term *Terminal) picture {
	p := picture{reverse: term.m.reverseScreen}
	p.y, p.x = term.reportedCursor()
	for y := range term.rows {
		var text []string
		var styles []Style
		for x := range term.cols {
			c := term.Cell(x, y)
			if c.Style.Attrs&AttrHidden != 0 {
				c.Text = strings.Repeat(" ", c.Width)
			}
			text = append(text, c.Text)
			styles = append(styles, term.shownStyle(x, y))
		}
		p.addLine(text, styles)
	}
	return p
}

// addLine takes the next row, a cell at a time. Of a blank only the background
// is seen, so that it goes on the run before it where it can.
func (p *picture) addLine(text []string, styles []Style) {
	const seen = AttrStrike | AttrOverline
	run, from := Style{Fg: usualForeground, Bg: usualBackground}, 0
	var runs []string
	flush := func(to int) {
		if d := describeStyle(run); d != "" {
			runs = append(runs, fmt.Sprintf("%d-%d %s", from+1, to, d))
		}
		from = to
	}
	for x, s := range styles {
		if text[x] == " " && s.Underline == UnderlineNone && s.Attrs&seen == 0 {
			if s.Bg == run.Bg && run.Underline == UnderlineNone && run.Attrs&seen == 0 {
				continue
			}
			s = Style{Fg: usualForeground, Bg: s.Bg}
		}
		if s != run {
			flush(x)
			run = s
		}
	}
	flush(len(styles))
	p.lines = append(p.lines, strings.TrimRight(strings.Join(text, ""), " "))
	p.styles = append(p.styles, strings.Join(runs, ", "))
}

// The default colours, where the other of the two is the default.
const usualForeground, usualBackground = colorIndexed | 1<<16, colorIndexed | 2<<16

// shownStyle is the style of a cell as xterm's dumps can tell: negative text is
// text in other colours, and what blinks has none.
func (t *Terminal) shownStyle(x, y int) Style {
	s := t.Cell(x, y).Style
	if s.Attrs&AttrBlink != 0 {
		s.Fg, s.Bg = DefaultColor, DefaultColor
	}
	if s.Fg == DefaultColor {
		s.Fg = usualForeground
	}
	if s.Bg == DefaultColor {
		s.Bg = usualBackground
	}
	if s.Attrs&AttrInverse != 0 {
		s.Fg, s.Bg = s.Bg, s.Fg
	}
	s.Attrs &^= AttrInverse | AttrHidden
	return s
}

// describeStyle names what is not default about a style.
func describeStyle(s Style) string {
	var words []string
	for i, name := range []string{"bold", "faint", "italic", "blink", "inverse", "hidden", "strike", "overline"} {
		if s.Attrs&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	if s.Underline != UnderlineNone {
		words = append(words, []string{"", "underline", "double", "curly", "dotted", "dashed"}[s.Underline])
	}
	color := func(name string, c, usual Color) {
		if c == usual {
			return
		}
		if c == usualForeground || c == usualBackground {
			words = append(words, name+map[Color]string{usualForeground: "=foreground", usualBackground: "=background"}[c])
		} else if i, ok := c.Index(); ok {
			words = append(words, fmt.Sprintf("%s=%d", name, i))
		} else if r, g, b, ok := c.RGB(); ok {
			words = append(words, fmt.Sprintf("%s=#%02x%02x%02x", name, r, g, b))
		}
	}
	color("fg", s.Fg, usualForeground)
	color("bg", s.Bg, usualBackground)
	color("ul", s.UnderlineColor, DefaultColor)
	return strings.Join(words, " ")
}

// String is the form of the golden files.
func (p picture) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cursor %d;%d", p.y, p.x)
	if p.reverse {
		b.WriteString(" reverse")
	}
	b.WriteString("\n")
	last := len(p.lines)
	for last > 0 && p.lines[last-1] == "" {
		last--
	}
	for _, l := range p.lines[:last] {
		fmt.Fprintf(&b, "|%s\n", l)
	}
	for y := 0; y < len(p.styles); y++ {
		from := y
		for y+1 < len(p.styles) && p.styles[y+1] == p.styles[from] {
			y++
		}
		if p.styles[from] != "" {
			fmt.Fprintf(&b, "rows %d-%d: %s\n", from+1, y+1, p.styles[from])
		}
	}
	return b.String()
}
