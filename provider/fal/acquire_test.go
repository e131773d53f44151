package fal

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestAnAcquireEndsWithABoxAReadyClaimAndAllRungsDone(t *testing.T) {
	b := newBench(t)
	lease := b.acquire(provider.AcquireRequest{Slug: "My Box!", TTL: time.Hour})
	rec := b.only()
	stateIs(t, rec, stateReady)
	c := rec.Claim
	if c.Slug != "my-box" || c.CloudID != "inst-0001" || c.SSHHost != "127.0.0.1" || c.SSHPort != 22 || c.RepoRoot != "/home/dev/project" {
		t.Errorf("claim %+v", c)
	}
	for _, k := range []string{labelRecovery, labelCreateStarted, labelAttempt, labelRequest} {
		if v, ok := c.Labels[k]; ok {
			t.Errorf("ready claim has %s=%s", k, v)
		}
	}
	if lease.ID != c.LeaseID || lease.Standing != provider.StandingReady || lease.Host != "127.0.0.1" || lease.KeyPath == "" {
		t.Errorf("lease %+v", lease)
	}
	for _, s := range provider.AcquireSteps {
		if got := b.events.phase(s); got != provider.PhaseDone {
			t.Errorf("step %d ends in phase %d", s, got)
		}
	}
	if first := b.events.all[0]; first.Step != provider.StepCreate || first.LeaseID != lease.ID {
		t.Errorf("first event %+v", first)
	}
	if b.cloud.asked("POST") != 1 {
		t.Errorf("%d creates", b.cloud.asked("POST"))
	}
	// Everything is let go of.
	for _, kind := range []claims.Lock{claims.LockAcquire, claims.LockOperation, claims.LockSlug} {
		unlock, err := b.store.TryLock(t.Context(), kind, lease.ID)
		if err != nil {
			t.Fatalf("lock %d: %v", kind, err)
		}
		unlock()
	}
}

func TestEachPostFindsItsIntentOnDiskAndItsLocksHeld(t *testing.T) {
	b := newBench(t)
	posts := 0
	b.cloud.onRequest(func(w http.ResponseWriter, r *http.Request, what string, after bool) bool {
		if what != "POST" || after {
			return false
		}
		posts++
		id := r.Header.Get("Idempotency-Key")
		data, err := os.ReadFile(filepath.Join(b.roots.State, "claims", id+".json"))
		if err != nil {
			t.Errorf("POST %d without a claim: %v", posts, err)
			return false
		}
		c, err := claims.Decode(data)
		if err != nil || stateOf(c) != stateInflight || c.Labels[labelAttempt] == "" {
			t.Errorf("POST %d finds claim %s, %v", posts, stateOf(c), err)
		}
		for _, kind := range []claims.Lock{claims.LockAcquire, claims.LockOperation} {
			if unlock, err := b.store.TryLock(t.Context(), kind, id); err == nil {
				unlock()
				t.Errorf("POST %d without lock %d", posts, kind)
			}
		}
		unlock, err := b.store.TryLock(t.Context(), claims.LockSlug, id)
		if err != nil {
			t.Errorf("POST %d while the slug lock is held: %v", posts, err)
			return false
		}
		unlock()
		return posts < 3 && say(w, 503, "")
	})
	b.acquire(provider.AcquireRequest{})
	if posts != 3 {
		t.Errorf("%d POSTs", posts)
	}
}

func TestALostAnswerToACreateIsReplayedAndMakesOneBox(t *testing.T) {
	b := newBench(t)
	n := 0
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if what == "POST" && after {
			n++
			return n <= 3 && drop(w)
		}
		return false
	})
	b.acquire(provider.AcquireRequest{})
	if b.cloud.left() != 1 || b.cloud.asked("POST") != 4 {
		t.Errorf("%d boxes, %d creates", b.cloud.left(), b.cloud.asked("POST"))
	}
	if !b.events.saw(provider.StepCreate, provider.ReasonReplay) {
		t.Error("the replay was not told")
	}
}

