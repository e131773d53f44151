package term

import (
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// runeClass is what printing needs to know of a rune: how wide it is alone and
// whether it may become part of another character's cluster.
type runeClass uint8

const (
	classWidthMask runeClass = 3
	classJoinAny   runeClass = 1 << 2 // joins whatever stands before it
	classJoinSome  runeClass = 1 << 3 // joins some: flags, Hangul, conjuncts, emoji after ZWJ
	classPrepend   runeClass = 1 << 4 // what follows joins it
	classKnown     runeClass = 1 << 7
)

func (c runeClass) width() int { return int(c & classWidthMask) }

// classTable remembers classes by pages of 256 runes. They are asked of the
// library that measures our rows, rune by rune, so that both always agree.
type classTable [(utf8.MaxRune + 1) / 256]*[256]runeClass

func (ct *classTable) of(r rune) runeClass {
	if p := ct[r>>8]; p != nil && p[r&0xff] != 0 {
		return p[r&0xff]
	}
	return ct.enter(r)
}

// page returns the page that r is on.
func (ct *classTable) page(r rune) *[256]runeClass {
	p := ct[r>>8]
	if p == nil {
		p = new([256]runeClass)
		ct[r>>8] = p
	}
	return p
}

// enter is of for a rune that is not remembered yet.
func (ct *classTable) enter(r rune) runeClass {
	c := classify(r)
	ct.page(r)[r&0xff] = c
	return c
}

// joinProbes end in one of each kind of text that takes some runes into its
// cluster: a lone flag letter, Hangul L, LV and LVT, emoji with ZWJ, and a
// consonant with virama.
var joinProbes = [...]string{"\U0001F1E6", "\u1100", "\uac00", "\uac01", "\U0001F469\u200d", "\u0915\u094d"}

func classify(r rune) runeClass {
	var buf [32]byte
	s := utf8.AppendRune(buf[:0], r)
	_, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	c := classKnown | runeClass(min(w, 2))
	if isCluster(append(s, 'a')) {
		c |= classPrepend
	}
	if isCluster(utf8.AppendRune(append(buf[:0], 'a'), r)) {
		return c | classJoinAny
	}
	for _, p := range joinProbes {
		if isCluster(utf8.AppendRune(append(buf[:0], p...), r)) {
			return c | classJoinSome
		}
	}
	return c
}

func isCluster(b []byte) bool {
	first, _ := ansi.FirstGraphemeCluster(b, ansi.GraphemeWidth)
	return len(first) == len(b)
}

const (
	variationEmoji  = '\ufe0f'
	zeroWidthJoiner = '\u200d'
)

// join adds r to the character before the cursor, if it belongs to it. What
// joins but does not fit the bounds of a cluster is dropped. Marks join across
// Writes and control sequences, as in xterm, because what stands before the
// cursor is looked up on the screen.
//
// Without mode 2027 only what has no width joins, and what would make the
// character wider or join the next one, on the outer terminal, is dropped.
func (t *Terminal) join(r rune, cl runeClass) bool {
	if !t.m.clusters && (cl.width() > 0 || r == zeroWidthJoiner) {
		return r == zeroWidthJoiner
	}
	x := t.x
	if !t.pendWrap {
		x--
	}
	if x < 0 {
		return false
	}
	line := t.scr.row(t.y)
	c := line.cells[x]
	if c.isCont() {
		if x--; x < 0 {
			return false
		}
		c = line.cells[x]
	}
	before := c & cellGlyph
	res := *t.tab.joins.slot(before, r)
	if res.joined != r || res.before != before || !t.m.clusters {
		res = joinResult{before, r, t.joinGlyph(c, r, cl)}
		if res.after == joinFailed {
			return true
		}
		// A collection may have renumbered what stands there.
		if res.after != before {
			res.before = line.cells[x] & cellGlyph
		}
		if t.m.clusters {
			*t.tab.joins.slot(res.before, r) = res
		}
	}
	switch res.after {
	case joinNone:
		return false
	case res.before:
		return true
	}
	t.setGlyph(line, x, res.after)
	t.joinOK, t.joinNext = true, cl&classPrepend != 0
	return true
}

// joinGlyph returns what r makes with the glyph of c, as joinResult has it, or
// joinFailed if the table of clusters has no place.
func (t *Terminal) joinGlyph(c cell, r rune, cl runeClass) cell {
	before := c & cellGlyph
	text := t.tab.appendText(t.scratch[:0], c)
	if utf8.RuneCount(text) >= maxClusterRunes || len(text)+utf8.RuneLen(r) > maxClusterBytes {
		if cl&classJoinAny != 0 || isCluster(utf8.AppendRune(text, r)) {
			return before
		}
		return joinNone
	}
	text = utf8.AppendRune(text, r)
	wide := before & cellWidthMask
	if cl&classJoinAny == 0 || r == variationEmoji || !t.m.clusters {
		first, w := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		switch {
		case len(first) != len(text):
			return joinNone
		case w < c.width(), w > c.width() && !t.m.clusters:
			return before
		case w == 2:
			wide = cellWide
		}
	}
	if content := t.internCluster(text, c); content&cellCluster != 0 {
		return content | wide
	}
	return joinFailed
}

// setGlyph makes g, at least as wide as what is there, the content of the cell
// at x.
func (t *Terminal) setGlyph(line *row, x int, g cell) {
	c := line.cells[x]
	if g&cellWidthMask == c&cellWidthMask {
		line.cells[x] = c&^cellGlyph | g
		line.gen = t.gen
		line.hi = max(line.hi, x+1)
		t.last = g
		return
	}
	// The character became wide: it takes the next column, or moves to the next
	// line if there is none.
	lim := t.rightLimit()
	style := c & (cellStyleMask | cellProtected)
	if x+2 > lim {
		if !t.m.autowrap || lim-t.left < 2 || t.cols < 2 {
			return
		}
		line.cells[x] = c.blanked() | cellSpacer
		line.hi, line.gen = max(line.hi, x+1), t.gen
		t.pendWrap = false
		t.wrap()
		x, line = t.x, t.scr.row(t.y)
		lim = t.rightLimit()
		if x+2 > lim {
			return
		}
	}
	line.split(x + 1)
	line.split(x + 2)
	line.cells[x] = style | g
	line.cells[x+1] = style | cellCont
	line.hi = max(line.hi, x+2)
	line.gen = t.gen
	t.last = g
	if t.x = x + 2; t.x >= lim {
		t.x, t.pendWrap = lim-1, true
	} else {
		t.pendWrap = false
	}
}
