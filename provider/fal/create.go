package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

const (
	// replayWindow is how long after its first attempt a create may be
	// replayed. Answers are remembered for ten minutes; a replay after that
	// would rent, and bill, a second box.
	replayWindow = provider.ReplayWindow
	// clockSlack is how far in the future a create may seem to have begun.
	clockSlack = time.Minute
	maxPosts   = 4
	// cancelGrace is how much longer a create or delete that was sent may take
	// once its operation was cancelled: with the answer the box can be dealt
	// with, without it only guessed at.
	cancelGrace = 5 * time.Second
)

// creation is one run of the create loop.
type creation struct {
	terms terms
	key   claims.Key
	// first says that no create of this lease was ever sent: only then does a
	// refusal mean that there is no box.
	first bool
	// resumed says that an earlier acquire began it.
	resumed bool
	// noWait says that somebody else waits for the box.
	noWait bool
	// doomed says that the box is recovered to be deleted.
	doomed bool
}

// windowLeft returns how much longer a create may be replayed, or ErrWindowOver.
func (l *Lifecycle) windowLeft(started time.Time) (time.Duration, error) {
	age := l.now().Sub(started)
	switch {
	case age < -clockSlack:
		return 0, fmt.Errorf("%w: the create began in the future by this clock, so its age is not known", provider.ErrWindowOver)
	case age >= replayWindow:
		return 0, fmt.Errorf("%w: the create began %s ago, and only %s are safe", provider.ErrWindowOver, age.Round(time.Second), replayWindow)
	}
	return replayWindow - max(age, 0), nil
}

// create sends the create until an outcome is known, four times at most. The
// caller holds the operation lock. It returns the newest claim also with an
// error. Each POST has a durable write of its own before it.
func (l *Lifecycle) create(ctx context.Context, g *guard, r *report, rec claims.Record, run creation) (claims.Record, provider.Instance, error) {
	body, err := createBody(run.terms.instanceType, run.terms.sector, run.key.Public)
	if err != nil {
		return rec, provider.Instance{}, err
	}
	for n := 1; ; n++ {
		if ctx.Err() != nil {
			return rec, provider.Instance{}, context.Cause(ctx)
		}
		left, err := l.windowLeft(run.terms.started)
		if err != nil {
			return rec, provider.Instance{}, err
		}
		attempt, err := claims.NewLeaseID()
		if err != nil {
			return rec, provider.Instance{}, err
		}
		rec, err = l.apply(ctx, g, rec, evSend, change{terms: run.terms, attempt: attempt}, false)
		if err != nil {
			return rec, provider.Instance{}, err
		}
		inst, err := l.post(ctx, run.terms.leaseID, body, left)
		definite := err != nil && run.first && n == 1 && !errors.Is(err, provider.ErrOutcomeUnknown)
		switch {
		case err == nil:
			rec, err = l.answered(ctx, g, rec, run, inst)
			return rec, inst, err
		case definite:
			rec, err = l.rejected(ctx, g, rec, run, err)
			return rec, provider.Instance{}, err
		}
		if rec, err = l.note(ctx, g, rec, evLost, change{terms: run.terms}, err); err != nil && n == maxPosts {
			return rec, provider.Instance{}, err
		}
		if stateOf(rec.Claim) != stateAmbiguous || !transient(err) {
			return rec, provider.Instance{}, err
		}
		wait := l.betweenPosts
		if e, ok := errors.AsType[*provider.Error](err); ok {
			wait = max(wait, min(e.RetryAfter, 30*time.Second))
		}
		r.waiting(provider.StepCreate, provider.ReasonReplay, err.Error(), n+1, wait)
		if ended := sleep(ctx, wait); ended != nil {
			return rec, provider.Instance{}, &tagged{fmt.Errorf("%w (before that: %w)", ended, err), provider.ErrOutcomeUnknown}
		}
	}
}

// post sends one create, within what is left of the window.
func (l *Lifecycle) post(ctx context.Context, leaseID string, body []byte, left time.Duration) (provider.Instance, error) {
	sent, cancel := withGrace(ctx, left)
	defer cancel()
	return l.client.create(sent, leaseID, body)
}

