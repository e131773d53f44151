package term

// rectangle reads top, left, bottom, right from parameter i on: counted from
// the margins under DECOM, clamped to the screen, half open. ok is false where
// nothing is left of it.
func (t *Terminal) rectangle(i int) (x0, y0, x1, y1 int, ok bool) {
	p := &t.par
	dx, dy, w, h := 0, 0, t.cols, t.rows
	if t.m.origin {
		dx, dy, w, h = t.left, t.top, t.right+1, t.bot+1
	}
	y0, x0 = p.arg(i, 1)-1+dy, p.arg(i+1, 1)-1+dx
	y1, x1 = min(p.arg(i+2, h)+dy, h), min(p.arg(i+3, w)+dx, w)
	return x0, y0, x1, y1, x0 < x1 && y0 < y1
}

// fillRectangle is DECFRA.
func (t *Terminal) fillRectangle() {
	c := t.par.arg(0, 0)
	if c < 0x20 || c > 0x7e && c < 0xa0 || c > 0xff {
		return
	}
	x0, y0, x1, y1, ok := t.rectangle(1)
	if !ok || t.classes.of(rune(c)).width() != 1 {
		return
	}
	t.blank()
	fill := t.penCell | cell(c)
	for y := y0; y < y1; y++ {
		r := t.scr.row(y)
		r.split(x0)
		r.split(x1)
		fillCells(r.cells[x0:x1], fill)
		r.hi = max(r.hi, x1)
		r.gen = t.gen
	}
}

// eraseRectangle is DECERA, and DECSERA with selective, which leaves attributes
// alone.
func (t *Terminal) eraseRectangle(selective bool) {
	x0, y0, x1, y1, ok := t.rectangle(0)
	if !ok {
		return
	}
	fill := t.blank()
	for y := y0; y < y1; y++ {
		r := t.scr.row(y)
		if selective {
			r.blankUnprotected(x0, x1)
		} else {
			r.erase(x0, x1, fill)
		}
		r.gen = t.gen
	}
}

// changeAttributes is DECCARA, and DECRARA with reverse: attributes of cells
// are set or turned round in a rectangle, or from its first place to its last
// with whole lines between (DECSACE).
func (t *Terminal) changeAttributes(reverse bool) {
	x0, y0, x1, y1, ok := t.rectangle(0)
	if !ok {
		return
	}
	var set, off, turn Attr
	underline := 0 // 1 on, -1 off, 2 turned round
	p := &t.par
	args := p.params[min(4, p.count()):p.count()]
	if len(args) == 0 {
		args = []int{0}
	}
	for _, n := range args {
		a := map[int]Attr{1: AttrBold, 5: AttrBlink, 7: AttrInverse}[n%20]
		switch {
		case n == 0 && reverse:
			turn, underline = AttrBold|AttrBlink|AttrInverse, 2
		case n == 0:
			set, off, underline = 0, AttrBold|AttrBlink|AttrInverse, -1
		case n == 4 && reverse:
			underline = 2
		case n == 4:
			underline = 1
		case reverse:
			turn |= a
		case n == 24:
			underline = -1
		case n == 22:
			off |= AttrBold
		case n > 20:
			off |= a
		default:
			set |= a
		}
	}
	change := func(s *Style) {
		s.Attrs = (s.Attrs&^off | set) ^ turn
		switch {
		case underline == 1, underline == 2 && s.Underline == UnderlineNone:
			s.Underline = UnderlineSingle
		case underline != 0:
			s.Underline = UnderlineNone
		}
	}
	first, end := 0, t.cols
	if t.m.origin {
		first, end = t.left, t.right+1
	}
	for y := y0; y < y1; y++ {
		a, b := x0, x1
		if !t.rectExtent { // a stream
			if y > y0 {
				a = first
			}
			if y < y1-1 {
				b = end
			}
		}
		t.restyle(t.scr.row(y), a, b, change)
	}
}

// restyle changes the style of columns a to b-1 of a row.
func (t *Terminal) restyle(r *row, a, b int, change func(*Style)) {
	r.hi, r.gen = max(r.hi, b), t.gen // first: entering a style may renumber the cells up to hi
	for x := a; x < b; x++ {
		p := *t.tab.style(r.cells[x])
		change(&p.Style)
		id := t.internStyle(&p.Style, p.link)
		r.cells[x] = r.cells[x]&^cellStyleMask | cell(id)<<cellStyleShift
	}
}

// copyRectangle is DECCRA; source and destination may overlap.
func (t *Terminal) copyRectangle() {
	x0, y0, x1, y1, ok := t.rectangle(0)
	if !ok {
		return
	}
	p := &t.par
	dx, dy, w, h := p.arg(6, 1)-1, p.arg(5, 1)-1, t.cols, t.rows
	if t.m.origin {
		dx, dy, w, h = dx+t.left, dy+t.top, t.right+1, t.bot+1
	}
	x1, y1 = min(x1, x0+w-dx), min(y1, y0+h-dy)
	if x0 >= x1 || y0 >= y1 {
		return
	}
	n := y1 - y0
	for i := range n {
		if dy > y0 { // downwards from the last line, lest copied lines be copied again
			i = n - 1 - i
		}
		src, dst := t.scr.row(y0+i), t.scr.row(dy+i)
		end := dx + x1 - x0
		dst.split(dx)
		dst.split(end)
		copy(dst.cells[dx:end], src.cells[x0:x1])
		if c := dst.cells[dx]; c.isCont() {
			dst.cells[dx] = c.blanked()
		}
		if c := dst.cells[end-1]; c.isWide() {
			dst.cells[end-1] = c.blanked()
		}
		dst.hi = max(dst.hi, end)
		dst.gen = t.gen
	}
}
