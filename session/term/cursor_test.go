package term

import (
	"strings"
	"testing"
)

func TestCursorMovement(t *testing.T) {
	for _, c := range []struct {
		name, in string
		x, y     int
	}{
		{"CUP", "\x1b[3;5H", 4, 2},
		{"CUP without parameters", "abc\x1b[H", 0, 0},
		{"CUP beyond the screen", "\x1b[99;99H", 9, 4},
		{"CUP zero is one", "\x1b[0;0H", 0, 0},
		{"HVP", "\x1b[2;3f", 2, 1},
		{"CUU", "\x1b[4;4H\x1b[2A", 3, 1},
		{"CUU stops at the top", "\x1b[4;4H\x1b[99A", 3, 0},
		{"CUD", "\x1b[2B", 0, 2},
		{"VPR", "\x1b[2e", 0, 2},
		{"CUF", "\x1b[3C", 3, 0},
		{"HPR", "\x1b[3a", 3, 0},
		{"CUF stops at the edge", "\x1b[99C", 9, 0},
		{"CUB", "abcd\x1b[2D", 2, 0},
		{"CUB stops at the edge", "abcd\x1b[99D", 0, 0},
		{"CNL", "abc\x1b[2E", 0, 2},
		{"CPL", "\x1b[4;4H\x1b[F", 0, 2},
		{"CHA", "\x1b[2;2H\x1b[7G", 6, 1},
		{"HPA", "\x1b[2;2H\x1b[7`", 6, 1},
		{"VPA", "\x1b[2;2H\x1b[4d", 1, 3},
		{"BS", "abc\b\b", 1, 0},
		{"BS stops at the edge", "\b", 0, 0},
		{"BS after the last column was written", "0123456789\b", 8, 0},
		{"CR", "abc\r", 0, 0},
		{"LF keeps the column", "abc\n", 3, 1},
		{"VT and FF are LF", "\v\f", 0, 2},
		{"LF under LNM", "\x1b[20habc\n", 0, 1},
		{"IND", "abc\x1bD", 3, 1},
		{"NEL", "abc\x1bE", 0, 1},
		{"RI", "\x1b[3;3H\x1bM", 2, 1},
		{"HT", "a\t", 8, 0},
		{"HT stops at the edge", "\t\t\t", 9, 0},
		{"HTS", "\x1b[4G\x1bH\r\t", 3, 0},
		{"TBC of one stop", "\x1b[4G\x1bH\x1b[g\r\t", 8, 0},
		{"TBC of all", "\x1b[3g\t", 9, 0},
		{"CHT", "\x1b[3G\x1bH\r\x1b[2I", 8, 0},
		{"CBT", "\x1b[10G\x1b[Z", 8, 0},
		{"CBT stops at the edge", "\x1b[10G\x1b[99Z", 0, 0},
		{"the last column does not wrap yet", "0123456789", 9, 0},
		{"reverse wraparound", "\x1b[?45h\r\n\b", 9, 0},
		{"DECBI", "\x1b[4G\x1b6", 2, 0},
		{"DECFI", "\x1b[4G\x1b9", 4, 0},
		{"controls inside a sequence are executed", "\x1b[3\nC", 3, 1},
		{"CAN ends a sequence", "\x1b[3\x18C", 1, 0},
		{"ESC begins a sequence anew", "\x1b[3\x1b[2C", 2, 0},
		{"an unknown intermediate changes the meaning", "\x1b[3 C", 0, 0},
		{"a late prefix spoils the sequence", "\x1b[3?C", 0, 0},
		{"a prefix changes the meaning", "\x1b[?3C", 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 5, c.in)
			wantCursor(t, term, c.x, c.y)
			checkInvariants(t, term)
		})
	}
}

func TestCursorStopsAtMarginsItStartsInside(t *testing.T) {
	for _, c := range []struct {
		name, in string
		x, y     int
	}{
		{"up inside", "\x1b[3;1H\x1b[9A", 0, 1},
		{"up from above", "\x1b[1;1H\x1b[9A", 0, 0},
		{"down inside", "\x1b[3;1H\x1b[9B", 0, 3},
		{"down from below", "\x1b[5;1H\x1b[9B", 0, 5},
		{"DECSTBM homes the cursor", "", 0, 0},
		{"DECOM homes to the margin", "\x1b[?6h", 0, 1},
		{"CUP under DECOM", "\x1b[?6h\x1b[2;3H", 2, 2},
		{"CUP under DECOM stays inside", "\x1b[?6h\x1b[99;3H", 2, 3},
		{"VPA under DECOM", "\x1b[?6h\x1b[2d", 0, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			wantCursor(t, screenOf(10, 6, "\x1b[2;4r"+c.in), c.x, c.y)
		})
	}
}

