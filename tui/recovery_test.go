package tui

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

type fakeRepairs struct{ w *world }

func (r fakeRepairs) Bind(_ context.Context, ref provider.Ref, id string) error {
	r.w.called("bind %s to %s", ref.LeaseID, id)
	return r.w.clockErr
}

func (r fakeRepairs) Rebind(_ context.Context, ref provider.Ref) error {
	r.w.called("rebind %s", ref.LeaseID)
	return r.w.clockErr
}

// fakeGuard runs as soon as it is started.
type fakeGuard struct {
	w       *world
	running bool
}

func (g *fakeGuard) Status() (bool, string, error) {
	g.w.called("guard status")
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	if g.running {
		return true, "a guard runs (process 1), watching 1 leases", nil
	}
	return false, "no guard runs", nil
}

func (g *fakeGuard) Start(context.Context) (string, error) {
	g.w.called("guard start")
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	g.running = true
	return "a guard runs", nil
}

func (g *fakeGuard) Stop(context.Context) error {
	g.w.called("guard stop")
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	g.running = false
	return nil
}

func lostCreate() *world {
	l := box(1, "unsure-owl", provider.StandingCreateAmbiguous, 20*time.Minute)
	l.InstanceID, l.Host, l.Status, l.ReplayUntil = "", "", "", start.Add(-11*time.Minute)
	l.Reason = "Nobody knows whether its create made a box, and one may be billing; its create can no longer be replayed safely."
	return with(l, foreign(20))
}

func TestTheReplayOfALostCreateIsCountedDown(t *testing.T) {
	w := lostCreate()
	w.snap.Rows[0].ReplayUntil, w.snap.Rows[0].Replayable = start.Add(5*time.Minute), true
	d := run(t, w, 120, 36)
	d.shows("5m 00s replay")
	d.pass(time.Minute)
	d.shows("4m 00s replay")
	d.press("b")
	d.shows("not bound: its create can still be replayed")
	d.press("u")
	d.did("resume cbx_000000000001")
}

func TestALostCreateIsBoundToTheIdThatAPersonTypes(t *testing.T) {
	d := run(t, lostCreate(), 120, 36)
	d.shows("no replay")
	d.press("u")
	d.shows("no resume: its create can no longer be replayed")
	d.press("b")
	d.settle()
	d.press("enter")
	d.shows("type the whole id")
	d.types("inst_00000014")
	d.press("enter")
	d.did("bind cbx_000000000001 to inst_00000014")
	d.shows("bound to inst_00000014")
}

func TestARefusedBindSaysWhy(t *testing.T) {
	w := lostCreate()
	w.clockErr = errors.New("it was there before the create began")
	d := run(t, w, 120, 36)
	d.press("b")
	d.settle()
	d.types("inst_00000014")
	d.press("enter")
	d.shows("it was not bound: it was there before the create began")
}

func TestALeaseOfAnotherKeyMovesWhenThisKeySeesItsBox(t *testing.T) {
	l := box(1, "others-ant", provider.StandingOtherKey, time.Hour)
	d := run(t, with(l), 120, 36)
	d.press("B")
	d.shows("not moved: the key in use does not see its box")
	d.fleet(func(s *provider.FleetSnapshot) { s.Rows[0].Rebindable = true })
	d.press("B")
	d.did("rebind cbx_000000000001")
	d.shows("it is bound to this key now")
}

func TestAStartListsWhatIsUnfinishedAndFinishesOnlyWhatIsProvenGone(t *testing.T) {
	w := with(ready(1, "ant"), box(2, "half-gone", provider.StandingDeleteAccepted, time.Hour), box(3, "ruin", provider.StandingKeptFailed, time.Hour))
	gone := box(4, "gone", provider.StandingDeleteConfirmed, time.Hour)
	gone.Status = ""
	w.snap.Rows = append(w.snap.Rows, gone)
	deps := w.deps()
	deps.TakeUp = true
	d := runWith(t, w, deps, 120, 36)
	d.shows("2 unfinished leases", "half-gone", "ruin", "u resume", "Nothing is done about them unasked")
	d.did("release cbx_000000000004 inst_00000004")
	d.settle()
	d.press("l")
	if got, _ := d.m.fleet.lease(); got.Slug != "half-gone" {
		t.Errorf("the cursor is on %s", got.Slug)
	}
}

func TestWhatNobodyHereMadeIsSaidOnce(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	happened := provider.Happening{At: start, Kind: provider.HappenedUnmade, InstanceID: "inst_x", Creator: "rosa"}
	for range 2 {
		d.fleet(func(s *provider.FleetSnapshot) { s.Happenings = []provider.Happening{happened} })
	}
	d.shows("A box that nobody here made: instance inst_x, by rosa.")
	n := 0
	for _, s := range d.m.notices.all {
		if s.text == happened.String() {
			n++
		}
	}
	if n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestQuittingOffersAGuardAndAStartSeesIt(t *testing.T) {
	w := with(ready(1, "ant"))
	g := &fakeGuard{w: w}
	deps := w.deps()
	deps.Guard = g
	d := runWith(t, w, deps, 120, 36)
	d.press("q")
	d.shows("leave a guard that releases them at their deadline")
	d.settle()
	d.press("g")
	d.until("quit", func() bool { return d.quit })
	d.did("guard start")

	again := runWith(t, w, deps, 120, 36)
	again.shows("a guard runs (process 1)")
	again.press("W")
	again.shows("The guard", "stop it")
	again.settle()
	again.press("s")
	again.did("guard stop")
	again.shows("the guard was stopped")
	again.press("q")
	again.shows("leave a guard")
}
