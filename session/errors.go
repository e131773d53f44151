package session

import (
	"errors"
	"fmt"
	"strings"
)

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
	// ErrSessionRefused: the connection stands, but sshd opens no further
	// session on it (MaxSessions, 10 by default).
	ErrSessionRefused = errors.New("the box refuses another session on this connection")
)

// DialError says on which rung an attempt to connect failed, and as what the
// failure counts. Err is ErrDenied, a *HostKeyChangedError, or the cause.
type DialError struct {
	Address string // host:port
	Rung    Rung
	Reason  Reason
	Err     error
}

func (e *DialError) Error() string {
	var changed *HostKeyChangedError
	if errors.As(e.Err, &changed) {
		// Its text is whole and ours; a prefix would only push the advice out of sight.
		return changed.Error()
	}
	cause := "unknown cause"
	if e.Err != nil {
		cause = clean(e.Err.Error(), maxErrorText)
	}
	return fmt.Sprintf("%s %s: %s", dialVerbs[e.Rung], e.Address, cause)
}

func (e *DialError) Unwrap() error { return e.Err }

var dialVerbs = map[Rung]string{
	RungTCP:     "connect to",
	RungBanner:  "wait for sshd on",
	RungHostKey: "check the host key of",
	RungAuth:    "log in on",
	RungReady:   "run the ready check on",
}

// HostKeyChangedError is a full stop: the box shows another key than the one
// pinned. There is no way on but a person's decision outside this program.
type HostKeyChangedError struct {
	Host    string
	Pinned  []string // SHA256 fingerprints with key type
	Offered string
	File    string // the known_hosts file that pins
}

func (e *HostKeyChangedError) Error() string {
	return fmt.Sprintf("the host key of %s changed; nothing was sent to it. "+
		"Pinned: %s. Offered: %s. "+
		"Compare the offered fingerprint with the one that the provider shows for this box. "+
		"If the box was really rebuilt, release the lease and acquire a new one; "+
		"if not, somebody may be between you and the box. "+
		"The pin is in %s and is never replaced by this program",
		e.Host, strings.Join(e.Pinned, ", "), e.Offered, e.File)
}

// ExitError says how the remote program ended when it did not end with 0.
type ExitError struct {
	Status int
	Signal string // without SIG; empty if it exited by itself
}

func (e *ExitError) Error() string {
	if e.Signal != "" {
		return "remote program was ended by signal " + e.Signal
	}
	return fmt.Sprintf("remote program exited with status %d", e.Status)
}
