package tui

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

func TestCursorStaysOnItsLease(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee"), ready(3, "cat")), 120, 36)
	d.press("down")
	d.fleet(func(s *provider.FleetSnapshot) {
		s.Rows = append([]provider.Lease{ready(9, "first")}, s.Rows...)
	})
	if l, _ := d.m.fleet.lease(); l.Slug != "bee" {
		t.Errorf("the cursor went to %q", l.Slug)
	}
	d.fleet(func(s *provider.FleetSnapshot) {
		s.Rows = []provider.Lease{ready(1, "ant"), ready(3, "cat")}
	})
	if l, ok := d.m.fleet.lease(); !ok || l.Slug != "cat" {
		t.Errorf("with its lease gone the cursor is on %q", l.Slug)
	}
}

func TestSortAndFilter(t *testing.T) {
	late := box(2, "ant", provider.StandingReady, 80*time.Minute)
	d := run(t, with(ready(1, "cat"), late, ready(3, "bee")), 120, 36)
	order := func() string {
		var names []string
		for _, r := range d.m.fleet.rows {
			names = append(names, r.name())
		}
		return strings.Join(names, " ")
	}
	for _, want := range []string{"ant bee cat", "ant cat bee", "ant cat bee", "ant cat bee", "cat ant bee"} {
		d.press("s")
		if order() != want {
			t.Errorf("sorted by %s: %s, want %s", d.m.fleet.sort, order(), want)
		}
	}
	d.press("/")
	d.types("be")
	d.press("enter")
	if order() != "bee" {
		t.Errorf("filtered: %s", order())
	}
	d.press("esc")
	if order() != "cat ant bee" {
		t.Errorf("after Esc: %s", order())
	}
	// Letters that are keys of the fleet are text in the filter.
	d.press("/")
	d.types("qqq")
	d.shows("No box matches “qqq”")
}

func TestTimesTick(t *testing.T) {
	d := run(t, with(box(1, "ant", provider.StandingReady, 81*time.Minute)), 120, 36)
	d.shows("9m 00s ttl", "~$2.55")
	d.pass(time.Minute + time.Second)
	d.shows("7m 59s ttl", "~$2.58")
}

func TestDeadlineIsWarnedOfTwiceThenExpired(t *testing.T) {
	d := run(t, with(box(1, "ant", provider.StandingReady, 79*time.Minute)), 120, 36)
	said := func() string {
		var out []string
		for _, n := range d.m.notices.all {
			out = append(out, n.text)
		}
		return strings.Join(out, "\n")
	}
	if said() != "" {
		t.Errorf("warned too early: %s", said())
	}
	for range 13 {
		d.pass(time.Minute)
	}
	if got := strings.Count(said(), "ant expires in"); got != 2 {
		t.Errorf("%d warnings: %s", got, said())
	}
	if got := strings.Count(said(), "ant has expired"); got != 1 {
		t.Errorf("%d times expired: %s", got, said())
	}
	d.shows("expired")
	if strings.Contains(d.w.log(), "release") {
		t.Error("something was deleted unasked")
	}
}

func TestInventoryTroubleIsSaidInWords(t *testing.T) {
	for err, want := range map[error]string{
		provider.ErrUnauthorized: "the API key is refused (401); rows are from 2m ago, nothing is lost",
		provider.ErrForbidden:    "the API key may not use Compute (403)",
		provider.ErrRateLimited:  "rate limited (429), next try in 12s",
		provider.ErrUnreachable:  "the provider cannot be reached, next try in 12s; rows are from 2m ago",
		provider.ErrNoKey:        "no API key: only local claims are shown",
	} {
		d := run(t, with(ready(1, "ant")), 120, 36)
		d.fleet(func(s *provider.FleetSnapshot) {
			s.InventoryErr = fmt.Errorf("list: %w", err)
			s.InventoryAt, s.RetryAt = start.Add(-2*time.Minute), start.Add(12*time.Second)
		})
		d.shows("! "+want, "! stale", "ant")
	}
}

func TestNoKeySaysWhatToSet(t *testing.T) {
	w := with()
	deps := w.deps()
	deps.NoKey = "No API key is set.\nSet FAL_KEY, or try: crabbox-tui demo"
	d := runWith(t, w, deps, 80, 24)
	d.shows("Set FAL_KEY, or try: crabbox-tui demo")
	d.press("a")
	if d.m.form != nil {
		t.Error("the form opened without a key")
	}
	d.shows("no acquire: no API key is set")
}

func TestForeignRowsAreReadOnly(t *testing.T) {
	d := run(t, with(foreign(7)), 120, 36)
	d.shows("read-only", "no claim here")
	for _, k := range []string{"r", "K", "e", "u", "enter"} {
		d.press(k)
		if d.m.dialog != nil {
			t.Fatalf("%s opened %q", k, d.m.dialog.title)
		}
	}
	if got := d.w.log(); got != "" {
		t.Errorf("did %s", got)
	}
	d.shows("foreign: read-only")
}

