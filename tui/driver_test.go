package tui

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/provider"
)

var update = flag.Bool("update", false, "write the golden screens anew")

func TestMain(m *testing.M) {
	time.Local = time.UTC
	goleak.VerifyTestMain(m)
}

var start = time.Date(2026, 9, 14, 12, 0, 0, 0, time.UTC)

// patience bounds every wait of a test; only a failing one gets there.
const patience = 20 * time.Second

// world is what the model sees, faked but for its shells. Each call notes the
// goroutine that it came on.
type world struct {
	mu       sync.Mutex
	now      time.Time
	snap     provider.FleetSnapshot
	fleetUp  chan struct{}
	ops      []provider.Progress
	opsUp    chan struct{}
	calls    []string
	updates  int64 // goroutine of the update loop
	onUpdate []string
	clockErr error
	dial     func(context.Context, provider.Lease) (Link, error)
	// desk is what the desktop answers to a text or a link.
	desk       func(what string) error
	recordings string
}

func newWorld() *world {
	return &world{
		now: start, fleetUp: make(chan struct{}, 1), opsUp: make(chan struct{}, 1),
		dial: func(context.Context, provider.Lease) (Link, error) { return nil, errors.New("nobody answers") },
		desk: func(string) error { return ErrNoDesktop },
	}
}

func goroutine() (id int64) {
	var buf [64]byte
	_, _ = fmt.Sscanf(string(buf[:runtime.Stack(buf[:], false)]), "goroutine %d ", &id)
	return id
}

// called notes a call; the mutex must not be held.
func (w *world) called(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	what := fmt.Sprintf(format, args...)
	w.calls = append(w.calls, what)
	if goroutine() == w.updates {
		w.onUpdate = append(w.onUpdate, what)
	}
}

// log returns the calls that have to do with the world outside, in order.
func (w *world) log() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, c := range w.calls {
		if !strings.HasPrefix(c, "snapshot") && !strings.HasPrefix(c, "wake") && c != "refresh" {
			out = append(out, c)
		}
	}
	return strings.Join(out, "; ")
}

type fakeFleet struct{ w *world }

func (f fakeFleet) Snapshot() provider.FleetSnapshot {
	f.w.called("snapshot fleet")
	f.w.mu.Lock()
	defer f.w.mu.Unlock()
	return f.w.snap
}
func (f fakeFleet) Wake() <-chan struct{} { f.w.called("wake fleet"); return f.w.fleetUp }
func (f fakeFleet) Refresh()              { f.w.called("refresh") }

type fakeOps struct{ w *world }

func (o fakeOps) begin(p provider.Progress) int {
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	p.ID, p.Started = len(o.w.ops)+1, o.w.now
	steps := provider.AcquireSteps
	if p.Kind == provider.KindRelease {
		steps = provider.ReleaseSteps
	}
	for _, s := range steps {
		p.Steps = append(p.Steps, provider.StepProgress{Step: s})
	}
	p.Steps[0].Phase, p.Steps[0].Started = provider.PhaseActive, o.w.now
	o.w.ops = append(o.w.ops, p)
	poke(o.w.opsUp)
	return p.ID
}

func (o fakeOps) Acquire(req provider.AcquireRequest) int {
	o.w.called("acquire %s %s %q ttl=%s idle=%s keep=%t", req.Type, req.Sector, req.Slug, req.TTL, req.Idle, req.Keep)
	return o.begin(provider.Progress{Kind: provider.KindAcquire, Slug: req.Slug, Request: req})
}

func (o fakeOps) Resume(ref provider.Ref, slug string) int {
	o.w.called("resume %s", ref.LeaseID)
	return o.begin(provider.Progress{Kind: provider.KindResume, LeaseID: ref.LeaseID, Slug: slug})
}

func (o fakeOps) Release(ref provider.Ref, slug string) int {
	o.w.called("release %s %s", ref.LeaseID, ref.InstanceID)
	return o.begin(provider.Progress{Kind: provider.KindRelease, LeaseID: ref.LeaseID, InstanceID: ref.InstanceID, Slug: slug})
}
func (o fakeOps) Abandon(id int, cause error) { o.w.called("abandon %d: %v", id, cause) }
func (o fakeOps) Dismiss(id int) {
	o.w.called("dismiss %d", id)
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	for i, p := range o.w.ops {
		if p.ID == id {
			o.w.ops = append(o.w.ops[:i:i], o.w.ops[i+1:]...)
			return
		}
	}
}

func (o fakeOps) Snapshot() []provider.Progress {
	o.w.called("snapshot operations")
	o.w.mu.Lock()
	defer o.w.mu.Unlock()
	out := make([]provider.Progress, len(o.w.ops))
	for i, p := range o.w.ops {
		p.Steps = append([]provider.StepProgress(nil), p.Steps...)
		out[i] = p
	}
	return out
}
func (o fakeOps) Wake() <-chan struct{} { o.w.called("wake operations"); return o.w.opsUp }

type fakeClocks struct{ w *world }

