package tui

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

// retries makes the model note the waits that it asks for; ring lets the last
// one pass.
func retries(d *driver) (waits *[]time.Duration, ring func()) {
	waits = new([]time.Duration)
	var due tea.Msg
	d.m.cmds.after = func(w time.Duration, msg tea.Msg) tea.Cmd {
		if r, ok := msg.(paneRetryMsg); ok {
			*waits, due = append(*waits, w), r
		}
		return nil
	}
	return waits, func() { d.send(due) }
}

func TestALostPaneComesBackByItself(t *testing.T) {
	w := with(ready(1, "ant"))
	d := run(t, w, 120, 36)
	waits, ring := retries(d)
	sh := d.fakePane("ant")
	sh.prints("before")
	d.shows("before")
	sh.cut(session.ErrLinkLost)
	d.shows("connection lost at 12:00:00", "before", "1 ant lost")
	p := d.m.panes.current()
	for n := 1; n <= 7; n++ {
		ring()
		d.until("the try failed", func() bool { return p.state == paneFailed && p.tries == n+1 })
	}
	d.shows("connection lost at 12:00:00; try 8 failed: nobody answers; next try in")
	for i, least := range []time.Duration{0, 450e6, 900e6, 1800e6, 3600e6, 7200e6, 135e8, 135e8} {
		if got := (*waits)[i]; got < least || got > least*5/4 {
			t.Errorf("wait %d is %s, want at least %s", i, got, least)
		}
	}
	d.types("w") // who types wants it now, and nothing typed meanwhile is sent
	d.until("it tries at once", func() bool { return p.tries == 9 })
	again := newFakeShell()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: again, hold: p.lines.hold, life: life{name: "pane-1", in: "tmux", back: true}}})
	d.shows("before", "reconnected", "in the same shell")
	if got := again.input(); got != "" {
		t.Errorf("the new shell got %q", got)
	}
}

func TestAPaneThatCannotComeBackDoesNotTry(t *testing.T) {
	for name, err := range map[string]error{
		"another host key": &session.HostKeyChangedError{Host: "h"},
		"denied":           session.ErrDenied,
	} {
		w := with(ready(1, "ant"))
		w.dial = func(context.Context, provider.Lease) (Link, error) { return nil, err }
		d := run(t, w, 120, 36)
		waits, ring := retries(d)
		d.fakePane("ant").cut(session.ErrLinkLost)
		d.shows("connection lost")
		ring()
		p := d.m.panes.current()
		d.until("it failed", func() bool { return p.state == paneFailed })
		if len(*waits) != 1 || !p.next.IsZero() {
			t.Errorf("%s: tries again after %v", name, *waits)
		}
	}
	w := with(ready(1, "ant"))
	w.dial = func(context.Context, provider.Lease) (Link, error) {
		return nil, errors.New("unreachable in this test")
	}
	d := run(t, w, 120, 36)
	_, ring := retries(d)
	d.fakePane("ant").cut(session.ErrLinkLost)
	d.shows("connection lost")
	d.fleet(func(s *provider.FleetSnapshot) { s.Rows = nil })
	ring()
	if p := d.m.panes.current(); p.state != paneLost || !p.next.IsZero() {
		t.Errorf("tries for a lease that is gone: state %v", p.state)
	}
}

// What happens in a pane that nobody looks at is marked on its tab and row.
func TestTabsAreMarked(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee")), 160, 36)
	a := d.fakePane("ant")
	d.press("ctrl+]", "d")
	d.fakePane("bee")
	a.prints("more")
	d.shows("1 ant +", "ready +")
	a.prints("\a")
	d.shows("1 ant !", "ready !")
	d.press("ctrl+]", "1")
	d.lacks("ant !", "ant +")
	a.prints("\x1b]9;4;1;40\x07")
	d.shows("1 ant 40%")
}

func TestTheClipboardIsAskedFor(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	sh.prints("\x1b]52;c;aGVsbG8=\x07")
	d.shows("Let ant set the clipboard?", "5 bytes", "hello")
	d.settle()
	d.press("a")
	p := d.m.panes.current()
	if !p.clipboard {
		t.Error("not allowed")
	}
	sh.prints("\x1b]52;c;aGVsbG8=\x07again")
	d.shows("again")
	d.lacks("set the clipboard?")
	sh.prints("\x1b]9;build done\x07")
	d.shows("ant: build done")
}

