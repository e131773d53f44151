package main

import (
	"fmt"
	"html"
	"strings"

	"github.com/openclaw/crabbox-tui/session/term"
)

// Geometry of a cell, in SVG units, for the usual monospaced fonts.
const (
	cellWidth  = 8.4
	cellHeight = 17.0
	margin     = 12.0
)

const (
	background = "#16181d"
	foreground = "#d7dae0"
)

// svg draws a screen as a picture whose text can be selected.
func svg(t *term.Terminal) string {
	cols, rows := t.Size()
	var b strings.Builder
	width, height := float64(cols)*cellWidth+2*margin, float64(rows)*cellHeight+2*margin
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="14">`+"\n", width, height)
	fmt.Fprintf(&b, `<rect width="100%%" height="100%%" rx="8" fill="%s"/>`+"\n", background)
	for y := range rows {
		for x := 0; x < cols; {
			part := stretchAt(t, x, y, cols)
			part.draw(&b, y)
			x += part.width
		}
	}
	if c := t.Cursor(); c.Visible {
		fmt.Fprintf(&b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s" opacity="0.6"/>`+"\n",
			margin+float64(c.X)*cellWidth, margin+float64(c.Y)*cellHeight, cellWidth, cellHeight, foreground)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// stretch is neighbouring cells of one style.
type stretch struct {
	x, width int
	text     string
	style    term.Style
}

func stretchAt(t *term.Terminal, x, y, cols int) stretch {
	first := t.Cell(x, y)
	r := stretch{x: x, style: first.Style}
	for ; x < cols; x++ {
		c := t.Cell(x, y)
		if c.Style != first.Style {
			break
		}
		r.text += c.Text
		r.width++
	}
	return r
}

func (r stretch) draw(b *strings.Builder, y int) {
	fg, bg := css(r.style.Fg, foreground), css(r.style.Bg, "")
	if r.style.Attrs&term.AttrInverse != 0 {
		if bg == "" {
			bg = background
		}
		fg, bg = bg, fg
	}
	left, top := margin+float64(r.x)*cellWidth, margin+float64(y)*cellHeight
	if bg != "" {
		fmt.Fprintf(b, `<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" fill="%s"/>`+"\n",
			left, top, float64(r.width)*cellWidth+0.3, cellHeight+0.3, bg)
	}
	if strings.TrimSpace(r.text) == "" {
		return
	}
	look := ""
	if r.style.Attrs&term.AttrBold != 0 {
		look += ` font-weight="bold"`
	}
	if r.style.Attrs&term.AttrItalic != 0 {
		look += ` font-style="italic"`
	}
	if r.style.Attrs&term.AttrFaint != 0 {
		look += ` opacity="0.6"`
	}
	if r.style.Underline != term.UnderlineNone {
		look += ` text-decoration="underline"`
	}
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" fill="%s"%s textLength="%.1f" xml:space="preserve">%s</text>`+"\n",
		left, top+cellHeight*0.76, fg, look, float64(r.width)*cellWidth, html.EscapeString(r.text))
}

// base16 are the first sixteen colours of the palette, on a dark ground.
var base16 = [16]string{
	"#2a2d34", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
	"#5c6370", "#f08a92", "#b3d99b", "#f0d399", "#8bc5f7", "#dca3ec", "#7fd0da", "#ffffff",
}

// css spells a colour; the default one as given.
func css(c term.Color, byDefault string) string {
	switch c >> 24 {
	case 1:
		return indexed(int(c & 0xff))
	case 2:
		return fmt.Sprintf("#%06x", uint32(c&0xffffff))
	}
	return byDefault
}

// indexed spells a colour of xterm's palette of 256.
func indexed(i int) string {
	switch {
	case i < 16:
		return base16[i]
	case i < 232:
		level := func(n int) int {
			if n == 0 {
				return 0
			}
			return 55 + 40*n
		}
		i -= 16
		return fmt.Sprintf("#%02x%02x%02x", level(i/36), level(i/6%6), level(i%6))
	}
	grey := 8 + 10*(i-232)
	return fmt.Sprintf("#%02x%02x%02x", grey, grey, grey)
}
