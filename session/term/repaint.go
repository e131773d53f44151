package term

import (
	"fmt"
	"strconv"
)

// MidSequence reports whether the last Write ended within a control sequence or
// a character: what comes next means nothing without what was before.
func (t *Terminal) MidSequence() bool { return t.par.state != stGround || t.par.utf8Len > 0 }

// AppendRepaint appends what makes any terminal of this size show the same
// screen and go on from there: text, wraps, prompt marks, title, margins, tabs, the
// modes that output depends on, charsets, pen and cursor, also the saved one. It
// begins with a reset (RIS). The lines above the screen are not in it, nor are
// modes that are about keys and mouse only. MidSequence should be false.
func (t *Terminal) AppendRepaint(dst []byte) []byte {
	r := repainter{t: t, dst: append(dst, "\x1bc"...)}
	if t.title != "" {
		r.str("\x1b]2;" + t.title + "\x1b\\")
	}
	r.palette()
	r.rows(t.primary)
	saved := t.scr.saved
	if t.scr == t.alt {
		r.state(t.primary, &t.primary.saved)
		r.str("\x1b[?1049h\x1b[m\x1b[?6;69l\x1b[?7h\x1b(B\x1b)B\x0f")
		r.rows(t.alt)
	}
	r.margins()
	r.tabs()
	if saved != (savedCursor{}) {
		r.state(t.scr, &saved)
		r.str("\x1b7")
	}
	r.mode("?7", t.m.autowrap)
	r.state(t.scr, &savedCursor{
		x: t.x, y: t.y, pendWrap: t.pendWrap, origin: t.m.origin,
		protect: t.protect, pen: t.pen, charsets: t.charsets,
	})
	if u := t.tab.linkText(t.penLink); u != "" {
		r.str("\x1b]8;;" + u + "\x1b\\")
	}
	r.modes()
	return r.dst
}

type repainter struct {
	t   *Terminal
	dst []byte
}

func (r *repainter) str(s string) { r.dst = append(r.dst, s...) }

// csi appends CSI, numbers and what ends them.
func (r *repainter) csi(end string, args ...int) {
	r.str("\x1b[")
	for i, a := range args {
		if i > 0 {
			r.str(";")
		}
		r.dst = strconv.AppendInt(r.dst, int64(a), 10)
	}
	r.str(end)
}

// rows paints the text of s. Rows that wrap are written on end, so that they
// do there too; what is erased is not written, so that it stays so.
func (r *repainter) rows(s *screen) {
	for y := range s.rows {
		row := s.row(y)
		if y == 0 || s.row(y-1).flags&rowWrapped == 0 {
			r.csi("H", y+1, 1)
		}
		for _, m := range [...]struct {
			flag rowFlags
			mark string
		}{{rowEnd, "D"}, {rowPrompt, "A"}, {rowOutput, "C"}} {
			if row.flags&m.flag != 0 {
				r.str("\x1b]133;" + m.mark + "\x1b\\")
			}
		}
		end := row.hi
		if row.flags&rowWrapped != 0 && y+1 < len(s.rows) {
			end = len(row.cells)
			if c := s.row(y + 1).cells[0]; row.cells[end-1]&cellSpacer != 0 && c.isWide() {
				end--
			}
		}
		r.cells(row.cells[:end])
		if row.fill != 0 && row.hi < len(row.cells) {
			r.pen(&r.t.tab.style(row.fill).Style)
			r.str("\x1b[K\x1b[m")
		}
	}
}

// cells writes cells, with a reset state before and after them.
func (r *repainter) cells(cells []cell) {
	tb := &r.t.tab
	w := rowWriter{t: &Terminal{cols: r.t.cols}, dst: r.dst, lastText: -1}
	link := uint16(0)
	for _, c := range cells {
		if c.isCont() {
			continue
		}
		p := tb.style(c)
		w.setStyle(&p.Style)
		if p.link != link {
			link = p.link
			w.setLink(tb.links[link])
		}
		var buf [maxClusterBytes]byte
		w.put(tb.appendText(buf[:0], c), c.width())
	}
	r.dst = w.finish()
}

// pen appends the style of what is written next.
func (r *repainter) pen(s *Style) {
	r.str("\x1b[0")
	r.dst = appendSGR(r.dst, s, ';')
	r.str("m")
}

// palette sets the colours that the remote changed.
func (r *repainter) palette() {
	p := &r.t.colors
	for i := range 256 {
		if v, ok := p.entries[uint8(i)]; ok {
			r.dst = fmt.Appendf(r.dst, "\x1b]4;%d;#%06x\x1b\\", i, v)
		}
	}
	for i, c := range p.dynamic {
		if c != DefaultColor {
			r.dst = fmt.Appendf(r.dst, "\x1b]%d;#%06x\x1b\\", 10+i, uint32(c&0xffffff))
		}
	}
}

func (r *repainter) margins() {
	t := r.t
	if t.top != 0 || t.bot != t.rows-1 {
		r.csi("r", t.top+1, t.bot+1)
	}
	if t.m.sideMargins {
		r.str("\x1b[?69h")
		r.csi("s", t.left+1, t.right+1)
	}
}

// tabs sets the tab stops if they are not where a reset puts them.
func (r *repainter) tabs() {
	t := r.t
	set := func(x int) bool { return t.tabs[x/64]&(1<<(x%64)) != 0 }
	usual := true
	for x := range t.cols {
		usual = usual && set(x) == (x > 0 && x%8 == 0)
	}
	if usual {
		return
	}
	r.str("\x1b[3g")
	for x := range t.cols {
		if set(x) {
			r.csi("H", 1, x+1)
			r.str("\x1bH")
		}
	}
}

// state brings about what DECSC saves. A cursor that owes a wrap is where it is
// because of the character under it, so that is written again.
func (r *repainter) state(scr *screen, s *savedCursor) {
	t := r.t
	x, y := s.x, s.y
	if s.origin {
		r.str("\x1b[?6h")
		x, y = x-t.left, y-t.top
	} else {
		r.str("\x1b[?6l")
	}
	if cells := scr.row(min(s.y, t.rows-1)).cells; s.pendWrap {
		at := min(s.x, t.cols-1)
		if cells[at].isCont() {
			at, x = at-1, x-1
		}
		r.csi("H", y+1, x+1)
		r.cells(cells[at : at+1])
	} else {
		r.csi("H", y+1, x+1)
	}
	r.str("\x1b[0\"q")
	if s.protect {
		r.str("\x1b[1\"q")
	}
	for i, set := range s.charsets.g {
		r.dst = append(r.dst, 0x1b, "()*+"[i], "B0A"[set])
	}
	r.str([...]string{"\x0f", "\x0e", "\x1bn", "\x1bo"}[s.charsets.gl])
	r.pen(&s.pen)
}

func (r *repainter) mode(number string, on bool) {
	r.str("\x1b[" + number)
	if on {
		r.str("h")
	} else {
		r.str("l")
	}
}

// modes sets those that output depends on. They come last, because what was
// written before counts on them being off.
func (r *repainter) modes() {
	t := r.t
	for _, m := range [...]struct {
		number string
		on     bool
	}{{"4", t.m.insert}, {"20", t.m.newline}, {"?5", t.m.reverseScreen}, {"?45", t.m.reverseWrap}} {
		if m.on {
			r.mode(m.number, true)
		}
	}
	if !t.m.showCursor {
		r.mode("?25", false)
	}
	if !t.m.clusters {
		r.mode("?2027", false)
	}
	n := int(t.shape)*2 + 2
	if t.blink {
		n--
	}
	r.csi(" q", n)
}
