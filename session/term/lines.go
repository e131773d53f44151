package term

// Lines have numbers, so that a place in the text can be kept while output
// comes. A line keeps its number when it moves from the screen into the
// scrollback and until it is dropped there; a number is never given twice:
//
//   - A change of the width, and a reset, make all lines new ones. A change
//     of the height does not.
//   - The lines of the alternate screen have numbers of their own, which it
//     gets anew each time it is switched to.
//   - What is written over on the screen keeps its number and is other text
//     then. So are lines that move within the screen (IL, DL, RI) and those
//     below a scroll region that ends above them.

// altLines is where the numbers of the alternate screen begin.
const altLines = 1 << 62

// Point is a cell of a line.
type Point struct {
	Line uint64 // its number, see Terminal.LineOf
	Col  int    // from 0
}

// Before reports whether p comes before q in reading order.
func (p Point) Before(q Point) bool {
	return p.Line < q.Line || p.Line == q.Line && p.Col < q.Col
}

// Range is the cells from From up to To, in reading order, To itself not
// among them. To may be the column behind the last one.
type Range struct {
	From, To Point
}

// Contains reports whether p is in r.
func (r Range) Contains(p Point) bool { return !p.Before(r.From) && p.Before(r.To) }

// FirstLine is the number of the oldest line there is: the top of the
// scrollback, or of the alternate screen. Smaller numbers are gone, or are of
// the other screen.
func (t *Terminal) FirstLine() uint64 {
	if t.scr != t.primary {
		return altLines + t.altFirst
	}
	return t.sb.dropped
}

// EndLine is the number after that of the last row of the screen.
func (t *Terminal) EndLine() uint64 { return t.LineOf(t.rows) }

// LineOf returns the number of row y, which is as for AppendRow. Rows that are
// not there have no number: the result means nothing then.
func (t *Terminal) LineOf(y int) uint64 {
	return t.FirstLine() + uint64(t.ScrollbackLen()+y)
}

// RowOf returns the row, as for AppendRow, that line has now; ok is false when
// the line is gone or not on this screen.
func (t *Terminal) RowOf(line uint64) (y int, ok bool) {
	first := t.FirstLine()
	if line < first || line >= t.EndLine() {
		return 0, false
	}
	return int(line-first) - t.ScrollbackLen(), true
}

// packedRow returns row y, which must be there, packed; links may be left out
// where they are not needed, for one row can refer to megabytes of them. It is
// valid until the next call or Write.
func (t *Terminal) packedRow(y int, links bool) []byte {
	if y < 0 {
		return t.sb.line(t.ScrollbackLen() + y)
	}
	t.sb.buf = packRow(t.sb.buf[:0], &t.tab, t.scr.row(y), links)
	return t.sb.buf
}

// logicalLine returns the rows from to to-1 that make one line of text with
// row y, at most reach rows to each side of it.
func (t *Terminal) logicalLine(y, reach int) (from, to int) {
	from, to = y, y+1
	for from > -t.ScrollbackLen() && y-from < reach && t.RowWrapped(from-1) {
		from--
	}
	for to < t.rows && to-y <= reach && t.RowWrapped(to-1) {
		to++
	}
	return from, to
}

// lastText is the last row of the screen that something was written to, or
// the cursor's if that is below it.
func (t *Terminal) lastText() int {
	y := t.rows - 1
	for y > t.y && t.scr.row(y).hi == 0 {
		y--
	}
	return y
}
