package fal

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// sight is one look at a starting instance.
type sight struct {
	inst    provider.Instance
	err     error
	gone    bool // 404 twice, and the whole inventory lacks it
	attempt int
	next    time.Duration // until the next look
}

// look polls an instance until ctx ends. Whatever goes wrong is told, not
// returned: one failed GET says nothing about the box.
func (l *Lifecycle) look(ctx context.Context, id string, out chan<- sight) {
	failures, missing := 0, 0
	for attempt := 1; ; attempt++ {
		s := sight{attempt: attempt, next: l.pollEvery}
		s.inst, s.err = l.client.get(ctx, id)
		if errors.Is(s.err, provider.ErrNotFound) {
			missing++
		} else {
			missing = 0
		}
		if missing >= 2 {
			s.gone, s.err = l.unlisted(ctx, id, s.err)
		}
		if s.err != nil {
			failures++
			s.next = l.pause(failures, s.err)
		} else {
			failures = 0
		}
		select {
		case out <- s:
		case <-ctx.Done():
			return
		}
		if sleep(ctx, s.next) != nil {
			return
		}
	}
}

// unlisted looks for an instance in the whole inventory.
func (l *Lifecycle) unlisted(ctx context.Context, id string, notFound error) (bool, error) {
	all, err := l.client.inventory(ctx)
	if err != nil {
		return false, err
	}
	for _, inst := range all {
		if inst.ID == id {
			return false, notFound
		}
	}
	return true, notFound
}

// waiter waits for one box: the API's word and sshd's, at the same time.
type waiter struct {
	l    *Lifecycle
	r    *report
	t    terms
	key  claims.Key
	wg   sync.WaitGroup
	stop context.CancelCauseFunc // of everything below

	inst      provider.Instance
	ready     bool // the API said ready, at the last look that it answered
	everReady bool
	addressed bool
	last      string // the newest reason, for the error of a timeout

	probing  int    // generation; older ones are not listened to
	endProbe func() // nil while none runs
	probedIP string
	port     int // where sshd answered at probedIP; 0 while it did not

	sights  chan sight
	events  chan probeEvent
	results chan probeResult
}

type probeEvent struct {
	probing int
	event   provider.Event
}

type probeResult struct {
	probing int
	port    int
	err     error
}

// await returns when the box is ready by the API and usable over SSH. Nothing
// of it runs any more when it returns.
func (l *Lifecycle) await(ctx context.Context, r *report, c claims.Claim, t terms, key claims.Key) (provider.Instance, int, error) {
	if l.prober == nil {
		return provider.Instance{}, 0, fmt.Errorf("%w: there is nothing to probe SSH with", provider.ErrInvalid)
	}
	ctx, stop := context.WithCancelCause(ctx)
	w := &waiter{
		l: l, r: r, t: t, key: key, stop: stop,
		sights: make(chan sight), events: make(chan probeEvent), results: make(chan probeResult),
	}
	defer w.wg.Wait()
	defer stop(nil)
	r.active(provider.StepProvision)
	w.wg.Go(func() { l.look(ctx, c.CloudID, w.sights) })
	limit := time.NewTimer(l.readyWithin)
	defer limit.Stop()
	for {
		select {
		case <-ctx.Done():
			return w.inst, 0, context.Cause(ctx)
		case <-limit.C:
			return w.inst, 0, w.timeout()
		case s := <-w.sights:
			before := w.everReady
			if err := w.saw(ctx, s); err != nil {
				return w.inst, 0, err
			}
			if w.everReady && !before {
				limit.Reset(l.sshWithin)
			}
		case e := <-w.events:
			w.probed(e)
		case res := <-w.results:
			if err := w.probeEnded(res); err != nil {
				return w.inst, 0, err
			}
		}
		if w.ready && w.port != 0 {
			return w.inst, w.port, nil
		}
	}
}

// saw takes one look in.
func (w *waiter) saw(ctx context.Context, s sight) error {
	switch {
	case s.gone:
		return &tagged{fmt.Errorf("the instance is gone: %w, twice, and the inventory lacks it", provider.ErrNotFound), provider.ErrUnusable}
	case s.err != nil:
		why, detail := reasonOf(s.err)
		w.last = s.err.Error()
		if !w.ready {
			w.r.waiting(provider.StepProvision, why, detail, s.attempt, s.next)
		}
		return nil
	}
	w.inst = s.inst
	wasReady := w.ready
	w.ready = s.inst.Status == "ready"
	switch {
	case s.inst.Status == "stopped":
		return &tagged{fmt.Errorf("%w: the provider says stopped, and nothing starts it again", provider.ErrNotReady), provider.ErrUnusable}
	case w.ready && !wasReady:
		w.r.done(provider.StepProvision, s.inst.Status)
	case !w.ready:
		w.last = fmt.Sprintf("the provider's status is %q", s.inst.Status)
		w.r.waiting(provider.StepProvision, provider.ReasonStatus, s.inst.Status, s.attempt, s.next)
	}
	w.address(ctx, s)
	// Ready without an address is not ready yet.
	w.ready = w.ready && w.addressed
	w.everReady = w.everReady || w.ready
	return nil
}

