package provider

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/claims"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// scripted is a provider whose calls do what a test says.
type scripted struct {
	Provider
	acquire   func(context.Context, func(Event)) (Lease, error)
	release   func(context.Context, func(Event)) (Receipt, error)
	touch     func() error
	inventory func() (Inventory, error)
}

func (s scripted) Acquire(ctx context.Context, _ AcquireRequest, emit func(Event)) (Lease, error) {
	return s.acquire(ctx, emit)
}
func (s scripted) Release(ctx context.Context, _ Ref, emit func(Event)) (Receipt, error) {
	return s.release(ctx, emit)
}
func (s scripted) Touch(context.Context, Ref) error             { return s.touch() }
func (s scripted) Inventory(context.Context) (Inventory, error) { return s.inventory() }

// await waits until a condition on a source with a wake-up slot holds.
func await(t *testing.T, wake <-chan struct{}, holds func() bool) {
	t.Helper()
	late := time.After(20 * time.Second)
	for !holds() {
		select {
		case <-wake:
		case <-late:
			t.Fatal("never came to hold")
		}
	}
}

func TestAnAcquireClimbsItsLadderAndARollbackIsAppended(t *testing.T) {
	failed := errors.New("the key was refused")
	o := NewOperations(scripted{acquire: func(ctx context.Context, emit func(Event)) (Lease, error) {
		emit(Event{LeaseID: "cbx_1", Slug: "a", Step: StepCreate, Phase: PhaseActive})
		emit(Event{Step: StepCreate, Phase: PhaseDone, InstanceID: "i1"})
		emit(Event{Step: StepTCP, Phase: PhaseWaiting, Reason: ReasonRefused, Attempt: 3, RetryIn: time.Second})
		emit(Event{Step: StepCreate, Phase: PhaseActive}) // a rung that is done stays done
		emit(Event{Step: StepDelete, Phase: PhaseDone})
		return Lease{}, failed
	}}, nil)
	id := o.Acquire(AcquireRequest{})
	await(t, o.Wake(), func() bool { return o.Snapshot()[0].Done() })
	p := o.Snapshot()[0]
	if p.ID != id || p.LeaseID != "cbx_1" || p.InstanceID != "i1" || !errors.Is(p.Err, failed) {
		t.Errorf("progress: %+v", p)
	}
	if len(p.Steps) != len(AcquireSteps)+len(ReleaseSteps) || p.Steps[0].Phase != PhaseDone ||
		p.Steps[3].Reason != ReasonRefused || p.Steps[3].RetryAt.IsZero() || p.Steps[8].Phase != PhaseDone {
		t.Errorf("ladder: %+v", p.Steps)
	}
	o.Dismiss(id)
	if len(o.Snapshot()) != 0 {
		t.Error("dismissed and still there")
	}
}

func TestASecondReleaseJoinsTheFirst(t *testing.T) {
	finish := make(chan struct{})
	calls := make(chan struct{}, 2)
	var stopped []string
	o := NewOperations(scripted{release: func(context.Context, func(Event)) (Receipt, error) {
		calls <- struct{}{}
		<-finish
		return Receipt{LeaseID: "cbx_1"}, nil
	}}, nil)
	o.BeforeRelease = func(_ context.Context, id string) { stopped = append(stopped, id) }
	first := o.Release(Ref{LeaseID: "cbx_1"}, "a")
	if second := o.Release(Ref{LeaseID: "cbx_1"}, "a"); second != first {
		t.Errorf("operations %d and %d", first, second)
	}
	close(finish)
	await(t, o.Wake(), func() bool { return o.Snapshot()[0].Done() })
	if len(calls) != 1 || len(stopped) != 1 || o.Snapshot()[0].Receipt == nil {
		t.Errorf("%d calls, heartbeat stopped for %q", len(calls), stopped)
	}
	if third := o.Release(Ref{LeaseID: "cbx_1"}, "a"); third == first {
		t.Error("an ended release was joined")
	}
	if err := o.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAnAbandonedAcquireLearnsWhyAndQuittingIsAnotherReason(t *testing.T) {
	causes := make(chan error, 2)
	o := NewOperations(scripted{acquire: func(ctx context.Context, _ func(Event)) (Lease, error) {
		<-ctx.Done()
		causes <- context.Cause(ctx)
		return Lease{}, context.Cause(ctx)
	}}, nil)
	id := o.Acquire(AcquireRequest{})
	o.Abandon(id, AbandonRollback)
	if cause := <-causes; !errors.Is(cause, AbandonRollback) {
		t.Errorf("cause %v", cause)
	}
	o.Acquire(AcquireRequest{})
	if err := o.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if cause := <-causes; errors.Is(cause, AbandonKeep) || errors.Is(cause, AbandonRollback) {
		t.Errorf("quitting decided for the person: %v", cause)
	}
}

func TestAPanicInOneOperationEndsOnlyThatOne(t *testing.T) {
	o := NewOperations(scripted{acquire: func(context.Context, func(Event)) (Lease, error) { panic("a bug") }}, nil)
	o.Acquire(AcquireRequest{})
	await(t, o.Wake(), func() bool { return o.Snapshot()[0].Done() })
	var e *Error
	if err := o.Snapshot()[0].Err; !errors.As(err, &e) || e.Next == "" {
		t.Errorf("ended with %v", err)
	}
}

// touches counts heartbeats.
type touches struct {
	mu  sync.Mutex
	n   int
	err error
}

func (c *touches) Touch(context.Context, Ref) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.err
}