func (c fakeClocks) Keep(_ context.Context, ref provider.Ref, keep bool) error {
	c.w.called("keep %s %t", ref.LeaseID, keep)
	return c.w.clockErr
}

func (c fakeClocks) Extend(_ context.Context, ref provider.Ref, ext provider.Extension) error {
	c.w.called("extend %s ttl=%s idle=%s", ref.LeaseID, ext.TTL, ext.Idle)
	return c.w.clockErr
}

type fakeHold struct {
	w  *world
	id string
}

func (h fakeHold) Suspend() { h.w.called("suspend hold %s", h.id) }
func (h fakeHold) Resume()  { h.w.called("resume hold %s", h.id) }
func (h fakeHold) Release() { h.w.called("release hold %s", h.id) }

// asked is what the desktop answers.
func (w *world) asked(what string) error {
	w.mu.Lock()
	desk := w.desk
	w.mu.Unlock()
	return desk(what)
}

// onDesktop says what the desktop answers from now on.
func (w *world) onDesktop(desk func(what string) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.desk = desk
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (w *world) deps() Deps {
	return Deps{
		Fleet: fakeFleet{w}, Operations: fakeOps{w}, Clocks: fakeClocks{w}, Repairs: fakeRepairs{w},
		Hold:     func(l provider.Lease) Hold { w.called("hold %s", l.ID); return fakeHold{w, l.ID} },
		StopHold: func(_ context.Context, id string) { w.called("stop hold %s", id) },
		Dial: func(ctx context.Context, l provider.Lease) (Link, error) {
			w.called("dial %s", l.ID)
			return w.dial(ctx, l)
		},
		Clipboard: func(_ context.Context, text string) error {
			w.called("clipboard %.40q", text)
			return w.asked(text)
		},
		OpenLink: func(_ context.Context, url string) error {
			w.called("open %s", url)
			return w.asked(url)
		},
		Recordings: w.recordings,
		Prices:     provider.DefaultPrices(),
		Defaults:   provider.AcquireRequest{Type: "gpu_1x_h100_sxm5", TTL: 90 * time.Minute, Idle: 30 * time.Minute},
		Types:      []string{"gpu_1x_h100_sxm5", "gpu_8x_h100_sxm5"},
		Sectors:    []string{"sector_1", "sector_2"},
		HasSectors: func(t string) bool { return strings.HasPrefix(t, "gpu_8x") },
		RepoRoot:   "/home/you/project",
		Now:        func() time.Time { w.mu.Lock(); defer w.mu.Unlock(); return w.now },
	}
}

// driver runs a model as Bubble Tea does: Update on the test's goroutine,
// commands on their own. Ticks come from the test alone.
type driver struct {
	t    *testing.T
	w    *world
	m    *Model
	msgs chan tea.Msg
	done chan struct{}
	wg   sync.WaitGroup
	quit bool
	clip string
}

func run(t *testing.T, w *world, width, height int) *driver {
	return runWith(t, w, w.deps(), width, height)
}

func runWith(t *testing.T, w *world, d Deps, width, height int) *driver {
	t.Helper()
	return runModel(t, w, New(d), width, height)
}

func runWithNetwork(t *testing.T, w *world, n *network) *driver {
	t.Helper()
	m := New(w.deps())
	m.cmds.network = n
	return runModel(t, w, m, 120, 36)
}

func runModel(t *testing.T, w *world, m *Model, width, height int) *driver {
	t.Helper()
	w.updates = goroutine()
	r := &driver{t: t, w: w, m: m, msgs: make(chan tea.Msg), done: make(chan struct{})}
	r.m.cmds.after = func(time.Duration, tea.Msg) tea.Cmd { return nil }
	t.Cleanup(func() {
		close(r.done)
		r.m.Close()
		r.wg.Wait()
		w.mu.Lock()
		defer w.mu.Unlock()
		if len(w.onUpdate) > 0 {
			t.Errorf("called on the update loop: %q", w.onUpdate)
		}
	})
	r.exec(r.m.Init())
	r.send(tea.WindowSizeMsg{Width: width, Height: height})
	r.until("loaded", func() bool { return r.m.fleet.loaded })
	return r
}

// commandEnded stands for a command without a message.
type commandEnded struct{}

func (d *driver) exec(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	d.wg.Add(1)
	go func() {
		defer d.wg.Done()
		msg := cmd()
		if msg == nil {
			msg = commandEnded{} // until looks again
		}
		select {
		case d.msgs <- msg:
		case <-d.done:
		}
	}()
}

func (d *driver) send(msg tea.Msg) {
	switch msg := msg.(type) {
	case tea.BatchMsg:
		for _, c := range msg {
			d.exec(c)
		}
		return
	case tea.QuitMsg:
		d.quit = true
		return
	case commandEnded:
		return
	}
	if strings.HasSuffix(fmt.Sprintf("%T", msg), "setClipboardMsg") {
		d.clip = fmt.Sprint(msg)
	}
	_, cmd := d.m.Update(msg)
	_ = d.m.View()
	d.exec(cmd)
}

// until takes messages until something holds, which may also come of what runs
// beside the model and sends none.
func (d *driver) until(what string, ok func() bool) {
	d.t.Helper()
	timeout := time.After(patience)
	for !ok() {
		select {
		case msg := <-d.msgs:
			d.send(msg)
		case <-time.After(5 * time.Millisecond):
		case <-timeout:
			d.t.Fatalf("never: %s; calls: %s; screen:\n%s", what, d.w.log(), d.screen())
		}
	}
}

func (d *driver) screen() string {
	lines := strings.Split(ansi.Strip(d.m.View().Content), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}

// shows waits until the screen has all of the texts.
func (d *driver) shows(texts ...string) {
	d.t.Helper()
	for _, s := range texts {
		d.until("shows "+s, func() bool { return strings.Contains(d.flat(), flatten(s)) })
	}
}

// lacks fails if the screen has a text now.
func (d *driver) lacks(texts ...string) {
	d.t.Helper()
	for _, s := range texts {
		if strings.Contains(d.flat(), flatten(s)) {
			d.t.Fatalf("shows %q:\n%s", s, d.screen())
		}
	}
}

var blanks = regexp.MustCompile(`[\s│]+`)

// flatten makes wrapping and alignment irrelevant.
func flatten(s string) string { return blanks.ReplaceAllString(s, " ") }

func (d *driver) flat() string { return flatten(d.screen()) }

// did waits until the world outside was asked for something.
func (d *driver) did(call string) {
	d.t.Helper()
	d.until("did "+call, func() bool { return strings.Contains(d.w.log(), call) })
}

var named = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown,
	"left": tea.KeyLeft, "right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown,
	"home": tea.KeyHome, "end": tea.KeyEnd, "backspace": tea.KeyBackspace,
}

func key(name string) tea.KeyPressMsg {
	var mod tea.KeyMod
	for {
		switch {
		case strings.HasPrefix(name, "ctrl+"):
			mod, name = mod|tea.ModCtrl, name[5:]
			continue
		case strings.HasPrefix(name, "shift+"):
			mod, name = mod|tea.ModShift, name[6:]
			continue
		}
		break
	}
	if code, ok := named[name]; ok {
		return tea.KeyPressMsg{Code: code, Mod: mod}
	}
	k := tea.KeyPressMsg{Code: []rune(name)[0], Mod: mod}
	if name == "space" {
		k.Code, name = ' ', " "
	}
	if mod == 0 {
		k.Text = name
	}
	return k
}

func (d *driver) press(names ...string) {
	for _, n := range names {
		d.send(key(n))
	}
}

func (d *driver) types(s string) {
	for _, r := range s {
		d.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// pass lets time go by, with one tick at the end.
func (d *driver) pass(t time.Duration) {
	d.w.mu.Lock()
	d.w.now = d.w.now.Add(t)
	d.w.mu.Unlock()
	d.send(tickedMsg{d.m.tickGen})
}

// settle passes the grace in which a dialog ignores keys.
func (d *driver) settle() { d.pass(dialogGrace) }

// fleet gives the world a new fleet, and waits until it is on screen.
func (d *driver) fleet(edit func(*provider.FleetSnapshot)) {
	d.t.Helper()
	d.w.mu.Lock()
	d.w.snap.At = d.w.snap.At.Add(time.Nanosecond)
	snap := d.w.snap
	snap.Rows = append([]provider.Lease(nil), snap.Rows...)
	edit(&snap)
	d.w.snap = snap
	d.w.mu.Unlock()
	poke(d.w.fleetUp)
	d.until("new fleet", func() bool { return d.m.fleet.snap.At.Equal(snap.At) })
}

// op changes an operation, and waits until the model has seen it.
func (d *driver) op(id int, edit func(*provider.Progress)) {
	d.t.Helper()
	d.w.mu.Lock()
	for i := range d.w.ops {
		if d.w.ops[i].ID == id {
			d.w.ops[i].Steps = append([]provider.StepProgress(nil), d.w.ops[i].Steps...)
			edit(&d.w.ops[i])
		}
	}
	d.w.mu.Unlock()
	poke(d.w.opsUp)
	d.until("operation seen", func() bool {
		d.w.mu.Lock()
		defer d.w.mu.Unlock()
		return reflect.DeepEqual(d.m.fleet.ops, d.w.ops)
	})
}

// golden compares the screen with a file.
func (d *driver) golden(name string) {
	d.t.Helper()
	path := filepath.Join("testdata", name+".golden")
	got := d.screen() + "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			d.t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			d.t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		d.t.Fatal(err)
	}
	if got != string(want) {
		d.t.Errorf("%s differs; -update writes it anew. Is:\n%s", path, got)
	}
	for i, l := range strings.Split(d.m.View().Content, "\n") {
		if w := ansi.StringWidth(l); w > d.m.w {
			d.t.Errorf("line %d is %d cells wide on a screen of %d", i, w, d.m.w)
		}
	}
	if n := strings.Count(d.m.View().Content, "\n") + 1; n > d.m.h {
		d.t.Errorf("%d lines on a screen of %d", n, d.m.h)
	}
}
