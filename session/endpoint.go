package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// Endpoint is one sshd and what to log in to it with.
type Endpoint struct {
	Host       string
	Port       int
	User       string
	KeyFile    string // private key, OpenSSH format, no passphrase
	KnownHosts string // the lease's own file; made 0600 when a key is pinned
}

// Address is host:port, as dialled and as known_hosts names it.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

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
	Pinned  []string // key type and SHA256 fingerprint of each pinned key
	Offered string   // the same of the key that the box showed
	File    string   // the known_hosts file that pins
}

func (e *HostKeyChangedError) Error() string {
	return fmt.Sprintf("the host key of %s changed: it showed %s, and %s is pinned in %s; nothing was sent. "+
		"This may be another machine at the same address. If the box was not rebuilt by you, release it and acquire a new one",
		e.Host, e.Offered, strings.Join(e.Pinned, ", "), e.File)
}

// ExitError says how the remote program ended when it did not end with 0.
type ExitError struct {
	Status int
	Signal string // without SIG; empty if it exited by itself
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "the remote program was ended by signal " + clean(e.Signal)
	}
	return fmt.Sprintf("the remote program ended with status %d", e.Status)
}

// clean makes text from a remote fit for a screen or a log.
func clean(s string) string {
	const most = 200
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < 0x20, r >= 0x7f && r <= 0x9f, r >= 0x200b && r <= 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == '\ufffd':
			return -1
		}
		return r
	}, s)
	if runes := []rune(s); len(runes) > most {
		s = string(runes[:most]) + "…"
	}
	return strings.TrimSpace(s)
}
