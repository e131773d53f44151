package pane

import (
	"time"

	"github.com/openclaw/crabbox-tui/session/term"
)

// Frame is what to draw of a terminal, a value that does not change any more.
type Frame struct {
	// Rows are the lines from the top, each exactly Cols cells wide and ending
	// in a reset state.
	Rows   []string
	Cols   int
	Cursor term.Cursor
	Title  string
	Modes  term.Modes
	// Scrolled is how many lines the view is above the bottom. The cursor is out
	// of sight then, but in copy mode, whose own it is.
	Scrolled int
	// Line is the line of copy mode's cursor, from 1 for the oldest, and Lines
	// how many there are; both 0 outside of copy mode.
	Line, Lines int
	Selected    bool // there is a selection
	Found       Found
	Bells       uint64
	Progress    term.Progress
	// Directory is where the remote's shell says it is (OSC 7).
	Directory string
}

// Frame returns the newest picture. While the remote holds its output back
// (mode 2026) that is the one before, for 150 ms at most.
func (e *Engine) Frame() Frame {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unseen = false
	modes := e.vt.Modes()
	if modes.Sync && !e.view.copying && e.last.Rows != nil && !e.heldSince.IsZero() && time.Since(e.heldSince) < holdLimit {
		return e.last
	}
	cols, rows := e.vt.Size()
	top := e.anchor()
	f := Frame{
		Rows: make([]string, rows), Cols: cols, Cursor: e.vt.Cursor(),
		Title: e.vt.Title(), Modes: modes, Scrolled: -top, Bells: e.vt.Bells(),
		Progress: e.vt.Progress(), Directory: e.vt.WorkingDirectory(),
		Selected: e.view.selecting, Found: e.found(),
	}
	if v := &e.view; v.copying {
		y, _ := e.vt.RowOf(v.cursor.Line)
		f.Cursor.X, f.Cursor.Y, f.Cursor.Visible = v.cursor.Col, y-top, true
		f.Line, f.Lines = int(v.cursor.Line-e.vt.FirstLine())+1, rows+e.vt.ScrollbackLen()
	}
	if len(e.rows) != rows {
		e.rows = make([]cachedRow, rows)
	}
	marks := e.marker()
	for y := range f.Rows {
		f.Rows[y] = e.row(y+top, marks)
	}
	e.last = f
	return f
}

func (e *Engine) row(y int, marks *marker) string {
	if m := marks.of(e.vt.LineOf(y)); len(m) > 0 {
		return string(e.vt.AppendMarkedRow(nil, y, m))
	}
	if y < 0 {
		return string(e.vt.AppendRow(nil, y))
	}
	c := &e.rows[y]
	if gen := e.vt.RowGeneration(y); !c.valid || c.gen != gen {
		*c = cachedRow{gen: gen, text: string(e.vt.AppendRow(nil, y)), valid: true}
	}
	return c.text
}
