package term

import (
	"bytes"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// AppendRow appends row y as text with SGR sequences and OSC 8 links, exactly
// cols cells wide, ending in a reset state, and returns the extended slice.
// y from -ScrollbackLen() to -1 are the lines above the screen, newest last;
// other rows are blank. It allocates nothing but what dst needs.
func (t *Terminal) AppendRow(dst []byte, y int) []byte {
	w := rowWriter{t: t, dst: dst, recolor: t.colors.changed(), drawn: true}
	n := t.ScrollbackLen()
	switch {
	case y < -n || y >= t.rows:
		w.pad(t.cols, &Style{})
	case y < 0:
		w.packed(t.sb.line(n + y))
	default:
		w.row(t.scr.row(y))
	}
	return w.finish()
}

// SetPlainClusters says whether the terminal that rows are drawn on measures
// character by character, as one without mode 2027 does. Clusters whose parts do
// not add up to their width are drawn as their first character then, so that
// what stands behind them stays in its column; rows are as wide as the screen by
// that measure. Off in a new Terminal.
func (t *Terminal) SetPlainClusters(on bool) {
	if t.plainClusters != on {
		t.plainClusters = on
		t.gen++
		t.touchAll()
	}
}

// rowWriter writes cells with as few changes of style as it takes.
type rowWriter struct {
	t    *Terminal
	dst  []byte
	cur  Style
	link bool
	x    int

	recolor bool // the remote changed colours of the palette
	drawn   bool // the row goes to a person's terminal, and not to one of ours

	// Where the last character's text begins in dst; -1 if a control sequence
	// or the start of the row stands before what comes next.
	lastText int
	// Where the last character's text begins and ends in dst, for drawn rows,
	// whatever stands behind it.
	lastStart, lastEnd int
}

func (w *rowWriter) row(r *row) {
	w.lastText = -1
	tb := &w.t.tab
	id, link := uint16(0), uint16(0)
	w.setStyle(&tb.styles[0].Style)
	for _, c := range r.cells[:r.hi] {
		if c.isCont() {
			continue
		}
		if s := c.style(); s != id {
			id = s
			p := &tb.styles[s]
			w.setStyle(&p.Style)
			if p.link != link {
				link = p.link
				w.setLink(tb.links[link])
			}
		}
		if v := c & cellContent; v < 0x80 {
			if v == 0 {
				v = ' '
			}
			w.lastText = len(w.dst)
			w.dst = append(w.dst, byte(v))
			w.lastStart, w.lastEnd = w.lastText, len(w.dst)
			w.x++
			continue
		}
		var buf [maxClusterBytes]byte
		w.put(tb.appendText(buf[:0], c), c.width())
	}
	w.pad(w.t.cols, &tb.style(r.fill).Style)
}

// packed writes a line of the scrollback.
func (w *rowWriter) packed(line []byte) {
	w.lastText = -1
	w.setStyle(&Style{})
	p := newPackReader(line, &w.t.classes)
	var link []byte
	for p.next() {
		if w.x+p.width > w.t.cols {
			break
		}
		w.setStyle(&p.style)
		if string(link) != string(p.link) {
			link = p.link
			w.setLink(string(link))
		}
		if p.blank {
			w.pad(w.x+p.width, &p.style)
			continue
		}
		w.put(p.text, p.width)
	}
	if p.fill {
		w.pad(w.t.cols, &p.style)
	}
	w.pad(w.t.cols, &Style{})
}

// Joiners: zwnj ends a cluster and shows nothing, zwj goes on with one.
const zwnj, zwj = "\u200c", "\u200d"

// put writes one character. Where the screen has two cells whose texts would be
// taken for one cluster side by side, they are kept apart, for the row is
// measured again by clusters: by a sequence that changes nothing. In a drawn row
// a non-joiner is better where it does, because it belongs to the cell before it
// whoever draws that again, and terminals join across changes of style. There a
// joiner that joins nothing is left out too: tmux takes the next character of
// any row into its cell.
func (w *rowWriter) put(text []byte, width int) {
	r, _ := utf8.DecodeRune(text)
	switch cl := w.t.classes.of(r); {
	case w.drawn && cl&classJoinAny == 0:
		if w.joinsLast(w.dst[w.lastStart:w.lastEnd], text) {
			w.dst = slices.Insert(w.dst, w.lastEnd, []byte(zwnj)...)
		}
	case w.lastText >= 0 && w.joinsLast(w.dst[w.lastText:], text):
		w.separate()
	}
	rest := 0
	if w.drawn {
		text = bytes.TrimSuffix(text, []byte(zwj))
		if w.t.plainClusters {
			text, rest = plainCluster(text, width)
		}
	}
	w.lastText, w.lastStart = len(w.dst), len(w.dst)
	w.dst = append(w.dst, text...)
	w.x += width
	if w.opens(text) {
		w.separate()
		w.lastText = -1
	}
	w.lastEnd = len(w.dst)
	for range rest {
		w.lastText, w.lastStart = len(w.dst), len(w.dst)
		w.dst = append(w.dst, ' ')
		w.lastEnd = len(w.dst)
	}
}

// plainCluster is what of text is as wide as its characters are together, and
// how many blanks it lacks.
func plainCluster(text []byte, width int) (plain []byte, blanks int) {
	sum, first, size := 0, 0, 0
	for i, r := range string(text) {
		n := ansi.StringWidthWc(string(r))
		if r >= 0x1160 && r <= 0x11ff {
			n = 0 // vowels and finals of Hangul, to any wcwidth
		}
		if sum += n; i == 0 {
			first, size = n, utf8.RuneLen(r)
		}
	}
	switch {
	case sum == width:
		return text, 0
	case first > width:
		return nil, width
	}
	return text[:size], width - first
}

// opens reports whether text takes whatever follows into its cluster.
func (w *rowWriter) opens(text []byte) bool {
	r, _ := utf8.DecodeLastRune(text)
	return r >= utf8.RuneSelf && w.t.classes.of(r)&classPrepend != 0
}

// joinsLast reports whether text would go into the cluster last.
func (w *rowWriter) joinsLast(last, text []byte) bool {
	r, size := utf8.DecodeRune(text)
	if len(last) == 0 || r < utf8.RuneSelf || w.t.classes.of(r)&(classJoinAny|classJoinSome) == 0 {
		return false
	}
	var buf [2 * maxClusterBytes]byte
	return isCluster(append(append(buf[:0], last...), text[:size]...))
}

func (w *rowWriter) separate() {
	if w.cur.Attrs&AttrInverse != 0 {
		w.dst = append(w.dst, "\x1b[7m"...)
	} else {
		w.dst = append(w.dst, "\x1b[27m"...)
	}
}

// pad writes blanks up to column x.
func (w *rowWriter) pad(x int, s *Style) {
	if w.x >= x {
		return
	}
	w.setStyle(s)
	const blanks = "                                                                "
	for w.x < x {
		n := min(x-w.x, len(blanks))
		w.dst = append(w.dst, blanks[:n]...)
		w.x += n
	}
	w.lastText = len(w.dst) - 1
	w.lastStart, w.lastEnd = w.lastText, len(w.dst)
}

func (w *rowWriter) setStyle(s *Style) {
	want := *s
	if w.recolor {
		want = w.t.colors.shown(want)
	}
	if w.t.m.reverseScreen {
		want.Attrs ^= AttrInverse
	}
	if want == w.cur {
		return
	}
	w.lastText = -1
	w.dst = appendTransition(w.dst, &w.cur, &want)
	w.cur = want
}

func (w *rowWriter) setLink(u string) {
	w.lastText = -1
	w.dst = append(w.dst, "\x1b]8;;"...)
	w.dst = append(w.dst, u...)
	w.dst = append(w.dst, "\x1b\\"...)
	w.link = u != ""
}

func (w *rowWriter) finish() []byte {
	if w.link {
		w.setLink("")
	}
	if w.cur != (Style{}) {
		w.dst = append(w.dst, "\x1b[m"...)
	}
	return w.dst
}

// attrCodes are the SGR numbers that set and take back each attribute.
var attrCodes = [...]struct {
	attr    Attr
	on, off string
}{
	{AttrBold, ";1", ";22"}, {AttrFaint, ";2", ";22"}, {AttrItalic, ";3", ";23"}, {AttrBlink, ";5", ";25"},
	{AttrInverse, ";7", ";27"}, {AttrHidden, ";8", ";28"}, {AttrStrike, ";9", ";29"}, {AttrOverline, ";53", ";55"},
}

// appendTransition appends the SGR sequence that leads from one style to
// another, which are not equal.
func appendTransition(dst []byte, from, to *Style) []byte {
	if *to == (Style{}) {
		return append(dst, "\x1b[m"...)
	}
	dst = append(dst, "\x1b["...)
	start := len(dst)
	gone := from.Attrs &^ to.Attrs
	added := to.Attrs &^ from.Attrs
	if gone&(AttrBold|AttrFaint) != 0 {
		added |= to.Attrs & (AttrBold | AttrFaint) // 22 took both back
	}
	off := ""
	for _, a := range attrCodes {
		if gone&a.attr != 0 && a.off != off {
			dst = append(dst, a.off...)
			off = a.off
		}
	}
	dst = appendAttrs(dst, added)
	if from.Underline != to.Underline {
		dst = appendUnderline(dst, to.Underline)
	}
	if from.Fg != to.Fg {
		dst = appendColor(dst, to.Fg, 30, ';')
	}
	if from.Bg != to.Bg {
		dst = appendColor(dst, to.Bg, 40, ';')
	}
	if from.UnderlineColor != to.UnderlineColor {
		dst = appendColor(dst, to.UnderlineColor, 50, ':')
	}
	copy(dst[start:], dst[start+1:]) // every number came with a semicolon before it
	dst[len(dst)-1] = 'm'
	return dst
}

// appendSGR appends the numbers that set s, each after a semicolon; sep parts
// those of one colour.
func appendSGR(dst []byte, s *Style, sep byte) []byte {
	dst = appendAttrs(dst, s.Attrs)
	if s.Underline != UnderlineNone {
		dst = appendUnderline(dst, s.Underline)
	}
	for _, c := range [...]struct {
		c    Color
		base int
		sep  byte
	}{{s.Fg, 30, sep}, {s.Bg, 40, sep}, {s.UnderlineColor, 50, ':'}} {
		if c.c != DefaultColor {
			dst = appendColor(dst, c.c, c.base, c.sep)
		}
	}
	return dst
}

func appendAttrs(dst []byte, attrs Attr) []byte {
	if attrs == 0 {
		return dst
	}
	for _, a := range attrCodes {
		if attrs&a.attr != 0 {
			dst = append(dst, a.on...)
		}
	}
	return dst
}

func appendUnderline(dst []byte, u Underline) []byte {
	switch u {
	case UnderlineNone:
		return append(dst, ";24"...)
	case UnderlineSingle:
		return append(dst, ";4"...)
	}
	return append(dst, ';', '4', ':', '0'+byte(u))
}

// appendColor appends the numbers for c; base is 30 for the foreground, 40 for
// the background, 50 for underlines, which only colons keep every terminal from
// taking for something else.
func appendColor(dst []byte, c Color, base int, sep byte) []byte {
	num := func(sep byte, v int) { dst = strconv.AppendInt(append(dst, sep), int64(v), 10) }
	switch c & colorKind {
	case colorIndexed:
		i := int(c & 0xff)
		switch {
		case base != 50 && i < 8:
			num(';', base+i)
		case base != 50 && i < 16:
			num(';', base+60+i-8)
		default:
			num(';', base+8)
			num(sep, 5)
			num(sep, i)
		}
	case colorRGB:
		num(';', base+8)
		num(sep, 2)
		if sep == ':' {
			dst = append(dst, sep) // the colour space
		}
		num(sep, int(c>>16&0xff))
		num(sep, int(c>>8&0xff))
		num(sep, int(c&0xff))
	default:
		num(';', base+9)
	}
	return dst
}
