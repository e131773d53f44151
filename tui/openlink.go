package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/term"
)

// openLink has the desktop open a link that a box wrote. One whose text may say
// another address than it leads to is shown first, and asked about; what no
// browser should be given is copied instead.
func (m *Model) openLink(l term.Link) tea.Cmd {
	switch {
	case !l.Openable():
		return m.copyInstead("it is no web or mail address", l.Target)
	case l.Explicit:
		m.dialog = m.linkDialog(l)
		return nil
	}
	return m.cmds.openLink(l.Target)
}

func (m *Model) linkDialog(l term.Link) *dialog {
	return &dialog{
		title: "Open this link?", opened: m.now,
		body: func(w int) []string {
			text := append([]string{""}, wrap(clean(l.Target), w)...)
			return append(text, append([]string{""}, wrap("The box chose where it leads; its text may say otherwise.", w)...)...)
		},
		choices: []choice{
			{key: "n", label: "leave it"},
			{key: "o", label: "open", do: func() tea.Cmd { return m.cmds.openLink(l.Target) }},
			{key: "c", label: "copy", do: func() tea.Cmd { return m.copyText("the link", l.Target) }},
		},
	}
}

// linkOpened says what became of a link; where there is no desktop to open it
// the person gets it to open it elsewhere.
func (m *Model) linkOpened(msg linkOpenedMsg) tea.Cmd {
	switch {
	case errors.Is(msg.err, ErrNoDesktop):
		return m.copyInstead("there is no desktop here to open it", msg.target)
	case msg.err != nil:
		m.notices.add(m.now, toneWarn, "the link was not opened: "+clean(msg.err.Error()))
	default:
		m.notices.add(m.now, toneGood, "opened "+clean(msg.target))
	}
	return nil
}

func (m *Model) copyInstead(why, target string) tea.Cmd {
	cmd := m.copyText("the link", target)
	m.notices.add(m.now, toneWarn, "copied, not opened, since "+why+": "+clean(target))
	return cmd
}