func TestACreateWhoseOutcomeStaysUnknownLeavesAnAmbiguousClaim(t *testing.T) {
	b := newBench(t)
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		return what == "POST" && after && drop(w)
	})
	_, err := b.Acquire(t.Context(), provider.AcquireRequest{}, b.events.emit)
	e := want(t, err, provider.ErrOutcomeUnknown)
	if !strings.Contains(e.State, "may exist and bill") || !strings.Contains(e.Next, "within") {
		t.Errorf("error %v", err)
	}
	rec := b.only()
	stateIs(t, rec, stateAmbiguous)
	if b.cloud.asked("POST") != 4 {
		t.Errorf("%d creates, want four", b.cloud.asked("POST"))
	}
	b.cloud.onRequest(nil)

	t.Run("and a resume finishes it with the same box", func(t *testing.T) {
		lease, err := b.Resume(t.Context(), provider.Ref{LeaseID: rec.Claim.LeaseID}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if lease.InstanceID != "inst-0001" || b.cloud.left() != 1 {
			t.Errorf("lease %+v, %d boxes", lease, b.cloud.left())
		}
	})
}

func TestARejectedCreateLeavesNothing(t *testing.T) {
	for _, status := range []int{400, 401, 403, 404, 422, 429} {
		b := newBench(t)
		b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, _ bool) bool {
			return what == "POST" && say(w, status, "")
		})
		_, err := b.Acquire(t.Context(), provider.AcquireRequest{Keep: true}, b.events.emit)
		e, ok := err.(*provider.Error)
		if !ok || errors.Is(err, provider.ErrOutcomeUnknown) || !strings.Contains(e.State, "nothing is left") {
			t.Errorf("%d: %v", status, err)
		}
		b.nothingLeft()
		if b.cloud.asked("POST") != 1 {
			t.Errorf("%d: %d creates", status, b.cloud.asked("POST"))
		}
		if b.events.phase(provider.StepCreate) != provider.PhaseFailed {
			t.Errorf("%d: the rung did not fail", status)
		}
	}
}

func TestARefusalAfterAnAttemptThatMayHaveSucceededIsNotBelieved(t *testing.T) {
	b := newBench(t)
	n := 0
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if what != "POST" || !after {
			return false
		}
		if n++; n == 1 {
			return drop(w)
		}
		return say(w, 403, "")
	})
	_, err := b.Acquire(t.Context(), provider.AcquireRequest{}, nil)
	want(t, err, provider.ErrForbidden)
	stateIs(t, b.only(), stateAmbiguous)
	if b.cloud.left() != 1 {
		t.Error("this test is about a box that exists")
	}
}

func TestFailedLooksWhileWaitingAreReasonsAndNotTheEnd(t *testing.T) {
	b := newBench(t)
	n := 0
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if after || !strings.HasPrefix(what, "GET") {
			return false
		}
		switch n++; n {
		case 1:
			return say(w, 500, "")
		case 2:
			return say(w, 429, "")
		case 3, 4: // net/http repeats a GET once by itself
			return drop(w)
		case 5:
			return say(w, 404, "")
		case 6:
			return say(w, 200, "<html>")
		case 7:
			return say(w, 200, `{"id":"inst-0001","status":"rebooting"}`)
		case 8:
			return say(w, 200, `{"id":"inst-0001","status":"ready"}`)
		case 9:
			return say(w, 200, `{"id":"inst-0001","status":"ready","ip":"-oProxyCommand=x"}`)
		}
		return false
	})
	lease := b.acquire(provider.AcquireRequest{})
	if lease.Standing != provider.StandingReady {
		t.Errorf("lease %+v", lease)
	}
	for _, why := range []provider.Reason{provider.ReasonAPI, provider.ReasonRateLimited, provider.ReasonNetwork, provider.ReasonStatus} {
		if !b.events.saw(provider.StepProvision, why) {
			t.Errorf("reason %d was not told", why)
		}
	}
	if !b.events.saw(provider.StepAddress, provider.ReasonNoAddress) {
		t.Error("the missing address was not told")
	}
	for _, a := range b.probe.asked {
		if a.Host != "127.0.0.1" {
			t.Errorf("%q was probed", a.Host)
		}
	}
}

