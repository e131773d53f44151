package term

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func pattern(t testing.TB, expr string) *Pattern {
	t.Helper()
	p, err := CompilePattern(expr)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// run looks at all there is and returns the number of steps that it took.
func (s *Search) run(t *Terminal) int {
	n := 0
	for s.Update(t); s.Take(t); n++ {
		s.Match()
	}
	return n
}

// foundIn is what expr matches, newest first.
func foundIn(t testing.TB, term *Terminal, expr string) []string {
	t.Helper()
	s := NewSearch(pattern(t, expr))
	s.run(term)
	return s.texts(term)
}

func (s *Search) texts(term *Terminal) []string {
	var out []string
	for i := range s.Len() {
		r := s.At(i)
		out = append(out, term.Snapshot(r.From.Line, r.To.Line+1).Text(r, false))
	}
	return out
}

func TestSearchFindsFromTheNewest(t *testing.T) {
	term := screenOf(20, 3, "one fish\r\ntwo fish\r\nred fish fish\r\nblue fish\r\n$ ")
	s := NewSearch(pattern(t, "[a-z]+ fish"))
	s.run(term)
	if got, want := s.texts(term), []string{"blue fish", "red fish", "two fish", "one fish"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if !s.Done() || s.Capped() {
		t.Errorf("done %v, capped %v", s.Done(), s.Capped())
	}
}

func TestSearchCasesAndSyntax(t *testing.T) {
	term := screenOf(40, 6, "Error: disk\r\nerror 17 (disk)\r\nno errors\r\nΣίσυφος \u212a \u017f\r\n")
	for expr, want := range map[string][]string{
		"error":       {"error", "error", "Error"},
		"Error":       {"Error"},
		`\Serror`:     nil, // the S of an escape is no letter of the text
		`error\S`:     {"errors", "Error:"},
		`(?P<N>disk)`: {"disk", "disk"},
		`^error`:      {"error", "Error"},
		`\)$`:         {")"},
		`\d+`:         {"17"},
		"σίσυφοσ":     {"Σίσυφος"},
		"k":           {"\u212a", "k", "k"}, // the Kelvin sign is a k
		"s$":          {"\u017f", "s"},      // and the long s an s
		"disks?":      {"disk", "disk"},
		"x*":          nil, // matches nothing everywhere
	} {
		if got := foundIn(t, term, expr); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}

func TestABadPatternIsSaid(t *testing.T) {
	for expr, want := range map[string]string{
		"":                                "pattern is empty",
		"(":                               "missing closing )",
		"a**":                             "invalid nested repetition operator",
		"[z-a]":                           "invalid character class range",
		`\p{Nope}`:                        "invalid character class range",
		"a{1001}":                         "invalid repeat count",
		strings.Repeat("x", 5000):         "pattern is too large",
		strings.Repeat("(.{90}){11}", 90): "pattern is too large",
	} {
		if _, err := CompilePattern(expr); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", expr, err, want)
		}
	}
}

func TestMatchesAreWholeCells(t *testing.T) {
	for _, c := range []struct {
		name     string
		in, expr string
		want     Range
	}{
		{"plain", "abc def", "def", Range{Point{0, 4}, Point{0, 7}}},
		{"behind wide characters", "日本 def", "def", Range{Point{0, 5}, Point{0, 8}}},
		{"a wide character", "a日本b", "本", Range{Point{0, 3}, Point{0, 5}}},
		{"a part of a cluster", "xe\u0301y", "e", Range{Point{0, 1}, Point{0, 2}}},
		{"an accent alone", "xe\u0301y", "\u0301", Range{Point{0, 1}, Point{0, 2}}},
		{"one of a family", "a\U0001F469\u200d\U0001F467b", "\U0001F467", Range{Point{0, 1}, Point{0, 3}}},
		{"over a wrap", "0123456789abcdef", "89ab", Range{Point{0, 8}, Point{1, 2}}},
		{"over a place that a wide character left", "012345678日本", "8日", Range{Point{0, 8}, Point{1, 2}}},
		{"behind erased cells", "\x1b[6Cx", "x", Range{Point{0, 6}, Point{0, 7}}},
		{"erased cells behind a wide character", "日\x1b[3Cx", "   x", Range{Point{0, 2}, Point{0, 6}}},
		{"the end of a line of wide ones", "日本", "本$", Range{Point{0, 2}, Point{0, 4}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 4, c.in)
			s := NewSearch(pattern(t, c.expr))
			s.run(term)
			c.want.From.Line += term.FirstLine()
			c.want.To.Line += term.FirstLine()
			if s.Len() != 1 || s.At(0) != c.want {
				t.Fatalf("%d matches, the first %+v, want %+v", s.Len(), s.matches, c.want)
			}
			// The same in the scrollback.
			_, _ = term.Write([]byte("\r\n\n\n\n\n"))
			s = NewSearch(pattern(t, c.expr))
			s.run(term)
			if s.Len() != 1 || s.At(0) != c.want {
				t.Errorf("above the screen: %+v, want %+v", s.matches, c.want)
			}
		})
	}
}

// What is found agrees with a search through the exported text.
func TestSearchAgreesWithTheExport(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 11))
		term := New(1+rnd.IntN(30), 1+rnd.IntN(12), Options{ScrollbackLines: 50})
		play(t, term, generate(rnd, 300), seed)
		if term.Modes().AltScreen {
			continue
		}
		for _, expr := range []string{"l", "[a-z]+ ", "本", "o w", ".", "e\u0301?l"} {
			var b strings.Builder
			if err := term.History().WriteText(&b); err != nil {
				t.Fatal(err)
			}
			want := 0
			for line := range strings.SplitSeq(strings.TrimSuffix(b.String(), "\n"), "\n") {
				want += len(regexp.MustCompile("(?i)"+expr).FindAllString(line, -1))
			}
			if got := len(foundIn(t, term, expr)); got != want {
				t.Errorf("seed %d: %q found %d times, %d in the text %q", seed, expr, got, want, b.String())
			}
		}
	}
}

