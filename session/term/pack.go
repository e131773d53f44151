package term

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// A packed line is a byte of flags and then UTF-8 text, one character a cell,
// in which these controls stand:
//
//	packStyle    the style of what follows: five numbers and two bytes
//	packLink     the link of what follows: length and target
//	packCluster  a cluster: width, length, text
//	packBlank    erased cells: their number
//	packFill     the style of the cells from here to the end of the line
//
// The width of a single rune is its class's.
const (
	packStyle   = 1
	packLink    = 2
	packCluster = 3
	packBlank   = 4
	packFill    = 5
)

// packRow appends r packed.
func packRow(dst []byte, tb *tables, r *row, links bool) []byte {
	dst = append(dst, byte(r.flags))
	cells := r.cells[:r.hi]
	var style uint16
	var link uint16
	for i := 0; i < len(cells); {
		c := cells[i]
		if id := c.style(); id != style {
			p := &tb.styles[id]
			dst = appendPackedStyle(append(dst, packStyle), &p.Style)
			if links && p.link != link {
				u := tb.links[p.link]
				dst = binary.AppendUvarint(append(dst, packLink), uint64(len(u)))
				dst = append(dst, u...)
				link = p.link
			}
			style = id
		}
		switch {
		case c&cellCluster != 0:
			b := tb.clusters[c&cellRuneMask].bytes()
			dst = append(dst, packCluster, byte(c.width()), byte(len(b)))
			dst = append(dst, b...)
			i++
		case c.isCont():
			i++
		case c&cellRuneMask == 0:
			n := 1
			if c&cellSpacer == 0 {
				for i+n < len(cells) && cells[i+n].style() == style && cells[i+n].erased() && cells[i+n]&cellSpacer == 0 {
					n++
				}
				dst = binary.AppendUvarint(append(dst, packBlank), uint64(n))
			} else {
				dst = append(dst, packBlank, 0)
			}
			i += n
		case c&cellRuneMask < utf8.RuneSelf:
			// The common case: a run of ASCII of one style.
			want := c & cellStyleMask
			for ; i < len(cells); i++ {
				d := cells[i] &^ cellProtected
				if d-want-1 >= utf8.RuneSelf-1 {
					break
				}
				dst = append(dst, byte(d))
			}
		default:
			dst, i = packText(dst, cells, i)
		}
	}
	if id := r.fill.style(); id != 0 && r.hi < len(r.cells) {
		dst = appendPackedStyle(append(dst, packFill), &tb.styles[id].Style)
	}
	return dst
}

// packText appends the single runes of one style that begin at i, and returns
// where they end. As printRun it branches on nothing that differs from one
// character to the next.
func packText(dst []byte, cells []cell, i int) ([]byte, int) {
	want := cells[i] & cellStyleMask
	n := len(dst)
	dst = slices.Grow(dst, utf8.UTFMax*(len(cells)-i))
	dst = dst[:cap(dst)]
	for ; i < len(cells); i++ {
		c := cells[i]
		if c&(cellStyleMask|cellCluster) != want || c&cellGlyph == 0 {
			break
		}
		r := uint32(c & cellRuneMask)
		e := &encodings[bits.Len32(r)]
		b := r&e.low | r<<2&e.second | r<<4&0x3f0000 | r<<6&0x7000000
		binary.BigEndian.PutUint32(dst[n:], b<<(e.shift&31)|e.marks)
		n += int(e.size)
	}
	return dst[:n], i
}

// encoding is how the runes of so many bits are written in UTF-8.
type encoding struct {
	low, second uint32 // the places of the last two bytes' bits in four bytes
	marks       uint32 // what stands in a byte beside them
	shift, size uint8
}

