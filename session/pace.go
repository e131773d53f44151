package session

import (
	"math"
	"math/rand/v2"
	"time"
)

// deniedPauses let at most 9 s of penalties accrue, each denial costing 5 s.
var deniedPauses = []time.Duration{time.Second, 6 * time.Second, 8 * time.Second, 12 * time.Second, 20 * time.Second}

// pace is how fast a probe goes. OpenSSH 9.8 and later counts penalties
// against an address: 1 s for a connection that never logs in, 5 s for a
// refused key; at 15 s it locks the address out for minutes (sshd_config(5),
// PerSourcePenalties). So only a port that refuses is tried fast, and a refused
// key waits for its penalty to run down.
type pace struct {
	// scale divides every pause; 0 means 1.
	scale int
}

func (p pace) of(d time.Duration) time.Duration {
	if p.scale > 1 {
		return d / time.Duration(p.scale)
	}
	return d
}

func (p pace) stagger() time.Duration { return p.of(200 * time.Millisecond) }
func (p pace) dialCap() time.Duration { return p.of(3 * time.Second) }
func (p pace) dropped() time.Duration { return p.of(2 * time.Second) }

// banner is how long to wait for a banner after so many silent attempts: at
// first not long, since a forwarder that came before its sshd never sends one.
func (p pace) banner(silent int) time.Duration {
	return p.of(grow(2*time.Second, 1.5, silent, 8*time.Second))
}

// pause is how long to wait after the n-th outcome of one kind, elapsed after
// the first attempt on the port.
func (p pace) pause(r Reason, n int, elapsed time.Duration) time.Duration {
	switch r {
	case ReasonRefused:
		if elapsed < time.Minute {
			return p.of(250 * time.Millisecond)
		}
		return p.of(grow(250*time.Millisecond, 1.5, n/8, 2*time.Second))
	case ReasonTimeout:
		return p.of(250 * time.Millisecond)
	case ReasonSilent, ReasonNotSSH:
		return p.of(grow(time.Second, 1.5, n-1, 5*time.Second))
	case ReasonBusy:
		return p.of(grow(15*time.Second, 1.5, n-1, 2*time.Minute))
	case ReasonDenied:
		return p.of(deniedPauses[min(n, len(deniedPauses))-1])
	case ReasonNotReady:
		return p.of(grow(time.Second, 1.5, n-1, 3*time.Second))
	}
	return p.of(2 * time.Second)
}

// grow is d times factor to the n, capped.
func grow(d time.Duration, factor float64, n int, most time.Duration) time.Duration {
	grown := float64(d) * math.Pow(factor, float64(n))
	return time.Duration(min(grown, float64(most)))
}

// jitter keeps many probers from knocking together: 20 % either way.
func jitter(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*rand.Float64()))
}
