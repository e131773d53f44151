package term

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestWhatGoesIntoTheScrollback(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"lines that scroll out at the top", "1\r\n2\r\n3\r\n4\r\n5", []string{"1", "2"}},
		{"SU", "1\r\n2\r\n3\x1b[2S", []string{"1", "2"}},
		{"lines of a region at the top", "\x1b[1;2r1\r\n2\r\n3", []string{"1"}},
		{"not of one below the top", "\x1b[2;3r\x1b[2;1H1\r\n2\r\n3\r\n4", nil},
		{"not between side margins", "\x1b[?69h\x1b[1;2s1\r\n2\r\n3\r\n4", nil},
		{"not of the alternate screen", "\x1b[?1049h1\r\n2\r\n3\r\n4\x1b[?1049l", nil},
		{"not what DL takes out", "1\r\n2\r\n3\x1b[H\x1b[2M", nil},
		{"not what RI pushes down", "1\r\n2\r\n3\x1b[H\x1bM", nil},
		{"a screen that is cleared", "1\r\n2\x1b[2J", []string{"1", "2"}},
		{"not by ED 0", "1\r\n2\x1b[H\x1b[J", nil},
		{"ED 3 forgets them", "1\r\n2\r\n3\r\n4\r\n5\x1b[3J", nil},
		{"RIS forgets them", "1\r\n2\r\n3\r\n4\r\n5\x1bc", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 3, c.in)
			if got := history(term); !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
			checkInvariants(t, term)
		})
	}
}

func TestScrollbackKeepsCells(t *testing.T) {
	in := "\x1b[1;38;2;1;2;3mx\x1b[m 日e\u0301\x1b[4:3;58;5;9mu\x1b[m\x1b]8;;http://a/\x07k\x1b]8;;\x07\x1b[3C\x1b[44m\x1b[K"
	term := screenOf(20, 2, in)
	var want []Cell
	for x := range 20 {
		want = append(want, term.Cell(x, 0))
	}
	drawn := string(term.AppendRow(nil, 0))
	_, _ = term.Write([]byte("\x1b[m\r\n\r\n"))
	if n := term.ScrollbackLen(); n != 1 {
		t.Fatalf("%d lines", n)
	}
	for x := range 20 {
		if got := term.ScrollbackCell(x, 0); got != want[x] {
			t.Errorf("column %d is %+v, was %+v", x, got, want[x])
		}
	}
	if got := string(term.AppendRow(nil, -1)); got != drawn {
		t.Errorf("drawn as %q, was %q", got, drawn)
	}
	for _, c := range []Cell{term.ScrollbackCell(-1, 0), term.ScrollbackCell(20, 0), term.ScrollbackCell(0, 1), term.ScrollbackCell(0, -1)} {
		if c != blankCell {
			t.Errorf("outside is %+v", c)
		}
	}
}

func TestScrollbackIsBoundedInLines(t *testing.T) {
	term := New(10, 2, Options{ScrollbackLines: 5})
	for i := range 100 {
		_, _ = fmt.Fprintf(term, "%d\r\n", i)
	}
	if got, want := history(term), []string{"94", "95", "96", "97", "98"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	none := New(10, 2, Options{ScrollbackLines: -1})
	_, _ = none.Write([]byte("1\r\n2\r\n3\r\n4"))
	if n := none.ScrollbackLen(); n != 0 {
		t.Errorf("%d lines where none are wanted", n)
	}
}

func TestScrollbackIsBoundedInBytes(t *testing.T) {
	for _, budget := range []int{1 << 10, 1 << 14, 1 << 18, 1 << 22} {
		term := New(200, 2, Options{ScrollbackBytes: budget, ScrollbackLines: 1 << 20})
		for i := range 30_000 {
			_, _ = fmt.Fprintf(term, "%d %s\r\n", i, strings.Repeat("x", i%190))
			sb := &term.sb
			if used := (len(sb.chunks)+len(sb.free))*sb.chunkSize + len(sb.lines)*packedLineBytes; used > budget {
				t.Fatalf("line %d: %d bytes, at most %d", i, used, budget)
			}
		}
		checkInvariants(t, term)
		if budget < 1<<14 {
			continue
		}
		// The newest lines are there, in order.
		n := term.ScrollbackLen()
		for i := range n {
			want := fmt.Sprintf("%d ", 30_000-1-n+i)
			if got := strings.TrimSpace(string(term.AppendRow(nil, i-n))); !strings.HasPrefix(got+" ", want) {
				t.Fatalf("line %d of %d begins %.10q, want %q", i, n, got, want)
			}
		}
	}
}

// A line too big for the ring loses its links, not its text.
func TestALineFullOfLongLinks(t *testing.T) {
	term := New(100, 2, Options{})
	for i := range 100 {
		_, _ = fmt.Fprintf(term, "\x1b]8;;http://%d/%s\x07%c", i, strings.Repeat("u", 1500), 'a'+i%26)
	}
	_, _ = term.Write([]byte("\x1b]8;;\x07\r\n\r\n"))
	if got := history(term)[0]; got[:26] != "abcdefghijklmnopqrstuvwxyz" {
		t.Errorf("%q", got)
	}
}

func TestRowWrappedTellsLinesApart(t *testing.T) {
	term := screenOf(5, 2, "abcdefghijklm\r\nx")
	for y, want := range map[int]bool{-2: true, -1: true, 0: false, 1: false, -3: false, 2: false} {
		if term.RowWrapped(y) != want {
			t.Errorf("row %d: %v", y, !want)
		}
	}
}
