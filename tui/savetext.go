package tui

import (
	"errors"
	"io/fs"

	tea "charm.land/bubbletea/v2"
)

// saveDialog asks where a pane's text is to go.
func (m *Model) saveDialog(p *onePane) *dialog {
	in := newLineEdit("~/"+fileName(p.lease.Name())+"-"+m.now.Local().Format(stamp)+".txt", 1000)
	return &dialog{
		title: "Save the text of " + p.lease.Name(), opened: m.now, input: &in,
		body: func(w int) []string {
			return append([]string{""}, wrap("Everything that the pane has kept, as plain text, into a file that only you can read.", w)...)
		},
		submit: func(path string) (tea.Cmd, string) {
			if path == "" {
				return nil, "a path is needed"
			}
			return m.saveText(p, path), ""
		},
	}
}

// saveText writes what a pane has kept into a new file; ~ is expanded. It asks
// before it takes the place of a file that is there.
func (m *Model) saveText(p *onePane, path string) tea.Cmd {
	return m.cmds.saveText(p, path, false)
}

// textSaved says what came of it.
func (m *Model) textSaved(msg textSavedMsg) {
	shown := clean(shownPath(msg.path))
	switch {
	case errors.Is(msg.err, fs.ErrExist) && !msg.over:
		m.dialog = m.overwriteDialog(msg, shown)
	case msg.err != nil:
		m.notices.add(m.now, toneBad, "not saved: "+shown+": "+diskTrouble(msg.err))
	default:
		m.notices.add(m.now, toneGood, "saved "+byteCount(msg.size)+": "+shown)
	}
}

func (m *Model) overwriteDialog(msg textSavedMsg, shown string) *dialog {
	return &dialog{
		title: "Write over the file that is there?", opened: m.now, danger: true,
		body: func(w int) []string { return append([]string{""}, wrap(shown, w)...) },
		choices: []choice{
			{key: "n", label: "leave it"},
			{key: "y", label: "write over it", danger: true, do: func() tea.Cmd {
				return m.cmds.saveText(msg.pane, msg.path, true)
			}},
		},
	}
}

// saveText writes a pane's text into a file, over one that is there if over
// says so.
func (c *commands) saveText(p *onePane, path string, over bool) tea.Cmd {
	return func() tea.Msg {
		msg := textSavedMsg{pane: p, path: path, over: over}
		full, err := expand(path)
		if err != nil {
			msg.err = err
			return msg
		}
		msg.path = full
		write := writeNew
		if over {
			write = writeOver
		}
		msg.size, msg.err = write(full, p.eng.History().WriteText)
		return msg
	}
}
