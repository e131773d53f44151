package session

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"time"
)

const (
	defaultHandshake = 10 * time.Second
	connectLimit     = 10 * time.Second
	// connectAgain is when a try to connect that was not answered gets another
	// beside it: a lost SYN is repeated after 1, 3 and 7 s, and so a network that
	// comes back would be noticed late.
	connectAgain  = 2 * time.Second
	defaultQuiet  = 5 * time.Second
	defaultAnswer = 5 * time.Second
	// unackedLimit is above the keepalive's two limits together, so that it
	// names a dead link only where they could not.
	unackedLimit = 20 * time.Second
)

// Dialer opens connections. The zero value works; set fields before use. It
// is safe for concurrent use.
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

	banner time.Duration // bounds the wait for the version line; 0: Handshake alone does
}

// Dial connects, checks or pins the host key (accept-new), and logs in. Errors
// are a *DialError that wraps ErrDenied, a *HostKeyChangedError or the cause
// and names the stage that failed; on error nothing stays open. The TCP
// connection may take 10 s before the handshake begins.
func (d *Dialer) Dial(ctx context.Context, e Endpoint) (*Client, error) {
	signers, done, err := e.signers(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	capped, cancel := context.WithTimeout(ctx, connectLimit)
	conn, err := d.connectSoon(capped, e)
	cancel()
	if err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, &DialError{Address: e.Address(), Rung: RungTCP, Reason: dialReason(err), Err: err}
	}
	return d.handshake(ctx, conn, e, signers, func(Rung) {})
}

// connectSoon opens the TCP connection, with one more try each time that none of
// those before was answered. The first that is answered decides.
func (d *Dialer) connectSoon(ctx context.Context, e Endpoint) (net.Conn, error) {
	type dialed struct {
		conn net.Conn
		err  error
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make(chan dialed)
	try := func() {
		conn, err := d.connect(ctx, e)
		select {
		case results <- dialed{conn, err}:
		case <-ctx.Done():
			if conn != nil {
				conn.Close()
			}
		}
	}
	again := time.NewTicker(connectAgain)
	defer again.Stop()
	for {
		go try()
		select {
		case r := <-results:
			return r.conn, r.err
		case <-ctx.Done():
			return nil, fmt.Errorf("no answer: %w", ctx.Err())
		case <-again.C:
		}
	}
}

// connect opens the TCP connection and sets what finds it dead.
func (d *Dialer) connect(ctx context.Context, e Endpoint) (net.Conn, error) {
	dial := d.Net
	if dial == nil {
		dial = (&net.Dialer{KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3,
		}}).DialContext
	}
	conn, err := dial(ctx, "tcp", e.Address())
	if err != nil {
		return nil, err
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		if err := limitUnacked(tcp, unackedLimit); err != nil {
			// The SSH keepalive still finds a dead link.
			d.log().Debug("TCP_USER_TIMEOUT not set", "address", e.Address(), "err", err)
		}
	}
	return conn, nil
}

func (d *Dialer) log() *slog.Logger {
	if d.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Log
}

func (d *Dialer) handshakeLimit() time.Duration { return cmp.Or(d.Handshake, defaultHandshake) }
func (d *Dialer) quietAfter() time.Duration     { return cmp.Or(d.QuietAfter, defaultQuiet) }
func (d *Dialer) answerWithin() time.Duration   { return cmp.Or(d.AnswerWithin, defaultAnswer) }
