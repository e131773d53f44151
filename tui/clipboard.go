package tui

import (
	"errors"
	"fmt"

	tea "charm.land/bubbletea/v2"
)

// mostToTerminal is how much text the outer terminal is given to copy (OSC 52):
// tmux, which may be around us, drops a sequence of more than 1 MiB, and base64
// makes four bytes of three.
const mostToTerminal = 700 << 10

// copyText puts text into the clipboard: by the outer terminal (OSC 52), which
// is the person's own wherever this program runs, and by the desktop, if it
// runs on one, since many terminals pass OSC 52 over. what is named in the
// notice, "the selection" for example.
func (m *Model) copyText(what, text string) tea.Cmd {
	if len(text) > mostToTerminal {
		return m.cmds.setClipboard(what, text, true)
	}
	m.notices.add(m.now, toneGood, copied(what, len(text)))
	return m.putText(what, text)
}

// putText is copyText without a notice, for what programs copy by themselves
// as often as they like.
func (m *Model) putText(what, text string) tea.Cmd {
	return tea.Batch(tea.SetClipboard(text), m.cmds.setClipboard(what, text, false))
}

func copied(what string, n int) string {
	return fmt.Sprintf("copied %s, %d %s", clean(what), n, plural(n, "byte", "bytes"))
}

// clipboardSet says what the desktop did with a text, where that is not known.
func (m *Model) clipboardSet(msg clipboardSetMsg) {
	none := errors.Is(msg.err, ErrNoDesktop)
	switch {
	case msg.alone && msg.err == nil:
		m.notices.add(m.now, toneGood, copied(msg.what, msg.n))
	case msg.alone && none:
		m.notices.add(m.now, toneWarn, fmt.Sprintf("not copied: %s is more than a terminal takes; %s S saves it", byteCount(int64(msg.n)), m.deps.Prefix))
	case msg.alone:
		m.notices.add(m.now, toneWarn, "not copied: "+clean(msg.err.Error()))
	case msg.err != nil && !none:
		m.notices.add(m.now, toneWarn, "the terminal was asked to copy; the desktop's clipboard was not set: "+clean(msg.err.Error()))
	}
}
