package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/term"
)

// cache keeps what is beside the pane from one frame to the next: under a
// flood only the pane is drawn.
type cache struct {
	stale bool
	lines []string
}

// View draws the screen.
func (m *Model) View() tea.View {
	var v tea.View
	v.AltScreen = true
	v.ReportFocus = true
	v.WindowTitle = m.windowTitle()
	if !m.mouseOff {
		v.MouseMode = tea.MouseModeCellMotion
		if p := m.panes.current(); p != nil && m.focus == focusPane && p.frame.Modes.Mouse == term.MouseAll {
			v.MouseMode = tea.MouseModeAllMotion
		}
	}
	if m.w <= 0 || m.h <= 0 {
		return v
	}
	if m.lay.kind == screenTiny {
		v.Content = m.tinyView()
		return v
	}
	lines := m.compose()
	if m.focus == focusPane && !m.covered() {
		if p := m.panes.current(); p != nil && p.state == paneOpen {
			v.KeyboardEnhancements = remoteEnhancements(p.frame.Modes.Kitty)
		}
		v.Cursor = m.paneCursor()
		if p := m.panes.current(); p != nil && p.copy.prompt != nil {
			_, x := m.copyFooter(p, m.w)
			v.Cursor = tea.NewCursor(x, m.h-1)
		}
	}
	if x, y, ok := m.drawOverlay(lines); ok {
		v.Cursor = tea.NewCursor(x, y)
	} else if m.fleet.filtering && !m.covered() {
		v.Cursor = tea.NewCursor(min(2+m.fleet.filter.cursor(), m.w-1), m.h-1)
	}
	v.Content = strings.Join(lines, "\n")
	return v
}

// covered says whether something lies over the fleet and the pane.
func (m *Model) covered() bool {
	return m.dialog != nil || m.help != nil || m.history || m.form != nil
}

func (m *Model) windowTitle() string {
	name := ""
	if p := m.panes.current(); p != nil && m.focus == focusPane {
		name = p.lease.Name()
	} else if r, ok := m.fleet.selected(); ok {
		name = r.name()
	}
	return joinNonEmpty(" — ", clean(name), "crabbox")
}

// tinyView says that the screen is too small, on whatever there is.
func (m *Model) tinyView() string {
	t := m.fleet.totals(m.deps.Prices, m.now)
	text := []string{"Too small.", fmt.Sprintf("Needs %dx%d,", minWidth, minHeight), fmt.Sprintf("has %dx%d.", m.w, m.h), t.String() + " " + t.rate()}
	lines := make([]string, 0, m.h)
	for _, s := range text[:min(len(text), m.h)] {
		lines = append(lines, clip(s, m.w))
	}
	return strings.Join(lines, "\n")
}

// compose draws everything but what lies on top.
func (m *Model) compose() []string {
	if m.left.stale || len(m.left.lines) != m.h {
		m.left = cache{lines: m.composeStill()}
	}
	lines := append([]string(nil), m.left.lines...)
	if s := m.lay.screen; !s.empty() {
		between := ""
		if m.lay.kind == screenSplit {
			between = m.st.rule.Render("│")
		}
		for i, row := range m.screenView() {
			lines[s.y+i] += between + row
		}
	}
	return lines
}

// composeStill draws what does not come from a box: all of the screen, except
// for the pane's rows, which it leaves to be appended.
func (m *Model) composeStill() []string {
	l := m.lay
	lines := make([]string, m.h)
	put := func(r rect, rows []string) {
		for i := range r.h {
			s := ""
			if i < len(rows) {
				s = rows[i]
			}
			lines[r.y+i] = fit(s, r.w)
		}
	}
	if !l.header.empty() {
		put(l.header, []string{m.headerView(l.header.w)})
	}
	if !l.note.empty() {
		note := ""
		if text := m.noteView(); text != "" {
			note = " " + m.st.bad.Render(clip("! "+text, l.note.w-2))
		}
		put(l.note, []string{note})
	}
	put(l.list, m.listView(l.list))
	if !l.rule.empty() {
		put(l.rule, []string{m.st.rule.Render(strings.Repeat("─", l.rule.w))})
	}
	put(l.detail, m.detailView(l.detail))
	if !l.strip.empty() {
		put(l.strip, []string{m.stripView(l.strip.w)})
	}
	if !l.status.empty() {
		put(l.status, []string{m.statusView(l.status.w)})
	}
	if !l.tabs.empty() {
		tabs, _ := m.tabsView(l.tabs.w)
		if l.kind == screenSplit {
			tabs = m.st.rule.Render("│") + tabs
		}
		lines[l.tabs.y] += tabs
	}
	put(l.footer, []string{m.footerView(l.footer.w)})
	return lines
}

// statusView is the newest notice, while it is new.
func (m *Model) statusView(w int) string {
	if n, ok := m.notices.current(m.now); ok {
		return " " + m.st.tone(n.tone).Render(clip(n.symbol()+" "+n.text, w-2))
	}
	if n := len(m.panes.all); n > 0 {
		return " " + m.st.muted.Render(fmt.Sprintf("%d open %s; tab goes there", n, plural(n, "pane", "panes")))
	}
	return ""
}

func (m *Model) overlayWidth() int { return max(min(m.w-8, 92), 20) }

// drawOverlay puts the topmost thing over the screen, and says where its
// cursor is, if it has one.
func (m *Model) drawOverlay(lines []string) (x, y int, ok bool) {
	var box []string
	cx, cy := -1, -1
	switch {
	case m.dialog != nil:
		box, cx, cy = m.dialog.view(m.st, m.w-2, m.h-2)
	case m.help != nil:
		all := m.help.lines(m.st, m.deps.Prefix, m.deps.NoKey, m.overlayWidth())
		all = all[min(m.help.offset, len(all)):]
		box = boxed(m.st, "Keys", all[:min(len(all), m.h-4)], m.overlayWidth(), false)
	case m.history:
		box = boxed(m.st, "Notices", m.notices.view(m.st, m.overlayWidth(), m.h-4), m.overlayWidth(), false)
	case m.form != nil:
		box, cx, cy = m.form.view(m.st, m.w-2, m.h-2)
	default:
		return 0, 0, false
	}
	bx, by := overlay(lines, box, m.w, m.h)
	return bx + cx, by + cy, cx >= 0
}

// fitFuturePane gives the panes the place that they will have once the first
// one is open and has the keyboard.
func (m *Model) fitFuturePane() {
	m.panes.lay(layOut(m.w, m.h, layoutInput{panes: true, paneFocus: true, zoom: m.panes.zoom}).screen)
}
