package session

import "time"

// Rung is one stage of the readiness probe.
type Rung int

// The rungs, in the order in which they are climbed.
const (
	RungTCP Rung = iota
	RungBanner
	RungHostKey
	RungAuth
	RungReady // the ready command succeeds
)

// RungPhase is how far a rung is.
type RungPhase int

// The phases of a rung.
const (
	RungActive RungPhase = iota
	RungWaiting
	RungDone
	RungFailed
)

// Reason is why a rung waits or failed.
type Reason int

// The reasons. The last two never pass by waiting.
const (
	ReasonNone Reason = iota
	ReasonRefused
	ReasonTimeout
	ReasonSilent
	ReasonNotSSH
	ReasonBusy     // sshd turns connections away for now
	ReasonDenied   // key not accepted yet
	ReasonDropped  // connection closed on us
	ReasonNotReady // the ready command fails
	ReasonHostKeyChanged
	ReasonNoCommonAlgorithm
)

// Step is one change of a rung. A rung that was done never comes back as
// active: a rung is a high-water mark.
type Step struct {
	Rung    Rung
	Phase   RungPhase
	Reason  Reason
	Detail  string // cleaned of control characters
	Attempt int
	RetryIn time.Duration
	Err     error
}

// ladder turns what single attempts see, on several ports and over restarts
// of the box, into steps that only ever go up.
type ladder struct {
	top   Rung      // the first rung that is not done
	shown RungPhase // the phase last let through for top
	brief bool      // shown is a wait too short to be worth an active step after it
	fresh bool      // nothing was let through for top yet
}

func newLadder() *ladder { return &ladder{fresh: true} }

// briefWait is how short a wait must be to be shown as one with the attempt
// that follows: four changes a second are flicker, not news.
const briefWait = time.Second

// climb returns the steps to report for one seen, in order.
func (l *ladder) climb(s Step) []Step {
	switch s.Phase {
	case RungDone:
		var out []Step
		for l.top <= s.Rung {
			out = append(out, Step{Rung: l.top, Phase: RungDone, Attempt: s.Attempt})
			l.top++
			l.fresh = true
		}
		return out
	case RungActive:
		if s.Rung != l.top || !l.fresh && (l.shown == RungActive || l.brief) {
			return nil
		}
	case RungWaiting:
		// What waits below the mark is shown where the climb stands: the box
		// went back, what a person knows of it did not.
		s.Rung = l.top
	case RungFailed: // final, and shown where it happened
	}
	l.shown, l.fresh = s.Phase, false
	l.brief = s.Phase == RungWaiting && s.RetryIn < briefWait
	return []Step{s}
}
