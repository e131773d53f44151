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

// eraseRectangle is DECERA, and DECSERA with selective.
func (t *Terminal) eraseRectangle(selective bool) {
	x0, y0, x1, y1, ok := t.rectangle(0)
	if !ok {
		return
	}
	fill := t.blank()
	for y := y0; y < y1; y++ {
		r := t.scr.row(y)
		if selective {
			r.eraseUnprotected(x0, x1, fill)
		} else {
			r.erase(x0, x1, fill)
		}
		r.gen = t.gen
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
