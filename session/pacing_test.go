package session

import (
	"reflect"
	"testing"
	"time"
)

// still is the default pace without jitter.
func still() pacing {
	p := defaultPacing()
	p.spread = func() float64 { return 0.5 }
	for r, w := range p.waits {
		w.floor = false // 0.5 is the middle of a jitter to both sides
		p.waits[r] = w
	}
	return p
}

func TestWaitsGrowFromFirstToMost(t *testing.T) {
	ms := time.Millisecond
	for reason, want := range map[Reason][]time.Duration{
		ReasonBusy:     {15000 * ms, 22500 * ms, 33750 * ms, 50625 * ms, 60000 * ms, 60000 * ms},
		ReasonDenied:   {6000 * ms, 8400 * ms, 11760 * ms, 16464 * ms, 20000 * ms, 20000 * ms},
		ReasonNotReady: {1000 * ms, 1500 * ms, 2250 * ms, 3000 * ms, 3000 * ms},
		ReasonSilent:   {1000 * ms, 1500 * ms, 2250 * ms, 3375 * ms, 5000 * ms},
		ReasonDropped:  {2000 * ms, 3000 * ms, 4500 * ms, 5000 * ms},
	} {
		b := backoff{pace: still()}
		var got []time.Duration
		for range want {
			got = append(got, b.next(reason, time.Now()).Round(ms))
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("reason %d waits %v, want %v", reason, got, want)
		}
	}
}

func TestRefusedPortIsTriedFastForAMinute(t *testing.T) {
	b, now := backoff{pace: still()}, time.Unix(0, 0)
	for begin := now; now.Sub(begin) < time.Minute; {
		if got := b.next(ReasonRefused, now); got != 250*time.Millisecond {
			t.Fatalf("after %s it waits %s", now.Sub(begin), got)
		}
		now = now.Add(250 * time.Millisecond)
	}
	last := 250 * time.Millisecond
	for range 10 {
		got := b.next(ReasonRefused, now)
		if got < last || got > 2*time.Second {
			t.Errorf("after the minute it waits %s, then %s", last, got)
		}
		last = got
	}
	if last != 2*time.Second {
		t.Errorf("it ends at %s", last)
	}
}

func TestAnotherReasonStartsAnew(t *testing.T) {
	b := backoff{pace: still()}
	for range 5 {
		b.next(ReasonSilent, time.Now())
	}
	if got := b.next(ReasonRefused, time.Now()); got != 250*time.Millisecond {
		t.Errorf("refused waits %s", got)
	}
	if got := b.next(ReasonSilent, time.Now()); got != time.Second {
		t.Errorf("silent again waits %s", got)
	}
}

// OpenSSH 9.8 and later: 5 s of penalty a denied login, decaying with time;
// at 15 s it shuts the address out for minutes.
func TestDenialsNeverAccruePenalties(t *testing.T) {
	for _, ports := range []int{1, 2, 3} {
		for _, u := range []float64{0, 0.5, 0.999} {
			p := defaultPacing()
			p.spread = func() float64 { return u }
			g := &gate{gap: p.deniedGap}
			start := time.Unix(0, 0)
			backs, next := make([]backoff, ports), make([]time.Time, ports)
			for i := range backs {
				backs[i].pace, next[i] = p, start.Add(time.Duration(i)*p.stagger)
			}
			penalty, at := 0.0, start
			for range 100 {
				port := 0
				for i := range next {
					if next[i].Before(next[port]) {
						port = i
					}
				}
				now := next[port]
				penalty = max(0, penalty-now.Sub(at).Seconds()) + 5
				if at = now; ports < 3 && penalty >= 15 || penalty > 16 {
					t.Fatalf("%d ports, jitter %v: %v s of penalties %s after the start", ports, u, penalty, now.Sub(start))
				}
				next[port] = now.Add(g.reserve(backs[port].next(ReasonDenied, now), now))
			}
		}
	}
}

func TestJitterStaysWithinAFifth(t *testing.T) {
	p := defaultPacing()
	for _, u := range []float64{0, 0.25, 0.999999} {
		p.spread = func() float64 { return u }
		if d := p.jittered(time.Second, false); d < 800*time.Millisecond || d > 1200*time.Millisecond {
			t.Errorf("a second became %s", d)
		}
		if d := p.jittered(time.Second, true); d < time.Second || d > 1200*time.Millisecond {
			t.Errorf("a floor of a second became %s", d)
		}
	}
}

func TestLadderOnlyGoesUp(t *testing.T) {
	l := newLadder()
	var got []Step
	for _, s := range []Step{
		{Rung: RungTCP, Phase: RungActive},
		{Rung: RungTCP, Phase: RungActive}, // the second port
		{Rung: RungTCP, Phase: RungWaiting, Reason: ReasonRefused, RetryIn: time.Millisecond},
		{Rung: RungTCP, Phase: RungActive}, // after so short a wait it is no news
		{Rung: RungTCP, Phase: RungDone},
		{Rung: RungTCP, Phase: RungDone}, // the second port
		{Rung: RungBanner, Phase: RungActive},
		{Rung: RungBanner, Phase: RungDone},
		{Rung: RungHostKey, Phase: RungActive},
		{Rung: RungAuth, Phase: RungDone},
		{Rung: RungReady, Phase: RungActive},
		{Rung: RungTCP, Phase: RungActive}, // the box restarts
		{Rung: RungTCP, Phase: RungWaiting, Reason: ReasonRefused, RetryIn: time.Minute},
		{Rung: RungTCP, Phase: RungDone},
		{Rung: RungReady, Phase: RungActive},
		{Rung: RungReady, Phase: RungDone},
	} {
		got = append(got, l.climb(s)...)
	}
	want := []Step{
		{Rung: RungTCP, Phase: RungActive},
		{Rung: RungTCP, Phase: RungWaiting, Reason: ReasonRefused, RetryIn: time.Millisecond},
		{Rung: RungTCP, Phase: RungDone},
		{Rung: RungBanner, Phase: RungActive},
		{Rung: RungBanner, Phase: RungDone},
		{Rung: RungHostKey, Phase: RungActive},
		{Rung: RungHostKey, Phase: RungDone},
		{Rung: RungAuth, Phase: RungDone},
		{Rung: RungReady, Phase: RungActive},
		{Rung: RungReady, Phase: RungWaiting, Reason: ReasonRefused, RetryIn: time.Minute},
		{Rung: RungReady, Phase: RungActive},
		{Rung: RungReady, Phase: RungDone},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%+v\nwant\n%+v", got, want)
	}
}
