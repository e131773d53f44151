package provider

import "time"

// Standing says where a lease really is in its life, as far as claim and
// inventory together tell.
type Standing int

const (
	// StandingUnknown: the provider reports a status that this program does not know.
	StandingUnknown Standing = iota
	// StandingReady: instance ready, claim ready; it can be attached.
	StandingReady
	// StandingStarting: the instance exists and is not ready, or its acquire did not finish.
	StandingStarting
	// StandingAcquiring: somebody, here or in another process, is acquiring it now.
	StandingAcquiring
	// StandingCreateIntent: a create was about to be sent; none was.
	StandingCreateIntent
	// StandingCreateInflight: a create was being sent when its acquirer died.
	StandingCreateInflight
	// StandingCreateAmbiguous: a create was sent and its outcome is unknown.
	StandingCreateAmbiguous
	// StandingCreateRejected: the provider definitely refused the create.
	StandingCreateRejected
	// StandingKeptFailed: the acquire failed after the instance existed, and it was kept.
	StandingKeptFailed
	// StandingRollback: the acquire failed and the instance is to be deleted.
	StandingRollback
	// StandingDeleting: a delete was sent, or was about to be.
	StandingDeleting
	// StandingDeleteAccepted: the provider took the delete; absence is not proven yet.
	StandingDeleteAccepted
	// StandingDeleteConfirmed: absence is proven; only local state is left.
	StandingDeleteConfirmed
	// StandingStopped: the provider says stopped. It still exists and bills.
	StandingStopped
	// StandingAbsent: claimed, and not in the inventory that this key sees.
	StandingAbsent
	// StandingUnverified: the provider could not be asked.
	StandingUnverified
	// StandingOtherKey: the claim is bound to another API key.
	StandingOtherKey
	// StandingOtherEndpoint: the claim belongs to another endpoint of the same provider.
	StandingOtherEndpoint
	// StandingOtherProvider: crabbox made it with another provider.
	StandingOtherProvider
	// StandingForeign: an instance without a claim; read-only.
	StandingForeign
	// StandingBroken: a claim file that cannot be read.
	StandingBroken
)

// Lease is one row: a claim with its instance, either of which may be missing.
// It is a value as last seen. All strings are cleaned of control characters.
type Lease struct {
	ID         string // lease id; empty for a foreign instance
	InstanceID string // provider's id; empty until known
	Slug       string
	Provider   string
	Type       string // instance type
	Region     string
	Sector     string
	Creator    string // nickname of the creator, where the provider tells
	RepoRoot   string

	// Place is where a broken claim stands; empty for all other rows.
	Place string

	Standing Standing
	// Status is the provider's own word for the instance; empty if not seen.
	Status string
	// Reason says in one sentence what is behind Standing, and what to do
	// where something is wrong; empty when there is nothing to say.
	Reason string

	// SSH, as the claim has it, or the inventory where it has not.
	Host           string
	Port           int
	User           string
	KeyPath        string // private key; empty if there is none
	KnownHostsPath string

	Keep          bool
	CreatedAt     time.Time // when the create began, by the claim; zero if unknown
	FirstSeen     time.Time // when this program first saw the instance; zero if it did not
	LastTouchedAt time.Time
	ExpiresAt     time.Time // the earlier of idle and TTL deadline; zero if unknown
	TTL           time.Duration
	Idle          time.Duration

	Cost Cost
	// Revision of the claim behind the row, opaque; empty for foreign ones.
	Revision string

	// ReplayUntil is until when a lost create may be replayed; zero for others.
	ReplayUntil time.Time
	// Replayable: that was not over when the row was made.
	Replayable bool
	// Rebindable: the key in use sees the instance, and no deletion has begun.
	Rebindable bool

	// claimReady: the claim was made ready once and no deletion began.
	claimReady bool
}

// Bills says whether a box is known, or has to be feared, to run up cost here:
// an instance was seen, or a claim names one whose absence is not proven.
func (l Lease) Bills() bool {
	switch l.Standing {
	case StandingBroken, StandingDeleteConfirmed, StandingCreateIntent, StandingCreateRejected, StandingOtherProvider, StandingOtherEndpoint:
		return false
	case StandingCreateInflight, StandingCreateAmbiguous:
		return true
	}
	return l.InstanceID != ""
}

// Unfinished says whether something was begun on the lease, by whatever
// program, and not ended: a person has to say how it goes on.
func (l Lease) Unfinished() bool {
	switch l.Standing {
	case StandingCreateIntent, StandingCreateInflight, StandingCreateAmbiguous, StandingCreateRejected, StandingKeptFailed,
		StandingRollback, StandingDeleting, StandingDeleteAccepted, StandingDeleteConfirmed, StandingAbsent:
		return true
	case StandingStarting, StandingStopped, StandingUnverified:
		return !l.claimReady
	}
	return false
}

// Cost is an estimate: no provider that we know tells prices.
type Cost struct {
	PerHour float64 // dollars; 0 if the price table lacks the type
	SoFar   float64 // dollars since CreatedAt, or since FirstSeen
	AtLeast bool    // SoFar counts from FirstSeen, so it is a lower bound
	Known   bool    // false: no price for this type
}

// Key identifies the row across refreshes: the lease id, or the instance id
// for a foreign instance, or the place of a broken claim.
func (l Lease) Key() string {
	switch {
	case l.Place != "":
		return "place:" + l.Place
	case l.ID != "":
		return l.ID
	}
	return "instance:" + l.InstanceID
}

// Name is what a person calls it: slug, else lease id, else instance id.
func (l Lease) Name() string {
	switch {
	case l.Slug != "":
		return l.Slug
	case l.ID != "":
		return l.ID
	case l.InstanceID != "":
		return l.InstanceID
	}
	return l.Place
}

// Ref returns the reference by which operations name this lease.
func (l Lease) Ref() Ref { return Ref{LeaseID: l.ID, InstanceID: l.InstanceID} }

var standingWords = map[Standing]string{
	StandingUnknown: "unknown", StandingReady: "ready", StandingStarting: "starting", StandingAcquiring: "acquiring",
	StandingCreateIntent: "create-intent", StandingCreateInflight: "create-inflight", StandingCreateAmbiguous: "create-ambiguous",
	StandingCreateRejected: "create-rejected", StandingKeptFailed: "kept-failed", StandingRollback: "rollback",
	StandingDeleting: "deleting", StandingDeleteAccepted: "delete-accepted", StandingDeleteConfirmed: "delete-confirmed",
	StandingStopped: "stopped", StandingAbsent: "absent", StandingUnverified: "unverified", StandingOtherKey: "other-key",
	StandingOtherEndpoint: "other-endpoint", StandingOtherProvider: "other-provider", StandingForeign: "foreign", StandingBroken: "broken",
}

// String is one word, for logs and scripts.
func (s Standing) String() string { return standingWords[s] }
