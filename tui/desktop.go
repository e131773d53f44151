package tui

import (
	"context"
	"errors"
	"time"

	tea "charm.land/bubbletea/v2"
)

// ErrNoDesktop is what Deps.Clipboard and Deps.OpenLink return where there is
// no desktop that is the person's own, as on a machine that they have come to
// by SSH.
var ErrNoDesktop = errors.New("there is no desktop here")

// desktopTimeout bounds what a desktop may take to answer.
const desktopTimeout = 5 * time.Second

// setClipboard gives text to the desktop. alone says that the terminal was not
// given it.
func (c *commands) setClipboard(what, text string, alone bool) tea.Cmd {
	return func() tea.Msg {
		err := ErrNoDesktop
		if c.d.Clipboard != nil {
			ctx, cancel := context.WithTimeout(c.ctx, desktopTimeout)
			defer cancel()
			err = c.d.Clipboard(ctx, text)
		}
		return clipboardSetMsg{what: what, n: len(text), alone: alone, err: err}
	}
}

// openLink has the desktop open an address.
func (c *commands) openLink(target string) tea.Cmd {
	return func() tea.Msg {
		err := ErrNoDesktop
		if c.d.OpenLink != nil {
			ctx, cancel := context.WithTimeout(c.ctx, desktopTimeout)
			defer cancel()
			err = c.d.OpenLink(ctx, target)
		}
		return linkOpenedMsg{target: target, err: err}
	}
}