func TestSearchGoesOnWithNewOutput(t *testing.T) {
	term := New(20, 4, Options{ScrollbackLines: 1000})
	s := NewSearch(pattern(t, "match"))
	total := 0
	for i := range 300 {
		if i%3 == 0 {
			total++
			_, _ = fmt.Fprintf(term, "match %d\r\n", i)
		} else {
			_, _ = fmt.Fprintf(term, "other %d\r\n", i)
		}
		if i%7 == 0 {
			s.run(term)
		}
	}
	if !s.Stale(term) {
		t.Error("new output goes unnoticed")
	}
	s.run(term)
	if s.Len() != total || s.Stale(term) {
		t.Errorf("%d matches of %d, stale %v", s.Len(), total, s.Stale(term))
	}
	// What is written over is found no more, what is written instead is.
	_, _ = term.Write([]byte("\x1b[2J\x1b[Hmatch here"))
	s.run(term)
	if s.Len() != total+1 || s.At(0).From != (Point{term.LineOf(0), 0}) {
		t.Errorf("%d matches, the newest %+v", s.Len(), s.At(0))
	}
	_, _ = term.Write([]byte("\r\x1b[2K"))
	s.run(term)
	if s.Len() != total {
		t.Errorf("%d matches after one was erased", s.Len())
	}
}

func TestMatchesAreForgottenWithTheirLines(t *testing.T) {
	term := New(20, 4, Options{ScrollbackLines: 10})
	_, _ = term.Write([]byte("match\r\nmatch\r\n"))
	s := NewSearch(pattern(t, "match"))
	s.run(term)
	_, _ = term.Write([]byte(strings.Repeat("x\r\n", 100)))
	s.run(term)
	if s.Len() != 0 {
		t.Errorf("%d matches in text that is gone", s.Len())
	}
	_, _ = term.Write([]byte("match and match"))
	s.run(term)
	term.Resize(12, 4)
	s.run(term)
	if s.Len() != 2 || s.At(0).From.Col != 10 || s.At(0).To.Col != 3 {
		t.Errorf("after a reflow %+v", s.matches)
	}
	_, _ = term.Write([]byte("\x1b[?1049hno"))
	if s.run(term); s.Len() != 0 {
		t.Error("matches of the other screen")
	}
	_, _ = term.Write([]byte("\x1b[?1049l"))
	if s.run(term); s.Len() != 2 {
		t.Errorf("%d matches after the alternate screen", s.Len())
	}
}

