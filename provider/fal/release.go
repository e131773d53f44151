package fal

import (
	"context"
	"errors"
	"fmt"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Release implements provider.Provider.
func (l *Lifecycle) Release(ctx context.Context, ref provider.Ref, emit func(provider.Event)) (provider.Receipt, error) {
	r := l.report(emit, ref)
	named := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	receipt, rec, err := l.release(ctx, r, ref)
	if err == nil {
		return receipt, nil
	}
	r.failed(err)
	if rec.Claim.LeaseID != "" {
		named = rec.Claim
	}
	left, next := l.leftBehind(rec, err)
	return provider.Receipt{}, failure("release", named, err, left, next)
}

func (l *Lifecycle) release(ctx context.Context, r *report, ref provider.Ref) (provider.Receipt, claims.Record, error) {
	if err := l.usable(); err != nil {
		return provider.Receipt{}, claims.Record{}, err
	}
	rec, err := l.read(ctx, ref)
	if errors.Is(err, claims.ErrNotExist) && ref.InstanceID != "" {
		receipt, goneErr := l.goneMeanwhile(ctx, r, ref)
		return receipt, claims.Record{}, goneErr
	}
	if err != nil {
		return provider.Receipt{}, rec, err
	}
	r.about(rec.Claim)
	if err := l.releasable(rec.Claim); err != nil {
		return provider.Receipt{}, rec, err
	}
	g := l.guard(ref.LeaseID)
	defer g.close()
	was := rec.Claim
	rec, err = l.lockToDelete(ctx, g, r, rec)
	if errors.Is(err, claims.ErrNotExist) {
		r.done(provider.StepForget, "another program finished the release")
		return l.receipt(was, nil, true), claims.Record{}, nil
	}
	if err != nil {
		return provider.Receipt{}, rec, err
	}
	// The waiting may have been long: everything is checked again.
	if err := errors.Join(meant(rec.Claim, ref), l.releasable(rec.Claim)); err != nil {
		return provider.Receipt{}, rec, err
	}
	if was.CloudID != "" && rec.Claim.CloudID != was.CloudID {
		return provider.Receipt{}, rec, fmt.Errorf("%w: it names another instance now", provider.ErrConflict)
	}
	r.about(rec.Claim)
	return l.end(ctx, g, r, rec)
}

// goneMeanwhile answers a release whose claim went between the question and the
// answer: another program finished it, or somebody removed the file. Which of
// the two it was is asked of the provider, and nothing is deleted.
func (l *Lifecycle) goneMeanwhile(ctx context.Context, r *report, ref provider.Ref) (provider.Receipt, error) {
	r.active(provider.StepDelete)
	there, err := l.visible(ctx, r, ref.InstanceID)
	if err != nil {
		return provider.Receipt{}, fmt.Errorf("%w, and the provider could not be asked about the instance: %w", provider.ErrNoClaim, err)
	}
	if there {
		return provider.Receipt{}, fmt.Errorf("%w any more, and instance %s exists: without a claim it is not provably ours, and it bills", provider.ErrNoClaim, ref.InstanceID)
	}
	r.done(provider.StepDelete, "another program released it")
	evidence, err := l.proveAbsent(ctx, r, ref.InstanceID)
	if err != nil {
		return provider.Receipt{}, err
	}
	r.done(provider.StepForget, "another program removed them")
	was := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	return l.receipt(was, evidence, true), nil
}

// releasable refuses claims that are not provably ours. What is left of a
// lease whose instance is proven gone can be cleared away without its key.
func (l *Lifecycle) releasable(c claims.Claim) error {
	if stateOf(c) == stateDeleteConfirmed {
		return l.ownedButForKey(c)
	}
	return l.owned(c)
}

// lockToDelete takes the locks of a deletion and reads the claim again.
func (l *Lifecycle) lockToDelete(ctx context.Context, g *guard, r *report, rec claims.Record) (claims.Record, error) {
	r.active(provider.StepDelete)
	if needsLifetime(rec.Claim) {
		err := g.try(ctx, claims.LockAcquire)
		if errors.Is(err, claims.ErrLocked) {
			// Whoever holds it may be a release that has begun to delete:
			// that one is waited for. An acquire is not.
			now, readErr := l.store.Read(ctx, rec.Claim.LeaseID)
			if readErr != nil {
				return rec, readErr
			}
			if rec = now; needsLifetime(rec.Claim) {
				return rec, err
			}
		} else if err != nil {
			return rec, err
		}
	}
	err := g.try(ctx, claims.LockOperation)
	if errors.Is(err, claims.ErrLocked) {
		r.waiting(provider.StepDelete, provider.ReasonLocked, "", 1, 0)
		err = g.lock(ctx, claims.LockOperation)
	}
	if err != nil {
		return rec, err
	}
	now, err := l.store.Read(ctx, rec.Claim.LeaseID)
	if err != nil {
		return rec, err
	}
	if needsLifetime(now.Claim) && g.held[claims.LockAcquire] == nil {
		return now, fmt.Errorf("%w: it is no longer being deleted", provider.ErrConflict)
	}
	return now, nil
}

// end ends a lease in whatever state it is. The caller holds the locks and has
// checked that it is ours. It returns the newest claim also with an error.
func (l *Lifecycle) end(ctx context.Context, g *guard, r *report, rec claims.Record) (provider.Receipt, claims.Record, error) {
	var err error
	switch s := stateOf(rec.Claim); s {
	case stateCreateIntent:
		return l.forgetUnsent(ctx, g, r, rec, "no create was ever sent")
	case stateRejected:
		return l.forgetUnsent(ctx, g, r, rec, "the create was refused")
	case stateContradiction:
		return provider.Receipt{}, rec, fmt.Errorf("%w: the labels of its claim contradict each other", provider.ErrNotOwned)
	case stateInflight, stateAmbiguous:
		if rec, err = l.recoverDoomed(ctx, g, r, rec); err != nil {
			return provider.Receipt{}, rec, err
		}
		r.about(rec.Claim)
	}
	return l.deleteAndForgetReceipt(ctx, g, r, rec, true)
}

// forgetUnsent clears away a lease that no box was made for.
func (l *Lifecycle) forgetUnsent(ctx context.Context, g *guard, r *report, rec claims.Record, why string) (provider.Receipt, claims.Record, error) {
	for _, s := range []provider.Step{provider.StepDelete, provider.StepAbsentGet, provider.StepAbsentList, provider.StepAbsentGetAgain} {
		r.done(s, why)
	}
	if err := l.forget(ctx, g, r, rec); err != nil {
		return provider.Receipt{}, rec, err
	}
	return l.receipt(rec.Claim, []provider.Evidence{{At: l.now(), Step: provider.StepForget, Note: why}}, false), claims.Record{}, nil
}

// forget removes key and claim. That somebody else did is as good.
func (l *Lifecycle) forget(ctx context.Context, g *guard, r *report, rec claims.Record) error {
	r.active(provider.StepForget)
	// Nothing is left to decide, so a cancelled operation is finished.
	ctx, cancel := outcome(ctx)
	defer cancel()
	_, err := l.apply(ctx, g, rec, evForget, change{}, true)
	if conflict, ok := errors.AsType[*claims.ConflictError](err); ok && conflict.Current == nil {
		err = nil
	}
	if err == nil {
		r.done(provider.StepForget, "")
	}
	return err
}

// recoverDoomed finds out which instance a lost create made, by replaying it
// within its window, in order to delete it. The claim is then in rollback.
func (l *Lifecycle) recoverDoomed(ctx context.Context, g *guard, r *report, rec claims.Record) (claims.Record, error) {
	run := creation{terms: l.termsOf(rec.Claim), doomed: true}
	if _, err := l.windowLeft(run.terms.started); err != nil {
		return rec, err
	}
	var err error
	if run.key, err = l.replayable(ctx, rec, run.terms); err != nil {
		return rec, err
	}
	r.waiting(provider.StepDelete, provider.ReasonReplay, "to learn which instance it made", 1, 0)
	rec, _, err = l.create(ctx, g, r, rec, run)
	return rec, err
}

// receipt is the proof of a release.
func (l *Lifecycle) receipt(c claims.Claim, evidence []provider.Evidence, gone bool) provider.Receipt {
	now := l.now()
	rec := provider.Receipt{
		LeaseID: provider.Clean(c.LeaseID, maxField), InstanceID: provider.Clean(c.CloudID, maxField),
		Slug: provider.Clean(c.Slug, maxField), Type: provider.Clean(c.Labels[labelServerType], maxField),
		ReleasedAt: now, Evidence: evidence, AlreadyGone: gone, Scope: provider.Clean(c.ProviderScope, maxErrorText),
		Unknown: []string{"what was billed: the provider tells no price, and the cost is an estimate"},
	}
	if gone {
		rec.Unknown = append(rec.Unknown, "when it went, and who deleted it")
	}
	if at, ok := c.LabelTime(labelCreatedAt); ok {
		rec.CreatedAt = at
		if c.CloudID != "" {
			rec.Cost = l.prices.Cost(rec.Type, now.Sub(at))
		}
	} else {
		rec.Unknown = append(rec.Unknown, "when it was created")
	}
	return rec
}

// keepReceipt keeps the proof. A box is not kept billing, nor a claim kept
// standing, because a receipt could not be written.
func (l *Lifecycle) keepReceipt(ctx context.Context, r provider.Receipt) {
	if l.receipts == nil || r.InstanceID == "" {
		return
	}
	ctx, cancel := outcome(ctx)
	defer cancel()
	if err := l.receipts.Keep(ctx, r); err != nil {
		l.log.Error("receipt not kept", "lease", r.LeaseID, "instance", r.InstanceID, "error", err)
	}
}

// leftBehind says what a failed release leaves and what to do about it.
func (l *Lifecycle) leftBehind(rec claims.Record, err error) (left, next string) {
	if rec.Claim.LeaseID == "" {
		return "nothing was changed", ""
	}
	switch {
	case errors.Is(err, claims.ErrLocked), errors.Is(err, provider.ErrNotOwned), errors.Is(err, provider.ErrConflict):
		return "nothing was deleted", ""
	}
	switch s := stateOf(rec.Claim); s {
	case stateInflight, stateAmbiguous:
		return l.ambiguity(rec.Claim)
	case stateCreateIntent, stateRejected, stateDeleteConfirmed:
		return "no box is left, and its claim is", "release it again to clear it away"
	case stateDeleteAttempted:
		return "a delete was begun, the box may exist and bill, and its claim is kept", "release it again"
	case stateDeleteAccepted:
		return "the delete was accepted, absence is not proven, and its claim is kept", "release it again"
	}
	return "the box bills, and its claim is kept", "release it again"
}
