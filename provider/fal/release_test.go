package fal

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestAReleaseFromEveryStateLeavesNothing(t *testing.T) {
	for _, s := range allStates {
		if s == stateContradiction {
			continue
		}
		t.Run(string(s), func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(s, provider.AcquireRequest{})
			b.clock.advance(time.Minute)
			receipt, err := b.Release(t.Context(), refOf(rec), b.events.emit)
			if err != nil {
				t.Fatal(err)
			}
			b.nothingLeft()
			if receipt.LeaseID != rec.Claim.LeaseID || receipt.Slug != rec.Claim.Slug || len(receipt.Evidence) == 0 || receipt.AlreadyGone {
				t.Errorf("receipt %+v", receipt)
			}
			wantDeletes := map[state]int{stateCreateIntent: 0, stateRejected: 0, stateDeleteAccepted: 0, stateDeleteConfirmed: 0}
			n, ok := wantDeletes[s]
			if !ok {
				n = 1
			}
			if got := b.cloud.asked("DELETE"); got != n {
				t.Errorf("%d DELETEs, want %d", got, n)
			}
			if hadBox := !s.oneOf(stateCreateIntent, stateRejected); hadBox != (receipt.InstanceID != "") || hadBox != receipt.Cost.Known {
				t.Errorf("receipt %+v", receipt)
			}
			if s.oneOf(stateCreateIntent, stateRejected, stateDeleteConfirmed) && b.cloud.asked("") != 0 {
				t.Errorf("the provider was asked: %v", b.cloud.log)
			}
			for _, step := range provider.ReleaseSteps {
				if b.events.phase(step) != provider.PhaseDone {
					t.Errorf("step %d is in phase %d", step, b.events.phase(step))
				}
			}
		})
	}
}

func TestTheProofIsThreeAnswersInThisOrderAfterTheDelete(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	id := rec.Claim.CloudID
	receipt, err := b.Release(t.Context(), refOf(rec), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(b.cloud.log, ", "), "GET "+id+", DELETE "+id+", GET "+id+", LIST, GET "+id; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	var steps []provider.Step
	for _, e := range receipt.Evidence {
		steps = append(steps, e.Step)
	}
	if len(steps) != 4 || steps[0] != provider.StepDelete || steps[3] != provider.StepAbsentGetAgain {
		t.Errorf("evidence %+v", receipt.Evidence)
	}
}

func TestEachWriteOfADeletionIsOnDiskBeforeWhatItForetells(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	deleted := false
	b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		now, err := b.store.Read(t.Context(), rec.Claim.LeaseID)
		if err != nil {
			t.Error(err)
			return false
		}
		if unlock, err := b.store.TryLock(t.Context(), claims.LockOperation, rec.Claim.LeaseID); err == nil {
			unlock()
			t.Errorf("%s without the operation lock", what)
		}
		switch {
		case strings.HasPrefix(what, "DELETE"):
			stateIs(t, now, stateDeleteAttempted)
			deleted = true
		case deleted:
			stateIs(t, now, stateDeleteAccepted)
		}
		return false
	})
	if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
		t.Fatal(err)
	}
}

func TestABoxThatLingersIsWaitedForAndNeverForgottenBeforeItIsGone(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	deletes, looks := 0, 0
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		switch {
		case after:
		case strings.HasPrefix(what, "DELETE"):
			deletes++
			return say(w, 202, "")
		case what == "LIST" && looks < 6:
			looks++
			return say(w, 503, "")
		case strings.HasPrefix(what, "GET") && deletes > 0:
			if looks++; looks == 4 {
				return say(w, 404, "") // not visible, and still listed
			}
			if looks == 8 {
				delete(b.cloud.instances, rec.Claim.CloudID)
			}
		}
		return false
	})
	if _, err := b.Release(t.Context(), refOf(rec), b.events.emit); err != nil {
		t.Fatal(err)
	}
	b.nothingLeft()
	if deletes != 1 {
		t.Errorf("%d DELETEs", deletes)
	}
	if !b.events.saw(provider.StepAbsentGet, provider.ReasonStillThere) {
		t.Error("that it lingers was not told")
	}
}

