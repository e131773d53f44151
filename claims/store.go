package claims

import (
	"context"
	"errors"
	"fmt"
)

// Sentinel errors; test for them with errors.Is.
var (
	// ErrNotExist says that there is no claim (or key) for the lease.
	ErrNotExist = errors.New("no such claim")
	// ErrLocked says that somebody else, in this process or another, holds
	// the lock that was tried.
	ErrLocked = errors.New("locked by another program or task")
	// ErrInvalidID says that a string cannot name a claim.
	ErrInvalidID = errors.New("not a valid lease id")
)

// Revision names one exact state of one claim. It is opaque: only the store
// that made it can say what it stands for. Revisions of equal claims are equal.
type Revision string

// Record is a claim as read, with the revision to hand back when changing it.
type Record struct {
	Claim    Claim
	Revision Revision
}

// Broken is something that stands where a claim should and cannot be read as
// one. It is reported and never touched.
type Broken struct {
	ID   string // the lease id that the place stands for
	Name string // where it is, for a person: a file name, for the file store
	Err  error  // what is wrong with it
}

// Listing is everything in a store. Records are in order of lease id.
type Listing struct {
	Records []Record
	Broken  []Broken
}

// BrokenError says that a claim exists but cannot be read as one.
type BrokenError struct{ Broken Broken }

func (e *BrokenError) Error() string {
	return fmt.Sprintf("claim of lease %s is broken (%s): %v; it was left as it is", e.Broken.ID, e.Broken.Name, e.Broken.Err)
}

func (e *BrokenError) Unwrap() error { return e.Broken.Err }

// ConflictError says that a claim was not as the caller expected it, and that
// nothing was written.
type ConflictError struct {
	ID string
	// Current is the claim as it is now; nil if there is none.
	Current *Record
}

func (e *ConflictError) Error() string {
	if e.Current == nil {
		return fmt.Sprintf("lease %s claim changed: it no longer exists; nothing was written", e.ID)
	}
	return fmt.Sprintf("lease %s claim changed; nothing was written; retry", e.ID)
}

// Lock is one of the three kinds of long lock that the lifecycle takes. They
// outlive a call and are let go by the kernel when the process dies. The
// order is Acquire, then Slug, then Operation; a store takes its own short
// claim lock inside its methods, below all of these.
type Lock int

const (
	// LockAcquire is held for as long as an acquire of the lease lives.
	LockAcquire Lock = iota
	// LockOperation is held while one operation talks to the provider about
	// the lease and writes down the outcome.
	LockOperation
	// LockSlug is one lock for the whole store, held from the choice of a
	// slug until the claim that takes it is written.
	LockSlug
)

// Key is the SSH key pair of one lease. Paths lie in the lease's own folder.
type Key struct {
	PrivatePath    string // 0600, OpenSSH format, no passphrase
	PublicPath     string
	KnownHostsPath string // may not exist yet
	Public         string // trimmed content of PublicPath, comment included
}

// Claims is compare-and-swap on whole claims. All methods are safe for
// concurrent use, across goroutines and across processes that share the store.
// When a write returns nil the new state survives a power loss.
type Claims interface {
	// Read returns the claim of a lease, ErrNotExist, or a *BrokenError.
	Read(ctx context.Context, id string) (Record, error)
	// List returns all claims. A broken one is listed as such and hides none
	// of the others; the error is for the store as a whole.
	List(ctx context.Context) (Listing, error)
	// Create writes the first claim of a lease, or returns a *ConflictError
	// where there is one (whole or broken).
	Create(ctx context.Context, c Claim) (Record, error)
	// Replace writes next if the claim is still at revision rev, else it
	// returns a *ConflictError. Keys of the file that this program does not
	// know are kept as they are on disk.
	Replace(ctx context.Context, rev Revision, next Claim) (Record, error)
	// Remove forgets a lease if its claim is still at revision rev: first its
	// key folder, then the claim. Else it returns a *ConflictError.
	Remove(ctx context.Context, id string, rev Revision) error
	// Sweep removes what writers left that were killed in the middle of a
	// write, and that no claim's removal would take along.
	Sweep(ctx context.Context) error
	// Watch returns a channel that gets a value soon after something in the
	// store changed, whoever changed it, and once when watching begins. It has
	// one slot: changes that come together are one value. It is closed when
	// ctx ends.
	Watch(ctx context.Context) (<-chan struct{}, error)
}

// Locker hands out the long locks.
type Locker interface {
	// Lock waits until the lock is free or ctx ends, and returns the function
	// that lets it go (which may be called more than once). id is ignored for
	// LockSlug.
	Lock(ctx context.Context, kind Lock, id string) (unlock func(), err error)
	// TryLock is Lock that returns ErrLocked at once instead of waiting.
	TryLock(ctx context.Context, kind Lock, id string) (unlock func(), err error)
}

// Keyring keeps one SSH key pair a lease.
type Keyring interface {
	// CreateKey makes a lease's new key pair durable and returns it. One that
	// is there already is an error. The claim comes first: a key without one
	// would be left by a crash, and nobody could say whose it was.
	CreateKey(ctx context.Context, id string, pair KeyPair) (Key, error)
	// Key returns the lease's key pair, or ErrNotExist.
	Key(ctx context.Context, id string) (Key, error)
}

// Store is everything that the lifecycle asks of a place where claims are
// kept. The file store is the default; another (a replicated one, for a team)
// can take its place.
type Store interface {
	Claims
	Locker
	Keyring
}
