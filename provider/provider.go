package provider

import (
	"context"
	"time"
)

// Ref names a lease for an operation. InstanceID is what the person saw; an
// operation refuses with ErrConflict if the claim has since come to name
// another instance.
type Ref struct {
	LeaseID    string
	InstanceID string
}

// Instance is one box as the provider lists it, cleaned of control characters.
type Instance struct {
	ID      string
	Type    string
	Region  string
	Sector  string
	Status  string // lower case; "unknown" where it was missing
	IP      string
	Creator string
}

// Inventory is everything that the key sees, and always whole: a partial one
// is an error, not an Inventory.
type Inventory struct {
	Instances []Instance
	At        time.Time // when the last page arrived
}

// AcquireRequest is what a person fills in. Zero values mean the configured
// defaults.
type AcquireRequest struct {
	Type   string
	Sector string // sent with types that have sectors only
	Slug   string // empty: one is generated
	TTL    time.Duration
	Idle   time.Duration
	Keep   bool
	// NoWait returns as soon as the instance has an id; Resume waits for the rest.
	NoWait bool
}

// Extension sets new clocks; a zero field is left as it is.
type Extension struct {
	TTL  time.Duration // from creation; MaxTTL at most
	Idle time.Duration
}

// ReplayWindow is how long after its first attempt a create may be replayed: a
// minute less than the provider remembers answers for.
const ReplayWindow = 9 * time.Minute

// MaxTTL is the longest life a lease can be given.
const MaxTTL = 24 * time.Hour

// Provider rents and returns boxes. All methods are safe for concurrent use,
// need a context that ends, and return *Error, which wraps the sentinels of
// this package. emit is called from the calling goroutine, in order, and must
// not block; it may be nil.
type Provider interface {
	// Inventory lists every instance that the key sees. It makes one attempt.
	Inventory(ctx context.Context) (Inventory, error)

	// Acquire creates a box and returns when it is usable over SSH. When ctx
	// is cancelled its cause decides what becomes of a half-made box: AbandonKeep,
	// AbandonRollback, or anything else, which leaves the claim as it stands
	// for a later Resume or Release. A failure rolls back, or with Keep leaves
	// a recovery claim; the *Error says which, and what to do next.
	Acquire(ctx context.Context, req AcquireRequest, emit func(Event)) (Lease, error)

	// Resume takes an unfinished acquire up again where it stands: it waits
	// for the box and makes the claim ready. It never sends a create outside
	// the idempotency window of the first one.
	Resume(ctx context.Context, ref Ref, emit func(Event)) (Lease, error)

	// Touch moves the idle clock. ErrDeleting, ErrNotOwned and ErrConflict say
	// that it never will again; other errors may pass.
	Touch(ctx context.Context, ref Ref) error

	// Keep sets or clears the keep label. It is refused before the lease is
	// ready and once a deletion began.
	Keep(ctx context.Context, ref Ref, keep bool) error

	// Extend changes TTL or idle timeout, under the rules of Keep.
	Extend(ctx context.Context, ref Ref, ext Extension) error

	// Release deletes the instance, proves that it is gone, and only then
	// forgets key and claim. It can be repeated, from any process, after an
	// interruption; a box that is already gone is success.
	Release(ctx context.Context, ref Ref, emit func(Event)) (Receipt, error)

	// Bind gives a claim whose create was lost the instance that a person has
	// found to be its own. It is refused while the create can be replayed, and
	// with ErrContradicted when anything speaks against it; the claim is kept,
	// for a Resume or Release, and nothing is deleted by itself.
	Bind(ctx context.Context, ref Ref, instanceID string) error

	// Rebind moves a lease to the key in use, if that key can get the exact
	// instance and sees it in the whole inventory. It is refused while a
	// deletion is not confirmed.
	Rebind(ctx context.Context, ref Ref) error

	// Expire releases a lease by Cleanup's rules for one claim: if it is ready,
	// not kept, bound to the key in use and its deadline has passed by its
	// claim as it then stands. Whatever else it is, it is left.
	Expire(ctx context.Context, ref Ref, emit func(Event)) (Verdict, error)

	// Cleanup judges every claim by crabbox's own rules and, unless dryRun,
	// deletes what is due. One claim's error does not stop the others.
	Cleanup(ctx context.Context, dryRun bool, emit func(Event)) ([]Verdict, error)

	// Doctor looks at everything that could be wrong and changes nothing.
	Doctor(ctx context.Context) []Finding
}

// Verdict is what cleanup decided about one claim.
type Verdict struct {
	LeaseID    string
	InstanceID string
	Name       string
	Delete     bool
	Reason     string // crabbox's word for it, for example "keep=true"
	Err        error  // set if the deletion was tried and failed
}

// Deadline is when a lease may be released unasked; see Provider.Expire.
type Deadline struct {
	Ref      Ref
	Name     string
	At       time.Time // zero while its acquire is not through
	Deleting bool      // a deletion of it has begun
}

// Severity grades a Finding.
type Severity int

const (
	SeverityOK Severity = iota
	SeverityWarning
	SeverityProblem
)

// Finding is one result of Doctor, with what to do about it.
type Finding struct {
	Check    string
	Severity Severity
	Message  string
	Advice   string
}

// Receipt is the proof that a box is gone.
type Receipt struct {
	LeaseID    string
	InstanceID string
	Slug       string
	Type       string
	CreatedAt  time.Time
	ReleasedAt time.Time
	Cost       Cost
	// Evidence has each answer that the proof rests on, in order.
	Evidence []Evidence
	// AlreadyGone: somebody else had deleted it, or finished the release.
	AlreadyGone bool
	// Scope is the endpoint, as claims name it.
	Scope string
	// Unknown is what the receipt cannot tell, a clause each.
	Unknown []string
}

// Evidence is one answer of the provider about an instance being gone.
type Evidence struct {
	At   time.Time
	Step Step
	Note string
}
