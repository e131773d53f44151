package session

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// quickPace is the default pace, a hundred times faster.
func quickPace() *pacing {
	p := defaultPacing()
	p.dialCap, p.overlap, p.stagger = 100*time.Millisecond, 30*time.Millisecond, 5*time.Millisecond
	p.banner, p.fastFor, p.deniedGap = 100*time.Millisecond, time.Second, 60*time.Millisecond
	p.tellAfter, p.readyRun = 50*time.Millisecond, 200*time.Millisecond
	waits := map[Reason]wait{}
	for r, w := range p.waits {
		w.first /= 100
		w.most /= 100
		waits[r] = w
	}
	p.waits = waits
	return &p
}

// climbed records a probe's steps and checks what holds for every probe.
type climbed struct {
	t     *testing.T
	steps []Step
	done  Rung
	on    func(Step)
}

func (c *climbed) report(s Step) {
	c.steps = append(c.steps, s)
	switch {
	case s.Phase == RungDone && s.Rung == c.done:
		c.done++
	case s.Phase == RungDone, s.Phase != RungFailed && s.Rung < c.done:
		c.t.Errorf("rung %d came back as phase %d with %d rungs done", s.Rung, s.Phase, c.done)
	case s.Phase == RungWaiting && (s.Reason == ReasonNone || s.RetryIn <= 0):
		c.t.Errorf("a wait without a reason or an end: %+v", s)
	case s.Phase == RungFailed && s.Err == nil:
		c.t.Errorf("a failure without an error: %+v", s)
	}
	if strings.ContainsAny(s.Detail, "\x1b\r\n") {
		c.t.Errorf("detail with control characters: %q", s.Detail)
	}
	if c.on != nil {
		c.on(s)
	}
}

func (c *climbed) waited(rung Rung, reason Reason) int {
	n := 0
	for _, s := range c.steps {
		if s.Phase == RungWaiting && s.Rung == rung && s.Reason == reason {
			n++
		}
	}
	return n
}

func probeContext(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func TestProbeClimbsOnOneConnection(t *testing.T) {
	b := newFaultBox(t)
	var tries atomic.Int32
	b.exec = func(command string, _ ssh.Channel) uint32 {
		if !strings.Contains(command, "rsync") {
			t.Errorf("ran %q", command)
		}
		if tries.Add(1) < 4 {
			return 3
		}
		return 0
	}
	e := b.start()
	c := &climbed{t: t}
	port, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, []int{e.Port}, c.report)
	if err != nil || port != e.Port {
		t.Fatal(port, err)
	}
	if c.done != RungReady+1 || c.waited(RungReady, ReasonNotReady) != 3 {
		t.Errorf("got %+v", c.steps)
	}
	if n := b.count(); n != 1 {
		t.Errorf("%d connections, want one for all rungs and tries", n)
	}
	if d := c.steps[9].Detail; d != "ready check: remote program exited with status 3" {
		t.Errorf("detail %q", d)
	}
}

func TestProbeWaitsForEachThingABootingBoxLacks(t *testing.T) {
	say := func(text string) func(net.Conn) { return func(c net.Conn) { hangUpAfter(c, text) } }
	for _, tt := range []struct {
		name   string
		greet  func(c net.Conn) // what each of the first connections gets
		rung   Rung
		reason Reason
	}{
		{"silent", func(c net.Conn) { _, _ = io.Copy(io.Discard, c) }, RungBanner, ReasonSilent},
		{"HTTP", say("HTTP/1.0 503 starting\r\n\r\n"), RungBanner, ReasonNotSSH},
		{"penalised", say("Not allowed at this time\r\n"), RungBanner, ReasonBusy},
		{"hangs up", say(""), RungBanner, ReasonDropped},
		{"hangs up after its banner", say("SSH-2.0-starting\r\n"), RungHostKey, ReasonDropped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBox(t)
			b.greet = func(c net.Conn, n int) bool {
				if n > 2 {
					return false
				}
				tt.greet(c)
				return true
			}
			e := b.start()
			c := &climbed{t: t}
			if _, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
				t.Fatal(err)
			}
			if c.waited(tt.rung, tt.reason) != 2 || c.done != RungReady+1 {
				t.Errorf("got %+v", c.steps)
			}
		})
	}
}

func TestProbeFindsAPortThatOpensLate(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	b.ln.Close()
	refused := 0
	c := &climbed{t: t, on: func(s Step) {
		if s.Reason == ReasonRefused {
			if refused++; refused == 5 {
				b.serveOn(listenOn(t, e.Port))
			}
		}
	}}
	if _, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
		t.Fatal(err)
	}
	if refused < 5 {
		t.Errorf("refused %d times", refused)
	}
}

