package term

import "unicode/utf8"

// Motions over words, as w, b and e in vi: a word is a run of word characters
// or of other characters that are not blank; an empty line is one for w and b.

// glyph is a character of a row.
type glyph struct {
	col   int
	class glyphClass
}

type glyphClass uint8

const (
	glyphBlank glyphClass = iota
	glyphWord
	glyphOther
)

// walker goes over the characters of the text, from row to row.
type walker struct {
	t     *Terminal
	extra string
	lt    lineText
	y     int
	row   []glyph
	i     int // in row; len(row) is the end of a line that goes on nowhere
}

func (t *Terminal) walkFrom(p Point, extra string) (w walker, ok bool) {
	y, ok := t.RowOf(p.Line)
	if !ok {
		return walker{}, false
	}
	w = walker{t: t, extra: extra}
	w.load(y)
	for w.i+1 < len(w.row) && w.row[w.i+1].col <= p.Col {
		w.i++
	}
	return w, true
}

func (w *walker) load(y int) {
	w.y, w.i, w.row = y, 0, w.row[:0]
	w.lt.reset()
	w.lt.read(w.t, y, y+1)
	last := -1
	for off := 0; off < len(w.lt.buf); {
		r, n := utf8.DecodeRune(w.lt.buf[off:])
		if col := w.lt.col(0, off); col != last {
			last = col
			w.row = append(w.row, glyph{col, w.classOf(r)})
		}
		off += n
	}
}

func (w *walker) classOf(r rune) glyphClass {
	switch {
	case r == ' ':
		return glyphBlank
	case isWordRune(r, w.extra):
		return glyphWord
	}
	return glyphOther
}

// class is that of the character at hand; a blank in an empty line.
func (w *walker) class() glyphClass {
	if w.i < len(w.row) {
		return w.row[w.i].class
	}
	return glyphBlank
}

func (w *walker) empty() bool { return len(w.row) == 0 && (w.y == 0 || !w.t.RowWrapped(w.y-1)) }

func (w *walker) point() Point {
	p := Point{Line: w.t.LineOf(w.y)}
	if w.i < len(w.row) {
		p.Col = w.row[w.i].col
	}
	return p
}

// next goes on by a character; joined says that nothing stands between them.
// ok is false at the end of the text.
func (w *walker) next() (joined, ok bool) {
	if w.i+1 < len(w.row) {
		w.i++
		return true, true
	}
	if w.y >= w.t.lastText() {
		return false, false
	}
	joined = w.t.RowWrapped(w.y)
	w.load(w.y + 1)
	return joined, true
}

func (w *walker) prev() (joined, ok bool) {
	if w.i > 0 {
		w.i--
		return true, true
	}
	if w.y <= -w.t.ScrollbackLen() {
		return false, false
	}
	w.load(w.y - 1)
	w.i = max(len(w.row)-1, 0)
	return w.t.RowWrapped(w.y), true
}

// NextWord returns the beginning of the word after p, or the end of the text.
func (t *Terminal) NextWord(p Point, wordChars string) Point {
	w, ok := t.walkFrom(p, wordChars)
	if !ok {
		return p
	}
	was := w.class()
	for {
		joined, ok := w.next()
		if !ok {
			return w.point()
		}
		if !joined {
			was = glyphBlank
		}
		if c := w.class(); c != was && c != glyphBlank || !joined && w.empty() {
			return w.point()
		} else if c == glyphBlank {
			was = c
		}
	}
}

// PrevWord returns the beginning of the word before p, or of the text.
func (t *Terminal) PrevWord(p Point, wordChars string) Point {
	w, ok := t.walkFrom(p, wordChars)
	if !ok {
		return p
	}
	for {
		joined, ok := w.prev()
		if !ok || w.class() != glyphBlank || !joined && w.empty() {
			break
		}
	}
	for w.class() != glyphBlank {
		at, was := w.point(), w.class()
		if joined, ok := w.prev(); !ok || !joined || w.class() != was {
			return at
		}
	}
	return w.point()
}

// WordEnd returns the end of the word that ends next after p, or of the text.
func (t *Terminal) WordEnd(p Point, wordChars string) Point {
	w, ok := t.walkFrom(p, wordChars)
	if !ok {
		return p
	}
	for {
		if _, ok := w.next(); !ok || w.class() != glyphBlank {
			break
		}
	}
	for {
		was, at := w.class(), w.point()
		if was == glyphBlank {
			return at
		}
		if joined, ok := w.next(); !ok || !joined || w.class() != was {
			return at
		}
	}
}
