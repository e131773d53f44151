package tui

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/boxsim"
	"github.com/openclaw/crabbox-tui/session/record"
	"github.com/openclaw/crabbox-tui/session/record/recordtest"
)

// recordings is a world with a folder for them.
func recordings(t *testing.T, w *world) *world {
	w.recordings = filepath.Join(t.TempDir(), "state", "recordings")
	return w
}

// records begins or ends the recording of the pane in use.
func (d *driver) records() { d.press("ctrl+]", "R") }

// cast is the only recording there is, which was played.
func (d *driver) cast() *recordtest.Played {
	d.t.Helper()
	all, _ := filepath.Glob(filepath.Join(d.w.recordings, "*"))
	if len(all) != 1 {
		d.t.Fatalf("recordings %q", all)
	}
	return playCast(d.t, all[0])
}

func playCast(t *testing.T, path string) *recordtest.Played {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := recordtest.Play(b)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// sameScreen fails unless a recording ends in what the pane shows.
func sameScreen(t *testing.T, got *recordtest.Played, p *onePane) {
	t.Helper()
	for y, want := range p.frame.Rows {
		if row := string(got.Term.AppendRow(nil, y)); row != want {
			t.Errorf("row %d plays as %q, the pane shows %q", y, row, want)
		}
	}
	if c := got.Term.Cursor(); c != p.frame.Cursor {
		t.Errorf("the cursor plays at %+v, the pane has it at %+v", c, p.frame.Cursor)
	}
}

func TestAPaneIsRecorded(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	sh := d.fakePane("ant")
	d.records()
	d.shows("recording, ctrl+] R ends it: ant-20260914-120000.cast in", "[1 ant ● rec]")
	d.press("ctrl+]", "z") // a resize
	sh.prints("\x1b[?1049h\x1b[2J\x1b[4;7H\x1b[1mvim\x1b[m text")
	d.shows("vim text", "[1 ant ● rec]")
	d.pass(72 * time.Second)
	d.records()
	d.shows("recorded 1m 12s,", "bytes: ant-20260914-120000.cast in")
	d.lacks("● rec")
	p := d.m.panes.current()
	sameScreen(t, d.cast(), p)

	path := filepath.Join(d.w.recordings, "ant-20260914-120000.cast")
	for name, want := range map[string]os.FileMode{path: 0o600, d.w.recordings: os.ModeDir | 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want && os.PathSeparator == '/' {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	sh.prints("more")
	d.shows("more")
	if out := d.cast().Output; out == "" || strings.Contains(out, "more") {
		t.Error("it was recorded on")
	}
}

func TestTwoRecordingsOfASecond(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	d.fakePane("ant")
	d.records()
	d.shows("[1 ant ● rec]")
	d.fakePane("ant")
	d.records()
	d.shows("[2 ant ● rec]")
	all, _ := filepath.Glob(filepath.Join(d.w.recordings, "*"))
	if len(all) != 2 || !strings.HasSuffix(all[0], "-120000-2.cast") {
		t.Errorf("recordings %q", all)
	}
}

func TestARecordingGoesOnWhenThePaneComesBack(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	sh := d.fakePane("ant")
	d.records()
	d.shows("[1 ant ● rec]")
	sh.cut(session.ErrLinkLost)
	d.shows("connection lost", "ant lost ● rec")
	again := d.adopt(d.m.panes.current())
	again.prints("again")
	d.shows("again")
	d.records()
	d.shows("recorded")
	got := d.cast()
	sameScreen(t, got, d.m.panes.current())
	if !slices.Equal(got.Marks, []string{"connection lost at 12:00:00", "connected to ant"}) {
		t.Errorf("marks %q", got.Marks)
	}
}

func TestAClosedPaneEndsItsRecording(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	d.fakePane("ant").prints("last words")
	d.shows("last words")
	d.records()
	d.shows("[1 ant ● rec]")
	d.press("ctrl+]", "c")
	d.shows("recorded 0s")
	if out := d.cast().Output; !strings.Contains(out, "last words") {
		t.Errorf("output %q", out)
	}
}

// A pane that is closed while its recording begins leaves nothing open.
func TestARecordingThatBeginsTooLate(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	d.fakePane("ant")
	hold := make(chan struct{})
	d.m.cmds.newCast = func(path string, o record.Options) (*record.Recorder, error) {
		<-hold
		return record.Create(path, o)
	}
	d.records()
	d.records() // it is about to begin: nothing more happens
	d.press("ctrl+]", "c")
	close(hold)
	d.shows("recorded 0s")
	d.cast()
}

func TestQuittingClosesRecordingsWhole(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	sh := d.fakePane("ant")
	d.records()
	d.shows("[1 ant ● rec]")
	sh.prints(strings.Repeat("0123456789", 3000) + "the end")
	d.shows("the end")
	d.m.Close()
	if out := d.cast().Output; !strings.HasSuffix(out, "the end") {
		t.Errorf("it ends in %q", out[max(0, len(out)-40):])
	}
	// Nothing begins any more.
	before := d.m.cmds.record(9, d.m.panes.make(ready(1, "ant"), start).eng, "late")
	if msg := before(); msg != nil {
		t.Errorf("a recording began: %v", msg)
	}
}

// fullDisk takes so many writes and no more.
type fullDisk struct {
	bytes.Buffer
	room atomic.Int32
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.room.Add(-1) < 0 {
		return 0, &os.PathError{Op: "write", Path: "/disk/x.cast", Err: syscall.ENOSPC}
	}
	return f.Buffer.Write(p)
}

func TestARecordingSaysWhyItEnded(t *testing.T) {
	d := run(t, recordings(t, with(ready(1, "ant"))), 120, 36)
	sh := d.fakePane("ant")
	disk := &fullDisk{}
	disk.room.Store(2) // the header, and the screen
	d.m.cmds.newCast = func(_ string, o record.Options) (*record.Recorder, error) { return record.New(disk, o) }
	d.records()
	d.shows("[1 ant ● rec]")
	d.until("the screen is written", func() bool { return disk.room.Load() == 0 })
	sh.prints("more")
	d.shows("the recording has ended: no space left on device; what is there plays")
	d.lacks("● rec")

	d.m.cmds.newCast = func(path string, o record.Options) (*record.Recorder, error) {
		o.MaxBytes = 1
		return record.Create(path, o)
	}
	d.records()
	d.shows("[1 ant ● rec]")
	sh.prints(strings.Repeat("much of it\r\n", 1000))
	d.shows("the recording has its largest size and has ended")
	d.cast()
}

func TestARecordingThatCannotBegin(t *testing.T) {
	w := recordings(t, with(ready(1, "ant")))
	if err := os.WriteFile(filepath.Dir(filepath.Dir(w.recordings))+"/state", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	d := run(t, w, 120, 36)
	d.fakePane("ant")
	d.records()
	d.shows("no recording: mkdir")
	d.m.deps.Recordings = ""
	d.records()
	d.shows("there is no folder")
	d.lacks("● rec")
}

// In a real box: what is typed at a prompt that does not echo is nowhere in the
// recording, nor is what was there before it. It goes on through a lost connection
// and ends in what the pane shows.
func TestRecordWorkInABox(t *testing.T) {
	w, b := realWorld(t)
	d := run(t, recordings(t, w), 120, 36)
	d.press("enter")
	p := d.m.panes.current()
	d.until("open", func() bool { return p.state == paneOpen })
	d.types("seq -f %0100g 600; echo old-$((40+1)); seq 60; echo and-$((40+3))")
	d.press("enter")
	d.shows("and-43")
	d.lacks("old-41")
	d.records()
	d.shows("[1 ant ● rec]")
	const secret = "hunter2-xyzzy"
	d.types("stty -echo; echo say-$((40+2)); read x; stty echo; echo got-${#x}")
	d.press("enter")
	d.shows("say-42")
	d.types(secret)
	d.press("enter")
	d.shows("got-13")
	if err := b.SetFault(boxsim.FaultDrop); err != nil {
		t.Fatal(err)
	}
	d.shows("connection lost")
	d.press("r")
	d.until("open again", func() bool { return p.state == paneOpen })
	d.types("echo back-$((40+2))")
	d.press("enter")
	d.shows("back-42")
	d.records()
	d.shows("recorded")
	got := d.cast()
	d.until("the pane is drawn", func() bool { return p.frame.Cursor == got.Term.Cursor() })
	sameScreen(t, got, p)
	if !strings.Contains(got.Output, "say-42") || !strings.Contains(got.Output, "got-13") {
		t.Error("what was shown is not in the recording")
	}
	if strings.Contains(got.Output, "old-41") {
		t.Error("what was there before is in the recording")
	}
	if len(got.Marks) != 2 || !strings.HasPrefix(got.Marks[0], "connection lost") || got.Marks[1] != "connected to ant" {
		t.Errorf("marks %q", got.Marks)
	}
	all, _ := os.ReadDir(w.recordings)
	for _, f := range all {
		if raw, err := os.ReadFile(filepath.Join(w.recordings, f.Name())); err != nil || bytes.Contains(raw, []byte(secret)) {
			t.Errorf("%s: %v, or the secret is in it", f.Name(), err)
		}
	}
}