func TestADeleteIsNotBelievedWhileTheBoxCanBeSeen(t *testing.T) {
	for name, hook := range map[string]func(w http.ResponseWriter, what string) bool{
		"by get": func(w http.ResponseWriter, what string) bool {
			return strings.HasPrefix(what, "DELETE") && say(w, 204, "")
		},
		"by list": func(w http.ResponseWriter, what string) bool {
			return strings.HasPrefix(what, "DELETE") && say(w, 204, "") || strings.HasPrefix(what, "GET") && say(w, 404, "")
		},
		"list broken": func(w http.ResponseWriter, what string) bool {
			return strings.HasPrefix(what, "GET") && say(w, 404, "") || what == "LIST" && say(w, 200, `{"instances":[],"next_cursor":null}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(o *Options) { o.AbsentWithin = 40 * time.Millisecond })
			rec := b.lease(stateReady, provider.AcquireRequest{Keep: true})
			b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
				return !after && hook(w, what)
			})
			_, err := b.Release(t.Context(), refOf(rec), b.events.emit)
			e := want(t, err, provider.ErrAbsenceUnproven)
			if !strings.Contains(e.State, "kept") || e.Next != "release it again" {
				t.Errorf("error %v", err)
			}
			now := b.only()
			if !kept(now.Claim) {
				t.Error("a failed release changed keep")
			}
			if _, err := b.store.Key(t.Context(), now.Claim.LeaseID); err != nil {
				t.Errorf("the key is gone: %v", err)
			}
		})
	}
}

// TestADeleteIsSentOnceARelease: one whose answer is lost is followed by the
// proof, and never repeated by itself. A person who releases again sends it again.
func TestADeleteIsSentOnceARelease(t *testing.T) {
	for name, tc := range map[string]struct {
		hook func(w http.ResponseWriter, after bool) bool
		gone bool // the first release can prove it
		is   error
	}{
		"lost after the effect":  {func(w http.ResponseWriter, after bool) bool { return after && drop(w) }, true, nil},
		"500 after the effect":   {func(w http.ResponseWriter, after bool) bool { return after && say(w, 500, "") }, true, nil},
		"lost before the effect": {func(w http.ResponseWriter, after bool) bool { return !after && drop(w) }, false, provider.ErrAbsenceUnproven},
		"500":                    {func(w http.ResponseWriter, after bool) bool { return !after && say(w, 500, "") }, false, provider.ErrAbsenceUnproven},
		"429":                    {func(w http.ResponseWriter, after bool) bool { return !after && say(w, 429, "") }, false, provider.ErrRateLimited},
		"403":                    {func(w http.ResponseWriter, after bool) bool { return !after && say(w, 403, "") }, false, provider.ErrForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, func(o *Options) { o.AbsentWithin = 40 * time.Millisecond })
			rec := b.lease(stateReady, provider.AcquireRequest{})
			harm := true
			b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, after bool) bool {
				return harm && strings.HasPrefix(what, "DELETE") && tc.hook(w, after)
			})
			receipt, err := b.Release(t.Context(), refOf(rec), nil)
			if n := b.cloud.asked("DELETE"); n != 1 {
				t.Errorf("%d deletes were sent", n)
			}
			if tc.gone {
				if err != nil || receipt.AlreadyGone {
					t.Errorf("%+v, %v", receipt, err)
				}
				b.nothingLeft()
				return
			}
			want(t, err, tc.is)
			stateIs(t, b.only(), stateDeleteAttempted)
			b.cloud.mu.Lock()
			harm = false
			b.cloud.mu.Unlock()
			if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
				t.Fatal(err)
			}
			b.nothingLeft()
		})
	}
}

func TestABoxThatSomebodyElseDeletedIsProvenGoneWithoutADelete(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	clear(b.cloud.instances)
	receipt, err := b.Release(t.Context(), refOf(rec), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !receipt.AlreadyGone || len(receipt.Evidence) != 3 || b.cloud.asked("DELETE") != 0 {
		t.Errorf("receipt %+v, log %v", receipt, b.cloud.log)
	}
	b.nothingLeft()
}

func TestTwoProgramsThatReleaseAtOnceDeleteOnce(t *testing.T) {
	for _, s := range []state{stateReady, stateDeleteAttempted, stateProvisioning, stateAmbiguous} {
		t.Run(string(s), func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(s, provider.AcquireRequest{})
			var wg sync.WaitGroup
			errs := make([]error, 4)
			for i := range errs {
				other := b.another()
				wg.Go(func() { _, errs[i] = other.Release(t.Context(), refOf(rec), nil) })
			}
			wg.Wait()
			succeeded := 0
			for _, err := range errs {
				if err == nil {
					succeeded++
				} else if !errors.Is(err, provider.ErrInProgress) && !errors.Is(err, provider.ErrNoClaim) {
					t.Errorf("error %v", err)
				}
			}
			if succeeded == 0 || b.cloud.asked("DELETE") != 1 {
				t.Errorf("%d succeeded, %d DELETEs", succeeded, b.cloud.asked("DELETE"))
			}
			b.nothingLeft()
		})
	}
}

func TestAReleaseThatWaitedForAnotherOneSaysThatItIsDone(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateDeleteAttempted, provider.AcquireRequest{})
	entered, waiting := make(chan struct{}), make(chan struct{})
	var once sync.Once
	b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if strings.HasPrefix(what, "DELETE") && !after {
			once.Do(func() {
				close(entered)
				<-waiting
			})
		}
		return false
	})
	var wg sync.WaitGroup
	wg.Go(func() {
		if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
			t.Errorf("the first: %v", err)
		}
	})
	<-entered
	second := &recorder{on: func(e provider.Event) {
		if e.Reason == provider.ReasonLocked {
			close(waiting)
		}
	}}
	receipt, err := b.another().Release(t.Context(), refOf(rec), second.emit)
	wg.Wait()
	if err != nil || !receipt.AlreadyGone {
		t.Errorf("the second: %+v, %v", receipt, err)
	}
	if b.cloud.asked("DELETE") != 1 {
		t.Errorf("%d DELETEs", b.cloud.asked("DELETE"))
	}
	b.nothingLeft()
}

func TestABoxIsNotReleasedUnderALivingAcquire(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateProvisioning, provider.AcquireRequest{})
	unlock, err := b.store.Lock(t.Context(), claims.LockAcquire, rec.Claim.LeaseID)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	_, err = b.Release(t.Context(), refOf(rec), nil)
	want(t, err, provider.ErrInProgress)
	if b.cloud.asked("") != 0 {
		t.Errorf("the provider was asked: %v", b.cloud.log)
	}
	stateIs(t, b.only(), stateProvisioning)
}

func TestWhatIsNotProvablyOursIsNeverDeletedNorChanged(t *testing.T) {
	for name, change := range map[string]func(*claims.Claim){
		"another provider": func(c *claims.Claim) { c.Provider = "hetzner" },
		"the alias":        func(c *claims.Claim) { c.Provider = "fal-ai" },
		"another endpoint": func(c *claims.Claim) { c.ProviderScope = "endpoint:https://api.fal.ai/v1" },
		"no endpoint":      func(c *claims.Claim) { c.ProviderScope = "" },
		"another key": func(c *claims.Claim) {
			c.Labels[labelBinding], c.CloudID = Binding("other"), "inst-unseen"
			delete(c.Labels, labelInstance)
		},
		"no binding":    func(c *claims.Claim) { delete(c.Labels, labelBinding) },
		"other labels":  func(c *claims.Claim) { c.Labels[labelLease] = "cbx_ffffffffffff" },
		"two instances": func(c *claims.Claim) { c.CloudID = "inst-9999" },
		"contradiction": func(c *claims.Claim) { c.Labels[labelDeleteConfirm] = c.CloudID },
		"no labels":     func(c *claims.Claim) { c.Labels = nil },
		"a strange id":  func(c *claims.Claim) { c.CloudID = "../keys"; c.Labels[labelInstance] = "../keys" },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cloud.seed("inst-9999")
			rec := b.lease(stateReady, provider.AcquireRequest{})
			rec = b.edit(rec.Claim.LeaseID, change)
			ref := provider.Ref{LeaseID: rec.Claim.LeaseID}
			ctx := t.Context()
			calls := map[string]func() error{
				"release": func() error { _, err := b.Release(ctx, ref, nil); return err },
				"cleanup": func() error {
					b.clock.advance(48 * time.Hour)
					verdicts, _ := b.Cleanup(ctx, false, nil)
					for _, v := range verdicts {
						if v.Delete {
							t.Errorf("verdict %+v", v)
						}
					}
					return errors.New("fine")
				},
			}
			if name != "a strange id" {
				calls["resume"] = func() error { _, err := b.Resume(ctx, ref, nil); return err }
				calls["touch"] = func() error { return b.Touch(ctx, ref) }
				calls["keep"] = func() error { return b.Keep(ctx, ref, true) }
			}
			for call, f := range calls {
				if err := f(); err == nil {
					t.Errorf("%s went through", call)
				}
			}
			if b.cloud.asked("DELETE")+b.cloud.asked("POST") != 0 || b.cloud.left() != 2 {
				t.Errorf("log %v", b.cloud.log)
			}
			if now := b.only(); now.Revision != rec.Revision {
				t.Errorf("the claim changed: %+v", now.Claim)
			}
		})
	}
}

func TestALeaseThatNamesAnotherInstanceThanThePersonSawIsLeftAlone(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	ref := provider.Ref{LeaseID: rec.Claim.LeaseID, InstanceID: "inst-7777"}
	_, err := b.Release(t.Context(), ref, nil)
	want(t, err, provider.ErrConflict)
	want(t, b.Touch(t.Context(), ref), provider.ErrConflict)
	_, err = b.Resume(t.Context(), ref, nil)
	want(t, err, provider.ErrConflict)
	if b.cloud.asked("") != 0 {
		t.Errorf("log %v", b.cloud.log)
	}
}

func TestALookThatAnswersAboutAnotherInstanceDeletesNothing(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, _ bool) bool {
		return strings.HasPrefix(what, "GET") && say(w, 200, `{"id":"inst-7777","status":"ready"}`)
	})
	_, err := b.Release(t.Context(), refOf(rec), nil)
	want(t, err, provider.ErrBadAnswer)
	if b.cloud.asked("DELETE") != 0 {
		t.Error("a DELETE was sent")
	}
	stateIs(t, b.only(), stateReady)
}

func TestALostCreateIsReleasedWithinItsWindowOnly(t *testing.T) {
	for _, s := range []state{stateInflight, stateAmbiguous} {
		b := newBench(t)
		rec := b.lease(s, provider.AcquireRequest{})
		for name, shift := range map[string]time.Duration{"over": replayWindow, "future": -replayWindow - 2*time.Minute} {
			b.clock.advance(shift)
			for call, f := range map[string]func() error{
				"release": func() error { _, err := b.Release(t.Context(), refOf(rec), nil); return err },
				"resume":  func() error { _, err := b.Resume(t.Context(), refOf(rec), nil); return err },
			} {
				if err := f(); !errors.Is(err, provider.ErrWindowOver) {
					t.Errorf("%s, %s, %s: %v", s, name, call, err)
				}
			}
		}
		if b.cloud.asked("POST") != 0 || b.only().Revision != rec.Revision {
			t.Errorf("%s: log %v", s, b.cloud.log)
		}
		b.clock.advance(2*time.Minute + time.Second)
		if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
		if b.cloud.asked("POST") != 1 {
			t.Errorf("%s: %d replays", s, b.cloud.asked("POST"))
		}
		b.nothingLeft()
	}
}

func TestACreateThatCannotBeRepeatedByteForByteIsNotRepeated(t *testing.T) {
	for name, arrange := range map[string]func(*bench, claims.Record){
		"another type": func(b *bench, rec claims.Record) {
			b.edit(rec.Claim.LeaseID, func(c *claims.Claim) { c.Labels[labelServerType] = typeEightGPUs })
		},
		"no binding": func(b *bench, rec claims.Record) {
			b.edit(rec.Claim.LeaseID, func(c *claims.Claim) { delete(c.Labels, labelRequest) })
		},
		"no key": func(b *bench, rec claims.Record) {
			if err := os.RemoveAll(filepath.Join(b.roots.Keys, rec.Claim.LeaseID)); err != nil {
				b.t.Fatal(err)
			}
		},
	} {
		b := newBench(t)
		rec := b.lease(stateAmbiguous, provider.AcquireRequest{})
		arrange(b, rec)
		if _, err := b.Release(t.Context(), refOf(rec), nil); err == nil {
			t.Errorf("%s: released", name)
		}
		if _, err := b.Resume(t.Context(), refOf(rec), nil); err == nil {
			t.Errorf("%s: resumed", name)
		}
		if b.cloud.asked("POST") != 0 {
			t.Errorf("%s: log %v", name, b.cloud.log)
		}
		stateIs(t, b.only(), stateAmbiguous)
	}
}

func TestAReleaseThatIsCancelledAnywhereCanBeTakenUpAgain(t *testing.T) {
	for _, what := range []string{"GET", "DELETE", "LIST"} {
		for _, after := range []bool{false, true} {
			b := newBench(t)
			rec := b.lease(stateReady, provider.AcquireRequest{})
			ctx, cancel := context.WithCancel(t.Context())
			b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, asked string, a bool) bool {
				if strings.HasPrefix(asked, what) && a == after {
					cancel()
				}
				return false
			})
			_, err := b.Release(ctx, refOf(rec), nil)
			if err != nil {
				want(t, err, context.Canceled)
				if len(b.records()) != 1 {
					t.Errorf("cancelled at %s: the claim is gone", what)
				}
				b.cloud.onRequest(nil)
				if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
					t.Errorf("again after %s: %v", what, err)
				}
			}
			b.nothingLeft()
		}
	}
}

func TestATouchDuringAReleaseDoesNotStopIt(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.clock.advance(time.Minute)
	other := b.another()
	touched := false
	b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if strings.HasPrefix(what, "GET") && !after && !touched {
			touched = true
			if err := other.Touch(t.Context(), refOf(rec)); err != nil {
				t.Error(err)
			}
		}
		if strings.HasPrefix(what, "DELETE") && !after {
			if err := other.Touch(t.Context(), refOf(rec)); !errors.Is(err, provider.ErrDeleting) {
				t.Errorf("touch of a lease that is being deleted: %v", err)
			}
		}
		return false
	})
	if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
		t.Fatal(err)
	}
	b.nothingLeft()
}

func TestAReleaseOfNothingSaysSo(t *testing.T) {
	b := newBench(t)
	for id, sentinel := range map[string]error{"cbx_000000000000": provider.ErrNoClaim, "../x": provider.ErrInvalid, "": provider.ErrInvalid} {
		_, err := b.Release(t.Context(), provider.Ref{LeaseID: id}, nil)
		want(t, err, sentinel)
	}
}
