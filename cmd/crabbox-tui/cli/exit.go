package cli

import (
	"errors"

	"github.com/openclaw/crabbox-tui/provider"
)

// Exit codes are crabbox's.
const (
	exitOK      = 0
	exitError   = 1 // the API or the network, several errors at once, what doctor found
	exitUsage   = 2 // the command line, the configuration, the key, ownership
	exitPending = 4 // not found, in progress, pending
	exitTimeout = 5 // timeouts, an instance that will never be ready, a window that is over
)

// usageError is the person's to mend: bad flags, bad configuration, no terminal.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// exitCode says with what a command that failed so exits.
func exitCode(err error) int {
	var u *usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &u):
		return exitUsage
	}
	for _, c := range []struct {
		code int
		is   []error
	}{
		{exitError, []error{provider.ErrOutcomeUnknown, provider.ErrUnauthorized, provider.ErrForbidden}},
		{exitTimeout, []error{provider.ErrUnusable, provider.ErrWindowOver}},
		{exitPending, []error{provider.ErrNoClaim, provider.ErrInProgress, provider.ErrDeleting, provider.ErrNotReady}},
		{exitUsage, []error{provider.ErrNoKey, provider.ErrNotOwned, provider.ErrConflict, provider.ErrInvalid, provider.ErrContradicted}},
	} {
		for _, is := range c.is {
			if errors.Is(err, is) {
				return c.code
			}
		}
	}
	return exitError
}
