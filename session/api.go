package session

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"
)

// Endpoint is one sshd and what to log in to it with.
type Endpoint struct {
	Host       string
	Port       int
	User       string
	KeyFile    string // private key, OpenSSH format
	KnownHosts string // the lease's own file; created 0600 when a key is pinned
}

// Size of a terminal, in cells.
type Size struct{ Cols, Rows int }

// DialFunc opens a TCP connection, as net.Dialer.DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Sentinels, for errors.Is.
var (
	// ErrDenied: the box took none of our keys.
	ErrDenied = errors.New("the box did not accept the key")
	// ErrLinkLost: the connection was cut or went silent. The shell's fate is
	// unknown; it did not say that it ended.
	ErrLinkLost = errors.New("the connection was lost")
	// ErrBusy: the remote does not read what is typed; nothing was queued.
	ErrBusy = errors.New("the remote does not read its input")
	// ErrClosed: used after Close.
	ErrClosed = errors.New("closed")
)

// HostKeyChangedError is a full stop: the box shows another key than the one
// pinned. There is no way on but a person's decision outside this program.
type HostKeyChangedError struct {
	Host    string
	Pinned  []string // SHA256 fingerprints with key type
	Offered string
	File    string // the known_hosts file that pins
}

func (e *HostKeyChangedError) Error() string {
	return "host key of " + e.Host + " changed: offered " + e.Offered
}

// ExitError says how the remote program ended when it did not end with 0.
type ExitError struct {
	Status int
	Signal string // without SIG; empty if it exited by itself
}

func (e *ExitError) Error() string { return "remote program ended" }

// Dialer opens connections. The zero value works; set fields before use.
type Dialer struct {
	// Net opens the TCP connection; nil means a net.Dialer with TCP keepalive.
	Net DialFunc
	// Handshake bounds everything from TCP accept to a logged-in connection. [10s]
	Handshake time.Duration
	// QuietAfter is how long without an inbound byte before the link is
	// probed, AnswerWithin how long the probe may take. [5s, 5s]
	QuietAfter   time.Duration
	AnswerWithin time.Duration
	Log          *slog.Logger // nil: discard
}

// Dial connects, checks or pins the host key (accept-new), and logs in. Errors
// are ErrDenied, *HostKeyChangedError, or name the stage that failed; on error
// nothing stays open.
func (d *Dialer) Dial(ctx context.Context, e Endpoint) (*Client, error) { panic("not implemented") }

// Client is one logged-in connection. Safe for concurrent use.
type Client struct{}

// Shell starts an interactive shell on a PTY of the given size with
// TERM=xterm-256color.
func (c *Client) Shell(ctx context.Context, size Size) (*Shell, error) { panic("not implemented") }

// Run executes a command and returns what it printed on stdout, at most limit
// bytes. A non-zero end is an *ExitError.
func (c *Client) Run(ctx context.Context, command string, limit int) ([]byte, error) {
	panic("not implemented")
}

// Done is closed when the connection has ended, for whatever reason; Err then
// says why (ErrLinkLost, ErrClosed, ...).
func (c *Client) Done() <-chan struct{} { panic("not implemented") }
func (c *Client) Err() error            { panic("not implemented") }

// Close ends the connection and everything on it. It does not wait for the
// remote and may be called more than once.
func (c *Client) Close() error { panic("not implemented") }

// Shell is one interactive shell. Read from one goroutine; everything else is
// safe for concurrent use.
type Shell struct{}

// Read returns output of the shell; io.EOF when it ended or the link was lost
// (Wait says which).
func (s *Shell) Read(p []byte) (int, error) { panic("not implemented") }

// Write queues input and never blocks. When the bounded queue cannot take all
// of p it takes nothing and returns ErrBusy.
func (s *Shell) Write(p []byte) (int, error) { panic("not implemented") }

// Resize tells the remote its new size. The newest wins; never blocks.
func (s *Shell) Resize(size Size) { panic("not implemented") }

// Done is closed when the shell has ended and its output is drained.
func (s *Shell) Done() <-chan struct{} { panic("not implemented") }

// Wait blocks until Done and returns nil, an *ExitError, or ErrLinkLost.
func (s *Shell) Wait() error { panic("not implemented") }

// Close ends the shell. Its connection stays.
func (s *Shell) Close() error { panic("not implemented") }

// Rung is one stage of the readiness probe.
type Rung int

const (
	RungTCP Rung = iota
	RungBanner
	RungHostKey
	RungAuth
	RungReady // the ready command succeeds
)

// RungPhase is how far a rung is.
type RungPhase int

const (
	RungActive RungPhase = iota
	RungWaiting
	RungDone
	RungFailed
)

// Reason is why a rung waits or failed.
type Reason int

const (
	ReasonNone Reason = iota
	ReasonRefused
	ReasonTimeout
	ReasonSilent
	ReasonNotSSH
	ReasonBusy    // sshd turns connections away for now
	ReasonDenied  // key not accepted yet
	ReasonDropped // connection closed on us
	ReasonNotReady
	ReasonHostKeyChanged
	ReasonNoCommonAlgorithm
)

// Step is one change of a rung. A rung that was done never comes back as
// active: a rung is a high-water mark.
type Step struct {
	Rung    Rung
	Phase   RungPhase
	Reason  Reason
	Detail  string // cleaned of control characters
	Attempt int
	RetryIn time.Duration
	Err     error
}

// Prober finds out whether a box can be used. Zero value works.
type Prober struct {
	Dialer *Dialer // nil: a zero Dialer
	// Ready is run until it succeeds. [crabbox's ready check]
	Ready string
	// Grace is how long a refused key is taken for "not installed yet". [3m]
	Grace time.Duration
}

// Probe walks the rungs on the endpoint, trying ports in order of preference,
// until the ready command succeeds, and returns the port that did. report is
// called from the calling goroutine, must not block, and may be nil. It
// returns early with *HostKeyChangedError, or with ErrDenied after Grace; else
// it goes on until ctx ends.
func (p *Prober) Probe(ctx context.Context, e Endpoint, ports []int, report func(Step)) (int, error) {
	panic("not implemented")
}
