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
	p := ct[r>>8]
	if p == nil {
		p = new([256]runeClass)
		ct[r>>8] = p
	}
	c := p[r&0xff]
	if c == 0 {
		c = classify(r)
		p[r&0xff] = c
	}
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
	text := t.tab.appendText(t.scratch[:0], c)
	if utf8.RuneCount(text) >= maxClusterRunes || len(text)+utf8.RuneLen(r) > maxClusterBytes {
		return cl&classJoinAny != 0 || isCluster(utf8.AppendRune(text, r))
	}
	text = utf8.AppendRune(text, r)
	w := c.width()
	if cl&classJoinAny == 0 || r == variationEmoji || !t.m.clusters {
		first, fw := ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
		if len(first) != len(text) {
			return false
		}
		if fw < w || fw > w && !t.m.clusters {
			return true
		}
		w = fw
	}
	t.setCluster(line, x, c, text, w)
	t.joinOK, t.joinNext = true, cl&classPrepend != 0
	return true
}

// setCluster makes text, of width w, the content of the cell at x, which was c.
func (t *Terminal) setCluster(line *row, x int, c cell, text []byte, w int) {
	content := t.internCluster(text, c)
	c = line.cells[x] // a collection may have renumbered it
	if content&cellCluster == 0 {
		return
	}
	if w == c.width() {
		line.cells[x] = c&^cellContent | content
		line.gen = t.gen
		line.hi = max(line.hi, x+1)
		t.last = content | c&cellWidthMask
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
	line.cells[x] = style | content | cellWide
	line.cells[x+1] = style | cellCont
	line.hi = max(line.hi, x+2)
	line.gen = t.gen
	t.last = content | cellWide
	if t.x = x + 2; t.x >= lim {
		t.x, t.pendWrap = lim-1, true
	} else {
		t.pendWrap = false
	}
}