func TestSSHIsProbedBeforeTheProviderSaysReadyAndBothAreNeeded(t *testing.T) {
	b := newBench(t)
	b.cloud.status = "provisioning"
	b.events.on = func(e provider.Event) {
		// Ready comes only after SSH answered.
		if e.Step == provider.StepAuth && e.Phase == provider.PhaseDone {
			stateIs(t, b.only(), stateProvisioning)
			b.cloud.set("inst-0001", "status", "ready")
		}
		if e.Step == provider.StepBootstrap && e.Phase == provider.PhaseDone {
			stateIs(t, b.only(), stateReady)
		}
	}
	b.acquire(provider.AcquireRequest{})
}

func TestABoxThatGetsAnotherAddressIsProbedThere(t *testing.T) {
	b := newBench(t)
	b.cloud.status = "provisioning"
	b.cloud.ip = "127.0.0.9"
	hang := make(chan struct{})
	b.probe.hang = hang
	b.events.on = func(e provider.Event) {
		if e.Step == provider.StepTCP && e.Phase == provider.PhaseWaiting {
			if b.cloud.asked("GET") < 4 {
				b.cloud.set("inst-0001", "ip", "127.0.0.10")
				b.cloud.set("inst-0001", "status", "ready")
			}
		}
		if e.Step == provider.StepAddress && e.Phase == provider.PhaseDone && e.Detail == "127.0.0.10" {
			close(hang)
		}
	}
	lease := b.acquire(provider.AcquireRequest{})
	if lease.Host != "127.0.0.10" || b.only().Claim.SSHHost != "127.0.0.10" {
		t.Errorf("lease at %s", lease.Host)
	}
}

func TestPortsAreTheConfiguredOneThenTwentyTwoButNotOnLoopback(t *testing.T) {
	for ip, wantPorts := range map[string][]int{"127.0.0.1": {2200}, "203.0.113.9": {2200, 22}} {
		b := newBench(t, func(o *Options) { o.Defaults.Port = 2200 })
		b.cloud.ip = ip
		b.probe.ports = func(ports []int) int { return ports[len(ports)-1] }
		b.acquire(provider.AcquireRequest{})
		if !slices.Equal(b.probe.tried[0], wantPorts) {
			t.Errorf("%s: ports %v", ip, b.probe.tried[0])
		}
		c := b.only().Claim
		if c.SSHPort != wantPorts[len(wantPorts)-1] || c.Labels["ssh_port"] != "2200" {
			t.Errorf("%s: port %d, label %s", ip, c.SSHPort, c.Labels["ssh_port"])
		}
	}
}

func TestAnAcquireThatFailsRollsBackUnlessItIsToBeKept(t *testing.T) {
	changed := errors.New("the host key changed")
	for name, arrange := range map[string]func(*bench){
		"host key":  func(b *bench) { b.probe.err = changed },
		"stopped":   func(b *bench) { b.cloud.status = "stopped" },
		"not ready": func(b *bench) { b.cloud.status = "pending"; b.readyWithin = 30 * time.Millisecond },
		"no SSH":    func(b *bench) { b.probe.hang = make(chan struct{}); b.sshWithin = 30 * time.Millisecond },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			arrange(b)
			_, err := b.Acquire(t.Context(), provider.AcquireRequest{}, b.events.emit)
			e, ok := err.(*provider.Error)
			if !ok || !strings.Contains(e.State, "rolled back") {
				t.Errorf("error %v", err)
			}
			b.nothingLeft()
			for _, s := range provider.ReleaseSteps {
				if b.events.phase(s) != provider.PhaseDone {
					t.Errorf("release step %d is in phase %d", s, b.events.phase(s))
				}
			}
		})
		t.Run(name+", kept", func(t *testing.T) {
			b := newBench(t)
			arrange(b)
			_, err := b.Acquire(t.Context(), provider.AcquireRequest{Keep: true}, b.events.emit)
			e, ok := err.(*provider.Error)
			if !ok || !strings.Contains(e.State, "kept") || e.InstanceID != "inst-0001" {
				t.Errorf("error %v", err)
			}
			rec := b.only()
			stateIs(t, rec, stateKept)
			if !kept(rec.Claim) || b.cloud.left() != 1 {
				t.Errorf("keep %t, %d boxes", kept(rec.Claim), b.cloud.left())
			}
		})
	}
}

