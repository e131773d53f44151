package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Client is one logged-in connection. Safe for concurrent use.
type Client struct {
	ssh     *ssh.Client
	wire    *wire
	address string
	log     *slog.Logger
	check   chan struct{} // one slot
	done    chan struct{}
	lends   bool // sessions may use an agent; set before the first

	mu    sync.Mutex // guards the following
	cause error      // why the connection ends; the first one stays
}

// newClient starts the two goroutines of a connection: one waits for its end,
// one watches the link. Both are gone soon after the net.Conn is closed.
func newClient(conn *ssh.Client, w *wire, e Endpoint, d *Dialer) *Client {
	c := &Client{
		ssh: conn, wire: w, address: e.Address(), log: d.log(),
		check: make(chan struct{}, 1), done: make(chan struct{}),
	}
	go func() {
		err := conn.Wait()
		c.end(lost(err))
		close(c.done)
	}()
	if e.Lend != "" {
		c.lend(e.Lend)
	}
	go c.watch(d.quietAfter(), d.answerWithin())
	return c
}

// lost words the end of a connection that nobody here asked for.
func lost(err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: closed by the box", ErrLinkLost)
	}
	return fmt.Errorf("%w: %s", ErrLinkLost, clean(err.Error(), maxErrorText))
}

// end closes the net.Conn, which unblocks everything that x/crypto may be
// waiting in; ssh.Client.Close could itself wait for a dead peer.
func (c *Client) end(cause error) {
	c.mu.Lock()
	first := c.cause == nil
	if first {
		c.cause = cause
	}
	c.mu.Unlock()
	c.wire.Close()
	if first {
		c.log.Debug("ssh connection ends", "address", c.address, "cause", cause)
	}
}

// Done is closed when the connection has ended, for whatever reason; Err then
// says why: ErrClosed, or ErrLinkLost with what is known. Before that Err is nil.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err says why the connection ended; see Done.
func (c *Client) Err() error {
	select {
	case <-c.done:
		return c.ended()
	default:
		return nil
	}
}

// ended is the cause of an end that is certain though perhaps not yet noted.
func (c *Client) ended() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cause == nil {
		return ErrLinkLost
	}
	return c.cause
}

// closed says whether Close was called before the connection ended otherwise.
func (c *Client) closed() bool { return errors.Is(c.ended(), ErrClosed) }

// Close ends the connection and everything on it. It does not wait for the
// remote and may be called more than once.
func (c *Client) Close() error {
	c.end(ErrClosed)
	return nil
}

// Quiet is how long nothing has been heard from the box. On a healthy link it
// stays below the Dialer's QuietAfter and one round trip.
func (c *Client) Quiet() time.Duration { return c.wire.quiet() }

// SSH is the connection underneath, for what this package does not offer, such
// as SFTP. Closing it is to be done through Close.
func (c *Client) SSH() *ssh.Client { return c.ssh }

// open opens a session and lets setup start what runs in it. When ctx ends
// first it returns at once; the connection stays, and the session is closed as
// soon as the box answers. A box that never answers is found by the keepalive.
func (c *Client) open(ctx context.Context, setup func(*ssh.Session) error) (*ssh.Session, error) {
	var (
		mu        sync.Mutex
		opened    *ssh.Session
		abandoned bool
	)
	result := make(chan error, 1)
	go func() {
		s, err := c.ssh.NewSession()
		if err != nil {
			result <- c.sessionError("open a session", err)
			return
		}
		mu.Lock()
		opened = s
		late := abandoned
		mu.Unlock()
		if late {
			s.Close()
			return
		}
		if err := setup(s); err != nil {
			s.Close()
			result <- c.sessionError("start a session", err)
			return
		}
		result <- nil
	}()
	var cause error
	select {
	case err := <-result:
		if err != nil {
			return nil, err
		}
		return opened, nil
	case <-c.done:
		// x/crypto never answers for a channel that is opened while the
		// connection ends.
		cause = c.ended()
	case <-ctx.Done():
		cause = context.Cause(ctx)
	}
	mu.Lock()
	abandoned = true
	s := opened
	mu.Unlock()
	if s != nil {
		go s.Close() // it may wait for a link that is full
	}
	return nil, fmt.Errorf("open a session on %s: %w", c.address, cause)
}

func (c *Client) sessionError(what string, err error) error {
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused):
		return fmt.Errorf("%w: %s (sshd's MaxSessions is 10 by default; close a pane of this box, or raise MaxSessions in its sshd_config)",
			ErrSessionRefused, clean(refused.Message, maxGreetingText))
	case isCut(err):
		return fmt.Errorf("%s on %s: %w", what, c.address, c.ended())
	default:
		return fmt.Errorf("%s on %s: %s", what, c.address, clean(err.Error(), maxErrorText))
	}
}
