package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/term"
)

// openLink copies a link's target.
func (m *Model) openLink(l term.Link) tea.Cmd { return m.copied(l.Target) }
