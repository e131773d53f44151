package pane

import "github.com/openclaw/crabbox-tui/session/term"

// view is what of the terminal is looked at, and what is marked there. Places
// are kept by the numbers of their lines, so that they stay on their text while
// output comes.
type view struct {
	back bool   // it does not follow the bottom
	top  uint64 // then: the number of its first line

	copying bool
	cursor  term.Point // of copy mode
	want    int        // the column that moving up and down keeps to

	selecting bool
	sel       term.Selection // from A, which stays, to B

	search *term.Search
	seek   seek
	ended  bool // the search has looked at all that there was
}

// anchor returns the row at the top of the view, 0 at the bottom and negative
// above it. What is gone moves the view, the cursor and the selection to what
// is left.
func (e *Engine) anchor() int {
	v := &e.view
	first, end := e.vt.FirstLine(), e.vt.EndLine()
	if v.copying {
		v.cursor.Line = min(max(v.cursor.Line, first), end-1)
	}
	if v.selecting {
		if _, ok := e.vt.Span(v.sel); !ok {
			v.selecting = false
		}
	}
	if !v.back {
		return 0
	}
	y, ok := e.vt.RowOf(v.top)
	switch {
	case ok:
	case v.top < first && first-v.top < otherScreen:
		y = -e.vt.ScrollbackLen()
	default:
		y = 0
	}
	e.lookAt(y)
	return min(y, 0)
}

// otherScreen is more lines than ever are dropped between two looks: a line that
// is farther off belongs to the other screen.
const otherScreen = 1 << 40

// lookAt makes row y the top of the view, as far as there is text. In copy mode,
// and while something is selected, it stays there while output comes, at the
// bottom too.
func (e *Engine) lookAt(y int) {
	y = min(max(y, -e.vt.ScrollbackLen()), 0)
	e.view.back, e.view.top = y < 0 || e.view.copying || e.view.selecting, e.vt.LineOf(y)
}

// Scroll moves the view by n lines, up if positive, within the scrollback.
func (e *Engine) Scroll(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lookAt(e.anchor() - n)
	e.keepInView()
}

// keepInView moves copy mode's cursor to the nearest line of the view.
func (e *Engine) keepInView() {
	v := &e.view
	if !v.copying {
		return
	}
	_, rows := e.vt.Size()
	top := e.vt.LineOf(e.anchor())
	v.cursor.Line = min(max(v.cursor.Line, top), top+uint64(rows)-1)
	e.drag()
}

// follow goes back to the bottom and forgets what was marked by the mouse, as
// a person does who types. Copy mode stays.
func (e *Engine) follow() {
	if !e.view.copying {
		e.view = view{}
	}
}

// kept are the places of a view while its lines get new numbers; nil where it
// has none, or the text is gone.
type kept struct{ top, cursor, a, b *term.Place }

// keep notes where the view is before the width changes.
func (e *Engine) keep() (k kept) {
	v := &e.view
	y := e.anchor()
	place := func(p term.Point) *term.Place {
		if pl, ok := e.vt.Place(p); ok {
			return &pl
		}
		return nil
	}
	if v.back {
		k.top = place(term.Point{Line: e.vt.LineOf(y)})
	}
	if v.copying {
		k.cursor = place(v.cursor)
	}
	if v.selecting {
		k.a, k.b = place(v.sel.A), place(v.sel.B)
	}
	return k
}

// restore finds the view again after the width has changed.
func (e *Engine) restore(k kept) {
	v := &e.view
	point := func(pl *term.Place) (p term.Point, ok bool) {
		if pl == nil {
			return p, false
		}
		return e.vt.PointAt(*pl)
	}
	if v.back {
		v.back = false
		if p, ok := point(k.top); ok {
			y, _ := e.vt.RowOf(p.Line)
			e.lookAt(y)
		}
	}
	if v.selecting {
		a, okA := point(k.a)
		b, okB := point(k.b)
		v.sel.A, v.sel.B, v.selecting = a, b, okA && okB
	}
	if v.copying {
		p, ok := point(k.cursor)
		if !ok {
			p = term.Point{Line: e.vt.EndLine() - 1}
		}
		e.goTo(p)
	}
}
