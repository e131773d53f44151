package tui

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// viewer is how a pane's text is looked at.
type viewer struct {
	// command is the person's own, with arguments, from the variables named;
	// others stand in for it.
	command   string
	variables string
	others    []string
}

func (m *Model) viewer(editor bool) viewer {
	windows := runtime.GOOS == "windows"
	switch {
	case editor && windows:
		return viewer{m.deps.Editor, "VISUAL or EDITOR", []string{"notepad"}}
	case editor:
		return viewer{m.deps.Editor, "VISUAL or EDITOR", []string{"vi", "vim", "nano"}}
	case windows:
		return viewer{m.deps.Pager, "PAGER", []string{"less", "more.com"}}
	}
	return viewer{m.deps.Pager, "PAGER", []string{"less", "more"}}
}

// program finds the program to run, and its arguments. note says why it is not
// the person's own.
func (v viewer) program() (argv []string, note string, err error) {
	// Split as git does without a shell: what needs quoting needs a script.
	argv = strings.Fields(v.command)
	if len(argv) > 0 {
		if _, err := exec.LookPath(argv[0]); err == nil {
			return argv, "", nil
		}
		note = clean(argv[0]) + " of " + v.variables + " is not there; "
	}
	for _, name := range v.others {
		if _, err := exec.LookPath(name); err == nil {
			if note != "" {
				note += "this is " + name
			}
			return []string{name}, note, nil
		}
	}
	return nil, "", errors.New(note + "none of " + strings.Join(v.others, ", ") + " is here; set " + v.variables)
}

// viewText opens everything that a pane has kept in the person's editor, or in
// their pager, which gets the terminal meanwhile. They get a copy: what is
// changed in it changes nothing here.
func (m *Model) viewText(p *onePane, editor bool) tea.Cmd {
	return m.cmds.writeForViewing(p, m.viewer(editor))
}

// textWritten gives the terminal to the program that shows the text.
func (m *Model) textWritten(msg textWrittenMsg) tea.Cmd {
	if msg.err != nil {
		m.notices.add(m.now, toneWarn, "the text cannot be shown: "+clean(msg.err.Error()))
		return nil
	}
	if msg.note != "" {
		m.notices.add(m.now, toneWarn, msg.note)
	}
	return m.cmds.view(msg)
}

// textViewed says when that program failed.
func (m *Model) textViewed(msg textViewedMsg) {
	if msg.err != nil {
		m.notices.add(m.now, toneWarn, clean(msg.name)+": "+clean(msg.err.Error()))
	}
}

// writeForViewing writes a pane's text where only this person can read it.
func (c *commands) writeForViewing(p *onePane, v viewer) tea.Cmd {
	name := fileName(p.lease.Name()) + ".txt"
	return func() tea.Msg {
		argv, note, err := v.program()
		if err != nil {
			return textWrittenMsg{err: err}
		}
		text := p.eng.History()
		write := text.WriteText
		if strings.TrimSuffix(filepath.Base(argv[0]), ".exe") == "less" {
			write = text.WriteANSI
			argv = append(argv, "-R", "+G") // with colours, from the newest line
		}
		dir, err := os.MkdirTemp("", "crabbox-tui-") // 0700
		if err != nil {
			return textWrittenMsg{err: err}
		}
		path := filepath.Join(dir, name)
		if _, err := writeNew(path, write); err != nil {
			_ = os.RemoveAll(dir)
			return textWrittenMsg{err: err}
		}
		return textWrittenMsg{dir: dir, argv: append(argv, path), note: note}
	}
}

// view runs the program that shows a text, and removes the text behind it.
func (c *commands) view(msg textWrittenMsg) tea.Cmd {
	cmd := lent{exec.Command(msg.argv[0], msg.argv[1:]...), c.d.Lend}
	return c.exec(cmd, func(err error) tea.Msg {
		if rerr := os.RemoveAll(msg.dir); err == nil {
			err = rerr
		}
		return textViewedMsg{name: msg.argv[0], err: err}
	})
}