func (c *touches) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.n
}

func TestTheHeartbeatIsAThirdOfTheIdleTimeoutWithinBounds(t *testing.T) {
	for idle, want := range map[time.Duration]time.Duration{
		time.Second: 5 * time.Second, 30 * time.Second: 10 * time.Second, time.Hour: time.Minute, 0: 5 * time.Second,
	} {
		if got := beatEvery(idle); got != want {
			t.Errorf("idle %s: every %s, want %s", idle, got, want)
		}
	}
}

func TestOneHeartbeatALeaseHoweverManyHoldIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &touches{}
		k := NewKeeper(c, nil)
		lease := Lease{ID: "cbx_1", Idle: 30 * time.Second}
		a, b := k.Hold(lease), k.Hold(lease)
		time.Sleep(25 * time.Second)
		synctest.Wait()
		if c.count() != 3 { // at 0, 10 and 20 s
			t.Errorf("%d touches", c.count())
		}
		a.Release()
		a.Release()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if c.count() != 4 {
			t.Errorf("%d touches with one holder left", c.count())
		}
		b.Release()
		time.Sleep(time.Minute)
		synctest.Wait()
		if c.count() != 4 {
			t.Errorf("%d touches after the last holder", c.count())
		}
	})
}

func TestADeadLinkDoesNotKeepABoxAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &touches{}
		k := NewKeeper(c, nil)
		h := k.Hold(Lease{ID: "cbx_1", Idle: time.Minute})
		time.Sleep(time.Second)
		h.Suspend()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if c.count() != 2 { // at 0 and at 20 s; from 31 s on it is idle/2
			t.Errorf("%d touches while the link was down", c.count())
		}
		h.Resume()
		time.Sleep(20 * time.Second)
		synctest.Wait()
		if c.count() != 3 {
			t.Errorf("%d touches after it came back", c.count())
		}
		h.Release()
	})
}

func TestTouchesEndForGoodOnARefusalAndGoOnAfterAnythingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &touches{err: ErrUnreachable}
		k := NewKeeper(c, nil)
		h := k.Hold(Lease{ID: "cbx_1", Idle: 30 * time.Second})
		time.Sleep(15 * time.Second)
		synctest.Wait()
		if c.count() != 2 || !errors.Is(k.Err("cbx_1"), ErrUnreachable) {
			t.Errorf("%d touches, %v", c.count(), k.Err("cbx_1"))
		}
		c.mu.Lock()
		c.err = ErrDeleting
		c.mu.Unlock()
		time.Sleep(time.Hour)
		synctest.Wait()
		if c.count() != 3 {
			t.Errorf("%d touches of a lease that is being deleted", c.count())
		}
		h.Release()
	})
}

func TestClaimsOfOtherProvidersAreNeverTouched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &touches{}
		h := NewKeeper(c, nil).Hold(Lease{ID: "cbx_1", Idle: 30 * time.Second, Standing: StandingOtherProvider})
		time.Sleep(time.Hour)
		synctest.Wait()
		if c.count() != 0 {
			t.Errorf("%d touches", c.count())
		}
		h.Release()
	})
}

