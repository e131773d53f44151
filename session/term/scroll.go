package term

// fullWidth reports whether the margins span whole rows.
func (t *Terminal) fullWidth() bool { return t.left == 0 && t.right == t.cols-1 }

// scrollUp moves rows top to bot (within the side margins) up by n. What
// leaves at the very top of the primary screen goes into the scrollback.
func (t *Terminal) scrollUp(top, bot, n int) {
	h := bot - top + 1
	n = min(n, h)
	if n <= 0 {
		return
	}
	fill := t.blank()
	s := t.scr
	if !t.fullWidth() {
		t.scrollColumns(top, bot, n, fill)
		return
	}
	if top == 0 && s == t.primary {
		for y := range n {
			t.sb.push(&t.tab, s.row(y))
		}
	} else if top == 0 {
		t.altFirst += uint64(n)
	} else {
		s.row(top - 1).flags &^= rowWrapped
	}
	if n < h {
		s.rotateUp(top, bot, n)
	}
	for y := bot - n + 1; y <= bot; y++ {
		s.row(y).clear(fill)
	}
	s.damage(top, bot)
}

// scrollDown moves rows top to bot down by n.
func (t *Terminal) scrollDown(top, bot, n int) {
	h := bot - top + 1
	n = min(n, h)
	if n <= 0 {
		return
	}
	fill := t.blank()
	s := t.scr
	if !t.fullWidth() {
		t.scrollColumns(top, bot, -n, fill)
		return
	}
	if top > 0 {
		s.row(top - 1).flags &^= rowWrapped
	}
	if n < h {
		s.rotateUp(top, bot, h-n)
	}
	for y := top; y < top+n; y++ {
		s.row(y).clear(fill)
	}
	s.row(bot).flags &^= rowWrapped
	s.damage(top, bot)
}

// scrollColumns moves the part of rows top to bot between the side margins up
// by n, or down if n is negative.
func (t *Terminal) scrollColumns(top, bot, n int, fill cell) {
	s := t.scr
	a, b := t.left, t.right+1
	move := func(dst, src int) {
		d := s.row(dst)
		d.split(a)
		d.split(b)
		if src < top || src > bot {
			d.erase(a, b, fill)
		} else {
			r := s.row(src)
			r.split(a)
			r.split(b)
			copy(d.cells[a:b], r.cells[a:b])
			d.hi = max(d.hi, b)
		}
		d.flags &^= rowWrapped
	}
	if n > 0 {
		for y := top; y <= bot; y++ {
			move(y, y+n)
		}
	} else {
		for y := bot; y >= top; y-- {
			move(y, y+n)
		}
	}
	s.damage(top, bot)
}

// insertLines and deleteLines work from the cursor to the bottom margin.
func (t *Terminal) insertLines(n int) {
	if t.inMargins() {
		t.scrollDown(t.y, t.bot, n)
		t.x, t.pendWrap = t.left, false
	}
}

func (t *Terminal) deleteLines(n int) {
	if !t.inMargins() {
		return
	}
	if t.y == 0 && t.scr == t.primary && t.fullWidth() {
		// Deleted lines are not history, even at the top of the screen.
		h := t.bot + 1
		n = min(n, h)
		fill := t.blank()
		if n < h {
			t.scr.rotateUp(0, t.bot, n)
		}
		for y := t.bot - n + 1; y <= t.bot; y++ {
			t.scr.row(y).clear(fill)
		}
		t.scr.damage(0, t.bot)
	} else {
		t.scrollUp(t.y, t.bot, n)
	}
	t.x, t.pendWrap = t.left, false
}

// shiftColumns is DECIC (n columns in at x) or DECDC (n negative: out at x). A
// wrap that is pending stays so.
func (t *Terminal) shiftColumns(x, n int) {
	if !t.inMargins() {
		return
	}
	fill := t.blank()
	for y := t.top; y <= t.bot; y++ {
		r := t.scr.row(y)
		if n > 0 {
			r.insert(x, t.right+1, n, fill)
		} else {
			r.remove(x, t.right+1, -n, fill)
		}
		r.gen = t.gen
	}
}

// eraseDisplay is ED and, with selective, DECSED.
func (t *Terminal) eraseDisplay(mode int, selective bool) {
	selective = selective || t.guarded
	switch mode {
	case 0:
		t.eraseLine(0, selective)
		t.eraseRows(t.y+1, t.rows, selective)
	case 1:
		t.eraseRows(0, t.y, selective)
		t.eraseLine(1, selective)
	case 2:
		if t.scr == t.primary && !selective {
			t.saveScreen()
		}
		t.eraseRows(0, t.rows, selective)
		t.pendWrap = false
	case 3:
		if !selective {
			t.sb.clear()
		}
	}
}

// saveScreen puts the text of the screen into the scrollback before all of it
// is erased, as a person who clears the screen expects to find it there.
func (t *Terminal) saveScreen() {
	last := t.rows - 1
	for last >= 0 && t.scr.row(last).hi == 0 {
		last--
	}
	for y := 0; y <= last; y++ {
		t.sb.push(&t.tab, t.scr.row(y))
	}
}

func (t *Terminal) eraseRows(a, b int, selective bool) {
	if a >= b {
		return
	}
	fill := t.blank()
	for y := a; y < b; y++ {
		r := t.scr.row(y)
		if selective {
			r.eraseUnprotected(0, t.cols, fill)
		} else {
			r.clear(fill)
		}
		r.gen = t.gen
	}
	if a > 0 && !selective {
		// The line above no longer goes on.
		t.scr.row(a - 1).flags &^= rowWrapped
	}
}

// eraseLine is EL and, with selective, DECSEL.
func (t *Terminal) eraseLine(mode int, selective bool) {
	a, b := t.x, t.cols
	switch mode {
	case 0:
	case 1:
		a, b = 0, t.x+1
	case 2:
		a = 0
	default:
		return
	}
	t.pendWrap = false
	r := t.scr.row(t.y)
	if selective || t.guarded {
		r.eraseUnprotected(a, b, t.blank())
	} else {
		r.erase(a, b, t.blank())
	}
	r.gen = t.gen
}

// alignmentPattern is DECALN, which takes attributes back but not colours, as
// in xterm.
func (t *Terminal) alignmentPattern() {
	t.pen.Attrs, t.pen.Underline, t.penStale = 0, UnderlineNone, true
	t.resetMargins()
	t.m.origin = false
	for y := range t.rows {
		r := t.scr.row(y)
		fillCells(r.cells, 'E')
		r.fill, r.hi, r.flags, r.gen = 0, t.cols, 0, t.gen
	}
	t.moveTo(0, 0)
}
