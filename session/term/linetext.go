package term

import (
	"sort"
	"unicode/utf8"
)

// lineText is the text of rows, with the cell of each byte. Rows may be of
// several logical lines; within one they stand joined.
type lineText struct {
	buf  []byte
	rows []rowText
	// cols are the columns of bytes, for rows where bytes and columns differ.
	cols []uint16
}

// rowText is a row within a lineText.
type rowText struct {
	line  uint64
	at    int  // where it begins in buf
	cols  int  // where its columns begin in cols; -1 if byte i is column i
	end   int  // the column behind its text
	first bool // a logical line begins here
}

func (lt *lineText) reset() {
	lt.buf, lt.rows, lt.cols = lt.buf[:0], lt.rows[:0], lt.cols[:0]
}

// read adds the rows from to to-1 of t.
func (lt *lineText) read(t *Terminal, from, to int) {
	for y := from; y < to; y++ {
		lt.add(t.LineOf(y), t.packedRow(y, false), &t.classes)
	}
}

// add adds a packed row. Blanks behind the text of a logical line are left out.
func (lt *lineText) add(line uint64, packed []byte, ct *classTable) {
	n := len(lt.rows)
	r := rowText{line: line, at: len(lt.buf), cols: -1}
	r.first = n == 0 || !lt.rows[n-1].wrapped()
	p := newPackReader(packed, ct)
	for {
		if s := p.ascii(); len(s) > 0 {
			lt.buf = append(lt.buf, s...)
			if r.cols >= 0 {
				lt.spread(r.end, len(s))
			}
			r.end += len(s)
			continue
		}
		if !p.next() {
			break
		}
		lt.char(&r, &p)
	}
	if rowFlags(packed[0])&rowWrapped != 0 {
		r.end |= wrappedEnd
	}
	lt.rows = append(lt.rows, r)
	if !r.wrapped() {
		lt.trim()
	}
}

// trim takes the blanks off that the last logical line ends with, which may be
// whole rows.
func (lt *lineText) trim() {
	for i := len(lt.rows) - 1; ; i-- {
		r := &lt.rows[i]
		for len(lt.buf) > r.at && lt.buf[len(lt.buf)-1] == ' ' {
			lt.buf = lt.buf[:len(lt.buf)-1]
			r.end--
		}
		if r.cols >= 0 {
			lt.cols = lt.cols[:r.cols+len(lt.buf)-r.at]
		}
		if len(lt.buf) > r.at || r.first {
			for j := i + 1; j < len(lt.rows); j++ {
				lt.rows[j].at = len(lt.buf)
			}
			return
		}
	}
}

// wrappedEnd marks the end of a row whose text goes on in the next.
const wrappedEnd = 1 << 20

func (r rowText) wrapped() bool { return r.end&wrappedEnd != 0 }
func (r rowText) endCol() int   { return r.end &^ wrappedEnd }

// char adds the character or the blanks that p stands at.
func (lt *lineText) char(r *rowText, p *packReader) {
	switch {
	case p.spacer:
		return // at the end of a row, where the next character did not fit
	case p.blank:
		for range p.width {
			lt.buf = append(lt.buf, ' ')
		}
		if r.cols >= 0 {
			lt.spread(r.end, p.width)
		}
	default:
		if r.cols < 0 {
			r.cols = len(lt.cols)
			lt.spread(0, r.end)
		}
		lt.buf = append(lt.buf, p.text...)
		for range p.text {
			lt.cols = append(lt.cols, uint16(r.end))
		}
	}
	r.end += p.width
}

// spread adds the columns col to col+n-1, one a byte.
func (lt *lineText) spread(col, n int) {
	for i := range n {
		lt.cols = append(lt.cols, uint16(col+i))
	}
}

// ascii takes the printable ASCII that p stands at.
func (p *packReader) ascii() []byte {
	n := 0
	for n < len(p.b) && p.b[n] >= 0x20 && p.b[n] < utf8.RuneSelf {
		n++
	}
	return p.take(n)
}

// rowAt is the index of the row that byte off belongs to.
func (lt *lineText) rowAt(off int) int {
	return sort.Search(len(lt.rows), func(i int) bool { return lt.rows[i].at > off }) - 1
}

func (lt *lineText) rowEnd(i int) int {
	if i+1 < len(lt.rows) {
		return lt.rows[i+1].at
	}
	return len(lt.buf)
}

// col is the column of byte off of row i.
func (lt *lineText) col(i, off int) int {
	r := lt.rows[i]
	if r.cols < 0 {
		return off - r.at
	}
	return int(lt.cols[r.cols+off-r.at])
}

// cells is where the bytes a to b-1 stand, of which there is at least one:
// whole characters, whatever part of them is meant.
func (lt *lineText) cells(a, b int) Range {
	i := lt.rowAt(a)
	from := Point{lt.rows[i].line, lt.col(i, a)}
	i = lt.rowAt(b - 1)
	last, end := lt.col(i, b-1), lt.rowEnd(i)
	for ; b < end; b++ {
		if c := lt.col(i, b); c != last {
			return Range{from, Point{lt.rows[i].line, c}}
		}
	}
	return Range{from, Point{lt.rows[i].line, lt.rows[i].endCol()}}
}

// offset is the first byte of the character at p; ok is false where there is
// no text.
func (lt *lineText) offset(p Point) (off int, ok bool) {
	i := sort.Search(len(lt.rows), func(i int) bool { return lt.rows[i].line >= p.Line })
	if i == len(lt.rows) || lt.rows[i].line != p.Line || p.Col < 0 || p.Col >= lt.rows[i].endCol() {
		return 0, false
	}
	a, b := lt.rows[i].at, lt.rowEnd(i)
	n := sort.Search(b-a, func(n int) bool { return lt.col(i, a+n) > p.Col })
	if n == 0 {
		return 0, false
	}
	col := lt.col(i, a+n-1)
	for n > 1 && lt.col(i, a+n-2) == col {
		n--
	}
	return a + n - 1, true
}
