package term

import (
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// screenOf is a terminal of the given size that was fed input.
func screenOf(cols, rows int, input string) *Terminal {
	t := New(cols, rows, Options{})
	_, _ = t.Write([]byte(input))
	return t
}

// wantText compares the screen, blank lines at its end left out.
func wantText(t *testing.T, term *Terminal, want ...string) {
	t.Helper()
	got := strings.TrimRight(strings.Join(term.Text(), "\n"), "\n")
	if w := strings.Join(want, "\n"); got != w {
		t.Errorf("screen:\n%s\nwant:\n%s", got, w)
	}
}

func wantCursor(t *testing.T, term *Terminal, x, y int) {
	t.Helper()
	if c := term.Cursor(); c.X != x || c.Y != y {
		t.Errorf("cursor at column %d row %d, want %d %d", c.X, c.Y, x, y)
	}
}

func wantReplies(t *testing.T, term *Terminal, want string) {
	t.Helper()
	if got := string(term.Replies()); got != want {
		t.Errorf("replies %q, want %q", got, want)
	}
}

// history are the lines above the screen, oldest first.
func history(term *Terminal) []string {
	var out []string
	for i := range term.ScrollbackLen() {
		var b strings.Builder
		for x := range term.cols {
			b.WriteString(term.ScrollbackCell(x, i).Text)
		}
		out = append(out, strings.TrimRight(b.String(), " "))
	}
	return out
}

// answers are all that the terminal ever sends by itself: numbers, hexadecimal
// digits and words of its own, no control but ESC, and none that an ESC does
// not lead. A shell that nobody feeds them to can make no command of them.
var answers = regexp.MustCompile(`(?s)\x1b\[[?>]?[0-9;]*(?:[cntuxRSm]|\$y)` +
	`|\x1bP(?:!\|00000000|>\|crabbox-tui|[01]\+r[0-9A-Fa-f;=]*|0\$r|1\$r[0-9;:]*(?:[mrst]| q|"p|"q|\$\||\*\||\*x))\x1b\\` +
	`|\x1b\](?:4;[0-9]+|1[012]);rgb:[0-9a-f]{4}/[0-9a-f]{4}/[0-9a-f]{4}\x1b\\`)

// checkInvariants fails if anything that must always hold does not.
func checkInvariants(t testing.TB, term *Terminal) {
	t.Helper()
	if term.x < 0 || term.x >= term.cols || term.y < 0 || term.y >= term.rows {
		t.Fatalf("cursor at %d,%d on %dx%d", term.x, term.y, term.cols, term.rows)
	}
	if term.top < 0 || term.top > term.bot || term.bot >= term.rows || term.left < 0 || term.left > term.right || term.right >= term.cols {
		t.Fatalf("margins %d-%d %d-%d on %dx%d", term.top, term.bot, term.left, term.right, term.cols, term.rows)
	}
	if len(term.replies) > maxReplies {
		t.Fatalf("%d bytes of replies", len(term.replies))
	}
	if rest := answers.ReplaceAll(term.replies, nil); len(rest) > 0 {
		t.Fatalf("answers hold %q, which is no answer of ours", rest)
	}
	for _, s := range append([]string{term.title, term.desktop.notice, term.desktop.dir}, term.titleStack...) {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unfitForTitle) || utf8.RuneCountInString(s) > maxTitleRunes {
			t.Fatalf("%q would go to the outer terminal", s)
		}
	}
	if held := footprint(term); held > term.opts.MemoryCeiling {
		t.Fatalf("holds %d KiB of %d", held>>10, term.opts.MemoryCeiling>>10)
	}
	if len(term.tab.styles) > maxStyles || len(term.tab.clusters) > maxClusters || len(term.tab.links) > maxLinks || term.tab.linksTotal > maxLinksTotal {
		t.Fatal("a table is beyond its bound")
	}
	for _, s := range []*screen{term.primary, term.alt} {
		if s != nil {
			checkScreen(t, term, s)
		}
	}
	checkScrollback(t, term)
	checkRendering(t, term)
}

func checkScreen(t testing.TB, term *Terminal, s *screen) {
	t.Helper()
	if len(s.rows) != term.rows || s.cols != term.cols {
		t.Fatalf("screen of %d rows, want %d", len(s.rows), term.rows)
	}
	seen := make([]bool, len(s.rows))
	for y := range s.rows {
		if seen[s.order[y]] {
			t.Fatalf("row %d stands twice", y)
		}
		seen[s.order[y]] = true
		r := s.row(y)
		if len(r.cells) != term.cols || r.hi < 0 || r.hi > len(r.cells) || r.fill&^cellStyleMask != 0 {
			t.Fatalf("row %d: %d cells, hi %d, fill %x", y, len(r.cells), r.hi, r.fill)
		}
		for x, c := range r.cells {
			if x >= r.hi && c != r.fill {
				t.Fatalf("row %d column %d: %x beyond hi %d, fill %x", y, x, c, r.hi, r.fill)
			}
			if int(c.style()) >= len(term.tab.styles) || c&cellCluster != 0 && int(c&cellRuneMask) >= len(term.tab.clusters) {
				t.Fatalf("row %d column %d: %x refers to nothing", y, x, c)
			}
			if c.isWide() && (x+1 == len(r.cells) || !r.cells[x+1].isCont()) {
				t.Fatalf("row %d column %d: left half without right", y, x)
			}
			if c.isCont() && (x == 0 || !r.cells[x-1].isWide()) {
				t.Fatalf("row %d column %d: right half without left", y, x)
			}
		}
	}
}

func checkScrollback(t testing.TB, term *Terminal) {
	t.Helper()
	sb := &term.sb
	if sb.n > sb.maxLines || len(sb.chunks)+len(sb.free) > sb.maxChunks+1 {
		t.Fatalf("scrollback of %d lines, %d+%d chunks; at most %d, %d", sb.n, len(sb.chunks), len(sb.free), sb.maxLines, sb.maxChunks)
	}
	for i := range sb.n {
		if len(sb.line(i)) == 0 {
			t.Fatalf("line %d is not even packed", i)
		}
	}
}

// checkRendering looks at every row as it would be drawn: as wide as the
// screen by the measure of those who draw it, and no control but SGR and OSC 8.
func checkRendering(t testing.TB, term *Terminal) {
	t.Helper()
	var buf []byte
	first := max(-term.ScrollbackLen(), -50)
	for y := first; y < term.rows; y++ {
		buf = term.AppendRow(buf[:0], y)
		if w := ansi.StringWidth(string(buf)); w != term.cols {
			t.Fatalf("row %d is %d columns wide, want %d: %q", y, w, term.cols, buf)
		}
		if rest := stripStyling(string(buf)); strings.ContainsFunc(rest, func(r rune) bool { return r < 0x20 || r >= 0x7f && r < 0xa0 }) {
			t.Fatalf("row %d holds controls: %q", y, buf)
		}
	}
}

// stripStyling takes SGR and OSC 8 out of s and nothing else.
func stripStyling(s string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "\x1b")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		switch {
		case strings.HasPrefix(after, "["):
			end := strings.TrimLeft(after[1:], "0123456789:;")
			if strings.HasPrefix(end, "m") {
				s = end[1:]
				continue
			}
		case strings.HasPrefix(after, "]8;;"):
			uri, rest, ok := strings.Cut(after, "\x1b\\")
			if ok && !strings.ContainsFunc(uri, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) {
				s = rest
				continue
			}
		}
		b.WriteString("\x1b")
		s = after
	}
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 9)) }
