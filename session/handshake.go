package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

var errHandshakeSlow = errors.New("no progress within the time for a handshake")

// handshake takes conn from its first byte to a logged-in client, or closes
// it. reached is called, from any goroutine but one at a time, as each of
// RungBanner, RungHostKey and RungAuth is done.
func (d *Dialer) handshake(ctx context.Context, conn net.Conn, e Endpoint, signers []ssh.Signer, reached func(Rung)) (*Client, error) {
	limited, cancelLimit := context.WithTimeoutCause(ctx, d.handshakeLimit(), errHandshakeSlow)
	defer cancelLimit()
	guarded, cancel := context.WithCancelCause(limited)
	defer cancel(nil)

	h := &handshake{ctx: guarded, endpoint: e, reached: reached}
	if d.banner > 0 {
		h.silence = time.AfterFunc(d.banner, func() { cancel(errSilent) })
		defer h.silence.Stop()
	}
	h.wire = newWire(conn, h.sawBanner)
	// Closing the net.Conn is the only thing that ends a handshake of x/crypto.
	release := context.AfterFunc(guarded, func() { conn.Close() })

	sshConn, chans, reqs, err := h.run(signers)
	if !release() && err == nil {
		err = context.Cause(guarded)
	}
	if err != nil {
		conn.Close()
		return nil, h.failure(err)
	}
	reached(RungAuth)
	return newClient(ssh.NewClient(sshConn, chans, reqs), h.wire, e, d), nil
}

// handshake is one attempt's state.
type handshake struct {
	ctx      context.Context
	endpoint Endpoint
	wire     *wire
	reached  func(Rung)
	silence  *time.Timer
	stage    atomic.Int32 // the Rung under way

	authAsked   atomic.Bool // sshd answered the first authentication request
	authMethods atomic.Value

	mu       sync.Mutex // guards the following
	accepted []byte     // the host key, wire format
	hostErr  error      // why it was refused
}

func (h *handshake) run(signers []ssh.Signer) (ssh.Conn, <-chan ssh.NewChannel, <-chan *ssh.Request, error) {
	h.stage.Store(int32(RungBanner))
	known, err := loadPins(h.endpoint.KnownHosts)
	if err != nil {
		h.stage.Store(int32(RungHostKey))
		h.hostErr = err
		return nil, nil, nil, err
	}
	address := h.endpoint.Address()
	return ssh.NewClientConn(h.wire, address, &ssh.ClientConfig{
		User:              h.endpoint.User,
		ClientVersion:     "SSH-2.0-crabbox-tui",
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signers...)},
		AuthCallback:      h.observeAuth,
		HostKeyAlgorithms: known.algorithms(address),
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			return h.checkHostKey(known, address, key)
		},
	})
}

func (h *handshake) sawBanner() {
	if h.silence != nil {
		h.silence.Stop()
	}
	h.reached(RungBanner)
	h.stage.Store(int32(RungHostKey))
}

// checkHostKey is called at the first key exchange, and again at each later
// one for as long as the connection lives.
func (h *handshake) checkHostKey(known pins, address string, key ssh.PublicKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.accepted != nil {
		if !bytes.Equal(h.accepted, key.Marshal()) {
			return errors.New("another host key within one connection")
		}
		return nil
	}
	ok, err := known.check(address, key)
	if err == nil && !ok {
		err = pin(h.ctx, known.file, address, key)
	}
	if err != nil {
		h.hostErr = err
		return err
	}
	h.accepted = key.Marshal()
	h.reached(RungHostKey)
	h.stage.Store(int32(RungAuth))
	return nil
}

// observeAuth chooses nothing: it is how to know that sshd answered, since
// x/crypto has no typed error for a refusal.
func (h *handshake) observeAuth(a *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	h.authAsked.Store(true)
	h.authMethods.Store(slices.Clone(a.AllowedMethods))
	return nil, nil
}

// failure sorts the error that ended an attempt.
func (h *handshake) failure(err error) *DialError {
	h.mu.Lock()
	hostErr := h.hostErr
	h.mu.Unlock()
	f := &DialError{Address: h.endpoint.Address(), Rung: Rung(h.stage.Load()), Reason: ReasonDropped, Err: err}
	var changed *HostKeyChangedError
	var noCommon *ssh.AlgorithmNegotiationError
	cause := context.Cause(h.ctx)
	switch {
	case errors.As(hostErr, &changed):
		f.Reason, f.Err = ReasonHostKeyChanged, hostErr
	case hostErr != nil:
		f.Reason, f.Err = ReasonNone, hostErr
	case errors.Is(cause, errSilent):
		f.Reason, f.Err = ReasonSilent, errSilent
	case errors.Is(cause, errHandshakeSlow):
		f.Reason, f.Err = ReasonTimeout, fmt.Errorf("%w: %w", errHandshakeSlow, context.DeadlineExceeded)
	case cause != nil:
		f.Reason, f.Err = ReasonNone, cause
	case errors.Is(err, errNotSSH):
		f.Reason, f.Err = ReasonNotSSH, err
	case errors.Is(err, errSSHDBusy):
		f.Reason, f.Err = ReasonBusy, err
	case errors.As(err, &noCommon):
		f.Reason, f.Err = ReasonNoCommonAlgorithm, fmt.Errorf("no algorithm in common for the %s: %w", noCommon.What, err)
	case f.Rung == RungAuth && h.denied(err):
		f.Reason, f.Err = ReasonDenied, h.denial()
	case isCut(err):
		f.Err = fmt.Errorf("the connection was closed: %w", err)
	}
	return f
}

// denied tells a refused key from a connection that ended while logging in.
func (h *handshake) denied(err error) bool {
	text := err.Error()
	if strings.Contains(text, "ssh: disconnect, reason ") {
		return strings.Contains(text, "reason 14:") || strings.Contains(text, "Too many authentication failures")
	}
	return h.authAsked.Load() && !isCut(err)
}

func (h *handshake) denial() error {
	methods, _ := h.authMethods.Load().([]string)
	if len(methods) > 0 && !slices.Contains(methods, "publickey") {
		return fmt.Errorf("as %s: %w; it takes only %s", h.endpoint.User, ErrDenied,
			clean(strings.Join(methods, ", "), maxGreetingText))
	}
	return fmt.Errorf("as %s: %w", h.endpoint.User, ErrDenied)
}
