package fal

import (
	"context"
	"errors"
	"fmt"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Cleanup implements provider.Provider. Claims of other providers and other
// endpoints have no verdict. A claim that cannot be read has one, and is left.
func (l *Lifecycle) Cleanup(ctx context.Context, dryRun bool, emit func(provider.Event)) ([]provider.Verdict, error) {
	if err := l.usable(); err != nil {
		return nil, failure("clean up", claims.Claim{}, err, "nothing was changed", "")
	}
	listing, err := l.store.List(ctx)
	if err != nil {
		return nil, failure("clean up", claims.Claim{}, err, "nothing was changed", "")
	}
	var verdicts []provider.Verdict
	var failed []error
	for _, rec := range listing.Records {
		if rec.Claim.Provider != Name || rec.Claim.ProviderScope != l.scope {
			continue
		}
		if ctx.Err() != nil {
			failed = append(failed, failure("clean up", claims.Claim{}, context.Cause(ctx), "the remaining claims were not looked at", ""))
			break
		}
		v := l.cleanUp(ctx, rec, dryRun, emit)
		if v.Err != nil {
			failed = append(failed, fmt.Errorf("clean up fal lease %s: %w", v.LeaseID, v.Err))
		}
		verdicts = append(verdicts, v)
	}
	for _, b := range listing.Broken {
		verdicts = append(verdicts, provider.Verdict{
			LeaseID: provider.Clean(b.ID, maxField), Reason: "unreadable claim: " + provider.Clean(b.Err.Error(), maxErrorText),
		})
	}
	if !dryRun {
		if err := l.store.Sweep(ctx); err != nil {
			l.log.Warn("sweep", "error", err)
		}
	}
	return verdicts, errors.Join(failed...)
}

// cleanUp judges one claim and, unless dryRun, does what is due. The order of
// the questions is crabbox's.
func (l *Lifecycle) cleanUp(ctx context.Context, rec claims.Record, dryRun bool, emit func(provider.Event)) provider.Verdict {
	c := rec.Claim
	v := provider.Verdict{LeaseID: provider.Clean(c.LeaseID, maxField), InstanceID: provider.Clean(c.CloudID, maxField), Name: provider.Clean(c.Slug, maxField)}
	if v.Name == "" {
		v.Name = v.LeaseID
	}
	skip := func(why string) provider.Verdict {
		v.Reason = why
		return v
	}
	fail := func(err error, now claims.Record) provider.Verdict {
		left, next := l.leftBehind(now, err)
		v.Err = failure("clean up", c, err, left, next)
		return v
	}
	if !forced(c) && kept(c) {
		return skip(skipKeep)
	}
	if !forced(c) && legacy(c) {
		return skip(skipLegacy)
	}
	g := l.guard(c.LeaseID)
	defer g.close()
	if !forced(c) {
		err := g.try(ctx, claims.LockAcquire)
		if errors.Is(err, claims.ErrLocked) {
			return skip(skipAcquiring)
		}
		if err != nil {
			return fail(err, rec)
		}
	}
	if !dryRun {
		if err := g.lock(ctx, claims.LockOperation); err != nil {
			return fail(err, rec)
		}
	}
	// What was judged must be what is acted upon: a keep or a touch that came
	// in between makes another lease of it, which the next cleanup judges.
	now, err := l.store.Read(ctx, c.LeaseID)
	switch {
	case errors.Is(err, claims.ErrNotExist):
		return skip("already gone")
	case err != nil:
		return fail(err, rec)
	case now.Revision != rec.Revision:
		return fail(fmt.Errorf("%w; the next cleanup judges it anew", provider.ErrConflict), now)
	}
	if l.rotated(rec.Claim) {
		next, err := l.rotate(ctx, g, rec, !dryRun)
		if errors.Is(err, errNoProof) {
			return skip(skipBinding)
		}
		if err != nil {
			return fail(err, rec)
		}
		rec = next
	}
	why, due, err := l.due(rec.Claim)
	if err != nil {
		return fail(err, rec)
	}
	v.Reason = why
	if !due {
		return v
	}
	if dryRun {
		return l.wouldDelete(ctx, rec, v, fail)
	}
	r := l.report(emit, provider.Ref{LeaseID: c.LeaseID, InstanceID: c.CloudID})
	r.about(c)
	return l.carryOut(ctx, g, r, rec, v, fail)
}

// due says whether a claim whose acquire is not alive is to be deleted.
func (l *Lifecycle) due(c claims.Claim) (why string, due bool, err error) {
	s := stateOf(c)
	if s == stateDeleteConfirmed {
		return dueConfirmed, true, l.ownedButForKey(c)
	}
	if c.Labels[labelBinding] != l.binding {
		return skipBinding, false, nil
	}
	if err := l.owned(c); err != nil {
		return "", false, err
	}
	switch s {
	case stateCreateIntent, stateRejected:
		return string(s), true, nil
	case stateInflight, stateAmbiguous:
		_, err := l.windowLeft(l.termsOf(c).started)
		return dueAmbiguous, err == nil, err
	case stateContradiction:
		if c.CloudID == "" {
			return skipPending, false, nil
		}
		return "", false, fmt.Errorf("%w: the labels of its claim contradict each other", provider.ErrNotOwned)
	case stateRollback, stateProvisioning, stateDeleteAttempted, stateDeleteAccepted:
		return "", true, nil
	}
	due, why = expired(c, l.now())
	return why, due, nil
}

// wouldDelete is a dry run's last question: whether the instance is there.
func (l *Lifecycle) wouldDelete(ctx context.Context, rec claims.Record, v provider.Verdict, fail func(error, claims.Record) provider.Verdict) provider.Verdict {
	if rec.Claim.CloudID != "" && stateOf(rec.Claim) != stateDeleteConfirmed {
		_, err := l.client.get(ctx, rec.Claim.CloudID)
		switch {
		case errors.Is(err, provider.ErrNotFound):
			v.Reason = skipAbsence
			return v
		case err != nil:
			return fail(err, rec)
		}
	}
	v.Delete = true
	return v
}

// carryOut deletes what is due. The caller holds the locks.
func (l *Lifecycle) carryOut(ctx context.Context, g *guard, r *report, rec claims.Record, v provider.Verdict, fail func(error, claims.Record) provider.Verdict) provider.Verdict {
	var now claims.Record
	var err error
	switch s := stateOf(rec.Claim); s {
	case stateCreateIntent, stateRejected:
		_, now, err = l.forgetUnsent(ctx, g, r, rec, string(s))
	case stateInflight, stateAmbiguous:
		v.Reason = doneAmbiguous
		_, now, err = l.end(ctx, g, r, rec)
	default:
		// Not tolerant: the judgement was about this revision.
		_, now, err = l.deleteAndForgetReceipt(ctx, g, r, rec, false)
	}
	v.Delete = true
	if errors.Is(err, provider.ErrAbsenceUnproven) && stateOf(now.Claim).oneOf(withInstance...) {
		// It answers 404 and is listed, or the list cannot be had: nothing was
		// deleted, and nothing can be concluded.
		r.failed(err)
		v.Delete, v.Reason = false, skipAbsence
		return v
	}
	if err != nil {
		r.failed(err)
		return fail(err, now)
	}
	return v
}
