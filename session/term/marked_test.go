package term

import (
	"math/rand/v2"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

// A row that is drawn with marks, and looked at in another terminal.
func TestMarksAreSeenWithoutColour(t *testing.T) {
	term := screenOf(20, 2, "ab\x1b[31;7mcd\x1b[m 日本 \x1b[8mx\x1b[m")
	for _, y := range []int{0, -1} {
		if y == -1 {
			_, _ = term.Write([]byte("\r\n\r\n"))
		}
		row := term.AppendMarkedRow(nil, y, []Mark{{1, 3, MarkMatch}, {3, 4, MarkSelected}, {6, 8, MarkSelected}, {12, 40, MarkCurrent}, {0, 1, MarkMatch}, {0, 1, MarkCurrent}, {-4, 0, MarkMatch}})
		if w := ansi.StringWidth(string(row)); w != 20 {
			t.Errorf("%d columns", w)
		}
		out := screenOf(20, 1, string(row))
		want := []struct {
			x         int
			text      string
			inverse   bool
			bold      bool
			underline Underline
		}{
			{0, "a", true, true, UnderlineDouble},
			{1, "b", true, false, UnderlineSingle},
			{2, "c", false, false, UnderlineSingle}, // inverse before
			{3, "d", false, false, UnderlineNone},
			{4, " ", false, false, UnderlineNone},
			{5, "日", false, false, UnderlineNone}, // its right half is marked
			{7, "本", true, false, UnderlineNone},  // its left half
			{10, "x", false, false, UnderlineNone},
			{11, " ", false, false, UnderlineNone},
			{12, " ", true, true, UnderlineDouble},
			{19, " ", true, true, UnderlineDouble},
		}
		for _, w := range want {
			c := out.Cell(w.x, 0)
			if c.Text != w.text || c.Style.Attrs&AttrInverse != 0 != w.inverse || c.Style.Attrs&AttrBold != 0 != w.bold || c.Style.Underline != w.underline {
				t.Errorf("row %d column %d is %+v, want %+v", y, w.x, c, w)
			}
		}
	}
	if got := string(term.AppendMarkedRow(nil, 99, []Mark{{0, 5, MarkMatch}})); got != "                    " {
		t.Errorf("outside: %q", got)
	}
}

// Without marks it is the row as it is drawn otherwise.
func TestNoMarksChangeNothing(t *testing.T) {
	for seed := range uint64(30) {
		rnd := rand.New(rand.NewPCG(seed, 31))
		term := New(1+rnd.IntN(30), 1+rnd.IntN(12), Options{ScrollbackLines: 50})
		play(t, term, generate(rnd, 200), seed)
		for y := -term.ScrollbackLen(); y < term.rows; y++ {
			a, b := screenOf(term.cols, 1, string(term.AppendRow(nil, y))), screenOf(term.cols, 1, string(term.AppendMarkedRow(nil, y, nil)))
			for x := range term.cols {
				if a.Cell(x, 0) != b.Cell(x, 0) {
					t.Fatalf("seed %d row %d column %d: %+v, want %+v", seed, y, x, b.Cell(x, 0), a.Cell(x, 0))
				}
			}
			marked := term.AppendMarkedRow(nil, y, []Mark{{rnd.IntN(30), rnd.IntN(40), MarkMatch}, {rnd.IntN(30), rnd.IntN(40), MarkSelected}})
			if w := ansi.StringWidth(string(marked)); w != term.cols {
				t.Fatalf("seed %d row %d: %d columns, want %d: %q", seed, y, w, term.cols, marked)
			}
		}
	}
}
