package provider

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// How long, in characters, cleaned strings may be in a row.
const (
	maxID     = 256 // a file name is never longer
	maxWord   = 128
	maxPath   = 1024
	maxReason = 600
)

// Clean makes text from outside fit for one line of a screen or a log: control
// characters (C0, DEL, C1), invisible format characters (bidi overrides and
// marks among them) and invalid UTF-8 are dropped, line breaks and tabs become
// one space, and what is longer than max characters is cut and ends in "…".
// Joiners stay, since scripts and emoji need them. Cleaning twice is cleaning
// once, and text that was clean comes back as it was.
func Clean(s string, max int) string {
	if max <= 0 {
		return ""
	}
	var b strings.Builder
	count, gap := 0, false
	cutAt := 0 // where the text must end if one more character comes
	for _, r := range s {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r == '\v' || r == '\f' || r == '\u0085' ||
			unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r):
			if gap {
				continue
			}
			gap, r = true, ' '
		case r == utf8.RuneError, unicode.IsControl(r), invisible(r):
			continue
		default:
			gap = false
		}
		if count == max {
			return b.String()[:cutAt] + "…"
		}
		if count == max-1 {
			cutAt = b.Len()
		}
		b.WriteRune(r)
		count++
	}
	return b.String()
}

// invisible says whether a rune changes how others look without being seen.
func invisible(r rune) bool {
	const joiner, nonJoiner = '\u200d', '\u200c'
	return unicode.Is(unicode.Cf, r) && r != joiner && r != nonJoiner
}
