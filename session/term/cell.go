package term

// cell is a packed place of the grid:
//
//	bits  0-20  rune, or number of a cluster; 0 for an erased place
//	bit     21  the content is a cluster
//	bits 22-23  0 one column, 1 left half of two, 2 right half
//	bit     24  protected (DECSCA)
//	bit     25  left empty because a wide character did not fit
//	bits 32-47  number of the style
//
// The zero cell is erased, with the default style, so that rows are cleared
// by clearing memory.
type cell uint64

const (
	cellRuneMask cell = 1<<21 - 1
	cellCluster  cell = 1 << 21
	cellContent       = cellRuneMask | cellCluster

	cellWide      cell = 1 << 22
	cellCont      cell = 2 << 22
	cellWidthMask cell = 3 << 22
	// cellGlyph is what stands in a place, without how it looks.
	cellGlyph = cellContent | cellWidthMask

	cellProtected cell = 1 << 24
	cellSpacer    cell = 1 << 25

	cellStyleShift      = 32
	cellStyleMask  cell = 0xffff << cellStyleShift
)

func (c cell) style() uint16 { return uint16(c >> cellStyleShift) }
func (c cell) erased() bool  { return c&(cellContent|cellWidthMask) == 0 }
func (c cell) isCont() bool  { return c&cellWidthMask == cellCont }
func (c cell) isWide() bool  { return c&cellWidthMask == cellWide }
func (c cell) blanked() cell { return c & cellStyleMask }

func (c cell) width() int {
	switch c & cellWidthMask {
	case cellWide:
		return 2
	case cellCont:
		return 0
	}
	return 1
}

func fillCells(cells []cell, c cell) {
	if c == 0 {
		clear(cells)
		return
	}
	for i := range cells {
		cells[i] = c
	}
}

// Cell is one place of the grid, unpacked.
type Cell struct {
	Text  string // a grapheme cluster; " " if blank; "" in the right half of a wide one
	Width int    // 1, 2, or 0 in the right half of a wide one
	Style Style
	Link  string // OSC 8 target, cleaned; empty if none
}

var blankCell = Cell{Text: " ", Width: 1}

// Cell returns the cell at column x, row y of the screen; a blank one outside.
func (t *Terminal) Cell(x, y int) Cell {
	if x < 0 || y < 0 || x >= t.cols || y >= t.rows {
		return blankCell
	}
	c := t.scr.row(y).cells[x]
	p := t.tab.style(c)
	out := Cell{Width: c.width(), Style: p.Style, Link: t.tab.linkText(p.link)}
	if !c.isCont() {
		out.Text = string(t.tab.appendText(nil, c))
	}
	return out
}

// Text returns the screen as lines without trailing blanks, for tests and
// for copying.
func (t *Terminal) Text() []string {
	out := make([]string, t.rows)
	var buf []byte
	for y := range out {
		r := t.scr.row(y)
		buf = buf[:0]
		for _, c := range r.cells[:r.hi] {
			if !c.isCont() {
				buf = t.tab.appendText(buf, c)
			}
		}
		for len(buf) > 0 && buf[len(buf)-1] == ' ' {
			buf = buf[:len(buf)-1]
		}
		out[y] = string(buf)
	}
	return out
}
