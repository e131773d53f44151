package provider

import (
	"slices"
	"time"
)

// newLadder returns the rungs of an operation, all pending.
func newLadder(steps []Step) []StepProgress {
	ladder := make([]StepProgress, len(steps))
	for i, s := range steps {
		ladder[i].Step = s
	}
	return ladder
}

// fold applies an event to a ladder. It is pure: the ladder given is not
// changed. The rungs of a rollback are appended when its first event comes.
func fold(ladder []StepProgress, e Event) []StepProgress {
	if e.Step == StepNone {
		return ladder
	}
	next := slices.Clone(ladder)
	at := slices.IndexFunc(next, func(p StepProgress) bool { return p.Step == e.Step })
	if at < 0 {
		if !slices.Contains(ReleaseSteps, e.Step) {
			return ladder
		}
		next = append(next, newLadder(ReleaseSteps)...)
		at = slices.IndexFunc(next, func(p StepProgress) bool { return p.Step == e.Step })
	}
	p := &next[at]
	// A rung is a high-water mark, but what a proof found can be unfound.
	if p.Phase == PhaseDone && slices.Contains(AcquireSteps, e.Step) && e.Phase != PhaseFailed {
		return ladder
	}
	p.Phase, p.Reason, p.Detail, p.Attempt, p.Err = e.Phase, e.Reason, e.Detail, e.Attempt, e.Err
	if p.Started.IsZero() {
		p.Started = e.At
	}
	p.RetryAt, p.Ended = time.Time{}, time.Time{}
	if e.RetryIn > 0 {
		p.RetryAt = e.At.Add(e.RetryIn)
	}
	if e.Phase == PhaseDone || e.Phase == PhaseFailed {
		p.Ended = e.At
	}
	return next
}
