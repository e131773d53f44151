package provider

import (
	"context"
	"sync"
	"time"
)

// Toucher moves idle clocks; see Provider.Touch.
type Toucher interface {
	Touch(ctx context.Context, ref Ref) error
}

const (
	fastestBeat = 5 * time.Second
	slowestBeat = 60 * time.Second
	// touchWithin bounds one touch: a claim lock that somebody holds for ever
	// must not end the heartbeat.
	touchWithin = 30 * time.Second
)

// beatEvery is a third of the idle timeout, within bounds.
func beatEvery(idle time.Duration) time.Duration {
	return min(max(idle/3, fastestBeat), slowestBeat)
}

// Keeper touches leases for as long as somebody holds them: one heartbeat a
// lease, however many holders. It beats every third of the idle timeout, but
// no faster than 5 s and no slower than 60 s, and stops for good when a touch
// says that the lease is being deleted or is not ours. Safe for concurrent use.
type Keeper struct {
	toucher Toucher
	now     func() time.Time

	mu      sync.Mutex
	beats   map[string]*heartbeat
	errs    map[string]error
	closed  bool
	running sync.WaitGroup
}

// heartbeat is one lease's. Its fields are guarded by the keeper's mutex.
type heartbeat struct {
	ref     Ref
	idle    time.Duration
	holds   map[*Hold]bool
	cancel  context.CancelFunc
	stopped chan struct{}
}

// NewKeeper returns a Keeper; now may be nil.
func NewKeeper(t Toucher, now func() time.Time) *Keeper {
	if now == nil {
		now = time.Now
	}
	return &Keeper{toucher: t, now: now, beats: map[string]*heartbeat{}, errs: map[string]error{}}
}

// Hold is one holder's share in a heartbeat. Safe for concurrent use.
type Hold struct {
	keeper    *Keeper
	beat      *heartbeat
	suspended time.Time // zero while the holder's link is up
}

// Hold starts or joins the heartbeat of a lease and returns the Hold, which
// must be released. A suspended hold (link down) does not keep the lease alive
// beyond idle/2.
func (k *Keeper) Hold(l Lease) *Hold {
	k.mu.Lock()
	defer k.mu.Unlock()
	b := k.beats[l.ID]
	if b == nil {
		ctx, cancel := context.WithCancel(context.Background())
		b = &heartbeat{ref: l.Ref(), idle: l.Idle, holds: map[*Hold]bool{}, cancel: cancel, stopped: make(chan struct{})}
		if k.closed || l.Standing == StandingOtherProvider || l.ID == "" {
			// Claims of other providers are never touched.
			cancel()
			close(b.stopped)
		} else {
			k.beats[l.ID] = b
			delete(k.errs, l.ID)
			k.running.Add(1)
			go k.run(ctx, l.ID, b)
		}
	}
	h := &Hold{keeper: k, beat: b}
	b.holds[h] = true
	return h
}

// run beats at once, since opening a pane is use, and then at its pace.
func (k *Keeper) run(ctx context.Context, id string, b *heartbeat) {
	defer k.running.Done()
	defer close(b.stopped)
	defer func() {
		k.mu.Lock()
		if k.beats[id] == b {
			delete(k.beats, id)
		}
		k.mu.Unlock()
	}()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		if k.alive(b) {
			err := k.touch(ctx, b.ref)
			if ctx.Err() != nil {
				return
			}
			k.mu.Lock()
			if k.errs[id] = err; err == nil {
				delete(k.errs, id)
			}
			k.mu.Unlock()
			if err != nil && Definite(err) {
				return
			}
		}
		timer.Reset(beatEvery(b.idle))
	}
}

func (k *Keeper) touch(ctx context.Context, ref Ref) error {
	ctx, cancel := context.WithTimeout(ctx, touchWithin)
	defer cancel()
	return k.toucher.Touch(ctx, ref)
}

// alive says whether any holder is connected, or was not long ago.
func (k *Keeper) alive(b *heartbeat) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	for h := range b.holds {
		if h.suspended.IsZero() || k.now().Sub(h.suspended) < b.idle/2 {
			return true
		}
	}
	return false
}

// Stop ends the heartbeat of a lease whoever holds it, and returns when no
// touch of it is under way: a release does this first.
func (k *Keeper) Stop(ctx context.Context, leaseID string) {
	k.mu.Lock()
	b := k.beats[leaseID]
	delete(k.beats, leaseID)
	k.mu.Unlock()
	if b == nil {
		return
	}
	b.cancel()
	select {
	case <-b.stopped:
	case <-ctx.Done():
	}
}

// Err returns why the heartbeat of a lease last failed, or nil.
func (k *Keeper) Err(leaseID string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.errs[leaseID]
}

// Close ends all heartbeats and waits for touches under way until ctx ends.
func (k *Keeper) Close(ctx context.Context) error {
	k.mu.Lock()
	k.closed = true
	for _, b := range k.beats {
		b.cancel()
	}
	k.mu.Unlock()
	return waitFor(ctx, &k.running, "a heartbeat still runs")
}

// Suspend says that the holder's link is down since now.
func (h *Hold) Suspend() {
	h.keeper.mu.Lock()
	defer h.keeper.mu.Unlock()
	if h.suspended.IsZero() {
		h.suspended = h.keeper.now()
	}
}

// Resume says that the holder's link is back.
func (h *Hold) Resume() {
	h.keeper.mu.Lock()
	defer h.keeper.mu.Unlock()
	h.suspended = time.Time{}
}

// Release gives the share back; it may be called more than once.
func (h *Hold) Release() {
	h.keeper.mu.Lock()
	defer h.keeper.mu.Unlock()
	delete(h.beat.holds, h)
	if len(h.beat.holds) == 0 {
		h.beat.cancel()
		if h.keeper.beats[h.beat.ref.LeaseID] == h.beat {
			delete(h.keeper.beats, h.beat.ref.LeaseID)
		}
	}
}
