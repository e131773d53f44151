package provider

import (
	"context"
	"time"
)

// Kind is what an operation does.
type Kind int

const (
	KindAcquire Kind = iota
	KindResume
	KindRelease
)

// Progress is an operation as it stands; a value.
type Progress struct {
	ID         int // unique in this process, growing
	Kind       Kind
	LeaseID    string // empty until chosen
	Slug       string
	InstanceID string
	Request    AcquireRequest // with KindAcquire
	Started    time.Time
	Ended      time.Time // zero while it runs
	// Steps is the ladder, all rungs, in order. A rollback's rungs are
	// appended when it begins.
	Steps     []StepProgress
	Abandoned error    // the cause given to Abandon, if any
	Err       error    // how it failed; nil while it runs or when it succeeded
	Lease     *Lease   // the result of an acquire or resume
	Receipt   *Receipt // the result of a release
}

// Done says whether the operation has ended.
func (p Progress) Done() bool { return !p.Ended.IsZero() }

// Operations runs the long operations, one goroutine each, and folds their
// events into ladders. A second request for what is already under way on a
// lease joins it. All methods are safe for concurrent use and return at once.
type Operations struct{}

// NewOperations returns an empty set; now may be nil.
func NewOperations(p Provider, now func() time.Time) *Operations { panic("not implemented") }

// Acquire starts an acquire and returns its operation's ID.
func (o *Operations) Acquire(req AcquireRequest) int { panic("not implemented") }

// Resume starts, or joins, the resumption of a lease.
func (o *Operations) Resume(ref Ref, slug string) int { panic("not implemented") }

// Release starts, or joins, the release of a lease.
func (o *Operations) Release(ref Ref, slug string) int { panic("not implemented") }

// Abandon ends a running operation with a cause (AbandonKeep, AbandonRollback,
// or any other); it goes on until it has dealt with what is half done.
func (o *Operations) Abandon(id int, cause error) { panic("not implemented") }

// Dismiss drops an ended operation from Snapshot.
func (o *Operations) Dismiss(id int) { panic("not implemented") }

// Snapshot returns all operations, oldest first; the slices are the caller's.
func (o *Operations) Snapshot() []Progress { panic("not implemented") }

// Wake has one slot and gets a value when a newer snapshot exists.
func (o *Operations) Wake() <-chan struct{} { panic("not implemented") }

// Close cancels what runs, leaving claims as they stand, and waits for it
// until ctx ends.
func (o *Operations) Close(ctx context.Context) error { panic("not implemented") }
