package session

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// candidate is one port that may lead to the box's sshd.
type candidate struct {
	probe    *probe
	index    int
	endpoint Endpoint
	backoff  backoff
	attempt  int // read by others only after a sighting was handed over

	at     Rung // how far it was when last heard of; the probe's goroutine alone
	waited bool // it has reported a wait; the same
	dead   error
}

// climb tries to log in until it can or must not go on, and hands each thing
// it sees to seen. It returns when ctx ends or after its last sighting.
func (c *candidate) climb(ctx context.Context, seen chan<- sighting) {
	if !pause(ctx, time.Duration(c.index)*c.probe.pace.stagger) {
		return
	}
	tell := func(s sighting) bool {
		s.from = c
		select {
		case seen <- s:
			return true
		case <-ctx.Done():
			return false
		}
	}
	step := func(s Step) bool {
		s.Attempt = c.attempt
		return tell(sighting{step: s})
	}
	for {
		c.attempt++
		step(Step{Rung: RungTCP, Phase: RungActive})
		client, failed := c.try(ctx, step)
		if failed == nil {
			if !tell(sighting{client: client}) {
				client.Close()
				<-client.Done()
			}
			return
		}
		if ctx.Err() != nil {
			return
		}
		s, final := c.judge(failed, time.Now())
		if final {
			s.Phase, s.Attempt = RungFailed, c.attempt
			tell(sighting{step: s, err: s.Err})
			return
		}
		if !step(s) || !pause(ctx, s.RetryIn) {
			return
		}
	}
}

// try makes one attempt from TCP to a login.
func (c *candidate) try(ctx context.Context, step func(Step) bool) (*Client, *DialError) {
	conn, failed := c.connect(ctx, step)
	if failed != nil {
		return nil, failed
	}
	step(Step{Rung: RungTCP, Phase: RungDone})
	step(Step{Rung: RungBanner, Phase: RungActive})
	client, err := c.probe.dialer.handshake(ctx, conn, c.endpoint, c.probe.signers, func(r Rung) {
		if r == RungBanner {
			c.probe.sawBanner(time.Now())
		}
		if r < RungAuth {
			step(Step{Rung: r, Phase: RungDone})
			step(Step{Rung: r + 1, Phase: RungActive})
		}
	})
	if err != nil {
		if !errors.As(err, &failed) {
			failed = &DialError{Address: c.endpoint.Address(), Rung: RungBanner, Reason: ReasonDropped, Err: err}
		}
		return nil, failed
	}
	return client, nil
}

// judge decides about a failure: to wait, and how long, or that it is final.
func (c *candidate) judge(failed *DialError, now time.Time) (s Step, final bool) {
	s = Step{Rung: failed.Rung, Phase: RungWaiting, Reason: failed.Reason, Detail: detail(failed), Err: failed}
	switch failed.Reason {
	case ReasonHostKeyChanged, ReasonNoCommonAlgorithm, ReasonNone:
		return s, true
	case ReasonDenied:
		since := c.probe.sinceBanner(now)
		if since >= c.probe.grace {
			s.Err = fmt.Errorf("not accepted for %s: %w", since.Round(time.Second), failed)
			return s, true
		}
		s.RetryIn = c.probe.gate.reserve(c.backoff.next(failed.Reason, now), now)
		if since >= c.probe.pace.tellAfter {
			s.Detail = "key not accepted yet; the box may still be installing it (cloud-init)"
		}
	default:
		s.RetryIn = c.backoff.next(failed.Reason, now)
	}
	return s, false
}

// detail is the cause without the address, which the screen has beside it.
func detail(failed *DialError) string {
	var op *net.OpError
	if failed.Rung == RungTCP && errors.As(failed.Err, &op) && op.Err != nil {
		return clean(op.Err.Error(), maxErrorText)
	}
	return clean(failed.Err.Error(), maxErrorText)
}

func (r *probe) sawBanner(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.banner.IsZero() {
		r.banner = now
	}
}

func (r *probe) sinceBanner(now time.Time) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.banner.IsZero() {
		return 0
	}
	return now.Sub(r.banner)
}

// connect opens the TCP connection. A connect that gets no answer is joined by
// another after a while, because the kernel repeats its SYN ever more slowly
// and a box that comes up between two repeats would be found late. It returns
// at the first connection, or the first error that is an answer.
func (c *candidate) connect(ctx context.Context, step func(Step) bool) (net.Conn, *DialError) {
	type dialed struct {
		conn net.Conn
		err  error
	}
	pace := c.probe.pace
	ctx, cancel := context.WithCancel(ctx)
	results := make(chan dialed)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	inFlight := 0
	launch := func() {
		inFlight++
		wg.Go(func() {
			capped, done := context.WithTimeout(ctx, pace.dialCap)
			conn, err := c.probe.dialer.connect(capped, c.endpoint)
			done()
			select {
			case results <- dialed{conn, err}:
			case <-ctx.Done():
				if conn != nil {
					conn.Close()
				}
			}
		})
	}
	fail := func(err error) *DialError {
		return &DialError{Address: c.endpoint.Address(), Rung: RungTCP, Reason: dialReason(err), Err: err}
	}
	launch()
	interval := pace.jittered(pace.overlap, false)
	next := time.NewTicker(interval)
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil, fail(ctx.Err())
		case <-next.C:
			if inFlight < pace.inFlight {
				c.attempt++
				launch()
			}
		case r := <-results:
			inFlight--
			if r.err == nil {
				return r.conn, nil
			}
			failed := fail(r.err)
			if failed.Reason != ReasonTimeout {
				return nil, failed
			}
			step(Step{
				Rung: RungTCP, Phase: RungWaiting, Reason: ReasonTimeout, RetryIn: interval,
				Detail: "no answer", Err: failed,
			})
		}
	}
}
