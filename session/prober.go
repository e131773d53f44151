package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// defaultReady asks for what crabbox needs on a box to sync and run.
	defaultReady = "command -v git >/dev/null && command -v rsync >/dev/null && command -v tar >/dev/null"
	defaultGrace = 3 * time.Minute
	// maxReadyOutput of the ready command is kept for the detail of a step.
	maxReadyOutput = 4096
)

// Prober finds out whether a box can be used. Zero value works.
type Prober struct {
	Dialer *Dialer // nil: a zero Dialer
	// Ready is run until it succeeds. [crabbox's ready check]
	Ready string
	// Grace is how long, from the first sign of an sshd, a refused key is
	// taken for "not installed yet"; negative: not at all. [3m]
	Grace time.Duration

	pace *pacing // nil: defaultPacing
}

// Probe walks the rungs on the endpoint, trying ports in order of preference,
// until the ready command succeeds, and returns the port that did. report is
// called from the calling goroutine, must not block, and may be nil. It
// returns early with *HostKeyChangedError, with ErrDenied after Grace, with no
// algorithm in common on every port, or when our own key or known_hosts file
// cannot be used; else it goes on until ctx ends. All errors are reported as
// a failed rung, but the end of ctx.
//
// On a loopback address only the first port is tried: the others are
// somebody's own.
func (p *Prober) Probe(ctx context.Context, e Endpoint, ports []int, report func(Step)) (int, error) {
	r := &probe{
		dialer: Dialer{}, ready: cmp.Or(p.Ready, defaultReady), grace: cmp.Or(p.Grace, defaultGrace),
		endpoint: e, ladder: newLadder(), report: report, pace: defaultPacing(),
	}
	if p.Dialer != nil {
		r.dialer = *p.Dialer
	}
	if p.pace != nil {
		r.pace = *p.pace
	}
	r.dialer.banner = r.pace.banner
	r.gate = &gate{gap: r.pace.deniedGap}
	for i, port := range candidates(e, ports) {
		one := e
		one.Port = port
		r.ports = append(r.ports, &candidate{probe: r, index: i, endpoint: one, backoff: backoff{pace: r.pace}})
	}
	// A probe goes on over many tries, for which no agent is asked.
	own, err := e.signer()
	if err != nil {
		r.tell(Step{Rung: RungTCP, Phase: RungFailed, Detail: clean(err.Error(), maxErrorText), Err: err})
		return 0, err
	}
	r.signers = []ssh.Signer{own}
	return r.run(ctx)
}

// candidates are the distinct ports to try.
func candidates(e Endpoint, ports []int) []int {
	if len(ports) == 0 {
		ports = []int{e.Port}
	}
	var out []int
	for _, port := range ports {
		if !slices.Contains(out, port) {
			out = append(out, port)
		}
	}
	if ip := net.ParseIP(e.Host); ip != nil && ip.IsLoopback() || strings.EqualFold(e.Host, "localhost") {
		return out[:1]
	}
	return out
}

// probe is one call of Probe.
type probe struct {
	dialer   Dialer
	ready    string
	grace    time.Duration
	pace     pacing
	endpoint Endpoint
	signers  []ssh.Signer
	ports    []*candidate
	gate     *gate

	ladder *ladder // used by the calling goroutine alone, as are the next two
	report func(Step)
	drops  backoff

	mu     sync.Mutex // guards the following
	banner time.Time  // when an sshd first answered on any port
}

func (r *probe) tell(s Step) {
	for _, s := range r.ladder.climb(s) {
		if r.report != nil {
			r.report(s)
		}
	}
}

