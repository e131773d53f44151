package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Update routes a message to who owns it, and does nothing else.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	m.now = m.cmds.now()
	cmd := m.route(msg)
	if _, frame := msg.(paneWokeMsg); !frame {
		m.left.stale = true
		m.refit()
	}
	return m, tea.Batch(cmd, m.schedule())
}

func (m *Model) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		m.w, m.h = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		m.dark = msg.IsDark()
		m.st = newStyles(m.deps.Theme, m.dark)
	case tea.FocusMsg:
		m.blurred = false
	case tea.BlurMsg:
		m.blurred = true
	case tea.ResumeMsg:
		return tea.Batch(tea.ClearScreen, m.cmds.refresh())
	case tea.KeyPressMsg:
		return m.keyPressed(msg)
	case tea.PasteMsg:
		return m.pasted(msg.Content)
	case tea.MouseMsg:
		return m.mouseMoved(msg)
	case fleetChangedMsg:
		return m.fleetChanged(msg)
	case opsChangedMsg:
		return m.opsChanged(msg)
	case opStartedMsg:
		return m.opStarted(msg)
	case guardMsg:
		return m.guardChanged(msg)
	case clocksChangedMsg:
		m.clocksChanged(msg)
	case tickedMsg:
		m.ticked(msg)
	case spunMsg:
		if msg.gen == m.spinGen {
			m.spin++
			m.spinning = false
		}
	case paneOpenedMsg:
		return m.panes.opened(msg, m.now)
	case paneFailedMsg:
		m.panes.failed(msg)
	case paneEndedMsg:
		return m.panes.ended(msg)
	case paneWokeMsg:
		return m.panes.woke(msg)
	}
	return nil
}

// keyPressed gives a key to whoever is on top.
func (m *Model) keyPressed(k tea.KeyPressMsg) tea.Cmd {
	switch {
	case m.dialog != nil:
		return m.dialogKey(k)
	case m.help != nil:
		return m.helpKey(k)
	case m.history:
		b, _ := lookup(viewNotices, k.String(), "")
		m.history = !m.notices.key(b.act, max(m.h-8, 1))
		return nil
	case m.form != nil:
		return m.formKey(k)
	case m.focus == focusPane:
		return m.paneKey(k)
	case m.fleet.filtering:
		return m.filterKey(k)
	}
	b, ok := lookup(viewFleet, k.String(), m.deps.Prefix)
	if !ok {
		return nil
	}
	return m.do(b)
}

// dialogKey gives a key to the dialog; a choice may open the next one.
func (m *Model) dialogKey(k tea.KeyPressMsg) tea.Cmd {
	d := m.dialog
	cmd, closed := d.key(k, m.now)
	if closed && m.dialog == d {
		m.dialog = nil
	}
	return cmd
}