func fileStore(t *testing.T) *claims.FileStore {
	t.Helper()
	dir := t.TempDir()
	s, err := claims.Open(claims.Roots{State: filepath.Join(dir, "state"), Keys: filepath.Join(dir, "keys")})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTheFleetShowsClaimsAtOnceAndFollowsThemWithoutPolling(t *testing.T) {
	store := fileStore(t)
	f := NewFleet(t.Context(), FleetOptions{Store: store, Relist: -1, View: View{Name: "fal", Scope: "s"}})
	defer f.Close()
	await(t, f.Wake(), func() bool { return errors.Is(f.Snapshot().InventoryErr, ErrNoKey) })
	rec, err := store.Create(t.Context(), claims.Claim{LeaseID: "cbx_1", Provider: "fal", ProviderScope: "s", CloudID: "i1"})
	if err != nil {
		t.Fatal(err)
	}
	await(t, f.Wake(), func() bool { return len(f.Snapshot().Rows) == 1 })
	if err := store.Remove(t.Context(), "cbx_1", rec.Revision); err != nil {
		t.Fatal(err)
	}
	await(t, f.Wake(), func() bool { return len(f.Snapshot().Rows) == 0 })
}

func TestTheFleetKeepsTheLastInventoryThroughAnOutage(t *testing.T) {
	answers := make(chan error, 1)
	f := NewFleet(t.Context(), FleetOptions{
		Store: fileStore(t), View: View{Name: "fal", Scope: "s"}, Every: time.Hour,
		Provider: scripted{inventory: func() (Inventory, error) {
			if err := <-answers; err != nil {
				return Inventory{}, err
			}
			return Inventory{Instances: []Instance{{ID: "i1", Status: "ready"}}, At: time.Now()}, nil
		}},
	})
	defer f.Close()
	answers <- nil
	await(t, f.Wake(), func() bool { return len(f.Snapshot().Rows) == 1 })
	first := f.Snapshot().InventoryAt
	limited := &Error{Op: "list", RetryAfter: time.Hour, Err: ErrRateLimited}
	answers <- limited
	f.Refresh()
	await(t, f.Wake(), func() bool { return f.Snapshot().InventoryErr != nil })
	s := f.Snapshot()
	if len(s.Rows) != 1 || !s.InventoryAt.Equal(first) || !errors.Is(s.InventoryErr, ErrRateLimited) || time.Until(s.RetryAt) < 30*time.Minute {
		t.Errorf("snapshot: %+v", s)
	}
	// A person's refresh does not break a limit that the provider set.
	f.Refresh()
	await(t, f.Wake(), func() bool { return f.Snapshot().At.After(s.At) })
	if f.Snapshot().Refreshing {
		t.Error("asked again before the limit was over")
	}
}

func TestAnAcquireElsewhereIsSeenByItsLock(t *testing.T) {
	store := fileStore(t)
	_, err := store.Create(t.Context(), claims.Claim{LeaseID: "cbx_1", Provider: "fal", ProviderScope: "s", CloudID: "i1",
		Labels: map[string]string{"recovery": "provisioning"}})
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := store.Lock(t.Context(), claims.LockAcquire, "cbx_1")
	if err != nil {
		t.Fatal(err)
	}
	f := NewFleet(t.Context(), FleetOptions{Store: store, View: View{Name: "fal", Scope: "s"}})
	defer f.Close()
	standing := func(want Standing) func() bool {
		return func() bool { r := f.Snapshot().Rows; return len(r) == 1 && r[0].Standing == want }
	}
	await(t, f.Wake(), standing(StandingAcquiring))
	unlock()
	f.Refresh()
	await(t, f.Wake(), func() bool { return !standing(StandingAcquiring)() })
}

func TestPricesAreEstimatesByTheHour(t *testing.T) {
	p := DefaultPrices()
	if c := p.Cost("gpu_8x_h100_sxm5", 90*time.Minute); !c.Known || c.PerHour != 8*1.89 || c.SoFar != 12*1.89 {
		t.Errorf("cost %+v", c)
	}
	p.WholeHours = true
	if c := p.Cost("gpu_1x_h100_sxm5", 61*time.Minute); c.SoFar != 2*1.89 {
		t.Errorf("whole hours: %+v", c)
	}
	if c := p.Cost("a card from tomorrow", time.Hour); c.Known || c.SoFar != 0 {
		t.Errorf("unknown type: %+v", c)
	}
	if c := p.Cost("gpu_1x_h100_sxm5", -time.Hour); c.SoFar != 0 {
		t.Errorf("negative time: %+v", c)
	}
}
