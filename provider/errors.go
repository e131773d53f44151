package provider

import (
	"errors"
	"strings"
	"time"
)

// Sentinels, for errors.Is.
var (
	ErrNoKey           = errors.New("no API key is set")
	ErrUnauthorized    = errors.New("the API key was refused (401)")
	ErrForbidden       = errors.New("the API key lacks compute permission (403)")
	ErrRateLimited     = errors.New("rate limited (429)")
	ErrNotFound        = errors.New("not visible to this key (404)")
	ErrRejected        = errors.New("the provider refused the request")
	ErrOutcomeUnknown  = errors.New("the outcome is unknown")
	ErrUnreachable     = errors.New("the provider could not be reached")
	ErrBadAnswer       = errors.New("the provider's answer makes no sense")
	ErrNoClaim         = errors.New("no claim for this lease")
	ErrNotOwned        = errors.New("not provably ours")
	ErrDeleting        = errors.New("a deletion of this lease has begun")
	ErrNotReady        = errors.New("the lease is not ready")
	ErrUnusable        = errors.New("the box did not become usable")
	ErrInProgress      = errors.New("another program is working on this lease")
	ErrConflict        = errors.New("the claim changed meanwhile")
	ErrAbsenceUnproven = errors.New("absence could not be proven")
	ErrContradicted    = errors.New("the instance cannot be this lease's")
	ErrWindowOver      = errors.New("the idempotency window is over")
	ErrInvalid         = errors.New("invalid request")
)

// Causes with which a person ends an acquire; see Provider.Acquire.
var (
	AbandonKeep     = errors.New("abandoned; keep what is there")
	AbandonRollback = errors.New("abandoned; roll back")
)

// Error says what failed, on which lease, what state that leaves, and what the
// person can do next. Err wraps a sentinel of this package where one fits.
type Error struct {
	Op         string // "acquire", "release", ...
	LeaseID    string
	InstanceID string
	State      string // what is left behind, a clause; may be empty
	Next       string // what to do, a clause; may be empty
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	if e.LeaseID != "" {
		b.WriteString(" " + e.LeaseID)
	}
	if e.InstanceID != "" {
		b.WriteString(" (instance " + e.InstanceID + ")")
	}
	b.WriteString(": " + e.Err.Error())
	if e.State != "" {
		b.WriteString("; " + e.State)
	}
	if e.Next != "" {
		b.WriteString("; " + e.Next)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }
