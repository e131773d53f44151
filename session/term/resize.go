package term

// Resize changes the size, reflowing wrapped lines of the primary screen: text
// that a line was too short for stands in one line again when there is room.
// Lines that no longer fit go into the scrollback, and come back from it when
// the screen grows. The alternate screen is cut or padded; the programs there
// draw anew. Sizes are clamped as in New.
func (t *Terminal) Resize(cols, rows int) {
	cols, rows = clamp(cols, 1, maxCols), clamp(rows, 1, maxRows)
	if cols == t.cols && rows == t.rows {
		return
	}
	t.gen++
	onAlt := t.scr == t.alt
	oldCols := t.cols
	unused := t.sb.dropped + uint64(t.sb.n+t.rows)
	t.resizePrimary(cols, rows, onAlt)
	if cols != oldCols {
		// Rows are cut elsewhere now: no number may mean another text than before.
		t.sb.dropped = unused
		t.altFirst += uint64(t.rows)
	}
	if onAlt {
		t.alt = cropped(t.alt, cols, rows)
		t.scr = t.alt
		t.x, t.y = min(t.x, cols-1), min(t.y, rows-1)
		t.pendWrap = false
	} else {
		t.alt = nil
		t.scr = t.primary
	}
	t.cols, t.rows = cols, rows
	t.sb.setBudget(t.scrollbackBudget(), t.opts.ScrollbackLines)
	t.resetMargins()
	for x := (oldCols + 7) / 8 * 8; x < cols; x += 8 {
		t.setTab(x, true)
	}
	t.joinOK, t.joinNext = false, false
	t.touchAll()
	if t.m.sizeReports {
		t.reportSize()
	}
}

// cropped is s in another size, with nothing moved.
func cropped(s *screen, cols, rows int) *screen {
	out := newScreen(cols, rows)
	out.saved = s.saved
	for y := range min(rows, len(s.rows)) {
		from, to := s.row(y), out.row(y)
		copy(to.cells, from.cells)
		to.hi = min(cols, s.cols)
		if c := to.cells[cols-1]; c.isWide() {
			to.cells[cols-1] = c.blanked()
		}
	}
	return out
}

// point is a place that is followed through a reflow: the cursor or a saved one.
type point struct {
	x, y     int
	pendWrap bool
	line     int // its logical line
	at       int // its cell among those of the line
}

// span is a row to be: cells[from:to] and what else a row has.
type span struct {
	from, to int
	line     int // its logical line
	fill     cell
	flags    rowFlags
}

// reflow takes rows of one width and gives rows of another.
type reflow struct {
	cols  int
	cells []cell
	spans []span

	line  int // the number of the logical line at hand
	start int // where it begins in cells
	flags rowFlags
}

func (t *Terminal) resizePrimary(cols, rows int, onAlt bool) {
	s := t.primary
	cur := point{x: t.x, y: t.y, pendWrap: t.pendWrap}
	saved := point{x: s.saved.x, y: s.saved.y, pendWrap: s.saved.pendWrap}
	if onAlt {
		cur = saved
	}
	last := cur.y
	for y := last + 1; y < len(s.rows); y++ {
		if r := s.row(y); r.hi > 0 {
			last = y
		}
	}
	wasFull := last == len(s.rows)-1

	f := reflow{cols: cols}
	points := [2]*point{&cur, &saved}
	if cols != s.cols {
		t.pullWrapped(&f)
		t.rewrapScrollback(cols)
	}
	for y := 0; y <= last; y++ {
		r := s.row(y)
		for _, p := range points {
			if p.y == y {
				f.mark(p, r)
			}
		}
		f.add(r, y == last)
	}
	for _, p := range points {
		f.place(p)
	}

	// The cursor's line stays on the screen, whatever else must go.
	drop := clamp(len(f.spans)-rows, 0, cur.y)
	next := newScreen(cols, rows)
	tmp := row{cells: make([]cell, cols)}
	for _, sp := range f.spans[:drop] {
		f.fill(&tmp, sp)
		t.sb.push(&t.tab, &tmp)
	}
	spans := f.spans[drop:]
	pull := 0
	if wasFull && len(spans) < rows {
		pull = min(rows-len(spans), t.sb.len())
	}
	for i, sp := range spans[:min(len(spans), rows-pull)] {
		f.fill(next.row(pull+i), sp)
	}
	next.saved = s.saved
	next.saved.x, next.saved.y = saved.x, clamp(saved.y-drop+pull, 0, rows-1)
	next.saved.pendWrap = saved.pendWrap
	if !onAlt {
		t.x, t.y, t.pendWrap = cur.x, clamp(cur.y-drop+pull, 0, rows-1), cur.pendWrap
	}
	t.primary = next
	if !onAlt {
		t.scr = next
	}
	for i := pull - 1; i >= 0; i-- {
		t.unpackInto(next.row(i), t.sb.line(t.sb.len()-1))
		t.sb.dropNewest()
	}
}

