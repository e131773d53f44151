package term

import (
	"bytes"
	"sort"
)

const (
	// MaxMatches is how many matches a Search keeps, the newest ones.
	MaxMatches = 10_000

	// searchCells bounds how much of the terminal one Take reads, and
	// searchLineCells how long a line may be that is read whole.
	searchCells     = 1 << 16
	searchLineCells = 1 << 18
)

// Search looks for a pattern in the scrollback and on the screen, from the
// newest line backwards. Rows that were wrapped are searched as one line; one of
// more than 256 Ki cells is searched in parts, and what spans two is not found.
//
// It works in steps, so that the terminal is not held up: Take copies some
// text, which takes a fraction of a millisecond and needs the terminal, and
// Match looks through it, which needs nothing but the Search. Update starts
// over with what has changed.
//
//	s.Update(t)
//	for s.Take(t) {
//		s.Match()
//	}
//
// A Search is not safe for concurrent use, with one exception: while Match
// runs, all methods but Take and Update may be called, as long as no Take is
// under way. They know nothing of that Match then.
type Search struct {
	pat *Pattern

	first, end uint64 // the lines that there were at the last Take
	gen        uint64 // of the terminal at the last Update
	begun      bool

	// Lines below back were not looked at. Those from settled on may have
	// changed since: they were on the screen, or belong to a line that was.
	back, settled uint64
	// The lines from anewLo to anewHi-1 are to be looked at, again or for the
	// first time; recent is what was found in those above.
	anewLo, anewHi uint64
	anew           bool
	recent         []Range

	matches []Range // newest first
	capped  bool

	text  lineText // what was taken
	lower []byte
	found []Range // in it, oldest first
}

// NewSearch returns a search that has looked at nothing.
func NewSearch(p *Pattern) *Search { return &Search{pat: p} }

// Update makes the next Takes look at what is new or may have changed since
// the last Update. What was found there before stays until they are through.
func (s *Search) Update(t *Terminal) {
	s.sync(t)
	if s.anew || s.begun && s.gen == t.Generation() {
		return
	}
	s.gen = t.Generation()
	top := t.LineOf(s.startOf(t, t.LineOf(0)))
	if !s.begun {
		s.begun = true
		s.back, s.settled = top, top
	}
	s.anew, s.recent = true, nil
	s.anewLo, s.anewHi = s.settled, t.LineOf(t.lastText())+1
	s.settled = top
}

// startOf is the row where the line begins that the numbered row is of.
func (s *Search) startOf(t *Terminal, line uint64) int {
	y, _ := t.RowOf(line)
	from, _ := t.logicalLine(y, searchLineCells/t.cols)
	return from
}

// sync forgets what is gone.
func (s *Search) sync(t *Terminal) {
	first, end := t.FirstLine(), t.EndLine()
	if s.begun && (first >= s.end || end <= s.first) {
		*s = Search{pat: s.pat} // another screen, or another width
	}
	s.first, s.end = first, end
	n := len(s.matches)
	for n > 0 && s.matches[n-1].From.Line < first {
		n--
	}
	s.matches = s.matches[:n]
	s.back, s.settled, s.anewLo = max(s.back, first), max(s.settled, first), max(s.anewLo, first)
}

// Take copies the text to be looked at next; false when there is none.
func (s *Search) Take(t *Terminal) bool {
	s.collect()
	s.sync(t)
	s.text.reset()
	if s.anew && s.anewHi <= s.anewLo {
		s.settle()
	}
	switch {
	case s.anew:
		s.anewHi = s.take(t, s.anewLo, s.anewHi)
	case s.begun && s.back > s.first && !s.capped:
		s.back = s.take(t, s.first, s.back)
	default:
		return false
	}
	return true
}

// take reads lines below hi, not below lo, and returns the first of them.
func (s *Search) take(t *Terminal, lo, hi uint64) uint64 {
	from := max(lo, hi-min(hi, uint64(max(1, searchCells/t.cols))))
	y, ok := t.RowOf(from)
	if !ok {
		return lo
	}
	y = max(s.startOf(t, from), y-int(from-lo))
	s.text.read(t, y, y+int(hi-t.LineOf(y)))
	return t.LineOf(y)
}

