package term

import (
	"bytes"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// urlSchemes are what an address in plain text begins with.
var urlSchemes = [...]string{"https://", "http://", "ftp://", "file://", "mailto:"}

// urlAt returns the bounds of the web address that byte off of text is in.
func urlAt(text []byte, off int) (a, b int, ok bool) {
	from, to := run(text, off, isURLRune)
	for at := from; at < to; {
		a, ok := nextURL(text[:to], from, at)
		if !ok || a > off {
			break
		}
		// A list of addresses is not one address; an address within another is.
		next, more := nextURL(text[:to], from, a+1)
		for more && strings.IndexByte(",;|", text[next-1]) < 0 {
			next, more = nextURL(text[:to], from, next+1)
		}
		if !more {
			next = to
		}
		if off < next {
			b = a + len(trimURL(text[a:next]))
			return a, b, off < b && hasHost(text[a:b])
		}
		at = next
	}
	return 0, 0, false
}

// nextURL is where the next scheme stands in text from byte at on, at the
// beginning of a word; from is where the text begins that belongs together.
func nextURL(text []byte, from, at int) (int, bool) {
	for ; at < len(text); at++ {
		colon := bytes.IndexByte(text[at:], ':')
		if colon < 0 {
			return 0, false
		}
		colon += at
		for _, s := range urlSchemes {
			start := colon - strings.IndexByte(s, ':')
			if start < at || len(text)-start < len(s) || !strings.EqualFold(string(text[start:start+len(s)]), s) {
				continue
			}
			if start == from {
				return start, true
			}
			if r, _ := utf8.DecodeLastRune(text[:start]); !isWordRune(r, "") {
				return start, true
			}
		}
		at = colon
	}
	return 0, false
}

// isURLRune reports whether r may stand in an address: what RFC 3986 allows,
// and letters beyond ASCII, which it wants escaped and people do not.
func isURLRune(r rune) bool {
	if r < utf8.RuneSelf {
		return isWordRune(r, "-._~:/?#[]@!$&'()*+,;=%|")
	}
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// trimURL leaves off what is the sentence's around an address: punctuation at
// its end, and brackets that were opened before it.
func trimURL(u []byte) []byte {
	round := bytes.Count(u, []byte{'('}) - bytes.Count(u, []byte{')'})
	square := bytes.Count(u, []byte{'['}) - bytes.Count(u, []byte{']'})
	for len(u) > 0 {
		switch u[len(u)-1] {
		case '.', ',', ';', ':', '!', '?', '\'', '|', '*':
		case ')':
			if round >= 0 {
				return u
			}
			round++
		case ']':
			if square >= 0 {
				return u
			}
			square++
		case '(':
			round--
		case '[':
			square--
		default:
			return u
		}
		u = u[:len(u)-1]
	}
	return u
}

// hasHost reports whether an address leads anywhere.
func hasHost(u []byte) bool {
	if _, rest, ok := bytes.Cut(u, []byte("://")); ok {
		return len(rest) > 0
	}
	return bytes.IndexByte(u, '@') > len("mailto:")
}

// Openable reports whether a link may be handed to whatever opens web pages and
// mail here: it is http, https, ftp or mailto, and well formed. A file is not:
// it would be this machine's, named by another. Nor is a mail that brings a
// file along, or an address with a name before its host, which is made to look
// like another's.
func (l Link) Openable() bool {
	u, err := url.Parse(l.Target)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "http", "https", "ftp":
		return u.Host != "" && u.User == nil
	case "mailto":
		q, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return false
		}
		for k := range q {
			if k := strings.ToLower(k); k == "attach" || k == "attachment" {
				return false
			}
		}
		return u.Opaque != ""
	}
	return false
}