// maxPulledCells bounds what of a line that began in the scrollback is taken
// back to be wrapped together with its end on the screen.
const maxPulledCells = 1 << 16

// pullWrapped takes the rows out of the scrollback whose text goes on in the
// first row of the screen.
func (t *Terminal) pullWrapped(f *reflow) {
	n, cells := 0, 0
	for n < t.sb.len() && t.sb.flags(t.sb.len()-1-n)&rowWrapped != 0 && cells < maxPulledCells {
		n++
		cells += t.primary.cols
	}
	r := row{cells: make([]cell, t.primary.cols)}
	for i := t.sb.len() - n; i < t.sb.len(); i++ {
		t.unpackInto(&r, t.sb.line(i))
		f.add(&r, false)
	}
	for range n {
		t.sb.dropNewest()
	}
}

// mark notes where p, which is in r, will be found again. It comes before r
// is added.
func (f *reflow) mark(p *point, r *row) {
	x := p.x
	if p.pendWrap {
		x++
	}
	for _, c := range r.cells[:min(x, r.hi)] {
		if c&cellSpacer != 0 {
			x--
		}
	}
	p.line, p.at = f.line, len(f.cells)-f.start+x
}

// add takes another row; the end of a logical line is where a row does not go
// on in the next.
func (f *reflow) add(r *row, last bool) {
	if len(f.cells) == f.start {
		f.flags = r.flags &^ rowWrapped
	}
	wrapped := r.flags&rowWrapped != 0 && !last
	end := r.hi
	if wrapped {
		end = len(r.cells)
	}
	for _, c := range r.cells[:end] {
		if c&cellSpacer == 0 {
			f.cells = append(f.cells, c)
		}
	}
	if !wrapped {
		f.flush(r.fill)
	}
}

// flush wraps the logical line at hand.
func (f *reflow) flush(fill cell) {
	from, flags := f.start, f.flags
	for {
		to := min(from+f.cols, len(f.cells))
		if to < len(f.cells) && f.cells[to].isCont() && to-1 > from {
			to--
		}
		more := to < len(f.cells)
		sp := span{from: from, to: to, line: f.line, flags: flags}
		if more {
			sp.flags |= rowWrapped
		} else {
			sp.fill = fill
		}
		f.spans = append(f.spans, sp)
		from, flags = to, 0
		if !more {
			break
		}
	}
	f.line, f.start, f.flags = f.line+1, len(f.cells), 0
}

// place finds where p is now: column and row among the spans. A point in the
// blanks behind a line stays on its last row.
func (f *reflow) place(p *point) {
	p.x, p.y, p.pendWrap = 0, 0, false
	begin := 0
	for y, sp := range f.spans {
		if sp.line != p.line {
			continue
		}
		if y == 0 || f.spans[y-1].line != p.line {
			begin = sp.from
		}
		at := begin + p.at
		if at >= sp.to && sp.flags&rowWrapped != 0 {
			continue
		}
		p.y, p.x = y, at-sp.from
		if p.x >= f.cols {
			p.pendWrap = p.x == f.cols && sp.to-sp.from == f.cols
			p.x = f.cols - 1
		}
		return
	}
}

// fill makes r what sp says.
func (f *reflow) fill(r *row, sp span) {
	n := copy(r.cells, f.cells[sp.from:sp.to])
	r.hi, r.fill, r.flags = n, sp.fill, sp.flags
	if n < len(r.cells) && sp.flags&rowWrapped != 0 {
		r.cells[n] = cellSpacer
		n++
		r.hi = n
	}
	fillCells(r.cells[n:], sp.fill)
	// One column is too narrow for both halves of a wide character.
	if c := r.cells[0]; c.isCont() || len(r.cells) == 1 && c.isWide() {
		r.cells[0] = c.blanked()
	}
}

// unpackInto makes r a line of the scrollback.
func (t *Terminal) unpackInto(r *row, line []byte) {
	fillCells(r.cells, 0)
	r.fill, r.hi, r.flags = 0, 0, rowFlags(line[0])
	p := newPackReader(line, &t.classes)
	var style Style
	var link []byte
	var base cell
	x := 0
	for p.next() && x+p.width <= len(r.cells) {
		if p.style != style || string(p.link) != string(link) {
			style, link = p.style, p.link
			base = cell(t.enterStyle(style, link)) << cellStyleShift
		}
		r.hi = x + p.width
		switch {
		case p.spacer:
			r.cells[x] = base | cellSpacer
		case p.blank:
			fillCells(r.cells[x:x+p.width], base)
		default:
			r.cells[x] = base | t.enterText(p.text)
			if p.width == 2 {
				r.cells[x] |= cellWide
				r.cells[x+1] = base | cellCont
			}
		}
		x += p.width
	}
	if p.fill {
		r.fill = cell(t.enterStyle(p.style, nil)) << cellStyleShift
		fillCells(r.cells[r.hi:], r.fill)
	}
}
