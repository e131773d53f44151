package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// deleteAndForgetReceipt is the delete flow: DELETE, unless one was accepted
// already; the proof that the instance is gone; then key and claim. The caller
// holds the operation lock and has verified that the claim is ours. It can be
// taken up at any of its writes. It returns the newest claim also with an error.
func (l *Lifecycle) deleteAndForgetReceipt(ctx context.Context, g *guard, r *report, rec claims.Record, tolerant bool) (provider.Receipt, claims.Record, error) {
	evidence, gone := []provider.Evidence(nil), false
	if stateOf(rec.Claim) == stateDeleteConfirmed {
		const note = "its absence was proven before"
		evidence = append(evidence, provider.Evidence{At: l.now(), Step: provider.StepForget, Note: note})
		for _, s := range provider.ReleaseSteps[:len(provider.ReleaseSteps)-1] {
			r.done(s, note)
		}
	} else {
		var err error
		if rec, gone, evidence, err = l.deleteInstance(ctx, g, r, rec, tolerant); err != nil {
			return provider.Receipt{}, rec, err
		}
		proof, err := l.proveAbsent(ctx, r, rec.Claim.CloudID)
		if err != nil {
			return provider.Receipt{}, rec, err
		}
		evidence = append(evidence, proof...)
		if rec, err = l.note(ctx, g, rec, evAbsent, change{}, nil); err != nil {
			return provider.Receipt{}, rec, fmt.Errorf("it is proven gone, and that could not be written down: %w", err)
		}
	}
	receipt := l.receipt(rec.Claim, evidence, gone)
	// Before the claim goes: a crash in between leaves both, not neither.
	l.keepReceipt(ctx, receipt)
	if err := l.forget(ctx, g, r, rec); err != nil {
		return provider.Receipt{}, rec, err
	}
	return receipt, claims.Record{}, nil
}

// deleteAndForget is deleteAndForgetReceipt for a rollback.
func (l *Lifecycle) deleteAndForget(ctx context.Context, g *guard, r *report, rec claims.Record, tolerant bool) (claims.Record, error) {
	_, rec, err := l.deleteAndForgetReceipt(ctx, g, r, rec, tolerant)
	return rec, err
}

// deleteInstance brings the instance to where only its absence is to be
// proven. gone says that it was, before anything of ours was sent.
func (l *Lifecycle) deleteInstance(ctx context.Context, g *guard, r *report, rec claims.Record, tolerant bool) (_ claims.Record, gone bool, _ []provider.Evidence, _ error) {
	id := rec.Claim.CloudID
	r.active(provider.StepDelete)
	if stateOf(rec.Claim) == stateDeleteAccepted {
		r.done(provider.StepDelete, "it was accepted before")
		return rec, false, []provider.Evidence{{At: l.now(), Step: provider.StepDelete, Note: "delete accepted before"}}, nil
	}
	attempted := stateOf(rec.Claim) == stateDeleteAttempted
	visible, err := l.visible(ctx, r, id)
	if err != nil {
		return rec, false, nil, err
	}
	if !visible {
		r.done(provider.StepDelete, "it is gone already")
		return rec, !attempted, nil, nil
	}
	if rec, err = l.apply(ctx, g, rec, evDelete, change{}, tolerant); err != nil {
		return rec, false, nil, err
	}
	sent, cancel := withGrace(ctx, requestTimeout)
	defer cancel()
	err = l.client.delete(sent, id)
	if errors.Is(err, provider.ErrOutcomeUnknown) && ctx.Err() == nil {
		// It is not sent again: whether the box goes is for the proof to see.
		why, detail := reasonOf(err)
		r.waiting(provider.StepDelete, why, detail, 1, 0)
		r.done(provider.StepDelete, "sent, and its answer was lost")
		return rec, false, []provider.Evidence{{At: l.now(), Step: provider.StepDelete, Note: "delete sent, its answer lost"}}, nil
	}
	if errors.Is(err, provider.ErrNotFound) {
		// An earlier DELETE may have had its effect and lost its answer.
		r.done(provider.StepDelete, "it is gone")
		return rec, false, []provider.Evidence{{At: l.now(), Step: provider.StepDelete, Note: "delete answered 404"}}, nil
	}
	if err != nil {
		return rec, false, nil, err
	}
	evidence := []provider.Evidence{{At: l.now(), Step: provider.StepDelete, Note: "delete accepted"}}
	if rec, err = l.note(ctx, g, rec, evAccepted, change{}, nil); err != nil {
		return rec, false, nil, fmt.Errorf("the delete was accepted, and that could not be written down: %w", err)
	}
	r.done(provider.StepDelete, "accepted")
	return rec, false, evidence, nil
}

