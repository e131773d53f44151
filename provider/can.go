package provider

import (
	"errors"
	"fmt"
)

// Action is something a person can do to a row.
type Action int

const (
	ActionAttach Action = iota
	ActionKeep
	ActionExtend
	ActionRelease
	ActionResume
	// ActionBind gives a lost create the instance that a person names.
	ActionBind
	// ActionRebind moves a lease to the key in use.
	ActionRebind
)

// Actions are all of them.
var Actions = []Action{ActionAttach, ActionKeep, ActionExtend, ActionRelease, ActionResume, ActionBind, ActionRebind}

// String is the action's verb.
func (a Action) String() string {
	switch a {
	case ActionAttach:
		return "attach"
	case ActionKeep:
		return "keep"
	case ActionExtend:
		return "extend"
	case ActionRelease:
		return "release"
	case ActionResume:
		return "resume"
	case ActionBind:
		return "bind"
	case ActionRebind:
		return "rebind"
	}
	return fmt.Sprintf("action %d", int(a))
}

// refusal is why an action makes no sense: words for a person, and a sentinel
// for errors.Is.
type refusal struct {
	text string
	err  error
}

func (r *refusal) Error() string { return r.text }
func (r *refusal) Unwrap() error { return r.err }

func refuse(err error, format string, args ...any) error {
	return &refusal{text: fmt.Sprintf(format, args...), err: err}
}

// Can returns nil if the action makes sense for the lease as it stands, and
// otherwise an error whose text says why not; it wraps a sentinel of this
// package. It judges the row as last seen: the operation itself looks again.
func Can(a Action, l Lease) error {
	if err := notOurs(a, l); err != nil {
		return err
	}
	switch a {
	case ActionAttach:
		return canAttach(l)
	case ActionKeep, ActionExtend:
		return canSetClocks(a, l)
	case ActionRelease:
		return canRelease(l)
	case ActionResume:
		return canResume(l)
	case ActionBind:
		return canBind(l)
	case ActionRebind:
		if l.Standing == StandingOtherKey {
			return nil // notOurs has looked
		}
		return refuse(ErrInvalid, "it is bound to the key in use")
	}
	return refuse(ErrInvalid, "there is no such action: %s", a)
}

// notOurs refuses what can be done with no row that is not provably ours.
// Attaching to a box of another provider is the one exception: looking at it
// changes nothing.
func notOurs(a Action, l Lease) error {
	if a == ActionRebind && l.Standing == StandingOtherKey {
		if !l.Rebindable {
			return refuse(ErrNotOwned, "the key in use does not see its box, or its deletion has begun; set the key that it was made with")
		}
		return nil
	}
	switch l.Standing {
	case StandingForeign:
		return refuse(ErrNotOwned, "foreign: read-only; it has no claim here")
	case StandingBroken:
		return refuse(ErrNotOwned, "its claim cannot be read; repair or remove the file first")
	case StandingOtherEndpoint:
		return refuse(ErrNotOwned, "its claim belongs to another endpoint; set that one to work on it")
	case StandingOtherKey:
		return refuse(ErrNotOwned, "its claim is bound to another API key; set that key to work on it")
	case StandingOtherProvider:
		if a != ActionAttach {
			return refuse(ErrNotOwned, "made with another provider; use crabbox to %s it", a)
		}
	}
	if l.ID == "" {
		return refuse(ErrNotOwned, "read-only: it has no claim here")
	}
	return nil
}

func canAttach(l Lease) error {
	switch l.Standing {
	case StandingReady, StandingOtherProvider:
	case StandingUnverified:
		// The provider's silence says nothing about the box: a claim that was
		// made ready still leads there, and the pinned host key guards it.
		if !l.claimReady {
			return refuse(ErrNotReady, "its acquire did not finish, and the provider could not be asked")
		}
	default:
		return unready(l, "attached")
	}
	if l.Host == "" {
		return refuse(ErrNotReady, "its claim has no address")
	}
	return nil
}

