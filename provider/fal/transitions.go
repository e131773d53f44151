package fal

import (
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// event is what happens to a claim.
type event string

const (
	evIntend   event = "intend"
	evSend     event = "send"
	evAnswered event = "answered"
	evDoomed   event = "answered, to be deleted"
	evLost     event = "lost"
	evRejected event = "rejected"
	evRestore  event = "restore"
	evReady    event = "ready"
	evMove     event = "move"
	evBind     event = "bind"
	evRebind   event = "rebind"
	evKeepIt   event = "keep what failed"
	evRollBack event = "roll back"
	evTouch    event = "touch"
	evClocks   event = "set clocks"
	evDelete   event = "delete"
	evAccepted event = "accepted"
	evAbsent   event = "absent"
	evForget   event = "forget"
)

// sameState as a transition's target leaves the state as it is.
const sameState state = "as it was"

// transition is one row of the table: the only way a claim changes.
type transition struct {
	event event
	from  []state
	to    state // stateNone: key and claim are removed
	// locks that the caller must hold.
	locks []claims.Lock
	// writes says what is put on disk, allows what may be done once it is
	// there, and not before.
	writes, allows string
	edit           func(*claims.Claim, change)
}

// change is what a transition is told beside the claim as it stands.
type change struct {
	now      time.Time
	terms    terms
	attempt  string            // evSend
	instance provider.Instance // evAnswered, evDoomed, evRestore, evReady, evMove
	binding  string            // evRebind
	port     int               // evReady, evMove: where sshd answered
	touched  time.Time         // evReady: the idle clock's start
	keep     *bool             // evClocks
	clocks   provider.Extension
}

var (
	slugLocks     = []claims.Lock{claims.LockAcquire, claims.LockSlug}
	exchangeLocks = []claims.Lock{claims.LockAcquire, claims.LockOperation}
	restoreLocks  = []claims.Lock{claims.LockAcquire, claims.LockOperation, claims.LockSlug}
	deleteLocks   = []claims.Lock{claims.LockOperation}
)

// withInstance are the states in which the claim names an instance that no
// deletion has begun on.
var withInstance = []state{stateProvisioning, stateReady, stateKept, stateRollback, stateUnfamiliar}

// transitions is the life of a claim.
var transitions = []transition{
	{
		event: evIntend, from: []state{stateNone}, to: stateCreateIntent, locks: slugLocks,
		writes: "the first claim: slug, request and credential bindings; then the key",
		allows: "letting the slug lock go; nothing was sent yet",
		edit:   func(c *claims.Claim, ch change) { editIntent(c, ch) },
	},
	{
		event: evSend, from: []state{stateCreateIntent, stateInflight, stateAmbiguous}, to: stateInflight, locks: exchangeLocks,
		writes: "a fresh create attempt",
		allows: "one POST with the lease id as idempotency key, within the window",
		edit:   func(c *claims.Claim, ch change) { editRecovery(c, ch, stateInflight, ch.attempt) },
	},
	{
		event: evAnswered, from: []state{stateInflight}, to: stateProvisioning, locks: exchangeLocks,
		writes: "the instance id",
		allows: "waiting for it, without the operation lock",
		edit: func(c *claims.Claim, ch change) {
			c.CloudID = ch.instance.ID
			editRecovery(c, ch, stateProvisioning, c.Labels[labelAttempt])
		},
	},
	{
		event: evDoomed, from: []state{stateInflight}, to: stateRollback, locks: exchangeLocks,
		writes: "the instance id of a create that is recovered to be deleted, keep=false",
		allows: "the delete flow",
		edit: func(c *claims.Claim, ch change) {
			c.CloudID = ch.instance.ID
			ch.terms.keep = false
			editRecovery(c, ch, stateRollback, c.Labels[labelAttempt])
		},
	},
	{
		event: evLost, from: []state{stateInflight}, to: stateAmbiguous, locks: exchangeLocks,
		writes: "that the outcome of the create is unknown",
		allows: "a replay of the same bytes within the window",
		edit:   func(c *claims.Claim, ch change) { editRecovery(c, ch, stateAmbiguous, c.Labels[labelAttempt]) },
	},
	{
		event: evRejected, from: []state{stateInflight}, to: stateRejected, locks: exchangeLocks,
		writes: "that the first create was definitely refused",
		allows: "removing key and claim",
		edit:   func(c *claims.Claim, ch change) { editRecovery(c, ch, stateRejected, c.Labels[labelAttempt]) },
	},
	{
		event: evRestore, from: []state{stateNone}, to: stateRollback, locks: restoreLocks,
		writes: "the claim again, where it vanished during a create that succeeded",
		allows: "the delete flow",
		edit: func(c *claims.Claim, ch change) {
			editIntent(c, ch)
			c.CloudID = ch.instance.ID
			ch.terms.keep = false
			editRecovery(c, ch, stateRollback, "")
		},
	},
	{
		event: evReady, from: []state{stateProvisioning, stateKept}, to: stateReady, locks: exchangeLocks,
		writes: "address, live labels; no recovery and no create labels",
		allows: "use by anybody; letting the acquire lock go",
		edit:   editReady,
	},
	{
		event: evMove, from: []state{stateReady}, to: stateReady, locks: exchangeLocks,
		writes: "the address at which sshd answered",
		allows: "use at that address",
		edit:   editMove,
	},
	{
		event: evBind, from: []state{stateInflight, stateAmbiguous}, to: stateKept, locks: exchangeLocks,
		writes: "the id that a person typed, of an instance that nothing contradicts; keep=true",
		allows: "resume or release; nothing happens by itself",
		edit: func(c *claims.Claim, ch change) {
			c.CloudID = ch.instance.ID
			ch.terms.keep = true
			editRecovery(c, ch, stateKept, "")
		},
	},
	{
		event: evRebind, from: withInstance, to: sameState, locks: deleteLocks,
		writes: "the binding of the key in use, which gets and lists the instance",
		allows: "whatever the state allows, with that key",
		edit:   func(c *claims.Claim, ch change) { c.Labels[labelBinding] = ch.binding },
	},
	{
		event: evKeepIt, from: []state{stateProvisioning, stateKept}, to: stateKept, locks: exchangeLocks,
		writes: "keep=true, and that the acquire failed",
		allows: "resume or release; nothing happens by itself",
		edit: func(c *claims.Claim, ch change) {
			ch.terms.keep = true
			editRecovery(c, ch, stateKept, "")
		},
	},
	{
		event: evRollBack, from: []state{stateProvisioning, stateKept}, to: stateRollback, locks: exchangeLocks,
		writes: "keep=false, and that the instance is to be deleted",
		allows: "the delete flow",
		edit: func(c *claims.Claim, ch change) {
			ch.terms.keep = false
			editRecovery(c, ch, stateRollback, "")
		},
	},
	{
		event: evTouch, from: []state{stateReady, stateKept}, to: sameState,
		writes: "last_touched_at and expires_at; labels sanitised",
		allows: "nothing more",
		edit:   editTouch,
	},
	{
		event: evClocks, from: []state{stateReady}, to: sameState,
		writes: "keep, or ttl_secs and the idle timeout, and expires_at",
		allows: "nothing more",
		edit:   editClocks,
	},
	{
		event: evDelete, from: append([]state{stateDeleteAttempted}, withInstance...), to: stateDeleteAttempted, locks: deleteLocks,
		writes: "fal_delete_attempt",
		allows: "DELETE",
		edit:   func(c *claims.Claim, _ change) { mark(c, labelDeleteAttempt) },
	},
	{
		event: evAccepted, from: []state{stateDeleteAttempted}, to: stateDeleteAccepted, locks: deleteLocks,
		writes: "fal_delete_accepted",
		allows: "proving absence; no further DELETE",
		edit:   func(c *claims.Claim, _ change) { mark(c, labelDeleteAccepted) },
	},
	{
		event: evAbsent, from: append([]state{stateDeleteAttempted, stateDeleteAccepted}, withInstance...), to: stateDeleteConfirmed, locks: deleteLocks,
		writes: "fal_delete_confirmed, with attempt and accepted",
		allows: "removing key and claim, without the provider",
		edit: func(c *claims.Claim, _ change) {
			mark(c, labelDeleteAttempt)
			mark(c, labelDeleteAccepted)
			mark(c, labelDeleteConfirm)
		},
	},
	{
		event: evForget, from: []state{stateCreateIntent, stateRejected, stateDeleteConfirmed}, to: stateNone, locks: deleteLocks,
		writes: "the removal of the key, then of the claim",
		allows: "nothing is left",
	},
}

// find returns the row for an event in a state.
func find(s state, ev event) (transition, error) {
	for _, t := range transitions {
		if t.event == ev && s.oneOf(t.from...) {
			return t, nil
		}
	}
	return transition{}, fmt.Errorf("%w: a claim in state %s cannot become %q", provider.ErrInvalid, s, ev)
}
