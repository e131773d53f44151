package multiplex

import (
	"context"
	_ "embed" // the scripts
	"errors"
	"sync/atomic"

	"github.com/openclaw/crabbox-tui/session"
)

// heldScript is what the other scripts of shells in screen or dtach begin with.
//
//go:embed held.sh
var heldScript string

//go:embed attach.sh
var attachScript string

//go:embed end.sh
var endScript string

// heldShell is a shell in screen or dtach, whose client draws on a PTY of ours.
type heldShell struct {
	*session.Shell
	client *session.Client
	name   string
	closed atomic.Bool
}

func (l Link) hold(ctx context.Context, size session.Size, name string) (Terminal, error) {
	s, err := l.Program(ctx, size, script(heldScript+attachScript, name))
	if err != nil {
		return nil, err
	}
	return &heldShell{Shell: s, client: l.Client, name: name}, nil
}

// Wait is Shell's, with ErrTaken for a shell that did not say how it ended.
func (s *heldShell) Wait() error {
	err := s.Shell.Wait()
	var exit *session.ExitError
	switch {
	case s.closed.Load():
		return session.ErrClosed
	case errors.As(err, &exit) && exit.Signal == "USR1":
		return ErrTaken
	}
	return err
}

// Close ends the shell on the box, and waits for that 2 s at most.
func (s *heldShell) Close() error {
	if s.closed.CompareAndSwap(false, true) && !ended(s.Done()) {
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		// One that cannot be told ends when the box does.
		_, _ = s.client.Run(ctx, script(heldScript+endScript, s.name), 0)
	}
	return s.Shell.Close()
}

// Detach leaves the shell as it is on the box; it may be come back to by name.
func (s *heldShell) Detach() error {
	s.closed.Store(true)
	return s.Shell.Close()
}

func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