// A remote that asked for the kitty keyboard protocol gets chords and releases.
func TestEveryChordReachesTheBox(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	sh.prints("\x1b[>3uready>")
	d.shows("ready>")
	if e := d.m.View().KeyboardEnhancements; !e.ReportEventTypes || e.ReportAllKeysAsEscapeCodes {
		t.Errorf("asks the outer terminal for %+v", e)
	}
	d.send(tea.KeyPressMsg{Code: 'i', Mod: tea.ModCtrl})
	d.send(tea.KeyReleaseMsg{Code: 'i', Mod: tea.ModCtrl})
	d.send(tea.KeyPressMsg{Code: tea.KeyF25})
	d.send(tea.KeyPressMsg{Code: 'k', Mod: tea.ModSuper})
	d.send(tea.KeyPressMsg{Code: tea.KeyEnter, Mod: tea.ModShift})
	d.send(tea.KeyPressMsg{Code: tea.KeyMediaPlay})
	if got, want := sh.input(), "\x1b[105;5u\x1b[105;5:3u\x1b[57388u\x1b[107;9u\x1b[13;2u\x1b[57428u"; got != want {
		t.Errorf("the box got %q, want %q", got, want)
	}
	d.press("ctrl+]")
	d.send(tea.KeyPressMsg{Code: tea.KeyLeftCtrl})
	if !d.m.prefix {
		t.Error("a modifier alone took the prefix back")
	}
}

func TestTheBoxHearsOfTheOuterColors(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.send(tea.BackgroundColorMsg{Color: color.Gray{Y: 0xfa}})
	sh := d.fakePane("ant")
	sh.prints("\x1b]11;?\x07asked")
	d.shows("asked")
	if got := sh.input(); got != "\x1b]11;rgb:fafa/fafa/fafa\x1b\\" {
		t.Errorf("the box got %q", got)
	}
	sh.prints("\x1b]12;#ff0000\x07red")
	d.shows("red")
	if c := d.m.View().Cursor; c == nil || rgb(c.Color) != 0xff0000 {
		t.Errorf("the cursor is %+v", c)
	}
}

// What a person is told of the time that a shell's connection was gone.
func TestAwayReport(t *testing.T) {
	lost := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	tmux := life{name: "pane-1", in: "tmux", boot: "a", seen: multiplex.Seen{Lines: 100, Ran: "make"}}
	back := func(lines int, ran string) life {
		return life{in: "tmux", boot: "a", back: true, seen: multiplex.Seen{Lines: lines, Ran: ran}}
	}
	for _, c := range []struct {
		was, now life
		first    bool
		want     string
	}{
		{was: tmux, now: back(100, "make"), want: "ant: back after 1m 30s, in the same shell"},
		{was: tmux, now: back(101, "make"), want: "ant: back after 1m 30s, in the same shell; 1 line came meanwhile"},
		{was: tmux, now: back(900, "bash"), want: "ant: back after 1m 30s, in the same shell; 800 lines came meanwhile; make has ended"},
		{was: tmux, now: back(-1, ""), want: "ant: back after 1m 30s, in the same shell"},
		{was: tmux, now: back(100, "cc1"), want: "ant: back after 1m 30s, in the same shell"},
		{was: back(100, "bash"), now: back(100, "bash"), want: "ant: back after 1m 30s, in the same shell"},
		{was: tmux, now: life{in: "tmux", boot: "a", back: true, ended: true, seen: multiplex.Seen{Lines: 140}}, want: "ant: the shell has ended meanwhile; 40 lines came meanwhile"},
		{was: tmux, now: life{in: "tmux", boot: "a", gone: true}, want: "ant: the shell has ended meanwhile; this is a new one, on the same boot of the box"},
		{was: tmux, now: life{in: "tmux", gone: true}, want: "ant: the shell has ended meanwhile; this is a new one"},
		{was: tmux, now: life{in: "tmux", boot: "b", gone: true}, want: "ant: the box was booted anew; what ran in the shell has ended"},
		{first: true, now: tmux, want: ""},
		{first: true, now: life{in: "tmux", back: true}, want: "ant: back in a shell that went on there"},
		{first: true, now: life{}, want: "ant: not persistent: the box has no tmux 3, screen or dtach, so this shell ends with its connection"},
		{first: true, now: life{in: "screen"}, want: "ant: no tmux 3 on the box, so the shell lives in screen; what is missed while away stays in screen's own scrollback"},
		{first: true, now: life{in: "dtach"}, want: "ant: no tmux 3 on the box, so the shell lives in dtach; what it prints while away is not kept"},
	} {
		p := &onePane{lease: ready(1, "ant"), once: !c.first, life: c.was, lostAt: lost}
		p.away(c.now, lost.Add(90*time.Second))
		if p.report != c.want {
			t.Errorf("%q, want %q", p.report, c.want)
		}
	}
}

