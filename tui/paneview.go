package tui

import (
	"errors"
	"image/color"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

// paneView draws a pane's screen. A pane without a shell keeps its last screen,
// faint, under a few lines that say what happened.
func (m *Model) paneView(p *onePane, r rect) []string {
	lines := make([]string, 0, r.h)
	for _, row := range p.frame.Rows[:min(len(p.frame.Rows), r.h)] {
		// Between a resize and the frame after it the widths may differ.
		if p.frame.Cols != r.w {
			row = fit(row, r.w)
		}
		if !p.copy.on && !p.frame.Selected && p.dead() || p.state == paneDialing && p.once {
			row = m.st.muted.Faint(true).Render(ansi.Strip(row))
		}
		lines = append(lines, row)
	}
	for len(lines) < r.h {
		lines = append(lines, strings.Repeat(" ", r.w))
	}
	if p.state == paneOpen || p.copy.on {
		return lines
	}
	var text []string
	var changed *session.HostKeyChangedError
	switch {
	case p.state == paneFailed && errors.As(p.err, &changed):
		return m.hostKeyStop(changed, r)
	case p.state == paneDialing:
		text = []string{m.st.accent.Render(spinnerFrames[m.spin%len(spinnerFrames)]) + " " + p.story(m.now)}
	default:
		for _, s := range wrap(p.story(m.now), r.w-2) {
			text = append(text, m.st.warn.Render(s))
		}
		text = append(text, wrap(m.st.key.Render("enter")+" reconnects   "+m.deadKeys(), r.w-2)...)
	}
	text = append([]string{m.st.rule.Render(strings.Repeat("─", r.w))}, text...)
	text = text[:min(len(text), r.h)]
	for i, s := range text {
		if i > 0 {
			s = " " + s
		}
		lines[r.h-len(text)+i] = fit(s, r.w)
	}
	return lines
}

// deadKeys are the ways out of a pane without a shell. They need the prefix: who
// types while a shell dies must not close, release or open anything.
func (m *Model) deadKeys() string {
	key := func(k string) string { return m.st.key.Render(m.deps.Prefix + " " + k) }
	return key("c") + " closes   " + key("d") + " fleet"
}

// hostKeyStop is the full stop for a box that shows another key.
func (m *Model) hostKeyStop(e *session.HostKeyChangedError, r rect) []string {
	w := max(r.w-4, 1)
	lines := []string{"", m.st.bad.Bold(true).Render("STOP: " + clean(e.Host) + " shows another host key than the one pinned"), ""}
	add := func(s string) { lines = append(lines, wrap(s, w)...) }
	for _, p := range e.Pinned {
		add("pinned   " + clean(p))
	}
	add("offered  " + clean(e.Offered))
	lines = append(lines, "")
	add("Somebody may be between you and the box, or its address went to another box. Nothing was sent, and there is no way to go on from here.")
	lines = append(lines, "")
	add("What to do: compare the offered fingerprint with the box by another way. Only if it is right, remove the pinned key from " + clean(e.File) + " by hand; else release the box.")
	lines = append(lines, "", m.deadKeys())
	out := make([]string, r.h)
	for i := range out {
		s := ""
		if i < len(lines) {
			s = "  " + lines[i]
		}
		out[i] = fit(s, r.w)
	}
	return out
}

// paneCursor is where the real cursor goes when the active pane has the
// keyboard; nil where there is none to show.
func (m *Model) paneCursor() *tea.Cursor {
	p := m.panes.current()
	if p == nil || !p.visible || !p.frame.Cursor.Visible || !p.copy.on && (p.state != paneOpen || p.frame.Scrolled > 0) {
		return nil
	}
	c, r := p.frame.Cursor, p.screen
	if c.X < 0 || c.Y < 0 || c.Y >= r.h || r.w == 0 {
		return nil
	}
	out := tea.NewCursor(r.x+min(c.X, r.w-1), r.y+c.Y)
	out.Blink = c.Blink
	if r, g, b, ok := c.Color.RGB(); ok {
		out.Color = color.RGBA{r, g, b, 0xff}
	}
	switch c.Shape {
	case term.CursorUnderline:
		out.Shape = tea.CursorUnderline
	case term.CursorBar:
		out.Shape = tea.CursorBar
	default:
		out.Shape = tea.CursorBlock
	}
	return out
}