func TestABoxThatIsDefinitelyGoneEndsTheWait(t *testing.T) {
	b := newBench(t)
	b.cloud.status = "provisioning"
	b.events.on = func(e provider.Event) {
		if e.Step == provider.StepProvision && e.Phase == provider.PhaseWaiting && e.Reason == provider.ReasonStatus {
			b.cloud.mu.Lock()
			clear(b.cloud.instances)
			b.cloud.mu.Unlock()
		}
	}
	_, err := b.Acquire(t.Context(), provider.AcquireRequest{}, b.events.emit)
	want(t, err, provider.ErrNotFound)
	b.nothingLeft()
	if b.cloud.asked("DELETE") != 0 {
		t.Error("a DELETE was sent for a box that is gone")
	}
}

// abandonWhen acquires a box that never answers on SSH, and ends that with a
// cause when an event comes.
func (b *bench) abandonWhen(cause error, when func(provider.Event) bool) error {
	b.t.Helper()
	ctx, cancel := context.WithCancelCause(b.t.Context())
	defer cancel(nil)
	b.probe.hang = make(chan struct{})
	b.events.on = func(e provider.Event) {
		if when(e) {
			cancel(cause)
		}
	}
	_, err := b.Acquire(ctx, provider.AcquireRequest{}, b.events.emit)
	return err
}

func probing(e provider.Event) bool {
	return e.Step == provider.StepTCP && e.Phase == provider.PhaseWaiting
}

func TestAnAbandonedAcquireDoesWhatThePersonChose(t *testing.T) {
	t.Run("keep", func(t *testing.T) {
		b := newBench(t)
		want(t, b.abandonWhen(provider.AbandonKeep, probing), provider.AbandonKeep)
		rec := b.only()
		stateIs(t, rec, stateKept)
		if !kept(rec.Claim) || b.cloud.left() != 1 || b.cloud.asked("DELETE") != 0 {
			t.Error("it was not kept")
		}
	})
	t.Run("roll back", func(t *testing.T) {
		b := newBench(t)
		want(t, b.abandonWhen(provider.AbandonRollback, probing), provider.AbandonRollback)
		b.nothingLeft()
	})
}

func TestAQuitLeavesTheClaimForAResume(t *testing.T) {
	b := newBench(t)
	quit := errors.New("the program ends")
	e := want(t, b.abandonWhen(quit, probing), quit)
	if !strings.Contains(e.State, "bills") || !strings.Contains(e.Next, "resume") {
		t.Errorf("error %v", e)
	}
	rec := b.only()
	stateIs(t, rec, stateProvisioning)
	b.probe.hang, b.events.on = nil, nil
	b.clock.advance(time.Hour)
	lease, err := b.Resume(t.Context(), refOf(rec), b.events.emit)
	if err != nil {
		t.Fatal(err)
	}
	if lease.Standing != provider.StandingReady || b.cloud.asked("POST") != 1 {
		t.Errorf("lease %+v after %d creates", lease, b.cloud.asked("POST"))
	}
	// A resume is a use: the box is not ready and expired at once.
	at, ok := b.only().Claim.LabelTime(labelExpiresAt)
	if !ok || !at.After(b.clock.Now()) {
		t.Errorf("it expires at %v, now is %v", at, b.clock.Now())
	}
}

func refOf(r claims.Record) provider.Ref {
	return provider.Ref{LeaseID: r.Claim.LeaseID, InstanceID: r.Claim.CloudID}
}

func TestACreateThatWasSentIsWaitedForWhenItsAcquireIsRolledBack(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if what == "POST" && after {
			cancel(provider.AbandonRollback)
		}
		return false
	})
	_, err := b.Acquire(ctx, provider.AcquireRequest{}, nil)
	want(t, err, provider.AbandonRollback)
	b.nothingLeft()
	if b.cloud.asked("DELETE") != 1 {
		t.Errorf("%d DELETEs", b.cloud.asked("DELETE"))
	}
}

