package term

import "unicode/utf8"

// syncPen makes the packed forms of the pen; it is put off until something is
// printed or erased, because programs often change colours several times first.
func (t *Terminal) syncPen() {
	// To enter a style may renumber the others, and then both are made again;
	// that cannot happen twice (see earned).
	t.eraseStyle()
	t.penStale = false
	t.penCell = t.eraseCell
	if t.penLink != 0 || keyOf(&t.pen, 0) != keyOf(&Style{Bg: t.eraseBg}, 0) {
		t.penCell = cell(t.internStyle(&t.pen, t.penLink)) << cellStyleShift
	}
	if t.penStale {
		t.eraseStyle()
		t.penStale = false
	}
	if t.protect {
		t.penCell |= cellProtected
	}
}

// eraseStyle makes the packed form of the background colour.
func (t *Terminal) eraseStyle() {
	if t.eraseOld || t.eraseBg != t.pen.Bg {
		t.eraseBg, t.eraseOld = t.pen.Bg, false
		t.eraseCell = cell(t.internStyle(&Style{Bg: t.eraseBg}, 0)) << cellStyleShift
	}
}

// blank is what erasing leaves: the background colour and nothing else.
func (t *Terminal) blank() cell {
	if t.penStale {
		t.syncPen()
	}
	return t.eraseCell
}

// rightLimit is the column that text on the cursor's row stops before.
func (t *Terminal) rightLimit() int {
	if t.x <= t.right {
		return t.right + 1
	}
	return t.cols
}

// printASCII prints a run of printable ASCII.
func (t *Terminal) printASCII(s []byte) {
	if t.m.insert || t.joinNext || t.charsets.mapped() {
		for _, b := range s {
			t.printMapped(b)
		}
		return
	}
	if t.penStale {
		t.syncPen()
	}
	base := t.penCell
	t.last = cell(s[len(s)-1])
	t.joinOK = true
	for len(s) > 0 {
		if t.pendWrap {
			t.wrapIfPending()
		}
		r := t.scr.row(t.y)
		lim := t.rightLimit()
		x := t.x
		n := min(len(s), lim-x)
		if r.cells[x].isCont() {
			r.split(x)
		}
		if x+n < t.cols && r.cells[x+n].isCont() {
			r.split(x + n)
		}
		cells := r.cells[x : x+n : x+n]
		text := s[:len(cells)]
		for i := range cells {
			cells[i] = base | cell(text[i])
		}
		x += n
		r.hi = max(r.hi, x)
		r.gen = t.gen
		if s = s[n:]; x == lim {
			if !t.m.autowrap && len(s) > 0 {
				r.cells[x-1] = base | cell(s[len(s)-1])
				s = nil
			}
			x--
			t.pendWrap = true
			if lim == t.cols {
				r.flags &^= rowWrapped
			}
		}
		t.x = x
	}
}

// printMapped prints one byte of ASCII where the fast path does not do.
func (t *Terminal) printMapped(b byte) {
	if r := t.charsets.take(b); r >= utf8.RuneSelf || t.joinNext {
		t.printRune(r)
	} else {
		t.place(cell(r), 1)
		t.joinNext = false
	}
}

// printRune prints a character that is not ASCII, or joins it to the one
// before.
func (t *Terminal) printRune(r rune) {
	cl := t.classes.of(r)
	if cl&classJoinAny != 0 || t.joinOK && (cl&classJoinSome != 0 || t.joinNext) {
		if t.join(r, cl) {
			return
		}
	}
	w := cl.width()
	if w == 0 {
		return
	}
	t.place(cell(r), w)
	t.joinNext = cl&classPrepend != 0
}

// wrapIfPending moves to the next line if the last column was written and
// DECAWM is set.
func (t *Terminal) wrapIfPending() {
	t.pendWrap = false
	if t.m.autowrap {
		t.wrap()
	}
}

// wrap goes on in the next line and notes that the text does.
func (t *Terminal) wrap() {
	if t.rightLimit() == t.cols {
		t.scr.row(t.y).flags |= rowWrapped
	}
	x := 0
	if t.x >= t.left {
		x = t.left
	}
	t.index() // first: outside of the side margins it scrolls nothing
	t.x = x
}

// place writes a character of width w at the cursor.
func (t *Terminal) place(content cell, w int) {
	if t.pendWrap {
		t.wrapIfPending()
	}
	base := t.penCell
	if t.penStale {
		t.syncPen()
		base = t.penCell
	}
	lim := t.rightLimit()
	if t.x+w > lim {
		start := 0
		if t.x >= t.left && t.x <= t.right {
			start = t.left
		}
		if lim-start < w || !t.m.autowrap {
			return // it fits nowhere
		}
		r := t.scr.row(t.y)
		r.erase(t.x, lim, t.blank())
		r.cells[t.x] |= cellSpacer
		r.hi = max(r.hi, t.x+1)
		r.gen = t.gen
		t.wrap()
		lim = t.rightLimit()
	}
	r := t.scr.row(t.y)
	if t.m.insert && t.x >= t.left && t.x <= t.right {
		r.insert(t.x, lim, w, t.blank())
	}
	r.split(t.x)
	r.split(t.x + w)
	if w == 2 {
		content |= cellWide
		r.cells[t.x+1] = base | cellCont
	}
	r.cells[t.x] = base | content
	r.hi = max(r.hi, t.x+w)
	r.gen = t.gen
	t.x += w
	if t.x == lim {
		t.x--
		t.pendWrap = true
		if lim == t.cols {
			r.flags &^= rowWrapped
		}
	}
	t.last = content
	t.joinOK = true
}

// repeat prints the last character again (REP), if nothing came after it; what
// ECMA-48 leaves open otherwise, xterm and tmux decide so. More than the screen
// holds cannot be seen.
func (t *Terminal) repeat(n int) {
	if t.last == 0 {
		return
	}
	if t.penStale {
		t.syncPen() // may renumber clusters, so it comes before last is read
	}
	last := t.last
	defer func() { t.last = 0 }()
	n = min(n, t.cols*t.rows)
	if last&(cellCluster|cellWide) == 0 && last < utf8.RuneSelf && !t.m.insert {
		var run [64]byte
		for i := range run {
			run[i] = byte(last)
		}
		cs := t.charsets
		t.charsets, t.joinNext = charsets{}, false
		for ; n > 0; n -= len(run) {
			t.printASCII(run[:min(n, len(run))])
		}
		t.charsets = cs
		return
	}
	for range n {
		t.place(last&cellContent, last.width())
	}
}
