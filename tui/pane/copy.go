package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session/term"
)

// Motion is a way in which copy mode's cursor moves.
type Motion int

// The motions. Those over prompts need a shell that marks them (OSC 133).
const (
	MoveLeft Motion = iota
	MoveRight
	MoveUp
	MoveDown
	MoveNextWord
	MovePrevWord
	MoveWordEnd
	MoveLineStart
	MoveLineText // the first character that is not blank
	MoveLineEnd
	MovePageUp
	MovePageDown
	MoveHalfUp
	MoveHalfDown
	MoveFirst // the oldest line
	MoveLast
	MoveViewTop
	MoveViewMiddle
	MoveViewBottom
	MovePrevPrompt
	MoveNextPrompt
)

// farColumn stands for the end of whatever line the cursor comes to.
const farColumn = 1 << 30

// StartCopy begins copy mode with its cursor where the terminal's is, or in the
// view if that is elsewhere.
func (e *Engine) StartCopy() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.view.copying {
		return
	}
	c := e.vt.Cursor()
	y, top := c.Y, e.anchor()
	if top < 0 {
		_, rows := e.vt.Size()
		y = top + min(c.Y, rows-1)
	}
	e.view.copying, e.view.cursor, e.view.want = true, term.Point{Line: e.vt.LineOf(y), Col: c.X}, c.X
	e.view.selecting = false // the mouse's is done with
	e.lookAt(top)
}

// EndCopy leaves copy mode, its selection and search, and goes to the bottom.
func (e *Engine) EndCopy() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.view = view{}
}

// Move moves copy mode's cursor, and the view with it; false if there is
// nothing there to move to.
func (e *Engine) Move(m Motion) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.anchor()
	v := &e.view
	was := v.cursor
	cols, rows := e.vt.Size()
	p := v.cursor
	switch m {
	case MoveLeft:
		p.Col = e.column(term.Point{Line: p.Line, Col: max(e.column(p)-1, 0)})
	case MoveRight:
		if r, ok := e.vt.Expand(term.UnitCell, p, ""); ok {
			p.Col = min(r.To.Col, cols-1)
		}
	case MoveNextWord:
		p = e.vt.NextWord(p, term.DefaultWordChars)
	case MovePrevWord:
		p = e.vt.PrevWord(p, term.DefaultWordChars)
	case MoveWordEnd:
		p = e.vt.WordEnd(p, term.DefaultWordChars)
	case MoveLineStart:
		p.Col = 0
	case MoveLineText:
		text := e.lineText(p.Line)
		p.Col = ansi.StringWidth(text) - ansi.StringWidth(strings.TrimLeft(text, " "))
	case MoveLineEnd:
		p.Col = farColumn
	case MovePrevPrompt, MoveNextPrompt:
		to := e.vt.PrevPrompt
		if m == MoveNextPrompt {
			to = e.vt.NextPrompt
		}
		line, ok := to(p.Line)
		if !ok {
			return false
		}
		p = term.Point{Line: line}
	default:
		e.moveLines(m, rows)
		return v.cursor != was
	}
	v.want = p.Col
	e.goTo(p)
	return v.cursor != was
}

// moveLines carries out the motions that keep to a column.
func (e *Engine) moveLines(m Motion, rows int) {
	v := &e.view
	first, last := e.vt.FirstLine(), e.vt.EndLine()-1
	by := func(n int) uint64 {
		return uint64(min(max(int64(v.cursor.Line)+int64(n), int64(first)), int64(last)))
	}
	top := e.vt.LineOf(e.anchor())
	line := v.cursor.Line
	page := max(rows-2, 1)
	switch m {
	case MoveUp:
		line = by(-1)
	case MoveDown:
		line = by(1)
	case MovePageUp, MoveHalfUp, MovePageDown, MoveHalfDown:
		n := map[Motion]int{MovePageUp: -page, MovePageDown: page, MoveHalfUp: -rows / 2, MoveHalfDown: rows / 2}[m]
		e.lookAt(e.anchor() + n)
		line = by(n)
	case MoveFirst:
		line = first
	case MoveLast:
		line = last
	case MoveViewTop:
		line = top
	case MoveViewMiddle:
		line = top + uint64(rows/2)
	case MoveViewBottom:
		line = top + uint64(rows) - 1
	}
	e.goTo(term.Point{Line: line, Col: v.want})
}

// goTo puts copy mode's cursor on the character at p and the view around it.
func (e *Engine) goTo(p term.Point) {
	v := &e.view
	if p.Col == farColumn {
		p.Col = max(ansi.StringWidth(e.lineText(p.Line))-1, 0)
	}
	v.cursor = term.Point{Line: p.Line, Col: e.column(p)}
	e.reveal()
	e.drag()
}

// drag takes the end of the selection along with the cursor.
func (e *Engine) drag() {
	if v := &e.view; v.copying && v.selecting {
		v.sel.B = v.cursor
	}
}

