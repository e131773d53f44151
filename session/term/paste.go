package term

import "unicode/utf8"

// EncodePaste appends s as a paste in the current modes; an end-of-paste
// marker inside s, and other controls than newline and tab, are taken out, so
// that nothing pasted can pass for typed. Newlines become carriage returns, as
// the Enter key sends them.
func (t *Terminal) EncodePaste(dst []byte, s string) []byte {
	if t.m.paste {
		dst = append(dst, "\x1b[200~"...)
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == 0x1b:
			i += escapeLen(s[i:])
			continue
		case r == '\r' && i+1 < len(s) && s[i+1] == '\n':
			// The newline that follows stands for both.
		case r == '\n', r == '\r':
			dst = append(dst, '\r')
		case r == '\t':
			dst = append(dst, '\t')
		case r < 0x20, r >= 0x7f && r < 0xa0:
		case r == utf8.RuneError && size == 1:
		default:
			dst = append(dst, s[i:i+size]...)
		}
		i += size
	}
	if t.m.paste {
		dst = append(dst, "\x1b[201~"...)
	}
	return dst
}

// escapeLen is how much of s goes with the ESC at its start: all of a paste
// marker, otherwise ESC alone.
func escapeLen(s string) int {
	for _, m := range [...]string{"\x1b[200~", "\x1b[201~"} {
		if len(s) >= len(m) && s[:len(m)] == m {
			return len(m)
		}
	}
	return 1
}

// EncodeFocus appends the focus report, if the remote asked for it.
func (t *Terminal) EncodeFocus(dst []byte, focused bool) []byte {
	switch {
	case !t.m.focus:
		return dst
	case focused:
		return append(dst, "\x1b[I"...)
	}
	return append(dst, "\x1b[O"...)
}
