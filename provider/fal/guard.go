package fal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// guard is what one operation holds on one lease: its long locks. It belongs
// to one goroutine.
type guard struct {
	store claims.Store
	id    string
	held  map[claims.Lock]func()
}

func (l *Lifecycle) guard(leaseID string) *guard {
	return &guard{store: l.store, id: leaseID, held: map[claims.Lock]func(){}}
}

// lock waits for a lock; one that is held already is no wait.
func (g *guard) lock(ctx context.Context, kind claims.Lock) error {
	return g.take(ctx, kind, g.store.Lock)
}

// try is lock that returns claims.ErrLocked instead of waiting.
func (g *guard) try(ctx context.Context, kind claims.Lock) error {
	return g.take(ctx, kind, g.store.TryLock)
}

func (g *guard) take(ctx context.Context, kind claims.Lock, how func(context.Context, claims.Lock, string) (func(), error)) error {
	if g.held[kind] != nil {
		return nil
	}
	unlock, err := how(ctx, kind, g.id)
	if err != nil {
		return err
	}
	g.held[kind] = unlock
	return nil
}

func (g *guard) unlock(kind claims.Lock) {
	if unlock := g.held[kind]; unlock != nil {
		unlock()
		delete(g.held, kind)
	}
}

// close lets everything go, the last taken first.
func (g *guard) close() {
	for _, kind := range []claims.Lock{claims.LockSlug, claims.LockOperation, claims.LockAcquire} {
		g.unlock(kind)
	}
}

// writeWithin bounds a write that must be tried whatever became of the
// operation's own context: only another program that sits on the claim lock
// can make it wait.
const writeWithin = 15 * time.Second

// outcome is a context for writing down what has already happened.
func outcome(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), writeWithin)
}

// apply makes one transition: it looks the event up, checks the locks, writes
// by compare-and-swap, and returns the claim as it then is. A nil error means
// that the new state is durable, and that what the row allows may be done.
//
// With tolerant, a claim that somebody touched meanwhile is taken as it now is
// if it is still the same lease in the same state; else that is a conflict.
func (l *Lifecycle) apply(ctx context.Context, g *guard, rec claims.Record, ev event, ch change, tolerant bool) (claims.Record, error) {
	const tries = 8
	var err error
	for range tries {
		var next claims.Record
		next, err = l.applyOnce(ctx, g, rec, ev, ch)
		if err == nil {
			l.log.Info("claim changed", "lease", next.Claim.LeaseID, "event", string(ev), "state", string(stateOf(next.Claim)), "instance", next.Claim.CloudID)
			return next, nil
		}
		conflict, ok := errors.AsType[*claims.ConflictError](err)
		if !ok || !tolerant || conflict.Current == nil || !sameLease(rec.Claim, conflict.Current.Claim) {
			return rec, err
		}
		rec = *conflict.Current
	}
	return rec, err
}

func (l *Lifecycle) applyOnce(ctx context.Context, g *guard, rec claims.Record, ev event, ch change) (claims.Record, error) {
	from := stateNone
	if rec.Claim.LeaseID != "" {
		from = stateOf(rec.Claim)
	}
	t, err := find(from, ev)
	if err != nil {
		return rec, err
	}
	for _, kind := range t.locks {
		if g == nil || g.held[kind] == nil {
			return rec, fmt.Errorf("%w: %q without its locks", provider.ErrInvalid, ev)
		}
	}
	if t.to == stateNone {
		return rec, l.store.Remove(ctx, rec.Claim.LeaseID, rec.Revision)
	}
	ch.now = l.now()
	next := rec.Claim.Clone()
	t.edit(&next, ch)
	want := t.to
	if want == sameState {
		want = from
	}
	if got := stateOf(next); got != want {
		return rec, fmt.Errorf("%w: %q would leave the claim %s", provider.ErrInvalid, ev, got)
	}
	if from == stateNone {
		return l.store.Create(ctx, next)
	}
	return l.store.Replace(ctx, rec.Revision, next)
}

// sameLease says whether a claim that changed is still the same lease, the same
// instance and in the same state.
func sameLease(a, b claims.Claim) bool {
	return a.LeaseID == b.LeaseID && a.Provider == b.Provider && a.ProviderScope == b.ProviderScope &&
		a.CloudID == b.CloudID && a.Slug == b.Slug && a.Labels[labelBinding] == b.Labels[labelBinding] &&
		stateOf(a) == stateOf(b)
}

// owned refuses a claim that does not prove the lease ours: another provider,
// endpoint or API key, or labels that are about another lease.
func (l *Lifecycle) owned(c claims.Claim) error {
	if err := l.ownedButForKey(c); err != nil {
		return err
	}
	switch binding := c.Labels[labelBinding]; {
	case binding == "":
		return fmt.Errorf("%w: its claim does not say which API key made it", provider.ErrNotOwned)
	case binding != l.binding:
		return fmt.Errorf("%w: it was made with another API key; set that key to work on it", provider.ErrNotOwned)
	}
	return nil
}

func (l *Lifecycle) ownedButForKey(c claims.Claim) error {
	switch {
	case c.Provider != Name:
		return fmt.Errorf("%w: it was made with provider %q; use crabbox for it", provider.ErrNotOwned, provider.Clean(c.Provider, 32))
	case c.ProviderScope != l.scope:
		return fmt.Errorf("%w: it belongs to %s; set that API URL to work on it", provider.ErrNotOwned, provider.Clean(c.ProviderScope, 128))
	}
	if lease, ok := c.Labels[labelLease]; ok && lease != c.LeaseID {
		return fmt.Errorf("%w: its labels are those of lease %s", provider.ErrNotOwned, provider.Clean(lease, 64))
	}
	id := c.Labels[labelInstance]
	// A touch sanitises the label, so it may be the id or what became of it.
	if id != "" && !slices.Contains([]string{c.CloudID, claims.SanitizeLabel(c.CloudID)}, id) {
		return fmt.Errorf("%w: its claim names two instances, %s and %s", provider.ErrNotOwned,
			provider.Clean(c.CloudID, 64), provider.Clean(id, 64))
	}
	return nil
}

// meant refuses a claim that has come to name another instance than the one
// that the person saw.
func meant(c claims.Claim, ref provider.Ref) error {
	if ref.InstanceID != "" && ref.InstanceID != c.CloudID {
		now := "none"
		if c.CloudID != "" {
			now = provider.Clean(c.CloudID, 64)
		}
		return fmt.Errorf("%w: it names instance %s now", provider.ErrConflict, now)
	}
	return nil
}

// read returns the claim of a lease, checked against ref.
func (l *Lifecycle) read(ctx context.Context, ref provider.Ref) (claims.Record, error) {
	rec, err := l.store.Read(ctx, ref.LeaseID)
	if err != nil {
		return rec, err
	}
	return rec, meant(rec.Claim, ref)
}