// visible asks whether the instance is to be seen. Nothing is deleted on the
// word of an answer about another instance.
func (l *Lifecycle) visible(ctx context.Context, r *report, id string) (bool, error) {
	err := l.persist(ctx, r, provider.StepDelete, func(ctx context.Context) error {
		_, err := l.client.get(ctx, id)
		return err
	})
	if errors.Is(err, provider.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// persist repeats a request that is harmless to repeat for as long as a
// deletion may take, while what fails may pass.
func (l *Lifecycle) persist(ctx context.Context, r *report, step provider.Step, ask func(context.Context) error) error {
	budget, cancel := context.WithTimeout(ctx, l.absentWithin)
	defer cancel()
	for n := 1; ; n++ {
		err := ask(budget)
		if err == nil || !transient(err) {
			return err
		}
		if ctx.Err() != nil {
			return ended(ctx, err)
		}
		wait := l.pause(n, err)
		why, detail := reasonOf(err)
		r.waiting(step, why, detail, n+1, wait)
		if sleep(budget, wait) != nil {
			if ctx.Err() != nil {
				return ended(ctx, err)
			}
			return err
		}
	}
}

// proof is one round of the three answers that together prove absence.
var proof = []struct {
	step provider.Step
	note string
}{
	{provider.StepAbsentGet, "get answered 404"},
	{provider.StepAbsentList, "the whole inventory lacks it"},
	{provider.StepAbsentGetAgain, "get answered 404 again"},
}

var errStillThere = errors.New("it is still to be seen")

// proveAbsent returns when get says 404, a whole inventory lacks the instance
// and get says 404 again, one right after the other. Any other answer begins
// the round anew.
func (l *Lifecycle) proveAbsent(ctx context.Context, r *report, id string) ([]provider.Evidence, error) {
	budget, cancel := context.WithTimeout(ctx, l.absentWithin)
	defer cancel()
	failures := 0
	for round := 1; ; round++ {
		evidence, step, err := l.proofRound(budget, r, id)
		if err == nil {
			return evidence, nil
		}
		switch {
		case ctx.Err() != nil:
			return nil, ended(ctx, err)
		case errors.Is(err, provider.ErrUnauthorized), errors.Is(err, provider.ErrForbidden), errors.Is(err, provider.ErrRejected):
			return nil, fmt.Errorf("%w: %w", provider.ErrAbsenceUnproven, err)
		}
		why, detail, wait := provider.ReasonStillThere, "", l.pollEvery
		if errors.Is(err, errStillThere) {
			failures = 0
		} else {
			failures++
			why, detail = reasonOf(err)
			wait = l.pause(failures, err)
		}
		r.waiting(step, why, detail, round+1, wait)
		if sleep(budget, wait) != nil {
			if ctx.Err() != nil {
				return nil, ended(ctx, err)
			}
			return nil, fmt.Errorf("%w within %s: %w", provider.ErrAbsenceUnproven, l.absentWithin.Round(time.Millisecond), err)
		}
	}
}

// proofRound asks the three questions and stops at the first that does not
// speak for absence, returning its step.
func (l *Lifecycle) proofRound(ctx context.Context, r *report, id string) ([]provider.Evidence, provider.Step, error) {
	var evidence []provider.Evidence
	for _, p := range proof {
		r.active(p.step)
		var err error
		if p.step == provider.StepAbsentList {
			err = l.absentFromList(ctx, id)
		} else {
			err = l.absentFromGet(ctx, id)
		}
		if err != nil {
			return nil, p.step, err
		}
		r.done(p.step, p.note)
		evidence = append(evidence, provider.Evidence{At: l.now(), Step: p.step, Note: p.note})
	}
	return evidence, provider.StepNone, nil
}

func (l *Lifecycle) absentFromGet(ctx context.Context, id string) error {
	switch _, err := l.client.get(ctx, id); {
	case err == nil:
		return errStillThere
	case !errors.Is(err, provider.ErrNotFound):
		return err
	}
	return nil
}

func (l *Lifecycle) absentFromList(ctx context.Context, id string) error {
	all, err := l.client.inventory(ctx)
	if err != nil {
		return err
	}
	for _, inst := range all {
		if inst.ID == id {
			return errStillThere
		}
	}
	return nil
}
