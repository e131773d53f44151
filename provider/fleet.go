package provider

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

// FleetSnapshot is the fleet as last known.
type FleetSnapshot struct {
	Rows []Lease
	// At is when Rows were merged, InventoryAt when the inventory behind them
	// arrived (zero: never).
	At          time.Time
	InventoryAt time.Time
	// InventoryErr is why the inventory is older than it should be; nil when
	// the newest attempt succeeded. ErrNoKey where there is no key.
	InventoryErr error
	ClaimsErr    error
	Refreshing   bool
	// RetryAt is when the next inventory is due.
	RetryAt time.Time
	// Happenings are what nobody here expected, oldest first; bounded.
	Happenings []Happening
	// LedgerErr is why instances are not remembered; nil if they are.
	LedgerErr error
}

// FleetOptions configures a Fleet. Zero fields mean the default in brackets.
type FleetOptions struct {
	// Provider is asked for the inventory; nil where there is no key.
	Provider Inventorier
	Store    claims.Store
	Every    time.Duration // between inventories [10s]; backs off on errors
	Relist   time.Duration // safety re-list of claims [30s]; negative: off
	Now      func() time.Time
	Ledger   Ledger // may be nil: then instances are remembered while this runs
	// View is the base of each merge: name, scope, binding, prices, defaults.
	View View
}

// Inventorier lists instances; see Provider.Inventory.
type Inventorier interface {
	Inventory(ctx context.Context) (Inventory, error)
}

// Ledger remembers instances across runs. Observe may wait for disk.
type Ledger interface {
	Observe(ctx context.Context, s Sighting) ([]Happening, error)
	FirstSeen(scope, instanceID string) (time.Time, bool)
}

const (
	// slowestPoll is how far errors push the next inventory back.
	slowestPoll = 2 * time.Minute
	// inventoryWithin bounds one inventory.
	inventoryWithin = 2 * time.Minute
)

// Fleet keeps the merged rows up to date: it watches the claims, asks for the
// inventory again and again, and keeps the last good data through outages.
// All methods are safe for concurrent use and none waits for disk or network.
type Fleet struct {
	o       FleetOptions
	wake    chan struct{}
	refresh chan struct{}
	cancel  context.CancelFunc
	done    chan struct{}

	mu       sync.Mutex
	snapshot FleetSnapshot
}

