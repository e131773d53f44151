package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Acquire implements provider.Provider.
func (l *Lifecycle) Acquire(ctx context.Context, req provider.AcquireRequest, emit func(provider.Event)) (provider.Lease, error) {
	const op = "acquire"
	if err := l.usable(); err != nil {
		return provider.Lease{}, failure(op, claims.Claim{}, err, "", "")
	}
	t, err := l.asked(req)
	if err != nil {
		return provider.Lease{}, failure(op, claims.Claim{}, err, "", "")
	}
	if t.leaseID, err = claims.NewLeaseID(); err != nil {
		return provider.Lease{}, failure(op, claims.Claim{}, err, "nothing was created", "")
	}
	g := l.guard(t.leaseID)
	defer g.close()
	r := l.report(emit, provider.Ref{LeaseID: t.leaseID})
	r.active(provider.StepCreate)
	rec, key, err := l.intend(ctx, g, &t, req.Slug)
	if err != nil {
		r.failed(err)
		return provider.Lease{}, failure(op, claims.Claim{LeaseID: t.leaseID}, err, "nothing was created", "")
	}
	r.about(rec.Claim)
	r.active(provider.StepCreate)
	return l.carryOn(ctx, g, r, op, rec, creation{terms: t, key: key, first: true, noWait: req.NoWait})
}

// usable says whether the provider can be asked at all.
func (l *Lifecycle) usable() error {
	if l.client == nil {
		return fmt.Errorf("%w: set CRABBOX_FAL_KEY or FAL_KEY", provider.ErrNoKey)
	}
	return nil
}

// intend takes the acquire lock, chooses the slug, makes the key and writes the
// first claim. The acquire lock stays held.
func (l *Lifecycle) intend(ctx context.Context, g *guard, t *terms, slug string) (claims.Record, claims.Key, error) {
	if err := g.lock(ctx, claims.LockAcquire); err != nil {
		return claims.Record{}, claims.Key{}, err
	}
	if err := g.lock(ctx, claims.LockSlug); err != nil {
		return claims.Record{}, claims.Key{}, fmt.Errorf("wait for the choice of a slug: %w", err)
	}
	defer g.unlock(claims.LockSlug)
	listing, err := l.store.List(ctx)
	if err != nil {
		return claims.Record{}, claims.Key{}, err
	}
	if t.slug, err = claims.AllocateSlug(slug, t.leaseID, listing); err != nil {
		return claims.Record{}, claims.Key{}, fmt.Errorf("%w: %w", provider.ErrInvalid, err)
	}
	pair, err := claims.NewKeyPair(t.leaseID)
	if err != nil {
		return claims.Record{}, claims.Key{}, err
	}
	t.request = claims.RequestBinding(t.instanceType, t.sector, pair.Public)
	t.started = l.now().UTC().Truncate(time.Second)
	rec, err := l.apply(ctx, g, claims.Record{}, evIntend, change{terms: *t}, false)
	if err != nil {
		return claims.Record{}, claims.Key{}, err
	}
	// The claim comes first, so that a crash leaves no key that nobody claims.
	key, err := l.store.CreateKey(ctx, t.leaseID, pair)
	if err != nil {
		return rec, key, l.unintend(ctx, g, rec, err)
	}
	return rec, key, nil
}

// unintend takes the first claim back, for which nothing was sent.
func (l *Lifecycle) unintend(ctx context.Context, g *guard, rec claims.Record, why error) error {
	ctx, cancel := outcome(ctx)
	defer cancel()
	err := g.lock(ctx, claims.LockOperation)
	if err == nil {
		_, err = l.apply(ctx, g, rec, evForget, change{}, true)
		g.unlock(claims.LockOperation)
	}
	if err != nil {
		return fmt.Errorf("%w (and its claim could not be removed: %w)", why, err)
	}
	return why
}

// carryOn takes a lease from wherever it stands to a box that can be used.
func (l *Lifecycle) carryOn(ctx context.Context, g *guard, r *report, op string, rec claims.Record, run creation) (provider.Lease, error) {
	if stateOf(rec.Claim).oneOf(stateCreateIntent, stateInflight, stateAmbiguous) {
		err := g.lock(ctx, claims.LockOperation)
		if err == nil {
			rec, _, err = l.create(ctx, g, r, rec, run)
			g.unlock(claims.LockOperation)
		}
		if err != nil {
			return provider.Lease{}, l.settle(ctx, g, r, op, rec, run.terms, err)
		}
		r.about(rec.Claim)
	}
	r.done(provider.StepCreate, rec.Claim.CloudID)
	if run.noWait {
		return l.row(rec, provider.Instance{ID: rec.Claim.CloudID}, run.key), nil
	}
	inst, port, err := l.await(ctx, r, rec.Claim, run.terms, run.key)
	if err == nil {
		rec, err = l.makeReady(ctx, g, rec, run, inst, port)
	}
	if err != nil {
		return provider.Lease{}, l.settle(ctx, g, r, op, rec, run.terms, err)
	}
	r.done(provider.StepBootstrap, "")
	return l.row(rec, inst, run.key), nil
}