// withGrace is a context for a request that changes something: it outlives a
// cancelled ctx by cancelGrace, and ends after limit in any case.
func withGrace(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	sent, cancel := context.WithTimeout(context.WithoutCancel(ctx), limit)
	stop := context.AfterFunc(ctx, func() {
		grace := time.AfterFunc(cancelGrace, cancel)
		context.AfterFunc(sent, func() { grace.Stop() })
	})
	return sent, func() {
		stop()
		cancel()
	}
}

// answered writes down the instance of a create that succeeded. It tries hard:
// this id is the only lead to a box that bills.
func (l *Lifecycle) answered(ctx context.Context, g *guard, rec claims.Record, run creation, inst provider.Instance) (claims.Record, error) {
	ev := evAnswered
	if run.doomed {
		ev = evDoomed
	}
	next, err := l.note(ctx, g, rec, ev, change{terms: run.terms, instance: inst}, nil)
	if err == nil {
		return next, nil
	}
	if conflict, ok := errors.AsType[*claims.ConflictError](err); ok && conflict.Current == nil {
		if next, restored := l.restore(ctx, g, run, inst); restored == nil {
			return next, fmt.Errorf("its claim vanished while the create was under way: %w", err)
		}
	}
	return rec, fmt.Errorf("instance %s was created, and that could not be written down: %w", inst.ID, err)
}

// restore writes a claim anew that somebody removed during its create, so that
// the box can be deleted and is not lost if that fails.
func (l *Lifecycle) restore(ctx context.Context, g *guard, run creation, inst provider.Instance) (claims.Record, error) {
	ctx, cancel := outcome(ctx)
	defer cancel()
	if err := g.lock(ctx, claims.LockSlug); err != nil {
		return claims.Record{}, err
	}
	defer g.unlock(claims.LockSlug)
	listing, err := l.store.List(ctx)
	if err != nil {
		return claims.Record{}, err
	}
	if run.terms.slug, err = claims.AllocateSlug(run.terms.slug, run.terms.leaseID, listing); err != nil {
		return claims.Record{}, err
	}
	return l.apply(ctx, g, claims.Record{}, evRestore, change{terms: run.terms, instance: inst}, false)
}

// rejected forgets a lease whose first create was definitely refused, and then
// returns no claim.
func (l *Lifecycle) rejected(ctx context.Context, g *guard, rec claims.Record, run creation, why error) (claims.Record, error) {
	rec, err := l.note(ctx, g, rec, evRejected, change{terms: run.terms}, why)
	if stateOf(rec.Claim) != stateRejected {
		return rec, err
	}
	ctx, cancel := outcome(ctx)
	defer cancel()
	if _, err := l.apply(ctx, g, rec, evForget, change{}, true); err != nil {
		return rec, fmt.Errorf("%w (and its claim could not be removed: %w)", why, err)
	}
	return claims.Record{}, why
}

// note writes an outcome down whatever became of ctx, a few times if it must.
// It returns why where that is written, and why it is not where not.
func (l *Lifecycle) note(ctx context.Context, g *guard, rec claims.Record, ev event, ch change, why error) (claims.Record, error) {
	ctx, cancel := outcome(ctx)
	defer cancel()
	var err error
	for try := range 3 {
		if try > 0 && sleep(ctx, 200*time.Millisecond) != nil {
			break
		}
		var next claims.Record
		if next, err = l.apply(ctx, g, rec, ev, ch, true); err == nil {
			return next, why
		}
		if _, conflict := errors.AsType[*claims.ConflictError](err); conflict {
			break
		}
	}
	if why == nil {
		return rec, err
	}
	return rec, fmt.Errorf("%w (and that could not be written down: %w)", why, err)
}

// replayable refuses a create that cannot be repeated byte for byte.
func (l *Lifecycle) replayable(ctx context.Context, rec claims.Record, t terms) (claims.Key, error) {
	key, err := l.store.Key(ctx, rec.Claim.LeaseID)
	if err != nil {
		return key, fmt.Errorf("its create cannot be replayed without its key: %w", err)
	}
	if claims.RequestBinding(t.instanceType, t.sector, key.Public) != rec.Claim.Labels[labelRequest] {
		return key, fmt.Errorf("%w: its create cannot be replayed, since type, sector or key are not those that were sent", provider.ErrNotOwned)
	}
	return key, nil
}
