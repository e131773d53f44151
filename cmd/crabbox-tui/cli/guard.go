package cli

import (
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"

	tea "charm.land/bubbletea/v2"
)

var errInternal = errors.New("stopped by an internal error; boxes and claims are as they were, the log has the details")

// guarded stands between Bubble Tea and the model so that a bug in either the
// model or one of its commands ends the program in order: the terminal is
// restored, a person reads one sentence, and the stack goes to the log.
type guarded struct {
	model   tea.Model
	log     *slog.Logger
	quit    func()
	failure error
}

// panickedMsg brings a command's panic back to the update loop.
type panickedMsg struct {
	value any
	stack []byte
}

func (g *guarded) Init() (cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			g.fail(r, debug.Stack())
			cmd = tea.Quit
		}
	}()
	return contain(g.model.Init())
}

func (g *guarded) Update(msg tea.Msg) (self tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			g.fail(r, debug.Stack())
			self, cmd = g, tea.Quit
		}
	}()
	if p, ok := msg.(panickedMsg); ok {
		g.fail(p.value, p.stack)
	}
	if g.failure != nil {
		return g, tea.Quit
	}
	g.model, cmd = g.model.Update(msg)
	return g, contain(cmd)
}

func (g *guarded) View() (v tea.View) {
	defer func() {
		if r := recover(); r != nil {
			g.fail(r, debug.Stack())
			// Quit sends to the loop that is drawing now.
			go g.quit()
			v = tea.NewView(errInternal.Error())
		}
	}()
	if g.failure != nil {
		return tea.NewView(errInternal.Error())
	}
	return g.model.View()
}

func (g *guarded) fail(value any, stack []byte) {
	if g.failure == nil {
		g.failure = errInternal
		g.log.Error("internal error", "panic", fmt.Sprint(value), "stack", string(stack))
	}
}

// contain makes a command, and those it batches, report a panic as a message:
// Bubble Tea would restore the terminal too, but print the stack on it.
func contain(cmd tea.Cmd) tea.Cmd {
	if cmd == nil {
		return nil
	}
	return func() (msg tea.Msg) {
		defer func() {
			if r := recover(); r != nil {
				msg = panickedMsg{r, debug.Stack()}
			}
		}()
		msg = cmd()
		if batch, ok := msg.(tea.BatchMsg); ok {
			contained := make(tea.BatchMsg, len(batch))
			for i, c := range batch {
				contained[i] = contain(c)
			}
			return contained
		}
		return msg
	}
}
