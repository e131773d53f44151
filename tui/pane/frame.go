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
	// Scrolled is how many lines the view is above the bottom; the cursor is
	// then out of sight.
	Scrolled int
	Bells    uint64
	Progress term.Progress
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
	if modes.Sync && e.last.Rows != nil && !e.heldSince.IsZero() && time.Since(e.heldSince) < holdLimit {
		return e.last
	}
	cols, rows := e.vt.Size()
	e.anchor()
	f := Frame{
		Rows: make([]string, rows), Cols: cols, Cursor: e.vt.Cursor(),
		Title: e.vt.Title(), Modes: modes, Scrolled: e.scroll, Bells: e.vt.Bells(),
		Progress: e.vt.Progress(), Directory: e.vt.WorkingDirectory(),
	}
	if len(e.rows) != rows {
		e.rows = make([]cachedRow, rows)
	}
	for y := range f.Rows {
		f.Rows[y] = e.row(y - e.scroll)
	}
	e.last = f
	return f
}

// anchor keeps a scrolled view on its lines while new ones arrive below.
func (e *Engine) anchor() {
	if e.scroll == 0 {
		return
	}
	back := e.vt.ScrollbackLen()
	e.scroll = min(max(e.scroll+back-e.back, 0), back)
	e.back = back
}

func (e *Engine) row(y int) string {
	if y < 0 {
		return string(e.vt.AppendRow(nil, y))
	}
	c := &e.rows[y]
	if gen := e.vt.RowGeneration(y); !c.valid || c.gen != gen {
		*c = cachedRow{gen: gen, text: string(e.vt.AppendRow(nil, y)), valid: true}
	}
	return c.text
}
