package session

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxErrorText bounds, in runes, what a box can put into one error or detail.
const maxErrorText = 300

// clean makes text from a box safe for a screen and a log: one line, no
// control characters (C0, C1, DEL), no format characters such as bidi
// overrides, valid UTF-8, at most limit runes.
func clean(s string, limit int) string {
	var b strings.Builder
	space, n := false, 0
	for _, r := range s {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.Is(unicode.Co, r):
			continue
		case unicode.IsSpace(r), unicode.IsControl(r):
			// A removed escape sequence must not glue words together.
			space = b.Len() > 0
			continue
		}
		if n >= limit {
			b.WriteString("...")
			break
		}
		if space {
			b.WriteByte(' ')
			n++
			space = false
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
