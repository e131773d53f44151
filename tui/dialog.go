package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// dialogGrace is how long a fresh dialog ignores keys: what was typed ahead
// was not meant for it.
const dialogGrace = 300 * time.Millisecond

// choice is one way out of a dialog. key takes it at once; do runs on the
// update loop and may be nil.
type choice struct {
	key, label string
	danger     bool
	do         func() tea.Cmd
}

// dialog asks one question. Its text is drawn anew each time, so that costs
// and states in it stay true.
type dialog struct {
	title   string
	body    func(w int) []string
	choices []choice
	at      int // the marked choice; the safe one to begin with
	danger  bool
	// vertical puts one choice a line.
	vertical bool
	opened   time.Time
	// input, if not nil, is a text field; submit gets its text and returns what
	// is wrong with it, or closes the dialog.
	input  *lineEdit
	submit func(string) (tea.Cmd, string)
	wrong  string
	// cancelled, if not nil, runs when the dialog is left with Esc.
	cancelled func() tea.Cmd
}

// key handles a key press; closed says that the dialog is over.
func (d *dialog) key(k tea.KeyPressMsg, now time.Time) (cmd tea.Cmd, closed bool) {
	if now.Sub(d.opened) < dialogGrace {
		return nil, false
	}
	b, _ := lookup(viewDialog, k.String(), "")
	if b.act == actEscape {
		if d.cancelled != nil {
			return d.cancelled(), true
		}
		return nil, true
	}
	if d.input != nil {
		return d.inputKey(k, b.act)
	}
	for _, c := range d.choices {
		if c.key == k.String() {
			return c.take(), true
		}
	}
	switch b.act {
	case actPrevChoice:
		d.at = (d.at + len(d.choices) - 1) % max(len(d.choices), 1)
	case actNextChoice:
		d.at = (d.at + 1) % max(len(d.choices), 1)
	case actSubmit:
		if len(d.choices) == 0 {
			return nil, true
		}
		return d.choices[d.at].take(), true
	}
	return nil, false
}

func (d *dialog) inputKey(k tea.KeyPressMsg, act action) (tea.Cmd, bool) {
	if act == actSubmit {
		cmd, wrong := d.submit(strings.TrimSpace(d.input.String()))
		d.wrong = wrong
		return cmd, wrong == ""
	}
	d.input.key(k)
	d.wrong = ""
	return nil, false
}

func (c choice) take() tea.Cmd {
	if c.do == nil {
		return nil
	}
	return c.do()
}

// view draws the dialog as a box that fits in w by h cells, and says where in
// it the cursor of its field is (-1 without one).
func (d *dialog) view(st *styles, w, h int) (lines []string, cx, cy int) {
	inner := min(w-4, 72)
	body := d.body(inner)
	var tail []string
	cx, cy = -1, -1
	if d.input != nil {
		tail = append(tail, "", st.accent.Render("› ")+st.field.Render(fit(d.input.String(), inner-2)))
		if d.wrong != "" {
			for _, s := range wrap(d.wrong, inner) {
				tail = append(tail, st.bad.Render(s))
			}
		}
	}
	if len(d.choices) > 0 {
		tail = append(append(tail, ""), d.choiceLines(st, inner)...)
	}
	if room := max(h-2-len(tail), 0); len(body) > room {
		body = body[:room]
	}
	if d.input != nil {
		cx, cy = 2+2+min(d.input.cursor(), inner-3), 1+len(body)+1
	}
	return boxed(st, d.title, append(body, tail...), inner, d.danger), cx, cy
}

func (d *dialog) choiceLines(st *styles, w int) []string {
	var out []string
	line := ""
	for i, c := range d.choices {
		s := " " + c.key + " " + c.label + " "
		switch {
		case i == d.at && c.danger:
			s = st.bad.Reverse(true).Render(s)
		case i == d.at:
			s = st.accent.Reverse(true).Render(s)
		case c.danger:
			s = st.bad.Render(s)
		default:
			s = st.text.Render(s)
		}
		// The mark says without colour or reverse which choice Enter takes.
		if i == d.at {
			s = st.accent.Render("›") + s
		} else {
			s = " " + s
		}
		if d.vertical || line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(s) > w {
			if line != "" {
				out = append(out, line)
			}
			line = s
			continue
		}
		if line != "" {
			line += " "
		}
		line += s
	}
	return append(out, line)
}

// boxed draws lines in a border with a title, inner cells wide inside.
func boxed(st *styles, title string, lines []string, inner int, danger bool) []string {
	b := st.border
	if danger {
		b = st.borderDanger
	}
	title = clip(title, inner-2)
	top := b.Render("╭─ ") + st.strong.Render(title) + b.Render(" "+strings.Repeat("─", max(inner-1-ansi.StringWidth(title), 0))+"╮")
	out := []string{top}
	for _, l := range lines {
		out = append(out, b.Render("│")+" "+fit(l, inner)+" "+b.Render("│"))
	}
	return append(out, b.Render("╰"+strings.Repeat("─", inner+2)+"╯"))
}

// overlay puts box in the middle of the screen's lines, and returns where its
// top left corner is.
func overlay(lines, box []string, w, h int) (x, y int) {
	bw := 0
	for _, l := range box {
		bw = max(bw, ansi.StringWidth(l))
	}
	x, y = max((w-bw)/2, 0), max((h-len(box))/2, 0)
	for i, l := range box {
		if y+i >= len(lines) {
			break
		}
		under := lines[y+i]
		left := fit(ansi.Truncate(under, x, ""), x)
		right := fitRight(ansi.TruncateLeft(under, x+bw, ""), w-x-bw)
		lines[y+i] = left + "\x1b[m" + l + "\x1b[m" + right
	}
	return x, y
}
