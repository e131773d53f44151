package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// intent is what shall become of an acquire that ends without a box to use.
type intent int

const (
	leaveIt intent = iota
	keepIt
	rollBack
)

// decide says what a person, or the lease's own terms, want done.
func decide(ctx context.Context, t terms) intent {
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, provider.AbandonKeep):
		return keepIt
	case errors.Is(cause, provider.AbandonRollback):
		return rollBack
	case cause != nil:
		return leaveIt
	case t.keep:
		return keepIt
	}
	return rollBack
}

// settle deals with an acquire or resume that failed or was ended, and returns
// its error, which says what is left and what to do. rec is the newest claim;
// an empty one says that it was removed.
func (l *Lifecycle) settle(ctx context.Context, g *guard, r *report, op string, rec claims.Record, t terms, cause error) *provider.Error {
	r.failed(cause)
	want := decide(ctx, t)
	if ctx.Err() != nil {
		cause = ended(ctx, cause)
	}
	named := rec.Claim
	if named.LeaseID == "" {
		named.LeaseID = t.leaseID
	}
	fail := func(left, next string) *provider.Error { return failure(op, named, cause, left, next) }
	if rec.Claim.LeaseID == "" {
		return fail("no box was created and nothing is left", "")
	}
	s := stateOf(rec.Claim)
	switch {
	case s == stateCreateIntent:
		return l.settleIntent(ctx, g, r, fail, rec, want)
	case s == stateRejected:
		return fail("no box was created; a claim is left", "release it to clear it away")
	case s.oneOf(stateInflight, stateAmbiguous) && want == rollBack && ctx.Err() != nil:
		return l.rollBack(ctx, g, r, op, rec, cause)
	case s.oneOf(stateInflight, stateAmbiguous):
		return fail(l.ambiguity(rec.Claim))
	case s == stateRollback:
		return l.rollBack(ctx, g, r, op, rec, cause)
	case s == stateReady:
		return fail("its claim stays ready and the box bills until it is released", "resume it, or release it")
	case want == rollBack:
		return l.rollBack(ctx, g, r, op, rec, cause)
	case want == keepIt:
		return l.keepFailed(ctx, g, fail, rec)
	}
	return fail("its claim was left as it stands, and the box bills", "resume it, or release it")
}

// ended names the cause of a cancelled operation once.
func ended(ctx context.Context, err error) error {
	cause := context.Cause(ctx)
	if errors.Is(err, cause) {
		return err
	}
	return fmt.Errorf("%w: %w", cause, err)
}

// settleIntent forgets a lease for which nothing was sent, unless the program
// is going down: then it is left for a resume.
func (l *Lifecycle) settleIntent(ctx context.Context, g *guard, r *report, fail func(string, string) *provider.Error, rec claims.Record, want intent) *provider.Error {
	const sent = "no create was sent"
	if want == leaveIt {
		return fail(sent+"; its claim is left", "resume it, or release it to clear it away")
	}
	ctx, cancel := outcome(ctx)
	defer cancel()
	err := g.lock(ctx, claims.LockOperation)
	if err == nil {
		_, err = l.apply(ctx, g, rec, evForget, change{}, true)
		g.unlock(claims.LockOperation)
	}
	if err != nil {
		return fail(sent+", and its claim could not be removed: "+err.Error(), "release it to clear it away")
	}
	return fail(sent+" and nothing is left", "")
}

// ambiguity says what a lost create means now.
func (l *Lifecycle) ambiguity(c claims.Claim) (left, next string) {
	t := l.termsOf(c)
	remaining, err := l.windowLeft(t.started)
	if err != nil {
		return "a box may exist and bill; its create can no longer be replayed safely",
			"look for an instance without a claim in the list, and delete it on the provider's own page"
	}
	return "a box may exist and bill; its claim is kept",
		fmt.Sprintf("resume it to go on, or release it to end it, within %s", remaining.Round(time.Second))
}

// keepFailed writes down that the instance stays.
func (l *Lifecycle) keepFailed(ctx context.Context, g *guard, fail func(string, string) *provider.Error, rec claims.Record) *provider.Error {
	const next = "resume it, or release it"
	ctx, cancel := outcome(ctx)
	defer cancel()
	err := g.lock(ctx, claims.LockOperation)
	if err == nil {
		defer g.unlock(claims.LockOperation)
		_, err = l.apply(ctx, g, rec, evKeepIt, change{terms: l.termsOf(rec.Claim)}, true)
	}
	if err != nil {
		return fail("the instance bills, and its claim, left as it stands, could not be marked kept: "+err.Error(), next)
	}
	return fail("the instance is kept and bills until it is released", next)
}

// rollBack deletes what an acquire made, within a budget of its own: ctx may
// have ended already.
func (l *Lifecycle) rollBack(ctx context.Context, g *guard, r *report, op string, rec claims.Record, cause error) *provider.Error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), l.absentWithin)
	defer cancel()
	rec, err := l.rollBackLocked(ctx, g, r, rec)
	if err == nil {
		return failure(op, rec.Claim, cause, "it was rolled back: the instance is proven gone and nothing is left", "")
	}
	r.failed(err)
	left := "rolling it back failed: " + err.Error() + "; the instance may bill, and its claim is kept"
	if stateOf(rec.Claim).oneOf(stateInflight, stateAmbiguous) {
		maybe, next := l.ambiguity(rec.Claim)
		return failure(op, rec.Claim, cause, "rolling it back failed: "+err.Error()+"; "+maybe, next)
	}
	return failure(op, rec.Claim, cause, left, "release it")
}

func (l *Lifecycle) rollBackLocked(ctx context.Context, g *guard, r *report, rec claims.Record) (claims.Record, error) {
	if err := g.lock(ctx, claims.LockOperation); err != nil {
		return rec, err
	}
	defer g.unlock(claims.LockOperation)
	var err error
	switch s := stateOf(rec.Claim); {
	case s.oneOf(stateInflight, stateAmbiguous):
		rec, err = l.recoverDoomed(ctx, g, r, rec)
	case s != stateRollback:
		rec, err = l.apply(ctx, g, rec, evRollBack, change{terms: l.termsOf(rec.Claim)}, true)
	}
	if err != nil {
		return rec, err
	}
	r.about(rec.Claim)
	_, err = l.deleteAndForget(ctx, g, r, rec, true)
	return rec, err
}