// reveal moves the view no farther than it must to show the cursor; a place that
// is far away comes into its middle.
func (e *Engine) reveal() {
	y, ok := e.vt.RowOf(e.view.cursor.Line)
	if !ok {
		return
	}
	_, rows := e.vt.Size()
	top := e.anchor()
	switch {
	case y < top-rows || y >= top+2*rows:
		e.lookAt(y - rows/2)
	case y < top:
		e.lookAt(y)
	case y >= top+rows:
		e.lookAt(y - rows + 1)
	}
}

// column is where the character begins that has a cell at p.
func (e *Engine) column(p term.Point) int {
	cols, _ := e.vt.Size()
	p.Col = min(max(p.Col, 0), cols-1)
	if r, ok := e.vt.Expand(term.UnitCell, p, ""); ok {
		return min(r.From.Col, cols-1)
	}
	return p.Col
}

func (e *Engine) lineText(line uint64) string {
	y, ok := e.vt.RowOf(line)
	if !ok {
		return ""
	}
	return string(e.vt.AppendText(nil, y))
}

// Select begins a selection of such units at copy mode's cursor, changes the
// units of the one there is, or, if it has them already, ends it.
func (e *Engine) Select(u term.Unit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := &e.view
	switch {
	case !v.selecting:
		v.selecting = true
		v.sel = term.Selection{Unit: u, A: v.cursor, B: v.cursor, WordChars: term.DefaultWordChars}
	case v.sel.Unit == u:
		v.selecting = false
	default:
		v.sel.Unit = u
	}
}

// OtherEnd takes copy mode's cursor to the other end of the selection.
func (e *Engine) OtherEnd() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if v := &e.view; v.selecting {
		v.sel.A, v.sel.B = v.sel.B, v.sel.A
		e.goTo(v.sel.B)
	}
}

// Deselect ends the selection; false if there is none.
func (e *Engine) Deselect() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	was := e.view.selecting
	e.view.selecting = false
	return was
}

// PointAt is the place in the text of a cell of the view.
func (e *Engine) PointAt(x, y int) term.Point {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.pointAt(x, y)
}

// SelectFrom begins a selection at a place in the text, and SelectTo takes it to
// a cell of the view. A cell above or below the view scrolls it by a line.
func (e *Engine) SelectFrom(p term.Point, u term.Unit) {
	e.mu.Lock()
	defer e.mu.Unlock()
	top := e.anchor()
	e.view.selecting = true
	e.lookAt(top)
	e.view.sel = term.Selection{Unit: u, A: p, B: p, WordChars: term.DefaultWordChars}
	if e.view.copying {
		e.view.cursor, e.view.want = p, p.Col
	}
}

// SelectTo is described at SelectFrom.
func (e *Engine) SelectTo(x, y int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	v := &e.view
	if !v.selecting {
		return
	}
	_, rows := e.vt.Size()
	switch {
	case y < 0:
		e.lookAt(e.anchor() - 1)
	case y >= rows:
		e.lookAt(e.anchor() + 1)
	}
	v.sel.B = e.pointAt(x, y)
	if v.copying {
		v.cursor, v.want = v.sel.B, v.sel.B.Col
	}
}

// pointAt is the place in the text of a cell of the view.
func (e *Engine) pointAt(x, y int) term.Point {
	cols, rows := e.vt.Size()
	top := e.anchor()
	return term.Point{Line: e.vt.LineOf(top + min(max(y, 0), rows-1)), Col: min(max(x, 0), cols-1)}
}

// Selected is the text of a selection as it was when it was taken.
type Selected struct {
	lines *term.Snapshot
	cells term.Range
	block bool
}

// Text is what was meant: wrapped rows joined, no blanks at the ends of lines.
// It needs nothing of the engine and may take as long as the text is.
func (s Selected) Text() string { return s.lines.Text(s.cells, s.block) }

// Selection returns what is selected; ok is false if nothing is.
func (e *Engine) Selection() (s Selected, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.anchor()
	if !e.view.selecting {
		return Selected{}, false
	}
	r, ok := e.vt.Span(e.view.sel)
	if !ok {
		return Selected{}, false
	}
	return Selected{e.vt.Snapshot(r.From.Line, r.To.Line+1), r, e.view.sel.Unit == term.UnitBlock}, true
}

// LinkAt returns the link at a cell of the view, LinkHere the one at copy
// mode's cursor; ok is false if there is none.
func (e *Engine) LinkAt(x, y int) (l term.Link, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.LinkAt(e.pointAt(x, y))
}

// LinkHere is described at LinkAt.
func (e *Engine) LinkHere() (l term.Link, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.LinkAt(e.view.cursor)
}

// WordHere is the word at copy mode's cursor, "" if there is none.
func (e *Engine) WordHere() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	text, _ := e.vt.SelectText(term.Selection{Unit: term.UnitWord, A: e.view.cursor, B: e.view.cursor})
	return strings.TrimSpace(text)
}
