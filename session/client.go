package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Client is one logged-in connection. Safe for concurrent use.
type Client struct {
	ssh    *ssh.Client
	conn   *watchedConn
	quiet  time.Duration
	answer time.Duration
	done   chan struct{}

	mu  sync.Mutex
	err error
}

func newClient(c *ssh.Client, conn *watchedConn, d *Dialer) *Client {
	client := &Client{
		ssh: c, conn: conn, done: make(chan struct{}),
		quiet: orDefault(d.QuietAfter, 5*time.Second), answer: orDefault(d.AnswerWithin, 5*time.Second),
	}
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		client.watch()
	}()
	go func() {
		err := c.Wait()
		client.fail(fmt.Errorf("%w: %s", ErrLinkLost, ending(err)))
		conn.Close()
		<-watching
		d.log().Info("connection ended", "remote", conn.RemoteAddr().String(), "why", client.Err())
	}()
	return client
}

// ending words the end of a connection that nobody here asked for.
func ending(err error) string {
	if err == nil {
		return "the box closed it"
	}
	return clean(err.Error())
}

// fail notes why the connection ended; the first reason stands.
func (c *Client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.done)
	}
}

// watch finds a dead link: whenever nothing came in for a while it asks, and
// without an answer in time it closes the connection, which is what unblocks
// everything that waits on it.
func (c *Client) watch() {
	timer := time.NewTimer(c.quiet)
	defer timer.Stop()
	wall := time.Now()
	for {
		select {
		case <-c.done:
			return
		case <-timer.C:
		}
		// The wall clock runs on while a machine sleeps, the monotonic one
		// does not: after a sleep the link is asked at once.
		now := time.Now()
		slept := now.Round(0).Sub(wall.Round(0)) > now.Sub(wall)+c.quiet
		wall = now
		silent := now.Sub(time.Unix(0, c.conn.lastRead.Load()))
		if !slept && silent < c.quiet {
			timer.Reset(c.quiet - silent)
			continue
		}
		if !c.ask() {
			c.fail(fmt.Errorf("%w: no answer for %s", ErrLinkLost, (c.quiet + c.answer).Round(time.Second)))
			c.conn.Close()
			return
		}
		timer.Reset(c.quiet)
	}
}

// ask sends one keepalive and says whether anything came in before the time
// for an answer was over. A refusal is an answer too.
func (c *Client) ask() bool {
	asked := time.Now()
	answered := make(chan struct{})
	go func() {
		// Ends at the latest when the connection is closed.
		_, _, _ = c.ssh.SendRequest("keepalive@openssh.com", true, nil)
		close(answered)
	}()
	timer := time.NewTimer(c.answer)
	defer timer.Stop()
	select {
	case <-answered:
		return true
	case <-c.done:
		return true
	case <-timer.C:
		return time.Unix(0, c.conn.lastRead.Load()).After(asked)
	}
}

// SSH is the connection underneath, for other channels than a shell's.
func (c *Client) SSH() *ssh.Client { return c.ssh }

// Done is closed when the connection has ended, for whatever reason.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection ended, nil while it lives: ErrLinkLost, or
// ErrClosed after Close.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection and everything on it. It does not wait for the
// remote and may be called more than once.
func (c *Client) Close() error {
	c.fail(ErrClosed)
	c.conn.Close()
	return nil
}

// open makes a session channel. x/crypto waits for the answer without a
// deadline, so it waits in a goroutine of its own.
func (c *Client) open(ctx context.Context) (*ssh.Session, error) {
	type result struct {
		session *ssh.Session
		err     error
	}
	opened := make(chan result, 1)
	go func() {
		s, err := c.ssh.NewSession()
		opened <- result{s, err}
	}()
	select {
	case r := <-opened:
		var refused *ssh.OpenChannelError
		switch {
		case errors.As(r.err, &refused):
			return nil, fmt.Errorf("the box refuses one more session on this connection (%s); close another pane of it", clean(refused.Message))
		case r.err != nil:
			return nil, c.because(r.err)
		}
		return r.session, nil
	case <-ctx.Done():
		go func() {
			if r := <-opened; r.session != nil {
				r.session.Close()
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// because prefers why the connection ended to how that was noticed.
func (c *Client) because(err error) error {
	if why := c.Err(); why != nil {
		return why
	}
	return err
}

// guarded runs requests on a session that x/crypto would wait for without a
// deadline; when ctx ends first the session is closed.
func guarded(ctx context.Context, s *ssh.Session, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		s.Close()
		return context.Cause(ctx)
	}
}

// Run executes a command and returns what it printed on stdout, at most limit
// bytes. A non-zero end is an *ExitError.
func (c *Client) Run(ctx context.Context, command string, limit int) ([]byte, error) {
	s, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	defer s.Close()
	out := &limited{left: limit}
	s.Stdout = out
	err = guarded(ctx, s, func() error { return s.Run(command) })
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out.bytes(), c.ended(err)
}

// ended translates how a remote program ended.
func (c *Client) ended(err error) error {
	var exit *ssh.ExitError
	var missing *ssh.ExitMissingError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &exit):
		return &ExitError{Status: exit.ExitStatus(), Signal: exit.Signal()}
	case errors.As(err, &missing):
		return c.because(ErrLinkLost)
	}
	return c.because(fmt.Errorf("%w: %s", ErrLinkLost, clean(err.Error())))
}

// limited keeps the first bytes and lets the others go, so that the remote is
// never held up.
type limited struct {
	mu   sync.Mutex
	buf  bytes.Buffer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := min(len(p), l.left)
	l.buf.Write(p[:n])
	l.left -= n
	return len(p), nil
}

func (l *limited) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}