// NewFleet starts watching. Close it.
func NewFleet(ctx context.Context, o FleetOptions) *Fleet {
	if o.Every <= 0 {
		o.Every = 10 * time.Second
	}
	if o.Relist == 0 {
		o.Relist = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	ctx, cancel := context.WithCancel(ctx)
	f := &Fleet{
		o: o, cancel: cancel, wake: make(chan struct{}, 1), refresh: make(chan struct{}, 1), done: make(chan struct{}),
		snapshot: FleetSnapshot{Refreshing: true},
	}
	go f.run(ctx)
	return f
}

// Snapshot returns the newest rows; the slice is the caller's.
func (f *Fleet) Snapshot() FleetSnapshot {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.snapshot
	s.Rows = slices.Clone(s.Rows)
	return s
}

// Wake has one slot and gets a value when there is a newer snapshot.
func (f *Fleet) Wake() <-chan struct{} { return f.wake }

// Refresh asks for claims and inventory now, unless a rate limit forbids it.
func (f *Fleet) Refresh() { wakeUp(f.refresh) }

// Close stops and returns when nothing of the Fleet runs any more.
func (f *Fleet) Close() {
	f.cancel()
	<-f.done
}

// answer is what one inventory brought.
type answer struct {
	inventory Inventory
	err       error
}

// watchState is what the fleet's goroutine knows; nobody else touches it.
type watchState struct {
	view        View
	claimsErr   error
	asking      bool
	failures    int
	retryAt     time.Time
	rateLimited bool
	keys        map[string]claims.Key
	answers     chan answer
	happenings  []Happening
	ledgerErr   error
}

// Look is one look at the fleet, for a command: it waits for claims and
// inventory, and starts nothing. What failed is in the snapshot.
func Look(ctx context.Context, o FleetOptions) FleetSnapshot {
	if o.Now == nil {
		o.Now = time.Now
	}
	f := &Fleet{o: o, wake: make(chan struct{}, 1)}
	w := f.watchState()
	var a answer
	if o.Provider != nil {
		a.inventory, a.err = o.Provider.Inventory(ctx)
		f.take(w, a)
	}
	f.relist(ctx, w)
	if o.Provider != nil && a.err == nil {
		f.remember(ctx, w, a.inventory)
	}
	f.publish(w)
	return f.Snapshot()
}

func (f *Fleet) watchState() *watchState {
	w := &watchState{view: f.o.View, keys: map[string]claims.Key{}, answers: make(chan answer, 1)}
	w.view.FirstSeen = map[string]time.Time{}
	if f.o.Provider == nil {
		w.view.InventoryErr = ErrNoKey
	}
	return w
}

func (f *Fleet) run(ctx context.Context) {
	defer close(f.done)
	w := f.watchState()
	changed, err := f.o.Store.Watch(ctx)
	if err != nil {
		w.claimsErr = err
	}
	var asking sync.WaitGroup
	defer asking.Wait()
	ask := func() {
		if f.o.Provider == nil || w.asking {
			return
		}
		w.asking = true
		asking.Add(1)
		go func() {
			defer asking.Done()
			ctx, cancel := context.WithTimeout(ctx, inventoryWithin)
			defer cancel()
			inventory, err := f.o.Provider.Inventory(ctx)
			w.answers <- answer{inventory, err}
		}()
	}
	f.relist(ctx, w)
	ask()
	f.publish(w)

	poll := time.NewTimer(f.o.Every)
	defer poll.Stop()
	var relist <-chan time.Time
	if f.o.Relist > 0 {
		t := time.NewTicker(f.o.Relist)
		defer t.Stop()
		relist = t.C
	}
	for {
		before := time.Now()
		select {
		case <-ctx.Done():
			return
		case _, open := <-changed:
			if !open {
				changed = nil
				continue
			}
			f.relist(ctx, w)
		case <-relist:
			if changed == nil && ctx.Err() == nil {
				// The watch could not be had before, or was lost.
				if again, err := f.o.Store.Watch(ctx); err == nil {
					changed, w.claimsErr = again, nil
				}
			}
			f.relist(ctx, w)
			// The wall clock goes on while a machine sleeps, the monotonic one
			// does not: after a sleep nothing that is known is new.
			if slept := time.Since(before.Round(0)) - time.Since(before); slept > f.o.Every {
				ask()
			}
		case <-f.refresh:
			f.relist(ctx, w)
			if !w.rateLimited || !f.o.Now().Before(w.retryAt) {
				ask()
			}
		case <-poll.C:
			ask()
		case a := <-w.answers:
			poll.Reset(f.take(w, a))
			f.relist(ctx, w)
			if a.err == nil {
				f.remember(ctx, w, a.inventory)
			}
		}
		f.publish(w)
	}
}

// take notes an inventory and returns when the next is due.
func (f *Fleet) take(w *watchState, a answer) time.Duration {
	w.asking = false
	now := f.o.Now()
	if a.err == nil {
		w.view.Inventory, w.view.InventoryErr = &a.inventory, nil
		w.failures, w.rateLimited = 0, false
		w.retryAt = now.Add(f.o.Every)
		return f.o.Every
	}
	w.view.InventoryErr = a.err
	w.failures++
	pause := min(f.o.Every<<min(w.failures-1, 10), max(slowestPoll, f.o.Every))
	// Clients that failed together must not come back together.
	pause = time.Duration(float64(pause) * (0.8 + 0.4*rand.Float64()))
	var e *Error
	w.rateLimited = errors.As(a.err, &e) && e.RetryAfter > 0
	if w.rateLimited {
		pause = max(pause, e.RetryAfter)
	}
	w.retryAt = now.Add(pause)
	return pause
}

// remember notes when instances were first seen, and what nobody expected. The
// claims were listed after the inventory was taken, so that a box of an acquire
// that has just been answered does not pass for a foreign one.
func (f *Fleet) remember(ctx context.Context, w *watchState, inventory Inventory) {
	if f.o.Ledger != nil {
		s := Sighting{
			At: inventory.At, Scope: f.o.View.Scope, Key: shortBinding(f.o.View.Binding), Instances: inventory.Instances,
			Claimed: map[string]string{}, Deleting: map[string]bool{},
		}
		for _, rec := range w.view.Claims.Records {
			if c := rec.Claim; c.CloudID != "" && f.mine(c) {
				s.Claimed[c.CloudID] = c.LeaseID
				s.Deleting[c.CloudID] = deletion(c) != deleteNone
			}
		}
		if f.creating(w) {
			// What has no claim now may be what that create makes: it is
			// looked at again when its claim says.
			s.Instances = slices.DeleteFunc(slices.Clone(s.Instances), func(i Instance) bool {
				_, known := f.o.Ledger.FirstSeen(s.Scope, i.ID)
				return !known && s.Claimed[i.ID] == ""
			})
		}
		happened, err := f.o.Ledger.Observe(ctx, s)
		w.ledgerErr = err
		w.happenings = append(w.happenings, happened...)
		w.happenings = slices.Clone(w.happenings[max(0, len(w.happenings)-maxHappenings):])
	}
	seen := make(map[string]time.Time, len(inventory.Instances))
	for _, i := range inventory.Instances {
		first, ok := w.view.FirstSeen[i.ID]
		if f.o.Ledger != nil {
			if at, known := f.o.Ledger.FirstSeen(f.o.View.Scope, i.ID); known {
				first, ok = at, true
			}
		}
		if !ok {
			first = f.o.Now()
		}
		seen[i.ID] = first
	}
	w.view.FirstSeen = seen
}

// creating says whether a create is under way whose instance is not known yet.
func (f *Fleet) creating(w *watchState) bool {
	for _, rec := range w.view.Claims.Records {
		if c := rec.Claim; c.CloudID == "" && f.mine(c) && w.view.Busy[c.LeaseID] {
			return true
		}
	}
	return false
}

// shortBinding tells keys apart without saying more of one than is needed.
func shortBinding(binding string) string { return binding[:min(len(binding), 12)] }

// relist reads the claims, their keys, and who is acquiring.
func (f *Fleet) relist(ctx context.Context, w *watchState) {
	listing, err := f.o.Store.List(ctx)
	if err != nil {
		// The last good listing stays on screen.
		w.claimsErr = err
		return
	}
	w.claimsErr = nil
	f.part(w, listing)
	keys, busy := map[string]claims.Key{}, map[string]bool{}
	for _, rec := range listing.Records {
		id := rec.Claim.LeaseID
		key, known := w.keys[id]
		if !known {
			var err error
			if key, err = f.o.Store.Key(ctx, id); err != nil {
				key = claims.Key{}
			}
		}
		if key.PrivatePath != "" {
			keys[id] = key
		}
		if f.mine(rec.Claim) && acquiring(strings.TrimSpace(rec.Claim.Labels[labelRecovery])) {
			unlock, err := f.o.Store.TryLock(ctx, claims.LockAcquire, id)
			if err == nil {
				unlock()
			}
			busy[id] = errors.Is(err, claims.ErrLocked)
		}
	}
	w.keys = keys
	w.view.Claims, w.view.Keys, w.view.Busy = listing, keys, busy
}

func (f *Fleet) mine(c claims.Claim) bool {
	return c.Provider == f.o.View.Name && c.ProviderScope == f.o.View.Scope
}

// part notes when claims of instances went: until the next inventory nobody
// knows whether the instances went with them.
func (f *Fleet) part(w *watchState, listing claims.Listing) {
	there := map[string]bool{}
	for _, rec := range listing.Records {
		there[rec.Claim.CloudID] = true
	}
	gone := map[string]time.Time{}
	for id, at := range w.view.Unclaimed {
		// What was gone before the inventory is for the inventory to tell.
		if !there[id] && (w.view.Inventory == nil || !at.Before(w.view.Inventory.At)) {
			gone[id] = at
		}
	}
	for _, rec := range w.view.Claims.Records {
		if id := rec.Claim.CloudID; id != "" && f.mine(rec.Claim) && !there[id] {
			gone[id] = f.o.Now()
		}
	}
	w.view.Unclaimed = gone
}

func (f *Fleet) publish(w *watchState) {
	v := w.view
	v.Now, v.ClaimsErr = f.o.Now(), w.claimsErr
	s := FleetSnapshot{
		Rows: Merge(v), At: v.Now, InventoryErr: v.InventoryErr, ClaimsErr: w.claimsErr, Refreshing: w.asking, RetryAt: w.retryAt,
		Happenings: w.happenings, LedgerErr: w.ledgerErr,
	}
	if v.Inventory != nil {
		s.InventoryAt = v.Inventory.At
	}
	f.mu.Lock()
	f.snapshot = s
	f.mu.Unlock()
	wakeUp(f.wake)
}
