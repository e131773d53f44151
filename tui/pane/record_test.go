package pane

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session/record"
	"github.com/openclaw/crabbox-tui/session/record/recordtest"
)

// disk is a file in memory that takes nothing while it is held.
type disk struct {
	held sync.Mutex
	buf  bytes.Buffer
}

func (d *disk) Write(p []byte) (int, error) {
	d.held.Lock()
	defer d.held.Unlock()
	return d.buf.Write(p)
}

// recorded begins to record an engine.
func recorded(t *testing.T, e *Engine) (*record.Recorder, *disk) {
	t.Helper()
	d := &disk{}
	r, err := e.Record(func(cols, rows int) (*record.Recorder, error) {
		return record.New(d, record.Options{Cols: cols, Rows: rows})
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r, d
}

// played ends a recording and fails unless it shows what the engine does.
func played(t *testing.T, e *Engine, r *record.Recorder, d *disk) *recordtest.Played {
	t.Helper()
	e.StopRecording()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	p, err := recordtest.Play(d.buf.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	f := e.Frame()
	if c, n := p.Term.Size(); c != f.Cols || n != len(f.Rows) {
		t.Fatalf("plays at %dx%d, the pane has %dx%d", c, n, f.Cols, len(f.Rows))
	}
	for y, want := range f.Rows {
		if got := string(p.Term.AppendRow(nil, y)); got != want {
			t.Errorf("row %d plays as %q, the pane shows %q", y, got, want)
		}
	}
	if got := p.Term.Cursor(); got != f.Cursor {
		t.Errorf("the cursor plays at %+v, the pane has it at %+v", got, f.Cursor)
	}
	return p
}

func TestARecordingBeginsWithTheScreenAndFollows(t *testing.T) {
	e, _, w := start(t, 20, 4)
	write(t, w, "one\r\n\x1b[31mtwo")
	drawn(t, e, has("two"))
	r, d := recorded(t, e)
	write(t, w, "\x1b[m three\r\nfour\r\nfive")
	drawn(t, e, has("five"))
	e.Resize(12, 6)
	write(t, w, "\x1b[?1049h\x1b[2;3Hvim\x1b[4 q")
	drawn(t, e, has("vim"))
	played(t, e, r, d)
}

// What comes before the end of a control sequence means nothing by itself.
func TestARecordingBeginsBetweenSequences(t *testing.T) {
	e, _, w := start(t, 20, 4)
	write(t, w, "one \x1b[3")
	write(t, w, "") // the pipe hands over when the reader reads again
	r, d := recorded(t, e)
	write(t, w, "1mtwo")
	drawn(t, e, has("two"))
	write(t, w, " three")
	drawn(t, e, has("three"))
	played(t, e, r, d)
}

// fillingShell begins with what was there before, as a shell that lives on its
// box does.
type fillingShell struct {
	*pipeShell
	rest int
}

func (s *fillingShell) Read(p []byte) (int, error) {
	n, err := s.pipeShell.Read(p)
	s.rest -= n
	return n, err
}
func (s *fillingShell) Refills() bool  { return true }
func (s *fillingShell) Refilled() bool { return s.rest <= 0 }

// A pane that comes back goes on in its recording. What its terminal is filled
// with is drawn, not recorded: it may be from before the recording began.
func TestARecordingSurvivesAReconnect(t *testing.T) {
	for _, refills := range []bool{false, true} {
		t.Run(fmt.Sprintf("refills=%t", refills), func(t *testing.T) {
			e, _, w := start(t, 20, 4)
			write(t, w, "before\r\nshown\x1b[?1049h\x1b[31mvim")
			drawn(t, e, has("vim"))
			r, d := recorded(t, e)
			_ = w.Close()
			e.Wait()
			e.Mark("lost")

			out, in := io.Pipe()
			defer in.Close()
			const fill = "SECRET of old\r\n1\r\n2\r\n3\r\n4\r\nshown"
			sh := Shell(&pipeShell{Reader: out})
			if refills {
				sh = &fillingShell{&pipeShell{Reader: out}, len(fill)}
			}
			e.Attach(sh, "a new shell")
			if refills {
				write(t, in, fill[:10])
				write(t, in, fill[10:])
			}
			write(t, in, "\r\nagain")
			drawn(t, e, has("again"))
			p := played(t, e, r, d)
			if strings.Contains(p.Output, "SECRET") {
				t.Error("what was there before is in the recording")
			}
			if !slices.Equal(p.Marks, []string{"lost"}) {
				t.Errorf("marks %q", p.Marks)
			}
		})
	}
}

// A disk that is too slow costs output, which is marked; the screen is drawn
// when it has caught up, though the remote says nothing more.
func TestARecordingCatchesUp(t *testing.T) {
	e, _, w := start(t, 20, 4)
	r, d := recorded(t, e)
	d.held.Lock()
	flood := strings.Repeat("flood ", 5000)
	for range 400 { // 12 MB, and 4 MiB may wait
		write(t, w, flood)
	}
	write(t, w, "\r\nthe end")
	drawn(t, e, has("the end"))
	if r.MissedBytes() == 0 {
		t.Fatal("nothing was left out")
	}
	d.held.Unlock()
	deadline := time.Now().Add(20 * time.Second)
	for behind := true; behind; {
		e.mu.Lock()
		behind = e.rec.behind
		e.mu.Unlock()
		if time.Now().After(deadline) {
			t.Fatal("it never caught up")
		}
		time.Sleep(time.Millisecond)
	}
	p := played(t, e, r, d)
	if len(p.Marks) != 1 || !strings.Contains(p.Marks[0], "left out") {
		t.Errorf("marks %q", p.Marks)
	}
}

// A recording that is over costs nothing more, and one that could not begin
// leaves nothing.
func TestARecordingThatEndedByItself(t *testing.T) {
	e, _, w := start(t, 20, 4)
	if _, err := e.Record(func(int, int) (*record.Recorder, error) { return nil, io.ErrShortWrite }); err != io.ErrShortWrite {
		t.Errorf("err %v", err)
	}
	var d disk
	r, err := e.Record(func(cols, rows int) (*record.Recorder, error) {
		return record.New(&d, record.Options{Cols: cols, Rows: rows, MaxBytes: 1})
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, w, strings.Repeat("much of it\r\n", 1000))
	<-r.Done()
	if r.Err() != record.ErrTooLarge {
		t.Errorf("err %v", r.Err())
	}
	write(t, w, "more")
	drawn(t, e, has("more"))
	e.StopRecording()
	if _, err := recordtest.Play(d.buf.Bytes()); err != nil {
		t.Error(err)
	}
}
