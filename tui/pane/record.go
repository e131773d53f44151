package pane

import (
	"time"

	"github.com/openclaw/crabbox-tui/session/record"
	"github.com/openclaw/crabbox-tui/session/term"
)

// catchUpEvery is how often a recording that output was left out of is tried
// again, when nothing else does.
const catchUpEvery = 100 * time.Millisecond

// recording follows the terminal into a file.
type recording struct {
	to *record.Recorder // nil while nothing is recorded
	// draw: the screen has to be drawn before more output means something.
	draw bool
	// behind: that is because output was left out.
	behind bool
	// filling: the shell begins with what was there before, of which only the
	// screen is for the recording, at its end.
	filling bool
}

// refiller is a shell whose output begins with what was there before.
type refiller interface {
	// Refilled says that all of that was read.
	Refilled() bool
}

// Record begins to record the terminal, from its screen as it is now: begin
// makes the recorder for a terminal of that size. It may wait for a disk, and
// nothing else does meanwhile. A recording that was there already is stopped.
func (e *Engine) Record(begin func(cols, rows int) (*record.Recorder, error)) (*record.Recorder, error) {
	cols, rows := e.Size()
	r, err := begin(cols, rows)
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, n := e.vt.Size(); c != cols || n != rows {
		r.Resize(c, n)
	}
	e.stopRecording()
	e.rec.to, e.rec.draw, e.rec.behind = r, true, false
	e.redraw()
	return r, nil
}

// StopRecording ends the recording, if there is one. What waits is written
// without anybody waiting for it; the recorder's Done tells.
func (e *Engine) StopRecording() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.stopRecording()
}

func (e *Engine) stopRecording() {
	if e.rec.to != nil {
		e.redraw()
		e.rec.to.Stop()
		e.rec.to = nil
	}
}

// Mark puts a mark into the recording, if there is one.
func (e *Engine) Mark(label string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.rec.to != nil {
		e.rec.to.Mark(label)
	}
}

// recordAttached has the screen drawn anew after a shell was attached, which
// changed it by other means than output.
func (e *Engine) recordAttached(sh Shell) {
	_, e.rec.filling = sh.(refiller)
	e.rec.draw = true
	e.redraw()
}

// recordOutput records output that the terminal has taken.
func (e *Engine) recordOutput(sh Shell, p []byte) {
	r := &e.rec
	if r.filling {
		s, ok := sh.(refiller)
		r.filling = ok && !s.Refilled()
		e.redraw()
		return
	}
	switch {
	case r.to == nil:
	case r.draw:
		if r.behind {
			r.to.Missed(len(p))
		}
		e.redraw()
	case !r.to.Output(p):
		r.draw, r.behind = true, true
		time.AfterFunc(catchUpEvery, e.catchUp)
	}
}

func (e *Engine) recordResize(cols, rows int) {
	if e.rec.to != nil {
		e.rec.to.Resize(cols, rows)
	}
}

// redraw draws the screen into a recording that needs it, and can take it.
func (e *Engine) redraw() {
	r := &e.rec
	if r.to == nil || !r.draw || r.filling || e.vt.MidSequence() || !r.to.Ready() {
		return
	}
	if r.to.Output(e.vt.AppendRepaint(nil)) {
		r.draw, r.behind = false, false
	}
}

// catchUp draws the screen once the disk has caught up, also when the remote
// has fallen silent.
func (e *Engine) catchUp() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.redraw()
	if e.rec.to == nil || !e.rec.behind {
		return
	}
	select {
	case <-e.rec.to.Done():
	default:
		time.AfterFunc(catchUpEvery, e.catchUp)
	}
}

// Size is the terminal's.
func (e *Engine) Size() (cols, rows int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.Size()
}

// History is the text of everything that was written, as it is now: see
// term.Terminal. Copying it takes some milliseconds at most.
func (e *Engine) History() *term.Snapshot {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.History()
}
