package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// screenView draws the panes of the active tab in their place.
func (m *Model) screenView() []string {
	s := m.panes
	t := s.tab()
	switch {
	case t == nil:
		return nil
	case s.zoom, t.root.pane != nil:
		return m.paneView(t.focus, s.at)
	}
	return m.nodeView(t.root, s.at)
}

// nodeView draws a node in r: as many lines as r has rows, each as wide as r.
func (m *Model) nodeView(n *node, r rect) []string {
	if r.empty() {
		return make([]string, max(r.h, 0))
	}
	if n.pane != nil {
		out := []string{m.paneTitle(n.pane, r.w)}
		if r.h > 1 {
			out = append(out, m.paneView(n.pane, rect{r.x, r.y + 1, r.w, r.h - 1})...)
		}
		return out
	}
	a, b, _ := n.halves(r)
	above, below := m.nodeView(n.a, a), m.nodeView(n.b, b)
	if n.stacked {
		return append(above, below...)
	}
	divider := m.st.rule.Render("│")
	for i := range above {
		above[i] += divider + below[i]
	}
	return above
}

// paneTitle is the line above a pane that shares its tab. It is heavy where the
// keyboard is, and says who else takes what is typed.
func (m *Model) paneTitle(p *onePane, w int) string {
	line, style, named := "─", m.st.rule, m.st.muted
	if p == m.panes.current() && m.focus == focusPane {
		line, style, named = "━", m.st.accent, m.st.accent
	}
	name := p.lease.Name() + p.stateMark() + p.progressMark()
	if p.mark == markBell {
		name += " !"
	}
	if p.copy.on {
		name += " copy mode"
	}
	out := style.Render(line+" ") + named.Render(clip(name, max(w-4, 0))) + " "
	if p.marked {
		out += m.st.warn.Render(broadcastMark+" broadcast") + " "
	}
	if p.recorded() {
		out += m.st.bad.Render(recordMark) + " "
	}
	if c := p.caption(); c != "" && c != p.lease.Name() && w-ansi.StringWidth(out) > 16 {
		out += m.st.muted.Render(clip(c, w-ansi.StringWidth(out)-4)) + " "
	}
	if rest := w - ansi.StringWidth(out); rest > 0 {
		out += style.Render(strings.Repeat(line, rest))
	}
	return fit(out, w)
}