// encodings are by the number of bits. A right half has none, and no bytes.
var encodings = func() (all [22]encoding) {
	for i := range all {
		e := encoding{low: 0x3f, second: 0x3f00}
		switch {
		case i == 0:
		case i <= 7:
			e = encoding{low: 0x7f, shift: 24, size: 1}
		case i <= 11:
			e.marks, e.shift, e.size = 0xc080_0000, 16, 2
		case i <= 16:
			e.marks, e.shift, e.size = 0xe080_8000, 8, 3
		default:
			e.marks, e.shift, e.size = 0xf080_8080, 0, 4
		}
		all[i] = e
	}
	return all
}()

func appendPackedStyle(dst []byte, s *Style) []byte {
	dst = binary.AppendUvarint(dst, uint64(s.Fg))
	dst = binary.AppendUvarint(dst, uint64(s.Bg))
	dst = binary.AppendUvarint(dst, uint64(s.UnderlineColor))
	dst = binary.AppendUvarint(dst, uint64(s.Attrs))
	return append(dst, byte(s.Underline))
}

// packReader walks over the cells of a packed line.
type packReader struct {
	b       []byte
	classes *classTable

	style  Style
	link   []byte
	text   []byte // of the character at hand; nil for erased ones
	width  int    // of the character; with blanks, their number
	blank  bool
	spacer bool // a place left by a wide character that did not fit
	fill   bool // the rest of the line is erased, in style
}

func newPackReader(b []byte, ct *classTable) packReader { return packReader{b: b[1:], classes: ct} }

func (p *packReader) uvarint() uint64 {
	v, n := binary.Uvarint(p.b)
	if n <= 0 {
		p.b = nil
		return 0
	}
	p.b = p.b[n:]
	return v
}

func (p *packReader) readStyle() {
	p.style.Fg = Color(p.uvarint())
	p.style.Bg = Color(p.uvarint())
	p.style.UnderlineColor = Color(p.uvarint())
	p.style.Attrs = Attr(p.uvarint())
	p.style.Underline = Underline(p.b[0])
	p.b = p.b[1:]
}

func (p *packReader) take(n int) []byte {
	n = min(n, len(p.b))
	out := p.b[:n]
	p.b = p.b[n:]
	return out
}

// next moves to the next character or run of blanks; false at the end.
func (p *packReader) next() bool {
	p.blank, p.spacer, p.text = false, false, nil
	for len(p.b) > 0 {
		b := p.b[0]
		if b >= 0x20 && b < utf8.RuneSelf {
			p.text, p.width = p.take(1), 1
			return true
		}
		if b >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(p.b)
			p.text, p.width = p.take(n), max(1, p.classes.of(r).width())
			return true
		}
		p.b = p.b[1:]
		switch b {
		case packStyle:
			p.readStyle()
		case packLink:
			p.link = p.take(int(p.uvarint()))
		case packCluster:
			h := p.take(2)
			p.width = int(h[0])
			p.text = p.take(int(h[1]))
			return true
		case packBlank:
			n := int(p.uvarint())
			p.blank, p.spacer, p.width = true, n == 0, max(n, 1)
			return true
		case packFill:
			p.readStyle()
			p.link, p.fill = nil, true
			return false
		}
	}
	return false
}

// put appends the character, or n of the blanks, that p stands at.
func (w *lineWrapper) put(p *packReader, n int) {
	if p.style != w.style {
		w.style = p.style
		w.buf = appendPackedStyle(append(w.buf, packStyle), &w.style)
	}
	if string(p.link) != string(w.link) {
		w.link = append(w.link[:0], p.link...)
		w.buf = binary.AppendUvarint(append(w.buf, packLink), uint64(len(w.link)))
		w.buf = append(w.buf, w.link...)
	}
	w.x += n
	if p.blank {
		w.buf = binary.AppendUvarint(append(w.buf, packBlank), uint64(n))
		return
	}
	if _, size := utf8.DecodeRune(p.text); size < len(p.text) {
		w.buf = append(w.buf, packCluster, byte(p.width), byte(len(p.text)))
	}
	w.buf = append(w.buf, p.text...)
}
