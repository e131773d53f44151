package session

import (
	"context"
	"errors"
	"net"
	"strings"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// Rung is one stage of the readiness probe.
type Rung int

const (
	RungTCP Rung = iota
	RungBanner
	RungHostKey
	RungAuth
	RungReady // the ready command succeeds
	rungCount
)

// RungPhase is how far a rung is.
type RungPhase int

const (
	RungActive RungPhase = iota
	RungWaiting
	RungDone
	RungFailed
)

// Reason is why a rung waits or failed.
type Reason int

const (
	ReasonNone Reason = iota
	ReasonRefused
	ReasonTimeout
	ReasonSilent
	ReasonNotSSH
	ReasonBusy    // sshd turns connections away for now
	ReasonDenied  // key not accepted yet
	ReasonDropped // connection closed on us
	ReasonNotReady
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

// readyCommand is crabbox's ready check.
const readyCommand = "command -v git >/dev/null && command -v rsync >/dev/null && command -v tar >/dev/null"

// Prober finds out whether a box can be used. The zero value works.
type Prober struct {
	Dialer *Dialer // nil: a zero Dialer
	// Ready is run until it succeeds. [crabbox's ready check]
	Ready string
	// Grace is how long a refused key is taken for "not installed yet", from
	// the first banner on. [3m]
	Grace time.Duration

	pace pace // tests go faster
}

// outcome is what one attempt on one port, or one run of the ready command,
// came to.
type outcome struct {
	port    int
	rung    Rung // where it stands
	reason  Reason
	detail  string
	attempt int
	retryIn time.Duration
	client  *Client // logged in: the port has won
	err     error   // waiting on is pointless
}

// Probe walks the rungs on the endpoint, trying ports in order of preference,
// until the ready command succeeds, and returns the port that did. report is
// called from the calling goroutine, must not block, and may be nil. It
// returns early with *HostKeyChangedError, or with ErrDenied after Grace; else
// it goes on until ctx ends.
func (p *Prober) Probe(ctx context.Context, e Endpoint, ports []int, report func(Step)) (int, error) {
	l := &ladder{report: report}
	l.active(RungTCP)
	for {
		client, port, err := p.login(ctx, e, ports, l)
		if err != nil {
			return 0, err
		}
		l.reached(RungReady)
		err = p.ready(ctx, client, l)
		client.Close()
		if err == nil {
			l.reached(rungCount)
			return port, nil
		}
		if ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		// A box that restarts while it is set up drops us; it comes back.
		l.wait(outcome{rung: RungReady, reason: ReasonDropped, retryIn: p.pace.dropped()})
		if err := sleep(ctx, p.pace.dropped()); err != nil {
			return 0, err
		}
	}
}

// login tries the ports side by side until one takes the key.
func (p *Prober) login(ctx context.Context, e Endpoint, ports []int, l *ladder) (*Client, int, error) {
	ctx, cancel := context.WithCancel(ctx)
	outcomes := make(chan outcome)
	walking := 0
	defer func() {
		cancel()
		for ; walking > 0; walking-- {
			if o := <-outcomes; o.client != nil {
				o.client.Close()
			}
		}
	}()
	if len(ports) == 0 {
		ports = []int{e.Port}
	}
	for i, port := range ports {
		target := e
		target.Port = port
		walking++
		go p.walk(ctx, target, time.Duration(i)*p.pace.stagger(), outcomes)
	}
	var last error
	furthest := map[int]Rung{}
	for walking > 0 {
		o := <-outcomes
		furthest[o.port] = max(furthest[o.port], o.rung)
		switch {
		case o.client != nil:
			walking--
			return o.client, o.port, nil
		case o.err != nil:
			walking--
			last = o.err
			var changed *HostKeyChangedError
			if errors.As(o.err, &changed) || walking == 0 {
				l.fail(o)
				return nil, 0, o.err
			}
		default:
			if o.port == ports[0] || o.rung > furthest[ports[0]] {
				l.wait(o)
			}
		}
	}
	return nil, 0, last
}

// walk tries one port again and again. It sends each outcome, and ends with
// one that has a client or an error.
func (p *Prober) walk(ctx context.Context, e Endpoint, after time.Duration, outcomes chan<- outcome) {
	if err := sleep(ctx, after); err != nil {
		outcomes <- outcome{port: e.Port, err: err}
		return
	}
	dialer := p.Dialer
	if dialer == nil {
		dialer = &Dialer{}
	}
	grace := orDefault(p.Grace, 3*time.Minute)
	begin := time.Now()
	var firstBanner time.Time
	tries := map[Reason]int{}
	for attempt := 1; ; attempt++ {
		client, err := dialer.attempt(ctx, e, p.pace.dialCap(), p.pace.banner(tries[ReasonSilent]))
		if err == nil {
			outcomes <- outcome{port: e.Port, rung: RungReady, client: client}
			return
		}
		o := judge(err)
		o.port, o.attempt = e.Port, attempt
		if ctx.Err() != nil {
			o.err = context.Cause(ctx)
			outcomes <- o
			return
		}
		if o.rung > RungBanner && firstBanner.IsZero() {
			firstBanner = time.Now()
		}
		if o.reason == ReasonDenied && time.Since(firstBanner) > grace {
			o.err = err
		}
		if o.err != nil {
			outcomes <- o
			return
		}
		tries[o.reason]++
		o.retryIn = jitter(p.pace.pause(o.reason, tries[o.reason], time.Since(begin)))
		outcomes <- o
		if err := sleep(ctx, o.retryIn); err != nil {
			outcomes <- outcome{port: e.Port, err: err}
			return
		}
	}
}

// ready runs the ready command on one connection until it succeeds: new
// connections would cost penalties, and tell nothing more.
func (p *Prober) ready(ctx context.Context, c *Client, l *ladder) error {
	command := p.Ready
	if command == "" {
		command = readyCommand
	}
	for attempt := 1; ; attempt++ {
		_, err := c.Run(ctx, command, 0)
		var exit *ExitError
		if !errors.As(err, &exit) {
			return err
		}
		pause := jitter(p.pace.pause(ReasonNotReady, attempt, 0))
		l.wait(outcome{rung: RungReady, reason: ReasonNotReady, detail: exit.Error(), attempt: attempt, retryIn: pause})
		if err := sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// judge says what a failed attempt means.
func judge(err error) outcome {
	var changed *HostKeyChangedError
	if errors.As(err, &changed) {
		return outcome{rung: RungHostKey, reason: ReasonHostKeyChanged, err: err}
	}
	var failed *stageError
	if !errors.As(err, &failed) {
		// Nothing about the box: a key that cannot be read, for example.
		return outcome{rung: RungTCP, err: err}
	}
	o := outcome{rung: RungTCP, reason: ReasonDropped, detail: clean(failed.err.Error())}
	var timeout net.Error
	late := errors.As(err, &timeout) && timeout.Timeout()
	switch failed.stage {
	case stageTCP:
		switch {
		case errors.Is(err, syscall.ECONNREFUSED), strings.Contains(o.detail, "refused"):
			o.reason, o.detail = ReasonRefused, ""
		case late:
			o.reason, o.detail = ReasonTimeout, ""
		}
	case stageBanner:
		o.rung = RungBanner
		said := strings.ToLower(failed.said)
		switch {
		case strings.Contains(said, "not allowed at this time"), strings.Contains(said, "maxstartups"):
			o.reason, o.detail = ReasonBusy, failed.said
		case failed.said != "":
			o.reason, o.detail = ReasonNotSSH, failed.said
		case late:
			o.reason, o.detail = ReasonSilent, ""
		}
	case stageKeyExchange:
		o.rung = RungHostKey
		var none *ssh.AlgorithmNegotiationError
		if errors.As(err, &none) {
			o.reason, o.err = ReasonNoCommonAlgorithm, err
		}
	case stageAuth:
		o.rung = RungAuth
		if errors.Is(err, ErrDenied) {
			o.reason, o.detail = ReasonDenied, ""
		}
	}
	return o
}

// ladder turns outcomes into steps, each rung a high-water mark.
type ladder struct {
	report func(Step)
	at     Rung // all rungs below are done
}

func (l *ladder) send(s Step) {
	if l.report != nil {
		l.report(s)
	}
}

func (l *ladder) active(r Rung) {
	if r < rungCount {
		l.send(Step{Rung: r, Phase: RungActive})
	}
}

// reached says that all rungs below r are done.
func (l *ladder) reached(r Rung) {
	if r <= l.at {
		return
	}
	for ; l.at < r; l.at++ {
		l.send(Step{Rung: l.at, Phase: RungDone})
	}
	l.active(r)
}

// wait says why the rung that is not done yet waits.
func (l *ladder) wait(o outcome) {
	l.reached(o.rung)
	l.send(Step{Rung: l.at, Phase: RungWaiting, Reason: o.reason, Detail: o.detail, Attempt: o.attempt, RetryIn: o.retryIn})
}

func (l *ladder) fail(o outcome) {
	l.reached(o.rung)
	l.send(Step{Rung: l.at, Phase: RungFailed, Reason: o.reason, Detail: o.detail, Attempt: o.attempt, Err: o.err})
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
