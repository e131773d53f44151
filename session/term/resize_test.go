package term

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// logicalLines is all text, scrollback and screen, with wrapped rows joined.
func logicalLines(term *Terminal) []string {
	var out []string
	var line []byte
	for y := -term.ScrollbackLen(); y < term.rows; y++ {
		line = term.AppendText(line, y)
		if !term.RowWrapped(y) {
			out = append(out, string(line))
			line = line[:0]
		}
	}
	for len(out) > 0 && out[len(out)-1] == "" {
		out = out[:len(out)-1]
	}
	return out
}

func TestReflow(t *testing.T) {
	for _, c := range []struct {
		name       string
		in         string
		cols, rows int
		want       []string
		history    []string
		x, y       int
	}{
		{"narrower", "abcdefghij\r\nxy", 5, 4, []string{"abcde", "fghij", "xy"}, nil, 2, 2},
		{"wider", "abcdefghijklmno\r\nxy", 20, 4, []string{"abcdefghijklmno", "xy"}, nil, 2, 1},
		{"lines that were ended stay apart", "ab\r\ncd", 20, 4, []string{"ab", "cd"}, nil, 2, 1},
		{"the cursor stays on its character", "abcdefghij\x1b[1;7H", 4, 4, []string{"abcd", "efgh", "ij"}, nil, 2, 1},
		{"behind the text it stays behind", "ab\x1b[1;9H", 4, 4, []string{"ab"}, nil, 3, 0},
		{"a pending wrap becomes none", "abcdefghij", 20, 4, []string{"abcdefghij"}, nil, 10, 0},
		{"and one again", "abcdefghij", 5, 4, []string{"abcde", "fghij"}, nil, 4, 1},
		{"fewer rows push out the top", "a\r\nb\r\nc\r\nd", 10, 2, []string{"c", "d"}, []string{"a", "b"}, 1, 1},
		{"blank rows go before text does", "a\r\nb", 10, 2, []string{"a", "b"}, nil, 1, 1},
		{"more rows", "a\r\nb", 10, 6, []string{"a", "b"}, nil, 1, 1},
		{"more rows bring lines back", "1\r\n2\r\n3\r\n4\r\n5\r\n6", 10, 6, []string{"1", "2", "3", "4", "5", "6"}, nil, 1, 5},
		{"a cleared screen stays clear", "1\r\n2\r\n3\r\n4\r\n5\x1b[H\x1b[2Jx", 10, 8, []string{"x"}, []string{"1", "2", "3", "4", "5"}, 1, 0},
		{"narrower pushes out the top", "abcdefghij\r\nabcdefghij\r\nx", 4, 4, []string{"abcd", "efgh", "ij", "x"}, []string{"abcd", "efgh", "ij"}, 1, 3},
		{"a wide character does not split", "abc日", 4, 4, []string{"abc", "日"}, nil, 2, 1},
		{"and leaves no gap", "abcdefghi日x", 20, 4, []string{"abcdefghi日x"}, nil, 12, 0},
		{"one column", "ab日c", 1, 4, []string{"", "", "c"}, []string{"a", "b"}, 0, 2},
		{"text written blanks count", "a         b\r\n", 5, 4, []string{"a", "", "b"}, nil, 0, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 4, c.in)
			term.Resize(c.cols, c.rows)
			checkInvariants(t, term)
			if c.name != "one column" { // where the halves of 日 stood is not worth a word
				wantText(t, term, c.want...)
				wantCursor(t, term, c.x, c.y)
				if got := history(term); !slices.Equal(got, c.history) {
					t.Errorf("above the screen %q, want %q", got, c.history)
				}
			}
		})
	}
}

func TestReflowOfALineThatBeganAboveTheScreen(t *testing.T) {
	term := screenOf(10, 2, "first\r\n"+strings.Repeat("abcde", 8))
	if n := term.ScrollbackLen(); n != 3 {
		t.Fatalf("%d lines above the screen", n)
	}
	term.Resize(20, 2)
	wantText(t, term, strings.Repeat("abcde", 4), strings.Repeat("abcde", 4))
	if got := history(term); !slices.Equal(got, []string{"first"}) {
		t.Errorf("above the screen %q", got)
	}
	term.Resize(40, 2)
	wantText(t, term, "first", strings.Repeat("abcde", 8))
	checkInvariants(t, term)
}

