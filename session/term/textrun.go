package term

import "unicode/utf8"

// printRun prints the characters at the start of p that fit on the cursor's row,
// ASCII among them, and returns how many bytes they are. It leaves to printRune
// what joins in a way not seen before, wraps, is no text, or stands in the last
// bytes of p. It must be called in the ground state, without an unfinished
// character.
func (t *Terminal) printRun(p []byte) int {
	if t.pendWrap || t.m.insert || t.joinNext || t.charsets.mapped() || !t.m.clusters {
		return 0
	}
	if t.penStale {
		t.syncPen()
	}
	base := t.penCell
	line := t.scr.row(t.y)
	start, lim := t.x, t.rightLimit()
	cells := line.cells[:lim]
	mayTake := t.joinOK // the character before may take one of classJoinSome
	var last cell
	var page *[256]runeClass // of the classes, number at
	at := rune(-1)
	x, n := start, 0
	for n+utf8.UTFMax <= len(p) && x < len(cells) {
		if b := p[n]; b-0x20 < 0x5f && x > start {
			last, mayTake = cell(b), false
			cells[x] = base | last
			x++
			n++
			continue
		}
		r, size := decodeRune((*[utf8.UTFMax]byte)(p[n:]))
		if n := r >> 8; n != at {
			page, at = t.classes.page(r), n
		}
		cl := page[uint8(r)]
		if cl == 0 {
			cl = t.classes.enter(r)
		}
		some := cl&classJoinSome != 0
		if cl&classJoinAny != 0 || some && mayTake {
			res := t.tab.joins.slot(last, r)
			if x == start || res.before != last || res.joined != r || (res.after^last)&cellWidthMask != 0 && res.after != joinNone {
				break
			}
			if res.after != joinNone {
				last, mayTake = res.after, true
				cells[x-last.width()] = base | last
				n += size
				continue
			}
		}
		w := cl.width()
		if cl&classPrepend != 0 || w == 0 || x+w > len(cells) {
			break
		}
		// Of the characters that stand alone, only letters of flags and Hangul
		// take others, and each of these is of the class itself.
		last, mayTake = cell(r), some
		if x == start {
			line.split(x)
		}
		if w == 2 {
			last |= cellWide
			cells[x+1] = base | cellCont
		}
		cells[x] = base | last
		x += w
		n += size
	}
	if n == 0 {
		return 0
	}
	if x < t.cols && line.cells[x].isCont() {
		line.cells[x] = line.cells[x].blanked() // its left half was written over
	}
	line.hi = max(line.hi, x)
	line.gen = t.gen
	t.last, t.joinOK = last, true
	if x == lim {
		x--
		t.pendWrap = true
		if lim == t.cols {
			line.flags &^= rowWrapped
		}
	}
	t.x = x
	return n
}

// decodeRune is utf8.DecodeRune for what has four bytes to look at; what is not
// valid is NUL, of no bytes.
func decodeRune(p *[utf8.UTFMax]byte) (r rune, size int) {
	if p[0] < utf8.RuneSelf {
		return rune(p[0]), 1
	}
	a, b, c, d := rune(p[0]), rune(p[1]^0x80), rune(p[2]^0x80), rune(p[3]^0x80)
	switch {
	case b > 0x3f || a < 0xc2:
	case a < 0xe0:
		return a&0x1f<<6 | b, 2
	case c > 0x3f:
	case a < 0xf0:
		if r := a&0x0f<<12 | b<<6 | c; r >= 0x800 && r>>11 != 0xd800>>11 {
			return r, 3
		}
	case d <= 0x3f:
		if r := a&0x0f<<18 | b<<12 | c<<6 | d; r >= 0x10000 && r <= utf8.MaxRune {
			return r, 4
		}
	}
	return 0, 0
}

// decode takes what stands at the start of p, which is not ASCII.
func (t *Terminal) decode(p []byte) int {
	n := 0
	for {
		n += t.printRun(p[n:])
		if n == len(p) || p[n] < utf8.RuneSelf {
			return n
		}
		r, size := utf8.DecodeRune(p[n:])
		if r == utf8.RuneError && size <= 1 {
			return n + t.continueUTF8(p[n])
		}
		n += size
		if r < 0xa0 {
			t.c1(byte(r))
			return n
		}
		t.printRune(r)
	}
}

// continueUTF8 takes one byte of a character that is invalid or split over
// Writes. Each maximal part of a well-formed character gives one U+FFFD, and
// the byte that broke it is looked at again (0 is returned).
func (t *Terminal) continueUTF8(b byte) int {
	s := &t.par
	if s.utf8Len == 0 {
		if b < 0xc2 || b > 0xf4 {
			t.printRune(utf8.RuneError)
			return 1
		}
		s.utf8[0], s.utf8Len = b, 1
		return 1
	}
	lo, hi := byte(0x80), byte(0xbf)
	if s.utf8Len == 1 {
		switch s.utf8[0] {
		case 0xe0:
			lo = 0xa0
		case 0xed:
			hi = 0x9f
		case 0xf0:
			lo = 0x90
		case 0xf4:
			hi = 0x8f
		}
	}
	if b < lo || b > hi {
		s.utf8Len = 0
		t.printRune(utf8.RuneError)
		return 0
	}
	s.utf8[s.utf8Len] = b
	s.utf8Len++
	if !utf8.FullRune(s.utf8[:s.utf8Len]) {
		return 1
	}
	r, _ := utf8.DecodeRune(s.utf8[:s.utf8Len])
	s.utf8Len = 0
	if r < 0xa0 {
		t.c1(byte(r))
	} else {
		t.printRune(r)
	}
	return 1
}