// settle puts what was found anew in place of what was found there before.
func (s *Search) settle() {
	lo := s.anewLo
	old := s.matches[s.newerThan(lo):]
	s.matches = append(s.recent, old...)
	s.anew, s.recent = false, nil
	s.bound()
}

// newerThan is how many matches begin at line or below it.
func (s *Search) newerThan(line uint64) int {
	return sort.Search(len(s.matches), func(i int) bool { return s.matches[i].From.Line < line })
}

func (s *Search) bound() {
	if len(s.matches) > MaxMatches {
		s.matches, s.capped = s.matches[:MaxMatches:MaxMatches], true
	}
}

// Match looks through what the last Take copied.
func (s *Search) Match() {
	lt := &s.text
	text, need := lt.buf, s.pat.need
	if s.pat.fold && len(need) > 0 {
		s.lower = appendLower(s.lower[:0], lt.buf)
		text = s.lower
	}
	for i := 0; i < len(lt.rows); {
		if len(need) > 0 {
			n := bytes.Index(text[lt.rows[i].at:], need)
			if n < 0 {
				return
			}
			i = lt.lineAt(lt.rows[i].at + n)
		}
		next := i + 1
		for next < len(lt.rows) && !lt.rows[next].first {
			next++
		}
		a, b := lt.rows[i].at, lt.rowEnd(next-1)
		s.pat.find(lt.buf[a:b], func(x, y int) { s.found = append(s.found, lt.cells(a+x, a+y)) })
		i = next
	}
}

// lineAt is the first row of the line that byte off belongs to.
func (lt *lineText) lineAt(off int) int {
	i := lt.rowAt(off)
	for !lt.rows[i].first {
		i--
	}
	return i
}

// appendLower appends b with ASCII letters in lower case.
func appendLower(dst, b []byte) []byte {
	at := len(dst)
	dst = append(dst, b...)
	for i, c := range dst[at:] {
		if c-'A' < 26 {
			dst[at+i] = c | 0x20
		}
	}
	return dst
}

// collect takes over what Match found.
func (s *Search) collect() {
	to := &s.matches
	if s.anew {
		to = &s.recent
	}
	for i := len(s.found) - 1; i >= 0 && len(*to) <= MaxMatches; i-- {
		*to = append(*to, s.found[i])
	}
	s.found = s.found[:0]
	s.bound()
}

// Done reports whether everything was looked at, as far as MaxMatches goes,
// that there was at the last Update.
func (s *Search) Done() bool {
	return s.begun && !s.anew && (s.capped || s.back <= s.first)
}

// Stale reports whether t has changed since the last Update.
func (s *Search) Stale(t *Terminal) bool { return !s.begun || s.gen != t.Generation() }

// Len is how many matches are known.
func (s *Search) Len() int { return len(s.matches) }

// Capped reports that there were more than MaxMatches, and that the oldest were
// left out or not looked for.
func (s *Search) Capped() bool { return s.capped }

// At returns match i; 0 is the newest.
func (s *Search) At(i int) Range { return s.matches[i] }

// Older is the number of the newest match that begins before p, or Len if there
// is none.
func (s *Search) Older(p Point) int {
	return sort.Search(len(s.matches), func(i int) bool { return s.matches[i].From.Before(p) })
}

// Newer is the number of the oldest match that begins behind p, or -1 if there
// is none.
func (s *Search) Newer(p Point) int {
	return sort.Search(len(s.matches), func(i int) bool { return !p.Before(s.matches[i].From) }) - 1
}

// Visit calls f with the matches that have cells in the lines from to to-1,
// newest first, and their numbers.
func (s *Search) Visit(from, to uint64, f func(i int, r Range)) {
	for i := s.newerThan(to); i < len(s.matches); i++ {
		r := s.matches[i]
		if r.To.Line < from {
			return
		}
		f(i, r)
	}
}