func TestMatchesAreCappedAndItIsSaid(t *testing.T) {
	term := New(100, 10, Options{})
	for i := range 1000 {
		_, _ = fmt.Fprintf(term, "%s %d\r\n", strings.Repeat("xy ", 30), i)
	}
	s := NewSearch(pattern(t, "x"))
	s.run(term)
	if s.Len() != MaxMatches || !s.Capped() || !s.Done() {
		t.Errorf("%d matches, capped %v", s.Len(), s.Capped())
	}
	// Those that are kept are the newest.
	if newest := term.LineOf(term.rows - 2); s.At(0).From.Line != newest || s.At(MaxMatches-1).From.Line < newest-MaxMatches/30-1 {
		t.Errorf("from %+v to %+v, newest line %d", s.At(0), s.At(MaxMatches-1), newest)
	}
	_, _ = term.Write([]byte("x\r\n"))
	s.run(term)
	if s.Len() != MaxMatches || s.At(0).From.Line != term.LineOf(term.rows-2) {
		t.Errorf("%d matches, newest %+v", s.Len(), s.At(0))
	}
}

func TestGoingFromMatchToMatch(t *testing.T) {
	term := screenOf(20, 5, "x.x\r\n..x\r\n...\r\nx")
	s := NewSearch(pattern(t, "x"))
	s.run(term)
	for _, c := range []struct {
		at           Point
		older, newer int
	}{
		{Point{9, 0}, 0, -1},
		{Point{3, 0}, 1, -1},
		{Point{2, 5}, 1, 0},
		{Point{0, 1}, 3, 2},
		{Point{0, 0}, 4, 2},
	} {
		c.at.Line += term.FirstLine()
		if o, n := s.Older(c.at), s.Newer(c.at); o != c.older || n != c.newer {
			t.Errorf("at %+v: older %d, newer %d, want %d and %d", c.at, o, n, c.older, c.newer)
		}
	}
	var seen []int
	first := term.FirstLine()
	s.Visit(first, first+2, func(i int, r Range) { seen = append(seen, i) })
	if !slices.Equal(seen, []int{1, 2, 3}) {
		t.Errorf("in the first two lines %v", seen)
	}
}

// A match that spans lines is seen from each of them.
func TestVisitSeesLongMatches(t *testing.T) {
	term := screenOf(5, 4, "abcdefghijklmno")
	s := NewSearch(pattern(t, "b.*n"))
	s.run(term)
	for y := range 3 {
		line := term.LineOf(y)
		n := 0
		s.Visit(line, line+1, func(int, Range) { n++ })
		if n != 1 {
			t.Errorf("line %d: %d matches", line, n)
		}
	}
}

// history10k is a scrollback of 10,000 lines of 200 columns, two colours each.
func history10k() *Terminal {
	rnd := rand.New(rand.NewPCG(5, 6))
	term := New(200, 50, Options{})
	var b strings.Builder
	for i := range 10_050 {
		b.Reset()
		fmt.Fprintf(&b, "\x1b[32m%08d\x1b[m ", i)
		for b.Len() < 208 {
			b.WriteByte("abcdefghijklmnopqrstuvwxyz     ."[rnd.IntN(32)])
		}
		if i%1000 == 0 {
			b.WriteString("\x1b[7D needle")
		}
		_, _ = fmt.Fprintf(term, "%.215s\r\n", b.String())
	}
	return term
}

// One line of text may fill the whole scrollback; no step takes it in one go.
func TestStepsAreBounded(t *testing.T) {
	for name, term := range map[string]*Terminal{"lines": history10k(), "one line": New(200, 50, Options{})} {
		if name == "one line" {
			_, _ = term.Write([]byte(strings.Repeat("0123456789", 200_000)))
		}
		s := NewSearch(pattern(t, "5.7"))
		s.Update(term)
		for s.Take(term) {
			if cells := len(s.text.buf); cells > searchCells+searchLineCells {
				t.Fatalf("%s: a step of %d cells", name, cells)
			}
			s.Match()
		}
		if !s.Done() || s.Len() == 0 {
			t.Errorf("%s: done %v with %d", name, s.Done(), s.Len())
		}
	}
}

func BenchmarkSearch(b *testing.B) {
	term := history10k()
	for _, expr := range []string{"needle", "Needle", "[0-9]+7 ", "nosuchtext", "q.*z", `\bab\w+`} {
		b.Run(expr, func(b *testing.B) {
			p := pattern(b, expr)
			var longest time.Duration
			for b.Loop() {
				s := NewSearch(p)
				s.Update(term)
				for {
					start := time.Now()
					more := s.Take(term)
					longest = max(longest, time.Since(start))
					if !more {
						break
					}
					s.Match()
				}
			}
			b.ReportMetric(float64(longest.Microseconds()), "µs-longest-hold")
		})
	}
}
