package tui

import (
	"strings"
	"unicode"
)

const cleanLimit = 4096

// clean makes text from outside fit to draw on one line: controls, invisible
// format characters and bidi overrides go, and it is bounded.
func clean(s string) string {
	if len(s) > cleanLimit {
		s = strings.ToValidUTF8(s[:cleanLimit], "") + "…"
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s)
}