// makeReady writes the claim of a box that can be used.
func (l *Lifecycle) makeReady(ctx context.Context, g *guard, rec claims.Record, run creation, inst provider.Instance, port int) (claims.Record, error) {
	ev, ch := evReady, change{terms: run.terms, instance: inst, port: port}
	if stateOf(rec.Claim) == stateReady {
		if rec.Claim.SSHHost == inst.IP && rec.Claim.SSHPort == port {
			return rec, nil
		}
		ev = evMove
	}
	if run.resumed {
		// A resume is a use: a box that was kept for hours would else be
		// ready and expired at once.
		ch.touched = l.now()
	}
	if err := g.lock(ctx, claims.LockOperation); err != nil {
		return rec, err
	}
	defer g.unlock(claims.LockOperation)
	next, err := l.apply(ctx, g, rec, ev, ch, true)
	if err != nil {
		return rec, fmt.Errorf("the box is ready, and its claim could not be written: %w", err)
	}
	return next, nil
}

// row is the lease as a fleet would show it now.
func (l *Lifecycle) row(rec claims.Record, inst provider.Instance, key claims.Key) provider.Lease {
	now := l.now()
	rows := provider.Merge(provider.View{
		Now: now, Name: Name, Scope: l.scope, Binding: l.binding,
		Inventory: &provider.Inventory{Instances: []provider.Instance{inst}, At: now},
		Claims:    claims.Listing{Records: []claims.Record{rec}},
		Keys:      map[string]claims.Key{rec.Claim.LeaseID: key},
		Prices:    l.prices, DefaultUser: l.defaults.User, DefaultPort: l.defaults.Port,
	})
	for _, row := range rows {
		if row.ID == provider.Clean(rec.Claim.LeaseID, maxField) {
			return row
		}
	}
	return provider.Lease{ID: rec.Claim.LeaseID, InstanceID: inst.ID, Provider: Name}
}

// Resume implements provider.Provider. It fails as Acquire does, but a claim
// that is ready stays so.
func (l *Lifecycle) Resume(ctx context.Context, ref provider.Ref, emit func(provider.Event)) (provider.Lease, error) {
	const op = "resume"
	named := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	fail := func(err error, next string) (provider.Lease, error) {
		return provider.Lease{}, failure(op, named, err, "nothing was changed", next)
	}
	if err := l.usable(); err != nil {
		return fail(err, "")
	}
	rec, err := l.read(ctx, ref)
	if err != nil {
		return fail(err, "")
	}
	g := l.guard(ref.LeaseID)
	defer g.close()
	if err := g.try(ctx, claims.LockAcquire); err != nil {
		return fail(err, "wait for the other program, or end it")
	}
	// What was read before the lock may have been finished meanwhile.
	if rec, err = l.read(ctx, ref); err != nil {
		return fail(err, "")
	}
	named = rec.Claim
	if err := l.owned(rec.Claim); err != nil {
		return fail(err, "")
	}
	run, err := l.resumption(ctx, rec)
	if err != nil {
		next := "release it"
		if errors.Is(err, provider.ErrWindowOver) {
			_, next = l.ambiguity(rec.Claim)
		}
		return fail(err, next)
	}
	r := l.report(emit, ref)
	r.about(rec.Claim)
	r.active(provider.StepCreate)
	return l.carryOn(ctx, g, r, op, rec, run)
}

// resumption says how a lease can be taken up again, or why not.
func (l *Lifecycle) resumption(ctx context.Context, rec claims.Record) (creation, error) {
	run := creation{terms: l.termsOf(rec.Claim), resumed: true}
	var err error
	switch s := stateOf(rec.Claim); s {
	case stateCreateIntent:
		// Nothing was sent, so the create, and its window, begin now.
		run.first = true
		run.terms.started = l.now().UTC().Truncate(time.Second)
		run.key, err = l.replayable(ctx, rec, run.terms)
	case stateInflight, stateAmbiguous:
		if _, err = l.windowLeft(run.terms.started); err == nil {
			run.key, err = l.replayable(ctx, rec, run.terms)
		}
	case stateProvisioning, stateKept, stateReady:
		run.key, err = l.store.Key(ctx, rec.Claim.LeaseID)
	case stateRejected:
		err = fmt.Errorf("%w: its create was refused and there is no box", provider.ErrRejected)
	case stateRollback, stateDeleteAttempted, stateDeleteAccepted, stateDeleteConfirmed:
		err = provider.ErrDeleting
	default:
		err = fmt.Errorf("%w: its claim is %s", provider.ErrInvalid, s)
	}
	return run, err
}
