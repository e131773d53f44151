package term

// rowFlags say what a row is besides its cells.
type rowFlags uint8

const (
	rowWrapped rowFlags = 1 << iota // its text goes on in the next row
	rowPrompt                       // a prompt begins here (OSC 133;A)
	rowOutput                       // the output of a command begins here (OSC 133;C)
	rowEnd                          // and ended above (OSC 133;D)
)

// row is a line of a screen. All cells from hi on are equal to fill, which is
// erased: most rows are short, and clearing, packing and drawing them need not
// look beyond their text.
type row struct {
	cells []cell
	fill  cell
	gen   uint64
	hi    int
	flags rowFlags
}

// screen is a grid: rows in fixed places, and the order in which they stand.
// A line feed turns the order and moves no cell.
type screen struct {
	rows  []row
	order []uint16
	cols  int

	// Rows that moved since the last syncDamage, empty when dmgLo > dmgHi.
	dmgLo, dmgHi int

	saved savedCursor
}

func newScreen(cols, rows int) *screen {
	s := &screen{rows: make([]row, rows), order: make([]uint16, rows), cols: cols, dmgLo: rows, dmgHi: -1}
	cells := make([]cell, cols*rows)
	for i := range s.rows {
		s.rows[i].cells = cells[i*cols : (i+1)*cols : (i+1)*cols]
		s.order[i] = uint16(i)
	}
	return s
}

func (s *screen) row(y int) *row { return &s.rows[s.order[y]] }

// damage notes that rows lo to hi show something else.
func (s *screen) damage(lo, hi int) {
	s.dmgLo, s.dmgHi = min(s.dmgLo, lo), max(s.dmgHi, hi)
}

// syncDamage gives every row that moved the present generation. It runs once
// a Write, so that a scroll costs no walk over the rows.
func (t *Terminal) syncDamage() {
	s := t.scr
	for y := s.dmgLo; y <= s.dmgHi; y++ {
		s.row(y).gen = t.gen
	}
	s.dmgLo, s.dmgHi = len(s.rows), -1
}

// clear erases the whole row with fill.
func (r *row) clear(fill cell) {
	if r.fill == fill {
		fillCells(r.cells[:r.hi], fill)
	} else {
		fillCells(r.cells, fill)
		r.fill = fill
	}
	r.hi, r.flags = 0, 0
}

// split breaks the wide character that spans columns x-1 and x, if there is
// one: the half that will stay becomes a blank.
func (r *row) split(x int) {
	if x > 0 && x < len(r.cells) && r.cells[x].isCont() {
		r.cells[x-1] = r.cells[x-1].blanked()
		r.cells[x] = r.cells[x].blanked()
	}
}

// erase clears columns a to b-1.
func (r *row) erase(a, b int, fill cell) {
	if a >= b {
		return
	}
	r.split(a)
	r.split(b)
	fillCells(r.cells[a:b], fill)
	if b == len(r.cells) {
		r.flags &^= rowWrapped
	}
	switch {
	case fill != r.fill:
		r.hi = max(r.hi, b)
	case b >= r.hi:
		r.hi = min(r.hi, a)
	}
}

// eraseUnprotected clears the columns a to b-1 that DECSCA did not protect.
func (r *row) eraseUnprotected(a, b int, fill cell) {
	for x := a; x < b; {
		if r.cells[x]&cellProtected != 0 {
			x++
			continue
		}
		end := x + 1
		for end < b && r.cells[end]&cellProtected == 0 {
			end++
		}
		r.erase(x, end, fill)
		x = end
	}
}

// blankUnprotected takes the text of those columns and leaves their attributes.
func (r *row) blankUnprotected(a, b int) {
	for x := a; x < min(b, r.hi); x++ {
		if r.cells[x]&cellProtected == 0 {
			r.split(x)
			r.split(x + 1)
			r.cells[x] = r.cells[x].blanked()
		}
	}
}

// insert shifts columns x to right-1 by n to the right.
func (r *row) insert(x, right, n int, fill cell) {
	n = min(n, right-x)
	if n <= 0 {
		return
	}
	r.split(x)
	r.split(right)
	copy(r.cells[x+n:right], r.cells[x:right-n])
	fillCells(r.cells[x:x+n], fill)
	if c := r.cells[right-1]; c.isWide() {
		r.cells[right-1] = c.blanked()
	}
	r.hi = max(r.hi, min(r.hi+n, right), x+n)
	r.hi = min(r.hi, len(r.cells))
	if right == len(r.cells) {
		r.flags &^= rowWrapped
	}
}

// remove takes out n columns at x and shifts those up to right-1 to the left.
func (r *row) remove(x, right, n int, fill cell) {
	n = min(n, right-x)
	if n <= 0 {
		return
	}
	r.split(x)
	r.split(x + n)
	r.split(right)
	copy(r.cells[x:right-n], r.cells[x+n:right])
	fillCells(r.cells[right-n:right], fill)
	if right == len(r.cells) {
		r.flags &^= rowWrapped
		if fill == r.fill {
			if r.hi > x {
				r.hi = max(x, r.hi-n)
			}
			return
		}
	}
	r.hi = max(r.hi, right)
}

// rotateUp moves rows top..bot up by n; the top n come out at the bottom,
// their content unchanged.
func (s *screen) rotateUp(top, bot, n int) {
	o := s.order[top : bot+1]
	if n == 1 {
		first := o[0]
		copy(o, o[1:])
		o[len(o)-1] = first
		return
	}
	rotate(o, n)
}

// rotate turns o left by n.
func rotate(o []uint16, n int) {
	rev := func(o []uint16) {
		for i, j := 0, len(o)-1; i < j; i, j = i+1, j-1 {
			o[i], o[j] = o[j], o[i]
		}
	}
	rev(o[:n])
	rev(o[n:])
	rev(o)
}
