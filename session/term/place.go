package term

// Place is where a Point is in the text, told from the cursor's line: it finds
// the same text again after the width has changed and every line with it.
type Place struct {
	lines int // logical lines below the cursor's; negative above
	cells int // cells from the beginning of the line
}

// Place returns the place of p; ok is false when p is gone.
func (t *Terminal) Place(p Point) (pl Place, ok bool) {
	y, ok := t.RowOf(p.Line)
	if !ok {
		return Place{}, false
	}
	for from, to := min(y, t.y), max(y, t.y); from < to; from++ {
		if !t.RowWrapped(from) {
			pl.lines++
		}
	}
	if y < t.y {
		pl.lines = -pl.lines
	}
	from, _ := t.logicalLine(y, t.rows+t.ScrollbackLen())
	pl.cells = p.Col
	for ; from < y; from++ {
		pl.cells += t.rowCells(from)
	}
	return pl, true
}

// rowCells is how many cells of text row y has for the next row to go on from.
func (t *Terminal) rowCells(y int) int {
	n := 0
	p := newPackReader(t.packedRow(y, false), &t.classes)
	for p.next() {
		if !p.spacer {
			n += p.width
		}
	}
	return n
}

// PointAt returns the point that has the place; ok is false when the text there
// is gone.
func (t *Terminal) PointAt(pl Place) (p Point, ok bool) {
	first := -t.ScrollbackLen()
	y, _ := t.logicalLine(t.y, t.rows-first)
	for ; pl.lines < 0; pl.lines++ {
		if y--; y < first {
			return Point{}, false
		}
		y, _ = t.logicalLine(y, t.rows-first)
	}
	for ; pl.lines > 0; pl.lines-- {
		if _, y = t.logicalLine(y, t.rows-first); y >= t.rows {
			return Point{}, false
		}
	}
	for t.RowWrapped(y) {
		n := t.rowCells(y)
		if pl.cells < n {
			break
		}
		pl.cells -= n
		y++
	}
	return Point{t.LineOf(y), min(pl.cells, t.cols-1)}, true
}
