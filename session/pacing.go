package session

import (
	"math/rand/v2"
	"sync"
	"time"
)

// pacing is how long the prober waits for what. sshd since 9.8 punishes by
// default (PerSourcePenalties): 5 s for each denied login, 1 s for each
// connection without one, and shuts an address out for minutes once 15 s have
// come together. Hence: fast only while the port refuses, and after a denial
// never sooner than its penalty has decayed.
type pacing struct {
	dialCap   time.Duration // for one TCP connect
	overlap   time.Duration // until the next connect starts beside one without answer
	inFlight  int           // connects at a time and port
	stagger   time.Duration // between the starts of candidate ports
	banner    time.Duration // for the version line
	fastFor   time.Duration // how long a refusing port is tried at the shortest wait
	deniedGap time.Duration // between two denied logins on whatever ports
	tellAfter time.Duration // since the first banner, until a denial is explained
	readyRun  time.Duration // for one ready command
	steady    time.Duration // a connection that held so long starts the waits anew

	waits map[Reason]wait

	spread func() float64 // in [0, 1), for the jitter
}

// wait grows from first to most by factor.
type wait struct {
	first, most time.Duration
	factor      float64
	// floor: jitter only adds, because to come early costs a penalty.
	floor bool
}

func defaultPacing() pacing {
	return pacing{
		dialCap: 3 * time.Second, overlap: time.Second, inFlight: 3,
		stagger: 200 * time.Millisecond, banner: 5 * time.Second,
		fastFor: time.Minute, deniedGap: 6 * time.Second, tellAfter: 15 * time.Second,
		readyRun: 30 * time.Second, steady: 30 * time.Second,
		waits: map[Reason]wait{
			ReasonRefused:  {first: 250 * time.Millisecond, most: 2 * time.Second, factor: 1.5},
			ReasonTimeout:  {first: 2 * time.Second, most: 5 * time.Second, factor: 1.5},
			ReasonSilent:   {first: time.Second, most: 5 * time.Second, factor: 1.5},
			ReasonNotSSH:   {first: 2 * time.Second, most: 10 * time.Second, factor: 1.5},
			ReasonBusy:     {first: 15 * time.Second, most: time.Minute, factor: 1.5, floor: true},
			ReasonDenied:   {first: 6 * time.Second, most: 20 * time.Second, factor: 1.4, floor: true},
			ReasonDropped:  {first: 2 * time.Second, most: 5 * time.Second, factor: 1.5},
			ReasonNotReady: {first: time.Second, most: 3 * time.Second, factor: 1.5},
		},
		spread: rand.Float64,
	}
}

// jittered spreads a wait by 20 % to both sides, or upwards alone.
func (p pacing) jittered(d time.Duration, floor bool) time.Duration {
	u := p.spread() // in [0, 1)
	if !floor {
		u = 2*u - 1
	}
	return d + time.Duration(0.2*u*float64(d))
}

// backoff counts what happens on one port. A reason other than the last one
// starts its own wait anew.
type backoff struct {
	pace   pacing
	reason Reason
	since  time.Time // when the run of reason began
	step   time.Duration
}

// next is how long to wait after a failure seen at now.
func (b *backoff) next(reason Reason, now time.Time) time.Duration {
	w, ok := b.pace.waits[reason]
	if !ok {
		w = b.pace.waits[ReasonDropped]
	}
	switch {
	case b.step == 0 || reason != b.reason:
		b.reason, b.since, b.step = reason, now, w.first
	case reason == ReasonRefused && now.Sub(b.since) < b.pace.fastFor:
		// A booting box is about to listen; a refusal costs nobody anything.
	default:
		b.step = min(time.Duration(float64(b.step)*w.factor), w.most)
	}
	return b.pace.jittered(b.step, w.floor)
}

// gate keeps denied logins apart across the ports of one box, which may lead
// to the same sshd.
type gate struct {
	gap time.Duration

	mu   sync.Mutex // guards the following
	free time.Time  // when the next login may be tried
}

// reserve returns how long from now the caller must wait, at least want.
func (g *gate) reserve(want time.Duration, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := now.Add(want)
	if at.Before(g.free) {
		at = g.free
	}
	g.free = at.Add(g.gap)
	return at.Sub(now)
}
