package pane

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipeShell is a shell at the other end of a pipe.
type pipeShell struct {
	io.Reader
	mu    sync.Mutex
	typed bytes.Buffer
	busy  bool
	sizes []session.Size
}

func (s *pipeShell) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		return 0, session.ErrBusy
	}
	return s.typed.Write(p)
}

func (s *pipeShell) Resize(size session.Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes = append(s.sizes, size)
}
func (s *pipeShell) Done() <-chan struct{} { return nil }
func (s *pipeShell) Wait() error           { return nil }
func (s *pipeShell) Close() error          { return nil }

func start(t *testing.T, cols, rows int) (*Engine, *pipeShell, *io.PipeWriter) {
	t.Helper()
	r, w := io.Pipe()
	sh := &pipeShell{Reader: r}
	e := New(cols, rows, term.Options{})
	e.Attach(sh, "")
	t.Cleanup(func() {
		_ = w.Close()
		e.Wait()
	})
	return e, sh, w
}

// drawn waits until a frame satisfies ok.
func drawn(t *testing.T, e *Engine, ok func(Frame) bool) Frame {
	t.Helper()
	timeout := time.After(20 * time.Second)
	for {
		if f := e.Frame(); ok(f) {
			return f
		}
		select {
		case <-e.Wake():
		case <-timeout:
			t.Fatalf("never drawn: %q", e.Text())
		}
	}
}

func has(text string) func(Frame) bool {
	return func(f Frame) bool { return strings.Contains(strings.Join(f.Rows, "\n"), text) }
}

func write(t *testing.T, w io.Writer, s string) {
	t.Helper()
	if _, err := io.WriteString(w, s); err != nil {
		t.Fatal(err)
	}
}

func TestFramesAreExact(t *testing.T) {
	e, _, w := start(t, 20, 4)
	write(t, w, "one\r\n\x1b[31mtwo")
	f := drawn(t, e, has("two"))
	if len(f.Rows) != 4 || f.Cols != 20 || f.Cursor.X != 3 || f.Cursor.Y != 1 {
		t.Errorf("%d rows, cursor %+v", len(f.Rows), f.Cursor)
	}
}

// A remote may hold its output back, but not for ever.
func TestHeldFramesAreBounded(t *testing.T) {
	e, _, w := start(t, 20, 4)
	write(t, w, "before")
	drawn(t, e, has("before"))
	write(t, w, "\x1b[?2026h\x1b[2J\x1b[Hhalf")
	// The pipe hands over when the reader reads again, so the half is in.
	write(t, w, " ")
	if f := e.Frame(); !has("before")(f) || has("half")(f) {
		t.Errorf("a half-made frame is shown: %q", f.Rows)
	}
	drawn(t, e, has("half"))
	write(t, w, "\x1b[?2026l\x1b[Hwhole")
	drawn(t, e, has("whole"))
}

// What the pipe took with the second write of a pair was fed with the first.
func fed(t *testing.T, w io.Writer, s string) {
	t.Helper()
	write(t, w, s)
	write(t, w, "\x00")
}

func woken(e *Engine) bool {
	select {
	case <-e.Wake():
		return true
	default:
		return false
	}
}

// A pane that nobody looks at wakes its owner once, and then only for what a
// person is to hear of.
func TestUnseenPaneWakesOnce(t *testing.T) {
	e, _, w := start(t, 20, 4)
	fed(t, w, "first")
	if !woken(e) {
		t.Fatal("output wakes nobody")
	}
	for range 100 {
		fed(t, w, "more")
	}
	if woken(e) {
		t.Error("it wakes again, though no frame was taken")
	}
	for _, s := range []string{"\a", "\x1b]9;done\a", "\x1b]52;c;aGk=\a"} {
		fed(t, w, s)
		if !woken(e) {
			t.Errorf("%q wakes nobody", s)
		}
		e.TakeNotice()
		e.TakeClipboard()
		woken(e)
	}
	if f := e.Frame(); !has("more")(f) {
		t.Errorf("the frame lacks what came unseen: %q", f.Rows)
	}
	fed(t, w, "after")
	if !woken(e) {
		t.Error("after a frame nothing wakes")
	}
}

func TestRepliesGoBack(t *testing.T) {
	e, sh, w := start(t, 20, 4)
	write(t, w, "\x1b[6n.")
	drawn(t, e, has("."))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if got := sh.typed.String(); got != "\x1b[1;1R" {
		t.Errorf("answered %q", got)
	}
}

func TestBusyRemoteIsSaidAndNothingIsSent(t *testing.T) {
	e, sh, w := start(t, 20, 4)
	sh.mu.Lock()
	sh.busy = true
	sh.mu.Unlock()
	if err := e.Key(term.Key{Rune: 'x', Text: "x"}); err != session.ErrBusy {
		t.Errorf("err %v", err)
	}
	_ = w.Close()
	e.Wait()
	if err := e.Key(term.Key{Rune: 'x', Text: "x"}); err != session.ErrClosed {
		t.Errorf("after the end: %v", err)
	}
}

func TestScrolledViewStaysOnItsLines(t *testing.T) {
	e, _, w := start(t, 20, 3)
	write(t, w, "a\r\nb\r\nc\r\nd\r\ne")
	drawn(t, e, has("e"))
	e.Scroll(2)
	top := e.Frame()
	if !has("a")(top) || top.Scrolled != 2 {
		t.Fatalf("scrolled %d: %q", top.Scrolled, top.Rows)
	}
	write(t, w, "\r\nf\r\ng")
	f := drawn(t, e, func(f Frame) bool { return f.Scrolled == 4 })
	if strings.Join(f.Rows, "|") != strings.Join(top.Rows, "|") {
		t.Errorf("the view moved: %q", f.Rows)
	}
	e.Scroll(-100)
	if f := e.Frame(); f.Scrolled != 0 || !has("g")(f) {
		t.Errorf("not at the bottom: %q", f.Rows)
	}
	e.Scroll(1000)
	if f := e.Frame(); f.Scrolled != 4 {
		t.Errorf("scrolled past the top: %d", f.Scrolled)
	}
}

func TestResizeIsToldOnce(t *testing.T) {
	e, sh, _ := start(t, 20, 4)
	e.Resize(30, 5)
	e.Resize(30, 5)
	e.Resize(0, -1)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	want := []session.Size{{Cols: 20, Rows: 4}, {Cols: 30, Rows: 5}, {Cols: 1, Rows: 1}}
	if len(sh.sizes) != len(want) {
		t.Fatalf("sizes %v", sh.sizes)
	}
	for i := range want {
		if sh.sizes[i] != want[i] {
			t.Errorf("sizes %v", sh.sizes)
		}
	}
}

// What one more line at the bottom of a full screen costs to draw.
func BenchmarkFrame(b *testing.B) {
	e := New(200, 50, term.Options{})
	line := []byte(strings.Repeat("\x1b[32mword\x1b[m ", 30) + "\r\n")
	for range 60 {
		_, _ = e.vt.Write(line)
	}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = e.vt.Write([]byte("x"))
		e.Frame()
	}
}
