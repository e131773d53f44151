package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

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

func orDefault(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

func (d *Dialer) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

// Dial connects, checks or pins the host key (accept-new), and logs in. Errors
// are ErrDenied, *HostKeyChangedError, or name the stage that failed; on error
// nothing stays open.
func (d *Dialer) Dial(ctx context.Context, e Endpoint) (*Client, error) {
	within := orDefault(d.Handshake, 10*time.Second)
	return d.attempt(ctx, e, within, within)
}

// stage is how far an attempt came; it is also what an error says.
type stage int

const (
	stageTCP stage = iota
	stageBanner
	stageKeyExchange
	stageAuth
)

// stageError says at which stage an attempt failed, and what the remote had
// said instead of a banner.
type stageError struct {
	stage stage
	said  string
	err   error
}

func (e *stageError) Error() string {
	what := [...]string{"connect", "wait for an SSH banner", "exchange keys", "log in"}[e.stage]
	if e.said != "" && e.stage == stageBanner {
		return fmt.Sprintf("%s: something else answers: %q", what, e.said)
	}
	return what + ": " + clean(e.err.Error())
}

func (e *stageError) Unwrap() error { return e.err }

// attempt makes one connection and walks it through all stages.
func (d *Dialer) attempt(ctx context.Context, e Endpoint, dialWithin, bannerWithin time.Duration) (*Client, error) {
	signer, err := readKey(e.KeyFile)
	if err != nil {
		return nil, err
	}
	keys := hostKeys{e.KnownHosts}
	algorithms, err := keys.algorithms(e.Address())
	if err != nil {
		return nil, err
	}
	dial := d.Net
	if dial == nil {
		dial = dialTCP
	}
	dialling, cancel := context.WithTimeout(ctx, dialWithin)
	raw, err := dial(dialling, "tcp", e.Address())
	cancel()
	if err != nil {
		return nil, &stageError{stage: stageTCP, err: contextual(ctx, err)}
	}
	handshake := orDefault(d.Handshake, 10*time.Second)
	conn := &watchedConn{Conn: raw}
	conn.onBanner = func() { raw.SetDeadline(time.Now().Add(handshake)) }
	raw.SetDeadline(time.Now().Add(min(bannerWithin, handshake)))
	// x/crypto knows no context: closing the connection is what ends it.
	stop := context.AfterFunc(ctx, func() { raw.Close() })
	defer stop()

	reached := stageKeyExchange
	var changed *HostKeyChangedError
	config := &ssh.ClientConfig{
		User:              e.User,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyAlgorithms: algorithms,
		HostKeyCallback: func(address string, remote net.Addr, key ssh.PublicKey) error {
			err := keys.check(address, remote, key)
			if err == nil {
				reached = stageAuth
			}
			errors.As(err, &changed)
			return err
		},
		// What a box says before login is not for the screen.
		BannerCallback: func(string) error { return nil },
		ClientVersion:  "SSH-2.0-crabbox-tui",
	}
	c, chans, reqs, err := ssh.NewClientConn(conn, e.Address(), config)
	if err == nil && !stop() {
		c.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		raw.Close()
		switch {
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case changed != nil:
			return nil, changed
		case !conn.isSSH():
			return nil, &stageError{stageBanner, conn.heard(), err}
		case reached == stageAuth && strings.Contains(err.Error(), "unable to authenticate"):
			return nil, &stageError{stageAuth, "", ErrDenied}
		}
		return nil, &stageError{reached, "", err}
	}
	raw.SetDeadline(time.Time{})
	return newClient(ssh.NewClient(c, chans, reqs), conn, d), nil
}

// contextual prefers why the context ended to how that was noticed.
func contextual(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

func readKey(path string) (ssh.Signer, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the lease's key: %w", err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("read the lease's key %s: %w", path, err)
	}
	return signer, nil
}

func dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{
		Timeout:         10 * time.Second,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3},
	}
	conn, err := d.DialContext(ctx, network, address)
	if err == nil {
		boundUnacked(conn)
	}
	return conn, err
}

// bannerPrefix is what an SSH server's first line, after any others, begins
// with (RFC 4253, 4.2).
var bannerPrefix = []byte("SSH-")

// watchedConn notes when the remote was last heard, and whether what it said
// first is SSH.
type watchedConn struct {
	net.Conn
	onBanner func()

	lastRead atomic.Int64 // time.Now().UnixNano
	ssh      atomic.Bool

	mu    sync.Mutex
	early []byte // what came before the banner, bounded
}

// maxEarly bounds what is kept of text before a banner.
const maxEarly = 1 << 10

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n == 0 {
		return n, err
	}
	c.lastRead.Store(time.Now().UnixNano())
	if !c.ssh.Load() {
		c.listen(p[:n])
	}
	return n, err
}

// listen looks for the banner in what comes first.
func (c *watchedConn) listen(p []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.early = append(c.early, p[:min(len(p), maxEarly-len(c.early))]...)
	if bytes.HasPrefix(c.early, bannerPrefix) || bytes.Contains(c.early, append([]byte("\n"), bannerPrefix...)) {
		c.ssh.Store(true)
		c.onBanner()
	}
}

func (c *watchedConn) isSSH() bool { return c.ssh.Load() }

func (c *watchedConn) heard() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return clean(string(c.early))
}
