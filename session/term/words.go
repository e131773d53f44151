package term

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// DefaultWordChars are what words consist of besides letters, digits and
// underscores unless somebody chooses otherwise: a path, an option, a host name
// and an address are one word each.
const DefaultWordChars = "@-./~%+#"

// wordReach bounds how many columns of a line are looked at to each side of a
// point: longer words, paths and addresses are cut there.
const wordReach = 8 << 10

// around reads the rows near row y that make one line with it.
func (t *Terminal) around(y int) *lineText {
	from, to := t.logicalLine(y, max(1, wordReach/t.cols))
	lt := &lineText{}
	lt.read(t, from, to)
	return lt
}

// word returns the web address, path or word at p, else the run of blanks or
// of one other character; ok is false behind the text of a line.
func (t *Terminal) word(y int, p Point, extra string) (Range, bool) {
	lt := t.around(y)
	off, ok := lt.offset(p)
	if !ok {
		return Range{}, false
	}
	if a, b, ok := urlAt(lt.buf, off); ok {
		return lt.cells(a, b), true
	}
	a, b := run(lt.buf, off, func(r rune) bool { return isWordRune(r, DefaultWordChars) })
	if strings.IndexByte(string(lt.buf[a:b]), '/') < 0 {
		a, b = run(lt.buf, off, func(r rune) bool { return isWordRune(r, extra) })
	}
	if a == b {
		at, _ := utf8.DecodeRune(lt.buf[off:])
		a, b = run(lt.buf, off, func(r rune) bool { return r == at })
		return lt.cells(a, b), true
	}
	// The full stop of a sentence is none of its last word's.
	for b-1 > off && lt.buf[b-1] == '.' {
		b--
	}
	return lt.cells(a, b), true
}

// run returns the bounds of the characters around byte off for which in holds;
// equal ones if it does not for the one there.
func run(text []byte, off int, in func(rune) bool) (a, b int) {
	a, b = off, off
	for b < len(text) {
		r, n := utf8.DecodeRune(text[b:])
		if !in(r) {
			break
		}
		b += n
	}
	for b > off && a > 0 {
		r, n := utf8.DecodeLastRune(text[:a])
		if !in(r) {
			break
		}
		a -= n
	}
	return a, b
}

func isWordRune(r rune, extra string) bool {
	if r < utf8.RuneSelf {
		return r == '_' || r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || strings.ContainsRune(extra, r)
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M) || r == '\u200d' || strings.ContainsRune(extra, r)
}
