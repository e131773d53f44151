package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/term"
)

const (
	// clickTime is how long after a click another one counts with it.
	clickTime = 400 * time.Millisecond
	// dragEvery is how often a selection that is held beyond its pane's edge
	// scrolls by a line.
	dragEvery = 50 * time.Millisecond
)

// clicks counts clicks on one cell, which select more each time.
type clicks struct {
	n    int
	x, y int
	at   time.Time
}

var clickUnits = []term.Unit{term.UnitCell, term.UnitWord, term.UnitLine}

// click is the unit that a click selects.
func (c *clicks) click(x, y int, now time.Time) term.Unit {
	if c.n > 0 && x == c.x && y == c.y && now.Sub(c.at) <= clickTime {
		c.n++
	} else {
		c.n = 1
	}
	c.x, c.y, c.at = x, y, now
	return clickUnits[(c.n-1)%len(clickUnits)]
}

// selecting is a selection that the mouse holds.
type selecting struct {
	on    bool // a button was pressed that may begin one
	begun bool
	unit  term.Unit
	gen   int
	from  term.Point // what it was pressed on, which output may move
	x, y  int        // where it is, in cells of the pane
}

// boxMouse says whether a mouse event over a pane is its program's.
func (m *Model) boxMouse(p *onePane, msg tea.MouseMsg) bool {
	return p.state == paneOpen && m.focus == focusPane && p == m.panes.current() && !p.copy.on && !m.drag.selecting.on &&
		p.frame.Modes.Mouse != term.MouseOff && !msg.Mouse().Mod.Contains(tea.ModShift)
}

// localMouse is the mouse over a pane whose program does not want it: the wheel
// scrolls, a drag selects, a click with ctrl opens a link.
func (m *Model) localMouse(p *onePane, msg tea.MouseMsg) tea.Cmd {
	at := msg.Mouse()
	x, y := at.X-p.screen.x, at.Y-p.screen.y
	held := &m.drag.selecting
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		m.wheel(p, msg.Button)
	case tea.MouseClickMsg:
		if at.Button != tea.MouseLeft || !p.screen.has(at.X, at.Y) {
			return nil
		}
		p.eng.Deselect()
		if at.Mod.Contains(tea.ModCtrl) {
			if l, ok := p.eng.LinkAt(x, y); ok {
				return m.openLink(l)
			}
		}
		*held = selecting{on: true, unit: m.clicks.click(at.X, at.Y, m.now), from: p.eng.PointAt(x, y)}
		if at.Mod.Contains(tea.ModAlt) {
			held.unit = term.UnitBlock
		}
		if held.unit == term.UnitWord || held.unit == term.UnitLine {
			held.begun = true
			p.eng.SelectFrom(held.from, held.unit)
		}
	case tea.MouseMotionMsg:
		if !held.on || m.drag.pane != p {
			return nil
		}
		if !held.begun {
			held.begun = true
			p.eng.SelectFrom(held.from, held.unit)
		}
		held.x, held.y = x, y
		p.eng.SelectTo(x, y)
		return m.dragOn(p)
	}
	return nil
}

// wheel scrolls a pane, or the program on its alternate screen by cursor keys
// where that wants it so.
func (m *Model) wheel(p *onePane, b tea.MouseButton) {
	n := map[tea.MouseButton]int{tea.MouseWheelUp: wheelLines, tea.MouseWheelDown: -wheelLines}[b]
	if n == 0 {
		return
	}
	if p.state == paneOpen && !p.copy.on {
		if sent, err := p.eng.Wheel(n); sent {
			m.sent(err)
			return
		}
	}
	m.scroll(p, n)
}

// dragOn scrolls on while a selection is held above or below its pane.
func (m *Model) dragOn(p *onePane) tea.Cmd {
	held := &m.drag.selecting
	held.gen++
	if held.y >= 0 && held.y < p.screen.h {
		return nil
	}
	return m.cmds.after(dragEvery, draggedMsg{held.gen})
}

func (m *Model) dragged(msg draggedMsg) tea.Cmd {
	p, held := m.drag.pane, &m.drag.selecting
	if p == nil || !held.begun || msg.gen != held.gen {
		return nil
	}
	p.eng.SelectTo(held.x, held.y)
	return m.dragOn(p)
}

// letGo copies what the mouse has selected.
func (m *Model) letGo(d dragging) tea.Cmd {
	if d.pane == nil || !d.selecting.begun {
		return nil
	}
	s, ok := d.pane.eng.Selection()
	if !ok {
		return nil
	}
	return func() tea.Msg { return selectedMsg{s.Text()} }
}
