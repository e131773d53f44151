package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// repeatTime is how long keys that repeat need no prefix again.
const repeatTime = 500 * time.Millisecond

// repeats says whether a key is likely to be pressed several times in a row.
func (b binding) repeats() bool {
	switch b.act {
	case actGrowLeft, actGrowRight, actGrowUp, actGrowDown:
		return true
	}
	return false
}

// directions are the actions that have one, as columns and rows.
var directions = map[action][2]int{
	actGoLeft: {-1, 0}, actGoRight: {1, 0}, actGoUp: {0, -1}, actGoDown: {0, 1},
	actGrowLeft: {-2, 0}, actGrowRight: {2, 0}, actGrowUp: {0, -1}, actGrowDown: {0, 1},
}

// arrange carries out what changes how panes and tabs stand to each other.
func (m *Model) arrange(p *onePane, a action) tea.Cmd {
	s, d := m.panes, directions[a]
	done, why := true, ""
	switch a {
	case actSplitBeside, actSplitBelow:
		return m.split(p, a == actSplitBelow)
	case actGoLeft, actGoRight, actGoUp, actGoDown:
		done, why = s.goBeside(d[0], d[1]), "there is no pane in that direction"
	case actGrowLeft, actGrowRight, actGrowUp, actGrowDown:
		done, why = !s.zoom && s.tab().root.grow(s.at, p, d[0], d[1]), "there is no divider to move in that direction"
	case actLastPane:
		done, why = s.goBack(), "there is no pane to go back to"
	case actSwapNext, actSwapPrev:
		done, why = s.swap(map[action]int{actSwapNext: 1, actSwapPrev: -1}[a]), "this tab has no other pane"
	case actTabLeft, actTabRight:
		done, why = s.moveTab(map[action]int{actTabLeft: -1, actTabRight: 1}[a]), "the tab is at the end already"
	case actBreak:
		done, why = s.breakOut(), "the pane has the tab to itself"
	case actGather:
		done, why = s.gather(), "there is no tab before this one"
	case actRename:
		m.dialog = m.renameDialog(s.tab())
	case actMark:
		m.markPane(p)
	case actBroadcast:
		m.broadcastAll()
	}
	if !done {
		m.notices.add(m.now, toneNone, why)
	}
	return nil
}

// split opens one more shell in the pane's box, in a part of its place.
func (m *Model) split(p *onePane, stacked bool) tea.Cmd {
	l := m.newest(p)
	if why := m.cannotOpen(l); why != "" {
		m.notices.add(m.now, toneWarn, why)
		return nil
	}
	cmd, ok := m.panes.split(l, stacked, m.now)
	if !ok {
		m.notices.add(m.now, toneWarn, "the pane is too small to be split")
	}
	return cmd
}

func (m *Model) renameDialog(t *tab) *dialog {
	in := newLineEdit(t.name, 24)
	return &dialog{
		title: "Name of the tab", input: &in,
		body: func(w int) []string {
			return append([]string{""}, wrap("Without a name the tab is called after its box.", w)...)
		},
		submit: func(name string) (tea.Cmd, string) {
			t.name = clean(strings.TrimSpace(name))
			return nil, ""
		},
	}
}

// dragging is what the mouse has hold of, from its click to its release: a
// divider, or a pane, for its program or for a selection.
type dragging struct {
	divider   *node
	in        rect // the place of what it divides
	pane      *onePane
	selecting selecting
}

func (d dragging) active() bool { return d.divider != nil || d.pane != nil }

// underMouse is the pane that a mouse event is for, nil if it is for none of
// them. Dividers move here.
func (m *Model) underMouse(msg tea.MouseMsg) *onePane {
	at := msg.Mouse()
	held := m.drag
	switch msg.(type) {
	case tea.MouseReleaseMsg:
		m.drag = dragging{}
	case tea.MouseClickMsg:
		if n, in := m.panes.dividerAt(at.X, at.Y); n != nil && at.Button == tea.MouseLeft {
			m.drag = dragging{divider: n, in: in}
			if p := m.panes.paneAt(at.X, at.Y); p != nil {
				m.panes.goTo(p)
				m.setFocus(focusPane)
			}
			return nil
		}
		m.drag.pane = m.panes.paneAt(at.X, at.Y)
		return m.drag.pane
	}
	if held.divider != nil {
		held.divider.dragTo(held.in, at.X, at.Y)
		return nil
	}
	if held.pane != nil && held.pane.visible {
		return held.pane
	}
	return m.panes.paneAt(at.X, at.Y)
}