// outside is a network that the test changes.
type outside struct {
	mu        sync.Mutex
	ahead     time.Duration
	addresses string
	asked     int
}

func (o *outside) network() *network {
	return &network{
		every: time.Millisecond,
		ahead: func() time.Duration { o.mu.Lock(); defer o.mu.Unlock(); return o.ahead },
		addresses: func() string {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.asked++
			return o.addresses
		},
	}
}

func (o *outside) change(f func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	f()
}

func (o *outside) times() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked
}

// looked waits until somebody has had two looks at the addresses.
func (o *outside) looked(t *testing.T) {
	t.Helper()
	before := o.times()
	for end := time.Now().Add(20 * time.Second); o.times() < before+2; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("nobody looks at the addresses")
		}
	}
}

// checked is a link that counts how often it was asked for a sign of life.
type checked struct {
	Link
	n atomic.Int32
}

func (c *checked) Check()                { c.n.Add(1) }
func (c *checked) Done() <-chan struct{} { return nil }
func (c *checked) Close() error          { return nil }

// A pane that waits for its next try does not wait when the network is another
// one or the machine was woken up.
func TestALostPaneTriesAtOnceOnAnotherNetwork(t *testing.T) {
	w := with(ready(1, "ant"), ready(2, "bee"))
	o := &outside{addresses: "192.0.2.1"}
	d := runWithNetwork(t, w, o.network())
	d.fakePane("ant").cut(session.ErrLinkLost)
	d.shows("connection lost")
	p := d.m.panes.current()
	o.looked(t)
	if p.tries != 1 {
		t.Fatalf("%d tries before anything changed", p.tries)
	}
	o.change(func() { o.addresses = "" })
	d.until("it tries", func() bool { return p.state == paneFailed && p.tries == 2 })
	o.looked(t)
	o.change(func() { o.addresses = "198.51.100.7" })
	d.until("it tries again, and waits as after the first", func() bool { return strings.Count(w.log(), "dial") == 3 && p.tries == 2 })

	o.change(func() { o.ahead = 1900 * time.Millisecond })
	d.settle()
	if n := strings.Count(w.log(), "dial"); n != 3 {
		t.Errorf("dialled %d times: a clock that was corrected is no sleep", n)
	}
	d.press("ctrl+]", "d")
	d.fakePane("bee")
	link := &checked{}
	d.m.panes.current().lines.link = &linkRef{Link: link, all: d.m.cmds.links, shared: &sharedLink{}}
	dials := strings.Count(w.log(), "dial")
	o.change(func() { o.ahead = time.Hour })
	d.until("it tries, and asks the other connection", func() bool {
		return strings.Count(w.log(), "dial") == dials+1 && link.n.Load() == 1
	})
}

// Addresses are looked at only while a pane waits.
func TestNobodyLooksAtTheNetworkForNothing(t *testing.T) {
	o := &outside{}
	d := runWithNetwork(t, with(ready(1, "ant")), o.network())
	sh := d.fakePane("ant")
	d.settle()
	if n := o.times(); n != 0 {
		t.Fatalf("looked %d times with every pane connected", n)
	}
	sh.cut(session.ErrLinkLost)
	d.shows("connection lost")
	o.looked(t)
	p := d.m.panes.current()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: newFakeShell(), hold: p.lines.hold, life: life{name: "pane-1", in: "tmux", back: true}}})
	if d.m.cmds.network.lost.Load() {
		t.Error("goes on looking")
	}
}

func TestTheClocksOfThisMachine(t *testing.T) {
	n := newNetwork()
	if ahead := n.ahead(); ahead.Abs() > sleepSlack {
		t.Errorf("a machine that did not sleep is %s ahead", ahead)
	}
	if _, err := net.InterfaceAddrs(); err == nil && !strings.Contains(n.addresses(), "127.0.0.1") {
		t.Errorf("addresses %q", n.addresses())
	}
}

// A box that cannot be reached is tried each second, for a while.
func TestAnUnreachableBoxIsTriedOften(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	waits, _ := retries(d)
	lost := time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)
	p := &onePane{lostAt: lost, tries: 9, err: fmt.Errorf("connect to ant: %w", &session.DialError{Rung: session.RungTCP})}
	d.m.panes.retryLater(p, lost.Add(eagerFor-time.Second))
	d.m.panes.retryLater(p, lost.Add(eagerFor))
	p.err = &session.DialError{Rung: session.RungBanner}
	d.m.panes.retryLater(p, lost)
	if w := *waits; w[0] != time.Second || w[1] < 13*time.Second || w[2] < 13*time.Second {
		t.Errorf("waits %v", w)
	}
}