func canSetClocks(a Action, l Lease) error {
	switch l.Standing {
	case StandingReady:
		return nil
	case StandingUnverified:
		return refuse(ErrNotReady, "the provider has not confirmed that it is ready; refresh, then %s it", a)
	}
	return unready(l, "given new clocks")
}

func canRelease(l Lease) error {
	switch l.Standing {
	case StandingAcquiring:
		return refuse(ErrInProgress, "it is being acquired; end the acquire first")
	case StandingCreateInflight, StandingCreateAmbiguous:
		return replayable(l)
	case StandingDeleteConfirmed:
		if l.Status != "" {
			return refuse(ErrAbsenceUnproven,
				"its claim says that it is gone and the provider still lists it; refresh, and look at the provider's own page")
		}
	}
	return nil
}

func canResume(l Lease) error {
	switch l.Standing {
	case StandingStarting, StandingKeptFailed, StandingCreateIntent:
		return nil
	case StandingCreateInflight, StandingCreateAmbiguous:
		return replayable(l)
	case StandingReady:
		return refuse(ErrInvalid, "nothing to resume: it is ready")
	case StandingAcquiring:
		return refuse(ErrInProgress, "it is being acquired already")
	case StandingUnverified:
		return refuse(ErrUnreachable, "the provider could not be asked about it; refresh first")
	}
	return unready(l, "resumed")
}

func replayable(l Lease) error {
	if l.Replayable {
		return nil
	}
	return refuse(ErrWindowOver, "its create can no longer be replayed; look for its box on the provider's own page, and bind it here by its id")
}

func canBind(l Lease) error {
	switch {
	case l.Standing != StandingCreateInflight && l.Standing != StandingCreateAmbiguous:
		return refuse(ErrInvalid, "its create was not lost")
	case l.Replayable:
		return refuse(ErrInvalid, "its create can still be replayed; resume it, which finds the right box for certain")
	}
	return nil
}

// unready says why a lease of ours cannot be used.
func unready(l Lease, done string) error {
	switch l.Standing {
	case StandingStarting:
		return refuse(ErrNotReady, "it is not ready yet")
	case StandingAcquiring:
		return refuse(ErrInProgress, "it is still being acquired")
	case StandingCreateIntent, StandingCreateInflight, StandingCreateAmbiguous:
		return refuse(ErrNotReady, "its create did not finish; resume or release it")
	case StandingCreateRejected:
		return refuse(ErrNotReady, "the provider refused to create it; release it to clear it away")
	case StandingKeptFailed:
		return refuse(ErrNotReady, "its acquire failed; resume it first, or release it")
	case StandingRollback:
		return refuse(ErrNotReady, "its acquire failed and it is to be deleted; release it")
	case StandingDeleting, StandingDeleteAccepted:
		return refuse(ErrDeleting, "its deletion has begun; release it to finish that")
	case StandingDeleteConfirmed:
		return refuse(ErrDeleting, "it is gone; release it to clear its claim away")
	case StandingStopped:
		return refuse(ErrNotReady, "the provider says stopped, and nothing starts it again; release it")
	case StandingAbsent:
		return refuse(ErrNotFound, "the provider does not list it; release it to prove that and forget it")
	case StandingUnknown:
		return refuse(ErrNotReady, "this program does not know the state that it is in")
	}
	return refuse(ErrInvalid, "it cannot be %s as it stands: %s", done, l.Standing)
}

// Definite says whether an error of Touch, Keep or Extend means that the same
// request will never succeed: the claim is gone, is not ours, names another
// instance, or is being deleted. Anything else may pass.
func Definite(err error) bool {
	return errors.Is(err, ErrDeleting) || errors.Is(err, ErrNotOwned) ||
		errors.Is(err, ErrConflict) || errors.Is(err, ErrNoClaim)
}
