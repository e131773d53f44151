package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

func TestAcquireFromForm(t *testing.T) {
	d := run(t, with(), 80, 24)
	d.press("a")
	d.settle()
	d.shows("~$2.84 for 1h30m at $1.89/h, estimate")
	d.press("right")
	d.shows("sector_1", "~$22.68 for 1h30m at $15.12/h")
	d.press("tab", "right", "tab")
	d.types("Big-Crab")
	d.press("tab", "ctrl+u")
	d.types("26h")
	d.press("enter")
	d.shows("24h at most")
	if strings.Contains(d.w.log(), "acquire") {
		t.Fatal("an invalid form was sent")
	}
	d.press("ctrl+u")
	d.types("2h")
	d.shows("~$30.24 for 2h")
	d.press("tab", "tab", "space", "enter")
	d.did(`acquire gpu_8x_h100_sxm5 sector_2 "big-crab" ttl=2h0m0s idle=30m0s keep=true`)
	d.shows("acquire big-crab", "create", "ready to work", "◐ acquiring")
}

func TestSectorIsSentWithTypesThatHaveThemOnly(t *testing.T) {
	d := run(t, with(), 80, 24)
	d.press("a")
	d.settle()
	d.press("right", "tab", "right", "shift+tab", "left", "enter")
	d.did(`acquire gpu_1x_h100_sxm5  ""`)
}

// Who types a command in the belief that a pane has the keyboard rents nothing.
func TestACommandTypedIntoTheFleetRentsNothing(t *testing.T) {
	d := run(t, with(), 80, 24)
	for _, key := range strings.Split("nvidi", "") {
		d.press(key)
	}
	d.press("a", "enter")
	if d.m.form == nil || strings.Contains(d.w.log(), "acquire") {
		t.Fatalf("typed ahead, and it did %q", d.w.log())
	}
	d.settle()
	d.types("-smi")
	d.press("enter")
	d.shows("enter again acquires")
	if strings.Contains(d.w.log(), "acquire") {
		t.Fatalf("it did %q", d.w.log())
	}
	d.press("enter")
	d.did("acquire gpu_1x_h100_sxm5")
}

func TestReadyIsSaidOnAnyScreen(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 80, 24)
	climb(d)
	d.fakePane("ant")
	d.lacks("new-hare is ready")
	l := ready(2, "new-hare")
	d.op(1, func(p *provider.Progress) { p.Ended, p.Lease, p.LeaseID = start.Add(time.Minute), &l, l.ID })
	d.shows("new-hare is ready")
	d.press("ctrl+]", "d", "N")
	d.shows("Notices", "new-hare is ready")
}

// The row of an acquire is its own until its claim is there; the cursor goes over.
func TestAcquireRowBecomesItsLease(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	climb(d)
	d.press("down")
	d.shows("new-hare")
	l := box(2, "new-hare", provider.StandingAcquiring, time.Second)
	d.fleet(func(s *provider.FleetSnapshot) { s.Rows = append(s.Rows, l) })
	d.op(1, func(p *provider.Progress) { p.LeaseID = l.ID })
	if got, _ := d.m.fleet.lease(); got.ID != l.ID {
		t.Errorf("the cursor is on %q", d.m.fleet.cursor)
	}
	if n := len(d.m.fleet.rows); n != 2 {
		t.Errorf("%d rows", n)
	}
}

func TestEscOnAnAcquireOffersThreeWays(t *testing.T) {
	for k, want := range map[string]string{"k": "abandon 1: " + provider.AbandonKeep.Error(), "r": "abandon 1: " + provider.AbandonRollback.Error(), "b": ""} {
		d := run(t, with(), 80, 24)
		climb(d)
		d.press("esc", k)
		d.lacks("stopping, what is there", "rolling back")
		d.settle()
		d.press(k)
		if want != "" {
			d.did(want)
		} else if strings.Contains(d.w.log(), "abandon") {
			t.Error("left in the background, and ended")
		}
	}
}

func TestFailureIsSaidInFullAndDismissed(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 80, 24)
	fall(d)
	d.shows("✕ failed", "the instance was rolled back, and that it is gone is proven. Next: try again, or another sector")
	d.press("x")
	d.did("dismiss 1")
	d.until("gone", func() bool { return !strings.Contains(d.screen(), "new-hare\n") && len(d.m.fleet.ops) == 0 })
}

func TestResume(t *testing.T) {
	d := run(t, with(box(1, "ant", provider.StandingKeptFailed, time.Hour), ready(2, "bee")), 80, 24)
	d.press("u")
	d.did("resume cbx_000000000001")
	d.press("down", "u")
	d.shows("no resume: nothing to resume: it is ready")
}

func TestReleaseAsksAndDefaultsToNo(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee")), 120, 36)
	d.press("r")
	d.shows("Release ant?", "~$0.63 so far at $1.89/h")
	d.press("y", "enter")
	d.shows("Release ant?")
	d.settle()
	d.press("enter")
	d.lacks("Release ant?")
	if got := d.w.log(); got != "" {
		t.Fatalf("did %s", got)
	}
	d.press("r")
	d.settle()
	d.press("y")
	d.did("stop hold cbx_000000000001; release cbx_000000000001 inst_00000001")
	d.shows("delete accepted", "key and claim removed")
}

func TestReleaseClosesItsPanesFirst(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee")), 120, 36)
	other := d.fakePane("bee")
	own := d.fakePane("ant")
	d.press("ctrl+]", "d", "r")
	d.shows("Closes 1 open pane of it.")
	d.settle()
	d.press("y")
	d.did("release hold cbx_000000000001; stop hold cbx_000000000001; release cbx_000000000001")
	<-own.done
	select {
	case <-other.done:
		t.Error("another box's pane was closed")
	default:
	}
	if n := len(d.m.panes.all); n != 1 {
		t.Errorf("%d panes left", n)
	}
}

// What a person said yes to is the instance on screen then, no other.
func TestReleaseOfAnotherInstanceIsRefused(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.press("r")
	d.fleet(func(s *provider.FleetSnapshot) {
		l := s.Rows[0]
		l.InstanceID = "inst_other"
		s.Rows = []provider.Lease{l}
	})
	d.settle()
	d.press("y")
	d.shows("ant was not released: it is another instance now")
	if strings.Contains(d.w.log(), "release") {
		t.Errorf("did %s", d.w.log())
	}
}

func TestReceipt(t *testing.T) {
	d := run(t, with(ready(1, "rapid-otter"), ready(2, "bee")), 80, 24)
	letGo(d)
	d.shows("✓ done", "cost ~$0.63 for 20m 00s (estimate)")
	d.press("x")
	d.did("dismiss 1")
}

func TestQuitWithAnUnfinishedAcquire(t *testing.T) {
	d := run(t, with(), 80, 24)
	climb(d)
	d.press("q")
	d.shows("acquire new-hare is under way")
	d.settle()
	d.press("r")
	d.did("abandon 1: " + provider.AbandonRollback.Error())
	d.shows("waiting for new-hare")
	if d.quit {
		t.Error("did not wait for the roll back")
	}
	d.op(1, func(p *provider.Progress) { p.Ended, p.Err = start.Add(time.Minute), provider.AbandonRollback })
	d.until("quit", func() bool { return d.quit })
}
