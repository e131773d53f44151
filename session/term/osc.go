package term

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

const (
	maxTitleRunes = 256
	maxTitleStack = 8
)

// osc acts on an operating system command. Requests to the desktop (desktop.go)
// are noted and not obeyed: a remote end has no say there.
func (t *Terminal) osc(data []byte) {
	num, rest, _ := bytes.Cut(data, []byte{';'})
	n, err := strconv.Atoi(string(num))
	if err != nil {
		return
	}
	switch n {
	case 0, 2:
		t.title = cleanTitle(rest)
	case 4:
		t.paletteColors(rest)
	case 7:
		t.setDirectory(rest)
	case 8:
		t.openLink(rest)
	case 9:
		t.notify(rest)
	case 10, 11, 12:
		t.dynamicColors(n, rest)
	case 52:
		t.setClipboard(rest)
	case 104:
		t.resetPalette(rest)
	case 110, 111, 112:
		t.colors.dynamic[n-110] = DefaultColor
		t.recolored()
	case 777:
		t.notifyExtended(rest)
	case 133:
		t.shellMark(rest)
	}
}

// openLink is OSC 8; rest is the parameters and the target.
func (t *Terminal) openLink(rest []byte) {
	_, uri, ok := bytes.Cut(rest, []byte{';'})
	if !ok {
		return
	}
	var buf [maxLinkBytes]byte
	t.penLink = t.internLink(cleanLink(buf[:0], uri))
	t.penStale = true
}

// cleanLink keeps graphic ASCII and escapes the bytes above it, so that a
// target can carry neither controls nor characters that look like others. One
// that is too long is none at all: half a target leads elsewhere.
func cleanLink(dst, uri []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, b := range uri {
		switch {
		case b > 0x20 && b < 0x7f:
			dst = append(dst, b)
		case b >= 0x80:
			dst = append(dst, '%', hex[b>>4], hex[b&15])
		}
		if len(dst) > maxLinkBytes-3 {
			return nil
		}
	}
	return dst
}

// cleanTitle takes controls, direction overrides and what is not UTF-8 out of
// a title and bounds its length.
func cleanTitle(b []byte) string {
	out := make([]byte, 0, min(len(b), maxTitleRunes))
	for n := 0; len(b) > 0 && n < maxTitleRunes; {
		r, size := utf8.DecodeRune(b)
		b = b[size:]
		if r == utf8.RuneError && size == 1 || unfitForTitle(r) {
			continue
		}
		out = utf8.AppendRune(out, r)
		n++
	}
	return string(out)
}

func unfitForTitle(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, // controls
		r == 0x061c, r == 0x200e, r == 0x200f, // direction marks
		r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069, // separators, overrides, isolates
		r == 0xfeff, r >= 0xfff9 && r <= 0xfffb, r >= 0xe0000 && r <= 0xe007f:
		return true
	}
	return false
}