// A black hole answers nothing: connects overlap, and the first that gets
// through wins.
func TestProbeOverlapsConnectsWithoutAnswer(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	var dials, open, most atomic.Int32
	d := &Dialer{Net: func(ctx context.Context, network, address string) (net.Conn, error) {
		most.Store(max(most.Load(), open.Add(1)))
		defer open.Add(-1)
		if dials.Add(1) <= 6 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	c := &climbed{t: t}
	if _, err := (&Prober{Dialer: d, pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
		t.Fatal(err)
	}
	if most.Load() < 2 || most.Load() > 3 {
		t.Errorf("%d connects at a time", most.Load())
	}
	if c.waited(RungTCP, ReasonTimeout) == 0 {
		t.Errorf("no timeout was reported: %+v", c.steps)
	}
}

func TestProbeWaitsForTheKeyToBeInstalled(t *testing.T) {
	b := newFaultBox(t)
	b.refuseKey = func(n int) bool { return n <= 3 }
	e := b.start()
	c := &climbed{t: t}
	if _, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
		t.Fatal(err)
	}
	if c.waited(RungAuth, ReasonDenied) != 3 {
		t.Errorf("got %+v", c.steps)
	}
	explained := false
	for _, s := range c.steps {
		explained = explained || strings.Contains(s.Detail, "cloud-init")
	}
	if !explained {
		t.Error("a key refused for long is not explained")
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := 1; i < len(b.logins); i++ {
		if gap := b.logins[i].Sub(b.logins[i-1]); i <= 3 && gap < 60*time.Millisecond {
			t.Errorf("login %d came %s after a denial, before its penalty ran down", i+1, gap)
		}
	}
}

func TestProbeGivesUpOnARefusedKeyAfterGrace(t *testing.T) {
	for _, grace := range []time.Duration{-1, 100 * time.Millisecond} {
		t.Run(fmt.Sprint(grace), func(t *testing.T) {
			b := newFaultBox(t)
			b.refuseKey = func(int) bool { return true }
			e := b.start()
			c := &climbed{t: t}
			_, err := (&Prober{Grace: grace, pace: quickPace()}).Probe(probeContext(t), e, nil, c.report)
			if !errors.Is(err, ErrDenied) {
				t.Fatalf("got %v", err)
			}
			last := c.steps[len(c.steps)-1]
			if last.Phase != RungFailed || last.Reason != ReasonDenied || last.Rung != RungAuth {
				t.Errorf("last step %+v", last)
			}
			if tries := b.loginCount(); grace < 0 && tries != 1 || grace > 0 && tries < 2 {
				t.Errorf("%d logins with a grace of %s", tries, grace)
			}
		})
	}
}

func TestProbeStopsAtOnceWhereWaitingIsPointless(t *testing.T) {
	for _, tt := range []struct {
		name   string
		before func(b *faultBox)
		after  func(b *faultBox, e Endpoint)
		rung   Rung
		reason Reason
	}{
		{"changed host key", func(*faultBox) {}, func(b *faultBox, e Endpoint) {
			if err := pin(b.t.Context(), e.KnownHosts, e.Address(), newSigner(b.t).PublicKey()); err != nil {
				b.t.Fatal(err)
			}
		}, RungHostKey, ReasonHostKeyChanged},
		{"no common algorithm", func(b *faultBox) {
			b.config = func(c *ssh.ServerConfig) {
				c.MACs = []string{ssh.InsecureHMACSHA196}
				c.Ciphers = []string{ssh.InsecureCipherAES128CBC}
			}
		}, func(*faultBox, Endpoint) {}, RungHostKey, ReasonNoCommonAlgorithm},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBox(t)
			tt.before(b)
			e := b.start()
			tt.after(b, e)
			c := &climbed{t: t}
			_, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, nil, c.report)
			var dial *DialError
			if !errors.As(err, &dial) || dial.Reason != tt.reason {
				t.Fatalf("got %v", err)
			}
			last := c.steps[len(c.steps)-1]
			if last.Phase != RungFailed || last.Rung != tt.rung || last.Reason != tt.reason {
				t.Errorf("last step %+v", last)
			}
			if b.count() != 1 || b.loginCount() != 0 {
				t.Errorf("%d connections, %d logins", b.count(), b.loginCount())
			}
		})
	}
}

