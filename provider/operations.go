package provider

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Kind is what an operation does.
type Kind int

const (
	KindAcquire Kind = iota
	KindResume
	KindRelease
)

// maxEnded bounds how many ended operations are remembered.
const maxEnded = 64

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

// errQuitting is the cause with which Close ends what runs: neither keep nor
// roll back, so the claims stay as they stand.
var errQuitting = errors.New("the program ended")

// Operations runs the long operations, one goroutine each, and folds their
// events into ladders. A second request for what is already under way on a
// lease joins it. All methods are safe for concurrent use and return at once.
type Operations struct {
	// BeforeRelease, if not nil, runs before a release touches the lease; set
	// it before use.
	BeforeRelease func(ctx context.Context, leaseID string)

	provider Provider
	now      func() time.Time
	wake     chan struct{}
	running  sync.WaitGroup

	mu     sync.Mutex
	last   int
	ops    []*operation // oldest first
	closed bool
}

type operation struct {
	progress Progress
	cancel   context.CancelCauseFunc
}

// NewOperations returns an empty set; now may be nil.
func NewOperations(p Provider, now func() time.Time) *Operations {
	if now == nil {
		now = time.Now
	}
	return &Operations{provider: p, now: now, wake: make(chan struct{}, 1)}
}

// Acquire starts an acquire and returns its operation's ID.
func (o *Operations) Acquire(req AcquireRequest) int {
	p := Progress{Kind: KindAcquire, Slug: req.Slug, Request: req, Steps: newLadder(AcquireSteps)}
	return o.start(p, func(ctx context.Context, emit func(Event), done *Progress) error {
		l, err := o.provider.Acquire(ctx, req, emit)
		done.Lease = &l
		return err
	})
}

// Resume starts, or joins, the resumption of a lease.
func (o *Operations) Resume(ref Ref, slug string) int {
	p := Progress{Kind: KindResume, LeaseID: ref.LeaseID, InstanceID: ref.InstanceID, Slug: slug, Steps: newLadder(AcquireSteps)}
	return o.start(p, func(ctx context.Context, emit func(Event), done *Progress) error {
		l, err := o.provider.Resume(ctx, ref, emit)
		done.Lease = &l
		return err
	})
}

// Release starts, or joins, the release of a lease.
func (o *Operations) Release(ref Ref, slug string) int {
	p := Progress{Kind: KindRelease, LeaseID: ref.LeaseID, InstanceID: ref.InstanceID, Slug: slug, Steps: newLadder(ReleaseSteps)}
	return o.start(p, func(ctx context.Context, emit func(Event), done *Progress) error {
		if o.BeforeRelease != nil {
			o.BeforeRelease(ctx, ref.LeaseID)
		}
		r, err := o.provider.Release(ctx, ref, emit)
		done.Receipt = &r
		return err
	})
}

// start runs f in a goroutine of its own, unless the same is under way.
func (o *Operations) start(p Progress, f func(context.Context, func(Event), *Progress) error) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, op := range o.ops {
		if q := op.progress; p.LeaseID != "" && q.LeaseID == p.LeaseID && !q.Done() && q.Kind == p.Kind {
			return q.ID
		}
	}
	o.last++
	p.ID, p.Started = o.last, o.now()
	ctx, cancel := context.WithCancelCause(context.Background())
	op := &operation{progress: p, cancel: cancel}
	o.ops = append(o.ops, op)
	o.prune()
	o.signal()
	if o.closed {
		cancel(errQuitting)
	}
	o.running.Add(1)
	go func() {
		defer o.running.Done()
		defer cancel(nil)
		o.run(ctx, op, f)
	}()
	return p.ID
}

func (o *Operations) run(ctx context.Context, op *operation, f func(context.Context, func(Event), *Progress) error) {
	var result Progress
	var err error
	defer func() {
		// A bug in one operation must not take the others, and the terminal,
		// with it; its claim says how far it came.
		if r := recover(); r != nil {
			err = &Error{Op: "run the operation", LeaseID: op.progress.LeaseID, State: "the claim is as it was last written",
				Next: "look at the lease and release or resume it", Err: fmt.Errorf("internal error: %v", r)}
		}
		o.mu.Lock()
		defer o.mu.Unlock()
		op.progress.Ended, op.progress.Err = o.now(), err
		if err == nil {
			op.progress.Lease, op.progress.Receipt = result.Lease, result.Receipt
		}
		o.signal()
	}()
	err = f(ctx, func(e Event) { o.note(op, e) }, &result)
}

func (o *Operations) note(op *operation, e Event) {
	o.mu.Lock()
	defer o.mu.Unlock()
	p := &op.progress
	if e.At.IsZero() {
		e.At = o.now()
	}
	if e.LeaseID != "" {
		p.LeaseID = e.LeaseID
	}
	if e.Slug != "" {
		p.Slug = e.Slug
	}
	if e.InstanceID != "" {
		p.InstanceID = e.InstanceID
	}
	p.Steps = fold(p.Steps, e)
	o.signal()
}

// prune forgets the oldest ended operations. Called with mu held.
func (o *Operations) prune() {
	ended := 0
	for i := len(o.ops) - 1; i >= 0; i-- {
		if !o.ops[i].progress.Done() {
			continue
		}
		if ended++; ended > maxEnded {
			o.ops = slices.Delete(o.ops, i, i+1)
		}
	}
}

// Abandon ends a running operation with a cause (AbandonKeep, AbandonRollback,
// or any other); it goes on until it has dealt with what is half done.
func (o *Operations) Abandon(id int, cause error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, op := range o.ops {
		if op.progress.ID == id && !op.progress.Done() {
			op.cancel(cause)
			if op.progress.Abandoned == nil {
				op.progress.Abandoned = cause
			}
			o.signal()
		}
	}
}

// Dismiss drops an ended operation from Snapshot.
func (o *Operations) Dismiss(id int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ops = slices.DeleteFunc(o.ops, func(op *operation) bool { return op.progress.ID == id && op.progress.Done() })
	o.signal()
}

// Snapshot returns all operations, oldest first; the slices are the caller's.
func (o *Operations) Snapshot() []Progress {
	o.mu.Lock()
	defer o.mu.Unlock()
	all := make([]Progress, len(o.ops))
	for i, op := range o.ops {
		all[i] = op.progress
		all[i].Steps = slices.Clone(op.progress.Steps)
	}
	return all
}

// Wake has one slot and gets a value when a newer snapshot exists.
func (o *Operations) Wake() <-chan struct{} { return o.wake }

func (o *Operations) signal() { wakeUp(o.wake) }

// wakeUp fills a slot.
func wakeUp(slot chan struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}

// Close cancels what runs, leaving claims as they stand, and waits for it
// until ctx ends.
func (o *Operations) Close(ctx context.Context) error {
	o.mu.Lock()
	o.closed = true
	for _, op := range o.ops {
		op.cancel(errQuitting)
	}
	o.mu.Unlock()
	return waitFor(ctx, &o.running, "operations still run")
}

func waitFor(ctx context.Context, running *sync.WaitGroup, what string) error {
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", what, context.Cause(ctx))
	}
}
