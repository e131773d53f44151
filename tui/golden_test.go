package tui

import (
	"fmt"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

// Each view is looked at in the three sizes that people have; a change of a
// screen is a change of a file that a person reads.
func TestGoldenScreens(t *testing.T) {
	sizes := [][2]int{{80, 24}, {120, 36}, {200, 50}}
	views := []struct {
		name  string
		world func() *world
		to    func(d *driver)
	}{
		{"empty", func() *world { return with() }, func(*driver) {}},
		{"fleet", zoo, func(*driver) {}},
		{"foreign", zoo, func(d *driver) { d.press("end") }},
		{"stale", func() *world {
			w := zoo()
			w.snap.InventoryErr, w.snap.RetryAt = provider.ErrRateLimited, start.Add(12*time.Second)
			w.snap.InventoryAt = start.Add(-4 * time.Minute)
			return w
		}, func(*driver) {}},
		{"form", zoo, func(d *driver) { d.press("a", "right", "tab", "tab"); d.types("no_good"); d.press("tab") }},
		{"ladder", func() *world { return with(ready(1, "rapid-otter")) }, climb},
		{"failed", func() *world { return with(ready(1, "rapid-otter")) }, fall},
		{"abandon", func() *world { return with(ready(1, "rapid-otter")) }, func(d *driver) { climb(d); d.press("esc") }},
		{"release", zoo, func(d *driver) { d.press("r") }},
		{"released", func() *world { return with(ready(1, "rapid-otter"), ready(2, "blue-crab")) }, letGo},
		{"extend", zoo, func(d *driver) { d.press("e") }},
		{"extend-other", zoo, func(d *driver) { d.press("e"); d.settle(); d.press("o") }},
		{"copy", zoo, func(d *driver) { d.press("y") }},
		{"quit", zoo, func(d *driver) { d.press("q") }},
		{"quit-guard", zoo, func(d *driver) { d.m.deps.Guard = &fakeGuard{w: d.w}; d.press("q") }},
		{"unfinished", zoo, func(d *driver) { d.press("U") }},
		{"bind", lostCreate, func(d *driver) { d.press("b") }},
		{"guard", zoo, func(d *driver) {
			d.m.deps.Guard, d.m.cmds.d.Guard = &fakeGuard{w: d.w}, &fakeGuard{w: d.w}
			d.press("W")
			d.shows("The guard")
		}},
		{"help", zoo, func(d *driver) { d.press("?") }},
		{"notices", zoo, func(d *driver) { d.pass(time.Second); d.press("s", "N") }},
		{"pane", zoo, func(d *driver) { d.fakePane("rapid-otter") }},
		{"pane-prefix", zoo, func(d *driver) { d.fakePane("rapid-otter"); d.press("ctrl+]") }},
		{"pane-fleet", zoo, func(d *driver) { d.fakePane("rapid-otter"); d.press("ctrl+]", "d") }},
		{"pane-zoom", zoo, func(d *driver) { d.fakePane("rapid-otter"); d.press("ctrl+]", "z") }},
		{"pane-splits", zoo, func(d *driver) {
			d.fakePane("rapid-otter")
			d.splitPane("v")
			d.splitPane("s").prints("\x1b]2;training\x07")
			d.shows("training")
			d.after("b", "k", "b")
		}},
		{"pane-rename", zoo, func(d *driver) { d.fakePane("rapid-otter"); d.after(",") }},
		{"pane-copy", zoo, func(d *driver) {
			sh := d.fakePane("rapid-otter")
			sh.fill(1, 80)
			d.shows("row 80")
			d.after("[")
			d.press("/")
			d.types("needle")
			d.shows("match 1 of 8")
			d.press("enter", "n", "V", "j")
		}},
		{"pane-search", zoo, func(d *driver) {
			sh := d.fakePane("rapid-otter")
			sh.fill(1, 80)
			d.shows("row 80")
			d.after("/")
			d.types("row [5")
			d.shows("missing closing ]")
		}},
		{"pane-record", zoo, func(d *driver) {
			dir := d.t.TempDir()
			d.m.deps.Recordings, d.m.cmds.d.Recordings = dir, dir
			d.fakePane("rapid-otter")
			d.splitPane("s")
			d.records()
			d.until("recorded", d.m.panes.current().recorded)
			d.pass(noticeFor)
		}},
		{"pane-save", zoo, func(d *driver) { d.fakePane("rapid-otter"); d.after("S") }},
		{"pane-link", zoo, func(d *driver) {
			d.fakePane("rapid-otter")
			d.m.openLink(term.Link{Target: "https://example.org/a/rather/long/path/that/does/not/fit/on/one/line?with=arguments", Explicit: true})
		}},
		{"pane-lost", zoo, func(d *driver) { d.fakePane("rapid-otter").cut(session.ErrLinkLost); d.shows("connection lost") }},
		{"pane-ended", zoo, func(d *driver) {
			d.fakePane("rapid-otter").cut(&session.ExitError{Status: 3})
			d.shows("ended with status 3")
		}},
		{"pane-hostkey", zoo, hostKey},
	}
	for _, v := range views {
		for _, s := range sizes {
			name := fmt.Sprintf("%s-%dx%d", v.name, s[0], s[1])
			t.Run(name, func(t *testing.T) {
				d := run(t, v.world(), s[0], s[1])
				v.to(d)
				d.golden(name)
			})
		}
	}
}

// climb starts an acquire that waits on its way.
func climb(d *driver) {
	d.press("a", "tab")
	d.settle()
	d.types("new-hare")
	d.press("enter")
	d.shows("acquire new-hare")
	d.pass(41 * time.Second)
	d.op(1, func(p *provider.Progress) {
		for i := range 3 {
			p.Steps[i].Phase, p.Steps[i].Started, p.Steps[i].Ended = provider.PhaseDone, start, start.Add(time.Duration(i+1)*9*time.Second)
		}
		p.Steps[3] = provider.StepProgress{
			Step: provider.StepTCP, Phase: provider.PhaseWaiting, Reason: provider.ReasonRefused, Attempt: 4,
			Started: start.Add(30 * time.Second), RetryAt: start.Add(44 * time.Second),
		}
	})
	d.shows("nothing listens there yet, next try in 3s")
}

// fall is an acquire that fails and says what to do.
func fall(d *driver) {
	climb(d)
	d.op(1, func(p *provider.Progress) {
		p.Ended = start.Add(10 * time.Minute)
		p.Steps[3].Phase, p.Steps[3].Ended = provider.PhaseFailed, p.Ended
		p.Err = &provider.Error{
			Op: "acquire", LeaseID: "cbx_5", Err: provider.ErrNotReady,
			State: "the instance was rolled back, and that it is gone is proven", Next: "try again, or another sector",
		}
	})
	d.shows("Next: try again, or another sector")
}

// letGo releases the first box.
func letGo(d *driver) {
	d.press("r")
	d.settle()
	d.press("y")
	d.did("release cbx_000000000001")
	d.shows("release rapid-otter")
	d.fleet(func(s *provider.FleetSnapshot) { s.Rows = s.Rows[1:] })
	d.op(1, func(p *provider.Progress) {
		p.Ended = start.Add(3 * time.Second)
		for i := range p.Steps {
			p.Steps[i].Phase, p.Steps[i].Started, p.Steps[i].Ended = provider.PhaseDone, start, start.Add(time.Second)
		}
		p.Receipt = &provider.Receipt{
			Slug: "rapid-otter", CreatedAt: start.Add(-20 * time.Minute), ReleasedAt: start,
			Cost: provider.DefaultPrices().Cost(h1, 20*time.Minute), Evidence: make([]provider.Evidence, 3),
		}
	})
	d.shows("Released, absence proven by 3 answers")
}

func hostKey(d *driver) {
	d.press("enter")
	d.until("dialling failed", func() bool { p := d.m.panes.current(); return p != nil && p.state == paneFailed })
	p := d.m.panes.current()
	p.err = fmt.Errorf("connect to rapid-otter: %w", &session.HostKeyChangedError{
		Host: "203.0.113.1", Pinned: []string{"ssh-ed25519 SHA256:2mJ0ZQ0PPgvW5bX7mC2i8n4m0J1yP9ZfD8c1hQx0abc"},
		Offered: "ssh-ed25519 SHA256:zzz0ZQ0PPgvW5bX7mC2i8n4m0J1yP9ZfD8c1hQx0zzz", File: "/keys/1/known_hosts",
	})
	d.shows("STOP")
}