func TestALostCreateIsFoundAgainToBeRolledBack(t *testing.T) {
	b := newBench(t)
	b.betweenPosts = time.Hour
	n := 0
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if what == "POST" && after {
			n++
			return n == 1 && drop(w)
		}
		return false
	})
	want(t, b.abandonWhen(provider.AbandonRollback, func(e provider.Event) bool { return e.Reason == provider.ReasonReplay }), provider.AbandonRollback)
	b.nothingLeft()
}

func TestARollbackThatFailsKeepsTheClaimAndSaysSo(t *testing.T) {
	b := newBench(t, func(o *Options) { o.AbsentWithin = 30 * time.Millisecond })
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, _ bool) bool {
		return strings.HasPrefix(what, "DELETE") && say(w, 403, "")
	})
	e := want(t, b.abandonWhen(provider.AbandonRollback, probing), provider.AbandonRollback)
	if !strings.Contains(e.State, "rolling it back failed") || e.Next != "release it" {
		t.Errorf("error %v", e)
	}
	stateIs(t, b.only(), stateDeleteAttempted)
	b.cloud.onRequest(nil)
	if _, err := b.Release(t.Context(), refOf(b.only()), nil); err != nil {
		t.Fatal(err)
	}
	b.nothingLeft()
}

func TestAClaimThatVanishesDuringItsCreateIsWrittenAgainAndTheBoxDeleted(t *testing.T) {
	b := newBench(t)
	b.cloud.onRequest(func(_ http.ResponseWriter, r *http.Request, what string, after bool) bool {
		if what == "POST" && after {
			if err := os.Remove(filepath.Join(b.roots.State, "claims", r.Header.Get("Idempotency-Key")+".json")); err != nil {
				t.Error(err)
			}
		}
		return false
	})
	_, err := b.Acquire(t.Context(), provider.AcquireRequest{}, nil)
	want(t, err, provider.ErrConflict)
	b.nothingLeft()
}

func TestRequestsThatMakeNoSenseAreRefusedBeforeAnythingIsWritten(t *testing.T) {
	b := newBench(t)
	for name, req := range map[string]provider.AcquireRequest{
		"type":     {Type: "gpu\x1b[2J"},
		"sector":   {Type: typeEightGPUs, Sector: "a b"},
		"TTL":      {TTL: 25 * time.Hour},
		"no TTL":   {TTL: -time.Hour},
		"idle":     {Idle: time.Millisecond},
		"slug":     {Slug: "!!!"},
		"the slug": {Slug: strings.Repeat("a", 42)},
	} {
		if _, err := b.Acquire(t.Context(), req, nil); !errors.Is(err, provider.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if b.cloud.asked("") != 0 || len(b.records()) != 0 {
		t.Error("something was done")
	}
}

func TestASectorIsSentWithTheTypeThatHasOne(t *testing.T) {
	for typ, wantSector := range map[string]string{typeOneGPU: "", typeEightGPUs: "sector_3", "gpu_2x_b200": ""} {
		b := newBench(t, func(o *Options) { o.Defaults.Sector = "sector_3" })
		b.acquire(provider.AcquireRequest{Type: typ})
		c := b.only().Claim
		body := b.cloud.bodies[c.LeaseID]
		if got := strings.Contains(body, "sector"); got != (wantSector != "") || c.Labels[labelSector] != wantSector {
			t.Errorf("%s: body %s, label %q", typ, body, c.Labels[labelSector])
		}
	}
}

func TestWithoutAKeyEveryCallSaysSo(t *testing.T) {
	b := newBench(t, func(o *Options) { o.Key = "" })
	ctx, ref := t.Context(), provider.Ref{LeaseID: "cbx_000000000000"}
	_, inv := b.Inventory(ctx)
	_, acq := b.Acquire(ctx, provider.AcquireRequest{}, nil)
	_, res := b.Resume(ctx, ref, nil)
	_, rel := b.Release(ctx, ref, nil)
	_, cle := b.Cleanup(ctx, false, nil)
	for i, err := range []error{inv, acq, res, rel, cle, b.Touch(ctx, ref), b.Keep(ctx, ref, true), b.Extend(ctx, ref, provider.Extension{TTL: time.Hour})} {
		if !errors.Is(err, provider.ErrNoKey) {
			t.Errorf("call %d: %v", i, err)
		}
	}
}