func TestSideMargins(t *testing.T) {
	set := "\x1b[?69h\x1b[3;6s"
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"text wraps between them", "\x1b[1;3Habcdefgh", []string{"  abcd", "  efgh"}},
		{"CR goes to the left one", "\x1b[1;5Ha\rb", []string{"  b a"}},
		{"CR from the left of it goes to the edge", "\x1b[1;2Ha\x1b[1;2H\rb", []string{"ba"}},
		{"LF scrolls only what is between them", "\x1b[1;1HA\x1b[1;3Hb\x1b[2;1HC\x1b[2;3Hd\x1b[4;3H\n", []string{"A d", "C"}},
		{"ICH stops at the right one", "\x1b[1;3Habcd\x1b[1;7Hx\x1b[1;3H\x1b[2@", []string{"    abx"}},
		{"DCH fills from the right one", "\x1b[1;3Habcd\x1b[1;7Hx\x1b[1;3H\x1b[2P", []string{"  cd  x"}},
		{"IL moves only what is between them", "\x1b[1;1HA\x1b[1;3Hb\x1b[1;3H\x1b[L", []string{"A", "  b"}},
		{"DECIC", "\x1b[1;3Habcd\x1b[1;4H\x1b['}", []string{"  a bc"}},
		{"DECDC", "\x1b[1;3Habcd\x1b[1;4H\x1b['~", []string{"  acd"}},
		{"SL", "\x1b[1;3Habcd\x1b[1;4H\x1b[ @", []string{"  bcd"}},
		{"SR", "\x1b[1;3Habcd\x1b[1;4H\x1b[ A", []string{"   abc"}},
		{"a wide character on the border is cut", "\x1b[1;2H日\x1b[1;3H\x1b[@x", []string{"  x"}},
		{"resetting the mode resets them", "\x1b[?69l\x1b[Habcdefgh", []string{"abcdefgh"}},
		{"CPR under DECOM counts from them", "\x1b[?6h", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 4, set+c.in)
			wantText(t, term, c.want...)
			checkInvariants(t, term)
		})
	}
	term := screenOf(10, 4, set+"\x1b[?6h\x1b[6n")
	wantCursor(t, term, 2, 0)
	wantReplies(t, term, "\x1b[1;1R")
}

// CSI s saves the cursor only as long as it does not set margins.
func TestSaveCursorOrMargins(t *testing.T) {
	term := screenOf(10, 4, "\x1b[2;3H\x1b[s\x1b[H\x1b[u")
	wantCursor(t, term, 2, 1)
	term = screenOf(10, 4, "\x1b[2;3H\x1b7\x1b[?69h\x1b[s\x1b[4;4H\x1b8")
	wantCursor(t, term, 2, 1)
}

func TestSavedCursor(t *testing.T) {
	t.Run("position, style, charset, origin and wrap come back", func(t *testing.T) {
		term := screenOf(4, 3, "\x1b[2;3r\x1b[?6h\x1b[1;31m\x1b(0abcd\x1b7\x1b[m\x1b(B\x1b[?6l\x1b[Hx\x1b8q")
		wantText(t, term, "x", "▒␉␌␍", "─")
		if s := term.Cell(0, 2).Style; s.Fg != Indexed(1) || s.Attrs != AttrBold {
			t.Errorf("style %+v", s)
		}
		if !term.m.origin {
			t.Error("origin mode did not come back")
		}
	})
	t.Run("under DECOM it stays between the margins", func(t *testing.T) {
		term := screenOf(10, 4, "\x1b[?6h\x1b[4;3H\x1b7\x1b[1;2r\x1b8")
		wantCursor(t, term, 2, 1)
	})
	t.Run("DECAWM is not saved", func(t *testing.T) {
		wantText(t, screenOf(4, 2, "\x1b7\x1b[?7l\x1b8abcde"), "abce")
	})
	t.Run("each screen has its own", func(t *testing.T) {
		term := screenOf(10, 4, "\x1b[2;2H\x1b7\x1b[?47h\x1b[4;4H\x1b7\x1b[H\x1b8")
		wantCursor(t, term, 3, 3)
		_, _ = term.Write([]byte("\x1b[?47l\x1b8"))
		wantCursor(t, term, 1, 1)
	})
	t.Run("without one saved it is home and plain", func(t *testing.T) {
		term := screenOf(10, 4, "\x1b[31m\x1b[3;3H\x1b8x")
		wantText(t, term, "x")
		if s := term.Cell(0, 0).Style; s != (Style{}) {
			t.Errorf("style %+v", s)
		}
	})
	t.Run("1049 is the same place", func(t *testing.T) {
		wantCursor(t, screenOf(10, 4, "\x1b7\x1b[3;3H\x1b[?1049h\x1b[?1049l\x1b[H\x1b8"), 2, 2)
	})
	t.Run("1048", func(t *testing.T) {
		wantCursor(t, screenOf(10, 4, "\x1b[3;3H\x1b[?1048h\x1b[H\x1b[?1048l"), 2, 2)
	})
}

func TestCursorShape(t *testing.T) {
	for in, want := range map[string]Cursor{
		"":              {Visible: true, Shape: CursorBlock, Blink: true},
		"\x1b[0 q":      {Visible: true, Shape: CursorBlock, Blink: true},
		"\x1b[1 q":      {Visible: true, Shape: CursorBlock, Blink: true},
		"\x1b[2 q":      {Visible: true, Shape: CursorBlock},
		"\x1b[3 q":      {Visible: true, Shape: CursorUnderline, Blink: true},
		"\x1b[4 q":      {Visible: true, Shape: CursorUnderline},
		"\x1b[5 q":      {Visible: true, Shape: CursorBar, Blink: true},
		"\x1b[6 q":      {Visible: true, Shape: CursorBar},
		"\x1b[7 q":      {Visible: true, Shape: CursorBlock, Blink: true},
		"\x1b[?25l":     {Shape: CursorBlock, Blink: true},
		"\x1b[?12l":     {Visible: true, Shape: CursorBlock},
		"\x1b[6 q\x1bc": {Visible: true, Shape: CursorBlock, Blink: true},
	} {
		if got := screenOf(4, 4, in).Cursor(); got != want {
			t.Errorf("%q gives %+v, want %+v", in, got, want)
		}
	}
}

func TestTabStopsReachAsFarAsTheScreenGrows(t *testing.T) {
	term := New(20, 3, Options{})
	term.Resize(40, 3)
	_, _ = term.Write([]byte("\t\t\t\tx"))
	if got := term.Text()[0]; got != strings.Repeat(" ", 32)+"x" {
		t.Errorf("%q", got)
	}
}
