package pane

import (
	"context"

	"github.com/openclaw/crabbox-tui/session/term"
)

// seek is a match that copy mode's cursor waits for while the text is searched.
type seek struct {
	on    bool
	older bool
	from  term.Point
}

// Found is how a search stands.
type Found struct {
	Searching bool // there is a search, and more of the text to look at
	Matches   int
	At        int  // the match at the cursor, 1 for the newest; 0: at none
	Capped    bool // there are more than were counted
}

// Find looks for p, nil for nothing, and takes copy mode's cursor to the next
// match from where it is, above it if older. FindMore does the work.
func (e *Engine) Find(p *term.Pattern, from term.Point, older bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := &e.view
	v.search, v.seek, v.ended = nil, seek{}, false
	if p == nil {
		return
	}
	v.search, v.seek = term.NewSearch(p), seek{on: true, older: older, from: from}
}

// CopyCursor is where copy mode's cursor is.
func (e *Engine) CopyCursor() term.Point {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view.cursor
}

// GoBack takes copy mode's cursor to where it was, as CopyCursor told.
func (e *Engine) GoBack(p term.Point) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.goTo(p)
}

// FindNext takes copy mode's cursor to the next match, above it if older; false
// if there is no search.
func (e *Engine) FindNext(older bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := &e.view
	if v.search == nil {
		return false
	}
	v.seek = seek{on: true, older: older, from: v.cursor}
	e.arrive()
	return true
}

// FindMore searches on until everything was looked at that there is, or ctx is
// done. It holds the engine up for fractions of a millisecond at a time, and
// signals what it finds. Call it again when FindStale.
func (e *Engine) FindMore(ctx context.Context) {
	s := e.search()
	for begun := false; s != nil && ctx.Err() == nil; {
		if more := e.take(s, !begun); !more {
			return
		}
		begun = true
		s.Match()
	}
}

func (e *Engine) search() *term.Search {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view.search
}

// take takes the next piece of text; false when there is none, or another
// search was begun.
func (e *Engine) take(s *term.Search, first bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view.search != s {
		return false
	}
	if first {
		s.Update(e.vt)
	}
	known := s.Len()
	more := s.Take(e.vt)
	e.view.ended = !more
	e.arrive()
	if s.Len() != known || !more {
		e.signal()
	}
	return more
}

// arrive takes the cursor to the match that it waits for, if that is known by
// now. Behind the last one it goes on from the other end.
func (e *Engine) arrive() {
	v := &e.view
	s := v.search
	if !v.seek.on || s.Len() == 0 {
		v.seek.on = v.seek.on && !v.ended
		return
	}
	i := s.Newer(v.seek.from)
	if v.seek.older {
		i = s.Older(v.seek.from)
	}
	switch {
	case !v.ended && (i == s.Len() || i < 0):
		return // it may still be found
	case i == s.Len():
		i = 0
	case i < 0:
		i = s.Len() - 1
	}
	v.seek.on = false
	p := s.At(i).From
	v.want = p.Col
	e.goTo(p)
}

// FindStale says that the text has changed since it was searched.
func (e *Engine) FindStale() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.view.search != nil && e.view.search.Stale(e.vt)
}

// found is how the search stands.
func (e *Engine) found() Found {
	v := &e.view
	s := v.search
	if s == nil {
		return Found{}
	}
	f := Found{Searching: !v.ended, Matches: s.Len(), Capped: s.Capped()}
	if i := s.Older(v.cursor) - 1; i >= 0 && i < s.Len() && s.At(i).From == v.cursor {
		f.At = i + 1
	}
	return f
}

// marker knows what is marked in a view.
type marker struct {
	v        *view
	cols     int
	selected term.Range
	selects  bool
	marks    []term.Mark
}

func (e *Engine) marker() *marker {
	m := &marker{v: &e.view}
	m.cols, _ = e.vt.Size()
	if m.v.selecting {
		m.selected, m.selects = e.vt.Span(m.v.sel)
	}
	return m
}

// of returns the marks of a line, until the next call.
func (m *marker) of(line uint64) []term.Mark {
	m.marks = m.marks[:0]
	if s := m.v.search; s != nil {
		s.Visit(line, line+1, func(_ int, r term.Range) {
			kind := term.MarkMatch
			if m.v.copying && r.From == m.v.cursor {
				kind = term.MarkCurrent
			}
			m.add(line, r, kind)
		})
	}
	if r := m.selected; m.selects && line >= r.From.Line && line <= r.To.Line {
		if m.v.sel.Unit == term.UnitBlock {
			r.From.Line, r.To.Line = line, line
		}
		m.add(line, r, term.MarkSelected)
	}
	return m.marks
}

func (m *marker) add(line uint64, r term.Range, kind term.MarkKind) {
	mark := term.Mark{To: m.cols, Kind: kind}
	if r.From.Line == line {
		mark.From = r.From.Col
	}
	if r.To.Line == line {
		mark.To = r.To.Col
	}
	m.marks = append(m.marks, mark)
}