func (r *probe) run(ctx context.Context) (int, error) {
	r.drops.pace = r.pace
	for {
		won, err := r.race(ctx)
		if err != nil {
			return 0, r.outcome(ctx, err)
		}
		since := time.Now()
		err = r.settle(ctx, won.client)
		won.client.Close()
		<-won.client.Done()
		if err == nil {
			r.tell(Step{Rung: RungReady, Phase: RungDone})
			return won.from.endpoint.Port, nil
		}
		if ctx.Err() != nil {
			return 0, r.outcome(ctx, err)
		}
		// A box that restarts at the end of its installation drops us here.
		now := time.Now()
		if now.Sub(since) > r.pace.steady {
			r.drops = backoff{pace: r.pace}
		}
		wait := r.drops.next(ReasonDropped, now)
		r.tell(Step{
			Rung: RungReady, Phase: RungWaiting, Reason: ReasonDropped, RetryIn: wait,
			Detail: "logged in, then the connection ended; the box may be restarting",
		})
		if !pause(ctx, wait) {
			return 0, r.outcome(ctx, ctx.Err())
		}
	}
}

// outcome words the end of a probe; an error of ctx is its cause.
func (r *probe) outcome(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return fmt.Errorf("wait for SSH on %s: %w", r.endpoint.Host, context.Cause(ctx))
	}
	return err
}

// sighting is what one candidate port has seen, or its end: a client or err.
type sighting struct {
	from   *candidate
	step   Step
	client *Client
	err    error
}

// race climbs all ports at once until one is logged in.
func (r *probe) race(ctx context.Context) (sighting, error) {
	ctx, cancel := context.WithCancel(ctx)
	seen := make(chan sighting)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	for _, c := range r.ports {
		if c.dead == nil {
			c.at, c.waited, c.backoff = RungTCP, false, backoff{pace: r.pace}
			wg.Go(func() { c.climb(ctx, seen) })
		}
	}
	for {
		select {
		case <-ctx.Done():
			return sighting{}, ctx.Err()
		case s := <-seen:
			switch {
			case s.client != nil:
				r.tell(Step{Rung: RungAuth, Phase: RungDone, Attempt: s.from.attempt})
				return s, nil
			case s.err != nil:
				s.from.dead = s.err
				if err := r.hopeless(s.err); err != nil {
					s.step.Err = err
					r.tell(s.step)
					return sighting{}, err
				}
			default:
				r.note(s)
			}
		}
	}
}

// hopeless returns the error that ends the whole probe: at once for what
// concerns the box or ourselves, else when no port is left.
func (r *probe) hopeless(err error) error {
	var dial *DialError
	if !errors.As(err, &dial) || dial.Reason != ReasonNoCommonAlgorithm {
		return err
	}
	for _, c := range r.ports {
		if c.dead == nil {
			return nil
		}
	}
	return r.ports[0].dead
}

// note reports a step if it is news: waits only of the port that is furthest.
func (r *probe) note(s sighting) {
	s.from.at = max(s.from.at, s.step.Rung)
	if s.step.Phase == RungWaiting {
		s.from.at = s.step.Rung
		for i, other := range r.ports {
			if other.dead == nil && (other.at > s.from.at || other.at == s.from.at && i < s.from.index && other.waited) {
				s.from.waited = true
				return
			}
		}
		s.from.waited = true
	}
	r.tell(s.step)
}

// settle runs the ready command on one connection until it succeeds: no new
// connection, no penalty.
func (r *probe) settle(ctx context.Context, c *Client) error {
	r.tell(Step{Rung: RungReady, Phase: RungActive, Attempt: 1})
	waits := backoff{pace: r.pace}
	for attempt := 1; ; attempt++ {
		limited, cancel := context.WithTimeout(ctx, r.pace.readyRun)
		_, err := c.Run(limited, r.ready, maxReadyOutput)
		cancel()
		if err == nil || ctx.Err() != nil || errors.Is(err, ErrLinkLost) {
			return err
		}
		wait := waits.next(ReasonNotReady, time.Now())
		r.tell(Step{
			Rung: RungReady, Phase: RungWaiting, Reason: ReasonNotReady, RetryIn: wait,
			Detail: notReady(err), Attempt: attempt,
		})
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-c.Done():
			timer.Stop()
			return c.Err()
		}
	}
}

func notReady(err error) string {
	var exit *ExitError
	switch {
	case errors.As(err, &exit):
		return "ready check: " + exit.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "ready check: no end yet"
	default:
		return "ready check: " + clean(err.Error(), maxErrorText)
	}
}

// pause waits and says whether ctx still stands.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
