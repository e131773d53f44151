package pane

import (
	"sync"
	"time"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

// Shell is what an engine drives; *session.Shell satisfies it. Write and
// Resize must not block.
type Shell interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	Resize(size session.Size)
	Done() <-chan struct{}
	Wait() error
	Close() error
}

var _ Shell = (*session.Shell)(nil)

const (
	readChunk = 32 << 10
	// holdLimit bounds how long a frame may be held back by a remote program
	// that opened synchronized output and does not close it.
	holdLimit = 150 * time.Millisecond
)

// Engine is one terminal and the shell that writes to it. All methods are safe
// for concurrent use, and none waits for the remote.
type Engine struct {
	wake chan struct{}

	mu sync.Mutex // guards the following
	vt *term.Terminal
	// sh is the shell that keys go to; nil before Attach and after it ended.
	sh         Shell
	mute       bool          // the shell's queries are answered on the box
	readerDone chan struct{} // of the newest shell's reader; nil before the first
	rows       []cachedRow
	view       view
	heldSince  time.Time
	last       Frame
	unseen     bool   // Wake was signalled since the last frame was taken
	rung       uint64 // bells that Wake told
	rec        recording
}

type cachedRow struct {
	gen   uint64
	text  string
	valid bool
}

// New returns an engine with an empty terminal of the given size and limits.
func New(cols, rows int, o term.Options) *Engine {
	return &Engine{
		wake: make(chan struct{}, 1),
		vt:   term.New(max(cols, 1), max(rows, 1), o),
	}
}

// Wake has one slot and gets a value when there is something new to draw. Until
// a frame is taken it gets no more, but for bells and wishes of the remote: a
// pane that nobody looks at costs nobody anything.
func (e *Engine) Wake() <-chan struct{} { return e.wake }

func (e *Engine) signal() {
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

// Attach makes sh the engine's shell and starts reading it. A shell that was
// attached before must have ended; what it left on the screen stays above,
// out of any mode that it had set.
func (e *Engine) Attach(sh Shell, note string) {
	done := make(chan struct{})
	e.mu.Lock()
	again := e.readerDone != nil
	e.mute = false
	if q, ok := sh.(interface{ AnswersQueries() bool }); ok {
		e.mute = q.AnswersQueries()
	}
	if r, ok := sh.(interface{ Refills() bool }); ok && r.Refills() {
		// All that was seen comes again, with what was missed.
		e.vt.Reset()
	} else if again {
		// The lost program may have left the alternate screen, mouse reports
		// or bracketed paste on; the new shell knows nothing of them.
		_, _ = e.vt.Write([]byte("\x1b[?2026l"))
		if e.vt.Modes().AltScreen {
			_, _ = e.vt.Write([]byte("\x1b[?1049l"))
		}
		_, _ = e.vt.Write([]byte("\x1b[!p\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1004l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m\r\n\x1b[J"))
		if note != "" {
			_, _ = e.vt.Write([]byte("\x1b[2m" + note + "\x1b[0m\r\n"))
		}
	}
	e.recordAttached(sh)
	e.sh = sh
	e.readerDone = done
	e.follow()
	cols, rows := e.vt.Size()
	e.mu.Unlock()
	sh.Resize(session.Size{Cols: cols, Rows: rows})
	go e.read(sh, done)
	e.signal()
}

func (e *Engine) read(sh Shell, done chan struct{}) {
	defer close(done)
	buf := make([]byte, readChunk)
	for {
		n, err := sh.Read(buf)
		if n > 0 {
			e.feed(sh, buf[:n])
		}
		if err != nil {
			e.mu.Lock()
			if e.sh == sh {
				e.sh = nil
			}
			e.mu.Unlock()
			e.signal()
			return
		}
	}
}

func (e *Engine) feed(sh Shell, p []byte) {
	e.mu.Lock()
	_, _ = e.vt.Write(p)
	e.recordOutput(sh, p)
	replies := append([]byte(nil), e.vt.Replies()...)
	if e.mute {
		replies = nil
	}
	held := e.vt.Modes().Sync
	if held && e.heldSince.IsZero() {
		e.heldSince = time.Now()
		time.AfterFunc(holdLimit, e.signal)
	}
	if !held {
		e.heldSince = time.Time{}
	}
	bells := e.vt.Bells()
	wake := !held && (!e.unseen || bells != e.rung || e.vt.Wishes())
	if wake {
		e.unseen, e.rung = true, bells
	}
	e.mu.Unlock()
	if len(replies) > 0 {
		// A remote that asks without reading loses its answers, nothing else.
		_, _ = sh.Write(replies)
	}
	if wake {
		e.signal()
	}
}

// Resize gives terminal and remote a new size; equal sizes are passed over.
func (e *Engine) Resize(cols, rows int) {
	cols, rows = max(cols, 1), max(rows, 1)
	e.mu.Lock()
	c, r := e.vt.Size()
	same := c == cols && r == rows
	if !same {
		places := e.keep()
		e.vt.Resize(cols, rows)
		e.restore(places)
		e.recordResize(cols, rows)
		e.rows = nil
		e.last = Frame{}
	}
	sh := e.sh
	e.mu.Unlock()
	if !same && sh != nil {
		sh.Resize(session.Size{Cols: cols, Rows: rows})
		e.answer()
	}
}

// Text returns the screen as plain lines.
func (e *Engine) Text() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.Text()
}

// Wait returns when the reader of the newest shell has ended. The shell must
// have been closed, or its connection.
func (e *Engine) Wait() {
	e.mu.Lock()
	done := e.readerDone
	e.mu.Unlock()
	if done != nil {
		<-done
	}
}