// However often the width changes, no text is lost and lines stay what they
// were.
func TestNoTextIsLostInResizing(t *testing.T) {
	rnd := rand.New(rand.NewPCG(7, 8))
	for range 60 {
		term := New(5+rnd.IntN(30), 2+rnd.IntN(10), Options{})
		var want []string
		for i := range 30 {
			var b strings.Builder
			for j := range rnd.IntN(60) {
				if rnd.IntN(9) == 0 {
					b.WriteString([]string{"日", "é", "e\u0301", "\U0001F469\u200d\U0001F467"}[rnd.IntN(4)])
				} else {
					b.WriteByte("abcdefgh"[(i+j)%8])
				}
			}
			b.WriteByte('.')
			want = append(want, b.String())
			color := fmt.Sprintf("\x1b[3%dm", rnd.IntN(8))
			_, _ = term.Write([]byte(color + b.String() + "\x1b[m\r\n"))
			if rnd.IntN(10) == 0 {
				term.Resize(4+rnd.IntN(40), 2+rnd.IntN(12))
			}
		}
		for range 6 {
			term.Resize(4+rnd.IntN(60), 2+rnd.IntN(12))
			checkInvariants(t, term)
		}
		if got := logicalLines(term); !slices.Equal(got, want) {
			for i := range want {
				if i >= len(got) || got[i] != want[i] {
					t.Fatalf("on %dx%d: %d lines, want %d; line %d is %q, want %q", term.cols, term.rows, len(got), len(want), i, got[min(i, len(got)-1)], want[i])
				}
			}
		}
		wantCursor(t, term, 0, term.y)
	}
}

func TestStylesAndLinksOutliveReflow(t *testing.T) {
	term := screenOf(10, 3, "\x1b[1;31mred\x1b[m \x1b]8;;http://a/\x07link to it\x1b]8;;\x07\r\n\x1b[44m\x1b[K\r\nx\r\ny")
	term.Resize(4, 3)
	term.Resize(30, 6)
	wantText(t, term, "red link to it", "", "x", "y")
	for x, want := range map[int]Cell{
		0:  {Text: "r", Width: 1, Style: Style{Fg: Indexed(1), Attrs: AttrBold}},
		3:  {Text: " ", Width: 1},
		4:  {Text: "l", Width: 1, Link: "http://a/"},
		13: {Text: "t", Width: 1, Link: "http://a/"},
	} {
		if got := term.Cell(x, 0); got != want {
			t.Errorf("column %d is %+v, want %+v", x, got, want)
		}
	}
}

func TestResizeOfTheAlternateScreen(t *testing.T) {
	term := screenOf(10, 3, "abcdefghijkl\x1b[?1049h\x1b[Hone two three\x1b[3;9Hx")
	term.Resize(5, 2)
	wantText(t, term, "one t", "ree")
	wantCursor(t, term, 4, 1)
	checkInvariants(t, term)
	_, _ = term.Write([]byte("\x1b[?1049l"))
	wantText(t, term, "fghij", "kl")
	wantCursor(t, term, 2, 1)
	checkInvariants(t, term)
}

// Margins and a saved cursor of the old size must not point outside.
func TestResizeResetsMargins(t *testing.T) {
	term := screenOf(10, 10, "\x1b[?69h\x1b[2;9s\x1b[3;9r\x1b[10;10H\x1b7")
	term.Resize(4, 4)
	if term.top != 0 || term.bot != 3 || term.left != 0 || term.right != 3 {
		t.Errorf("margins %d-%d %d-%d", term.top, term.bot, term.left, term.right)
	}
	_, _ = term.Write([]byte("\x1b8x"))
	checkInvariants(t, term)
}
