package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// report tells how an operation goes on. It belongs to the calling goroutine.
type report struct {
	emit                  func(provider.Event)
	now                   func() time.Time
	lease, slug, instance string
	step                  provider.Step // the last one that began and did not end
}

func (l *Lifecycle) report(emit func(provider.Event), ref provider.Ref) *report {
	return &report{emit: emit, now: l.now, lease: ref.LeaseID, instance: provider.Clean(ref.InstanceID, maxField)}
}

// about takes the names from a claim.
func (r *report) about(c claims.Claim) {
	r.lease = provider.Clean(c.LeaseID, maxField)
	r.slug, r.instance = provider.Clean(c.Slug, maxField), provider.Clean(c.CloudID, maxField)
}

func (r *report) send(e provider.Event) {
	switch e.Phase {
	case provider.PhaseActive, provider.PhaseWaiting:
		r.step = e.Step
	case provider.PhaseDone, provider.PhaseFailed:
		if r.step == e.Step {
			r.step = provider.StepNone
		}
	}
	if r.emit == nil {
		return
	}
	e.At, e.LeaseID, e.Slug, e.InstanceID = r.now(), r.lease, r.slug, r.instance
	e.Detail = provider.Clean(e.Detail, maxErrorText)
	r.emit(e)
}

func (r *report) active(s provider.Step) {
	r.send(provider.Event{Step: s, Phase: provider.PhaseActive, Attempt: 1})
}

func (r *report) done(s provider.Step, detail string) {
	r.send(provider.Event{Step: s, Phase: provider.PhaseDone, Detail: detail})
}

func (r *report) waiting(s provider.Step, why provider.Reason, detail string, attempt int, retryIn time.Duration) {
	r.send(provider.Event{Step: s, Phase: provider.PhaseWaiting, Reason: why, Detail: detail, Attempt: attempt, RetryIn: retryIn})
}

// failed ends the step that is under way, if one is.
func (r *report) failed(err error) {
	if r.step != provider.StepNone {
		r.send(provider.Event{Step: r.step, Phase: provider.PhaseFailed, Err: err})
	}
}

// reasonOf says as what a failed request shows on a rung.
func reasonOf(err error) (provider.Reason, string) {
	e, ok := errors.AsType[*apiError](err)
	switch {
	case errors.Is(err, provider.ErrRateLimited):
		return provider.ReasonRateLimited, ""
	case ok && e.status != 0, errors.Is(err, provider.ErrBadAnswer):
		return provider.ReasonAPI, err.Error()
	}
	return provider.ReasonNetwork, err.Error()
}

// transient says whether the same request may succeed later.
func transient(err error) bool {
	return errors.Is(err, provider.ErrUnreachable) || errors.Is(err, provider.ErrRateLimited) ||
		errors.Is(err, provider.ErrOutcomeUnknown)
}

// pause is how long to wait after the n-th failure in a row (from 1): doubling
// from the poll interval up to half a minute, or what the provider asks for.
func (l *Lifecycle) pause(n int, err error) time.Duration {
	const longest = 30 * time.Second
	d := l.pollEvery
	for range min(n-1, 16) {
		d *= 2
		if d >= longest {
			d = max(longest, l.pollEvery)
			break
		}
	}
	if e, ok := errors.AsType[*provider.Error](err); ok {
		d = max(d, e.RetryAfter)
	}
	return d
}

// sleep waits, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// tagged keeps the text of an error and says which sentinel it is as well.
type tagged struct {
	err error
	is  error
}

func (t *tagged) Error() string   { return t.err.Error() }
func (t *tagged) Unwrap() []error { return []error{t.is, t.err} }

// sentinel gives the store's errors the sentinels of package provider.
func sentinel(err error) error {
	_, conflict := errors.AsType[*claims.ConflictError](err)
	_, broken := errors.AsType[*claims.BrokenError](err)
	switch {
	case errors.Is(err, claims.ErrNotExist):
		return &tagged{err, provider.ErrNoClaim}
	case errors.Is(err, claims.ErrLocked):
		return &tagged{errors.New("another program or task is working on this lease"), provider.ErrInProgress}
	case errors.Is(err, claims.ErrInvalidID), errors.Is(err, claims.ErrSlugTaken):
		return &tagged{err, provider.ErrInvalid}
	case conflict:
		return &tagged{err, provider.ErrConflict}
	case broken:
		return &tagged{err, provider.ErrNotOwned}
	}
	return err
}

// failure makes the error of an operation on a lease.
func failure(op string, c claims.Claim, err error, left, next string) *provider.Error {
	e := &provider.Error{
		Op: op, LeaseID: provider.Clean(c.LeaseID, maxField), InstanceID: provider.Clean(c.CloudID, maxField),
		State: left, Next: next, Err: sentinel(err),
	}
	if inner, ok := errors.AsType[*provider.Error](err); ok {
		e.RetryAfter = inner.RetryAfter
		// The instance is named once; what wraps the error may say more.
		if c.CloudID != "" && inner.Error() == err.Error() {
			e.Err = fmt.Errorf("%s: %w", inner.Op, inner.Err)
		}
	}
	return e
}