func TestBrokenClaimShowsFileAndReason(t *testing.T) {
	d := run(t, zoo(), 120, 36)
	d.press("end", "up")
	d.shows("claims/cbx_broken.json: unexpected end of JSON input")
}

func TestCopyMenu(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 80, 24)
	for k, want := range map[string]string{
		"i": "203.0.113.1", "d": "cbx_000000000001", "n": "inst_00000001",
		"s": "ssh -i '/home/you/.config/crabbox/keys/box 1/id' -o IdentitiesOnly=yes -o UserKnownHostsFile=/keys/1/known_hosts ubuntu@203.0.113.1",
	} {
		d.clip = ""
		d.press("y", k)
		d.until("copied", func() bool { return d.clip != "" })
		if d.clip != want {
			t.Errorf("%s copied %q", k, d.clip)
		}
	}
}

func TestKeepAndExtend(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.press("K")
	d.did("keep cbx_000000000001 true")
	d.shows(keptText)
	d.press("e")
	d.settle()
	d.press("1")
	d.did("extend cbx_000000000001 ttl=2h30m0s idle=0s")
	d.shows("TTL is 2h30m now")
	d.press("e")
	d.settle()
	d.press("o", "ctrl+u")
	d.types("ttl 30h")
	d.press("enter")
	d.shows("ttl: 24h at most")
	d.press("ctrl+u")
	d.types("idle 45m, ttl 3h")
	d.press("enter")
	d.did("extend cbx_000000000001 ttl=3h0m0s idle=45m0s")
	d.w.clockErr = &provider.Error{Op: "keep", Err: provider.ErrInProgress, Next: "try again when it is done"}
	d.press("K")
	d.shows("keep was not changed: another program is working on this lease. Next: try again when it is done")
}

func TestSmallAndOddSizes(t *testing.T) {
	d := run(t, zoo(), 80, 24)
	states := []func(){
		func() {}, func() { d.press("a") }, func() { d.press("esc", "?") }, func() { d.press("esc", "N") },
		func() { d.press("esc", "r") }, func() { d.settle(); d.press("esc", "q") },
		func() { d.settle(); d.press("esc"); d.fakePane("rapid-otter") },
		func() { d.press("ctrl+]", "z") }, func() { d.press("ctrl+]", "c") },
	}
	for i, to := range states {
		to()
		for w := 0; w < 130; w += 7 {
			for h := 0; h < 40; h += 3 {
				d.send(tea.WindowSizeMsg{Width: w, Height: h})
				if n := strings.Count(d.m.View().Content, "\n") + 1; h > 0 && n > h {
					t.Fatalf("state %d at %dx%d draws %d lines", i, w, h, n)
				}
			}
		}
		d.send(tea.WindowSizeMsg{Width: 20, Height: 5})
		d.shows("Too small.", "11 boxes")
		d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	}
}

func TestQuitSaysWhatGoesOnBilling(t *testing.T) {
	d := run(t, with(), 80, 24)
	d.press("q")
	d.until("quit at once", func() bool { return d.quit })

	d = run(t, with(ready(1, "ant"), ready(2, "bee"), foreign(7)), 80, 24)
	d.press("ctrl+c")
	d.shows("2 boxes go on billing:", "together", "$3.78/h")
	d.press("q")
	if d.quit {
		t.Error("a key typed ahead ended the program")
	}
	d.settle()
	d.press("enter")
	if d.quit || d.m.dialog != nil {
		t.Error("the safe choice is to stay")
	}
	d.press("q")
	d.settle()
	d.press("q")
	d.until("quit", func() bool { return d.quit })
	if got := len(d.m.Billing()); got != 2 {
		t.Errorf("%d boxes go on billing", got)
	}
}

func TestTextFromOutsideIsCleaned(t *testing.T) {
	w := with(ready(1, "ant"))
	w.clockErr = errors.New("bad \x1b]0;pwned\x07 \u202etxet\x1b[2J")
	d := run(t, w, 120, 36)
	d.press("K")
	d.shows("keep was not changed")
	if s := d.m.View().Content; strings.Contains(s, "\x1b]0") || strings.Contains(s, "\u202e") || strings.Contains(s, "\x1b[2J") {
		t.Error("control characters reach the screen")
	}
}

func TestKeepAliveOfOthersIsNotTouched(t *testing.T) {
	l := box(3, "static", provider.StandingOtherProvider, time.Hour)
	w := with(l)
	d := run(t, w, 120, 36)
	d.press("enter")
	d.did("dial cbx_000000000003")
	d.shows("not ours: its idle clock runs on")
	if strings.Contains(w.log(), "hold") {
		t.Error("its heartbeat was started")
	}
}
