//go:build unix

package cli

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// faulty panics where it is told to.
type faulty struct{ at string }

type goMsg struct{}

func (f faulty) panicAt(where string) {
	if f.at == where {
		panic("a bug in " + where)
	}
}

func (f faulty) Init() tea.Cmd {
	f.panicAt("Init")
	return func() tea.Msg { return goMsg{} }
}

func (f faulty) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(goMsg); !ok {
		return f, nil
	}
	f.panicAt("Update")
	inCommand := func() tea.Msg { f.panicAt("a command"); return nil }
	inBatch := func() tea.Msg { f.panicAt("a batch"); return nil }
	if f.at == "View" {
		f.at = "View, now"
	}
	return f, tea.Batch(inCommand, tea.Batch(inBatch, func() tea.Msg { return nil }))
}

func (f faulty) View() tea.View {
	f.panicAt("View, now")
	v := tea.NewView("fine")
	v.AltScreen = true
	v.MouseMode = tea.MouseModeAllMotion
	return v
}

func TestAPanicRestoresTheTerminalAndSpeaksOneSentence(t *testing.T) {
	for _, where := range []string{"Init", "Update", "View", "a command", "a batch"} {
		t.Run(where, func(t *testing.T) {
			ptmx, tty, err := pty.Open()
			if err != nil {
				t.Fatal(err)
			}
			defer ptmx.Close()
			var screen bytes.Buffer
			read := make(chan struct{})
			go func() {
				defer close(read)
				io.Copy(&screen, ptmx)
			}()
			before, err := term.GetState(tty.Fd())
			if err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			err = runModel(t.Context(), faulty{where}, tty, tty, slog.New(slog.NewTextHandler(&log, nil)))
			if !errors.Is(err, errInternal) {
				t.Errorf("ended with %v", err)
			}
			after, err := term.GetState(tty.Fd())
			if err != nil {
				t.Fatal(err)
			}
			if after.Termios != before.Termios {
				t.Error("the terminal's settings were not restored")
			}
			tty.Close()
			<-read
			if strings.Contains(screen.String(), "goroutine") {
				t.Errorf("a stack is on the screen: %q", screen.String())
			}
			if out := screen.String(); strings.Contains(out, "\x1b[?1049h") && strings.LastIndex(out, "\x1b[?1049l") < strings.LastIndex(out, "\x1b[?1049h") {
				t.Errorf("the alternate screen was not left: %q", out)
			}
			if !strings.Contains(log.String(), "a bug in") || !strings.Contains(log.String(), "goroutine") {
				t.Errorf("the log lacks the details: %s", log.String())
			}
		})
	}
}
