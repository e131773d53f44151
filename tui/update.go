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
		m.panes.setColors(func(c *outerColors) { c.bg = rgb(msg.Color) })
	case tea.ForegroundColorMsg:
		m.panes.setColors(func(c *outerColors) { c.fg = rgb(msg.Color) })
	case tea.CursorColorMsg:
		m.panes.setColors(func(c *outerColors) { c.cursor = rgb(msg.Color) })
	case tea.ModeReportMsg:
		m.panes.modeReported(msg)
	case tea.FocusMsg:
		m.blurred = false
	case tea.BlurMsg:
		m.blurred = true
	case tea.ResumeMsg:
		return tea.Batch(tea.ClearScreen, m.cmds.refresh())
	case tea.KeyPressMsg:
		return m.keyPressed(msg)
	case tea.KeyReleaseMsg:
		m.keyReleased(msg)
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
		return m.paneOpened(msg)
	case paneFailedMsg:
		return m.panes.failed(msg)
	case paneRetryMsg:
		return m.paneRetry(msg)
	case networkChangedMsg:
		return m.networkChanged(msg)
	case paneEndedMsg:
		return m.paneEnded(msg)
	case paneWokeMsg:
		return m.paneWoke(msg)
	case paneSearchedMsg:
		return m.paneSearched(msg)
	case selectedMsg:
		return m.copySelected(msg.text)
	case draggedMsg:
		return m.dragged(msg)
	}
	return m.routeKept(msg)
}

// routeKept routes what has to do with files and the desktop.
func (m *Model) routeKept(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case recordingBegunMsg:
		return m.recordingBegun(msg)
	case recordingEndedMsg:
		m.recordingEnded(msg)
	case clipboardSetMsg:
		m.clipboardSet(msg)
	case linkOpenedMsg:
		return m.linkOpened(msg)
	case textWrittenMsg:
		return m.textWritten(msg)
	case textViewedMsg:
		m.textViewed(msg)
	case textSavedMsg:
		m.textSaved(msg)
	}
	return nil
}

// paneOpened takes a shell over, and says what became of it meanwhile.
func (m *Model) paneOpened(msg paneOpenedMsg) tea.Cmd {
	cmd := m.panes.opened(msg, m.now)
	m.panes.noteLost()
	if p := m.panes.byID(msg.id); p != nil && p.report != "" {
		m.notices.add(m.now, toneNone, p.report)
		p.report = ""
	}
	return cmd
}

// paneWoke draws what a pane wrote, if it is on screen, and marks it if not.
func (m *Model) paneWoke(msg paneWokeMsg) tea.Cmd {
	p := m.panes.byID(msg.id)
	if p == nil {
		return nil
	}
	cmd, marked := m.panes.woke(p, msg)
	if marked || p.copy.on {
		m.left.stale = true
	}
	return tea.Batch(cmd, m.wished(p), m.searchOn(p))
}

// keyPressed gives a key to whoever is on top.
func (m *Model) keyPressed(k tea.KeyPressMsg) tea.Cmd {
	if modifierAlone(tea.Key(k)) && (m.focus != focusPane || m.covered()) {
		return nil
	}
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
