package session

import (
	"context"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/ssh"
)

// Run executes a command and returns what it printed on stdout, at most limit
// bytes; what comes after is read and dropped, and so is stderr. A non-zero
// end is an *ExitError, returned with the output. When ctx ends first, Run
// returns at once and the command is hung up on.
func (c *Client) Run(ctx context.Context, command string, limit int) ([]byte, error) {
	var out io.Reader
	s, err := c.open(ctx, func(s *ssh.Session) (err error) {
		if out, err = s.StdoutPipe(); err != nil {
			return err
		}
		return s.Start(command)
	})
	if err != nil {
		return nil, err
	}
	type outcome struct {
		out []byte
		err error
	}
	result := make(chan outcome, 1)
	go func() {
		// Read errors show in Wait, as a missing exit status.
		b, _ := io.ReadAll(io.LimitReader(out, int64(max(limit, 0))))
		_, _ = io.Copy(io.Discard, out)
		result <- outcome{b, c.exitError(s.Wait())}
	}()
	select {
	case r := <-result:
		return r.out, r.err
	case <-ctx.Done():
		go s.Close() // it may wait for a link that is full
		return nil, fmt.Errorf("run a command on %s: %w", c.address, context.Cause(ctx))
	}
}

// exitError translates what ssh.Session.Wait returns: nil, *ExitError, or why
// the connection ended. A missing exit status is a drop: the remote did not
// say that the program ended.
func (c *Client) exitError(err error) error {
	var exit *ssh.ExitError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return &ExitError{Status: exit.ExitStatus(), Signal: clean(exit.Signal(), 16)}
	default:
		return c.ended()
	}
}