// A box that restarts at the end of its installation is waited for again, and
// the rungs stay where they are.
func TestProbeSurvivesARestartOfTheBox(t *testing.T) {
	b := newFaultBox(t)
	var runs atomic.Int32
	b.exec = func(string, ssh.Channel) uint32 {
		if runs.Add(1) == 1 {
			b.cut()
			return noStatus
		}
		return 0
	}
	b.greet = func(c net.Conn, n int) bool { return n == 2 } // hangs up once more
	e := b.start()
	c := &climbed{t: t}
	if _, err := (&Prober{pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
		t.Fatal(err)
	}
	if c.waited(RungReady, ReasonDropped) != 2 || b.count() != 3 {
		t.Errorf("%d connections, steps %+v", b.count(), c.steps)
	}
}

func TestProbeTakesThePortThatLogsInFirst(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	closed := freePort(t)
	// A name, because only the first port is tried on a loopback address.
	e.Host = "box.test"
	d := &Dialer{Net: func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, _ := net.SplitHostPort(address)
		return (&net.Dialer{}).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	}}
	c := &climbed{t: t}
	port, err := (&Prober{Dialer: d, pace: quickPace()}).Probe(probeContext(t), e, []int{closed, e.Port, closed}, c.report)
	if err != nil || port != e.Port {
		t.Errorf("got %d, %v", port, err)
	}
	if got := read(t, e.KnownHosts); !strings.HasPrefix(got, "[box.test]:"+strconv.Itoa(e.Port)+" ") {
		t.Errorf("pinned %q", got)
	}
}

func TestCandidatePorts(t *testing.T) {
	for _, tt := range []struct {
		host  string
		ports []int
		want  string
	}{
		{"192.0.2.1", []int{2222, 22, 2222}, "[2222 22]"},
		{"192.0.2.1", nil, "[4222]"},
		{"127.0.0.7", []int{2222, 22}, "[2222]"},
		{"::1", []int{2222, 22}, "[2222]"},
		{"localhost", []int{2222, 22}, "[2222]"},
	} {
		if got := fmt.Sprint(candidates(Endpoint{Host: tt.host, Port: 4222}, tt.ports)); got != tt.want {
			t.Errorf("%s %v: got %s", tt.host, tt.ports, got)
		}
	}
}

func TestProbeEndsWithItsContext(t *testing.T) {
	cause := errors.New("the lease is gone")
	for name, set := range map[string]func(b *faultBox) func(Step) bool{
		"while refused": func(b *faultBox) func(Step) bool {
			b.deaf = true
			return func(s Step) bool { return s.Reason == ReasonRefused }
		},
		"while silent": func(b *faultBox) func(Step) bool {
			b.greet = func(c net.Conn, _ int) bool { _, _ = io.Copy(io.Discard, c); return true }
			return func(s Step) bool { return s.Rung == RungBanner }
		},
		"while not ready": func(b *faultBox) func(Step) bool {
			b.exec = func(string, ssh.Channel) uint32 { return 1 }
			return func(s Step) bool { return s.Reason == ReasonNotReady }
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFaultBox(t)
			now := set(b)
			e := b.start()
			ctx, cancel := context.WithCancelCause(probeContext(t))
			c := &climbed{t: t, on: func(s Step) {
				if now(s) {
					cancel(cause)
				}
			}}
			if _, err := (&Prober{pace: quickPace()}).Probe(ctx, e, nil, c.report); !errors.Is(err, cause) {
				t.Errorf("got %v", err)
			}
			for _, s := range c.steps {
				if s.Phase == RungFailed {
					t.Errorf("the end of the context was reported as a failure: %+v", s)
				}
			}
		})
	}
}

// A ready command that hangs is hung up on and run again.
func TestProbeBoundsTheReadyCommand(t *testing.T) {
	b := newFaultBox(t)
	var runs atomic.Int32
	b.exec = func(_ string, ch ssh.Channel) uint32 {
		if runs.Add(1) == 1 {
			_, _ = io.Copy(io.Discard, ch) // its input ends at once; it goes on
			<-time.After(time.Second)
		}
		return 0
	}
	e := b.start()
	c := &climbed{t: t}
	if _, err := (&Prober{Ready: "true", pace: quickPace()}).Probe(probeContext(t), e, nil, c.report); err != nil {
		t.Fatal(err)
	}
	if c.waited(RungReady, ReasonNotReady) != 1 || b.count() != 1 {
		t.Errorf("got %+v", c.steps)
	}
}

func TestProbeWithoutAKeyFails(t *testing.T) {
	c := &climbed{t: t}
	_, err := (&Prober{}).Probe(probeContext(t), Endpoint{Host: "127.0.0.1", KeyFile: t.TempDir() + "/none"}, []int{1}, c.report)
	if err == nil || len(c.steps) != 1 || c.steps[0].Phase != RungFailed {
		t.Errorf("got %v, %+v", err, c.steps)
	}
}