// address starts to probe as soon as the instance has an address, and anew
// when it gets another one.
func (w *waiter) address(ctx context.Context, s sight) {
	ip, err := netip.ParseAddr(s.inst.IP)
	// An address goes into a dial, a claim and an ssh command: it must be one.
	if err != nil || ip.Zone() != "" || ip.IsUnspecified() {
		w.addressed = false
		if s.inst.IP != "" {
			w.last = "the provider gave an address that is none"
			w.r.waiting(provider.StepAddress, provider.ReasonNoAddress, "not an address: "+s.inst.IP, s.attempt, s.next)
		} else if w.inst.Status == "ready" {
			w.last = "it has no address"
			w.r.waiting(provider.StepAddress, provider.ReasonNoAddress, "", s.attempt, s.next)
		}
		return
	}
	w.addressed = true
	if s.inst.IP == w.probedIP {
		return
	}
	w.r.done(provider.StepAddress, s.inst.IP)
	w.probe(ctx, s.inst.IP, ip.Unmap().IsLoopback())
}

// probe starts to probe an address, in place of any other.
func (w *waiter) probe(ctx context.Context, ip string, loopback bool) {
	if w.endProbe != nil {
		w.endProbe()
	}
	ctx, cancel := context.WithCancel(ctx)
	w.probing++
	w.endProbe, w.probedIP, w.port = cancel, ip, 0
	ports := []int{w.t.port}
	// Port 22 of a loopback address is somebody's own sshd.
	if w.t.port != 22 && !loopback {
		ports = append(ports, 22)
	}
	address := provider.Address{
		Host: ip, Port: w.t.port, User: w.t.user,
		KeyPath: w.key.PrivatePath, KnownHostsPath: w.key.KnownHostsPath,
	}
	generation := w.probing
	w.wg.Go(func() {
		defer cancel()
		port, err := w.l.prober.Probe(ctx, address, ports, func(e provider.Event) {
			select {
			case w.events <- probeEvent{generation, e}:
			case <-ctx.Done():
			}
		})
		select {
		case w.results <- probeResult{generation, port, err}:
		case <-ctx.Done():
		}
	})
}

// probed passes on what the prober tells, but for the end of its last step:
// that one is done when the claim is ready as well.
func (w *waiter) probed(e probeEvent) {
	last := e.event.Step == provider.StepBootstrap && e.event.Phase == provider.PhaseDone
	if e.probing != w.probing || last {
		return
	}
	if e.event.Reason != provider.ReasonNone {
		w.last = fmt.Sprintf("SSH: %s", sshReasons[e.event.Reason])
	}
	w.r.send(e.event)
}

// sshReasons are for the error of a timeout; a rung has the prober's own words.
var sshReasons = map[provider.Reason]string{
	provider.ReasonRefused:   "the port is closed",
	provider.ReasonTimeout:   "nothing answers",
	provider.ReasonSilent:    "the port is open and says nothing",
	provider.ReasonNotSSH:    "something else than SSH answers",
	provider.ReasonBusy:      "sshd turns connections away",
	provider.ReasonKeyNotYet: "the lease's key is not accepted",
	provider.ReasonNotReady:  "the ready command does not succeed",
	provider.ReasonDropped:   "the connection is closed at once",
}

func (w *waiter) probeEnded(res probeResult) error {
	if res.probing != w.probing {
		return nil
	}
	if res.err != nil {
		return fmt.Errorf("SSH to %s: %w", w.probedIP, res.err)
	}
	w.port = res.port
	return nil
}

func (w *waiter) timeout() error {
	what, limit := "the provider did not say ready", w.l.readyWithin
	if w.everReady {
		what, limit = "SSH could not be used", w.l.sshWithin
	}
	err := fmt.Errorf("%w: %s within %s", provider.ErrNotReady, what, limit)
	if w.last != "" {
		err = fmt.Errorf("%w; last: %s", err, w.last)
	}
	return &tagged{err, provider.ErrUnusable}
}
