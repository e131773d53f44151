package term

import "testing"

// Controls on which vttest's screens in xterm and tmux's own agreed against us.

// A tab in the last column moves nowhere, and the wrap that is owed stays owed
// (DEC STD 070: HT does not touch the last column flag).
func TestTabAfterLastColumn(t *testing.T) {
	term := screenOf(10, 3, "\x1b[10Ga\tb")
	wantText(t, term, "         a", "b")
	term = screenOf(10, 3, "\x1b[10Ga\x1b[Zb")
	wantText(t, term, "        ba")
}

// HPR and VPR (ECMA-48 8.3.57, 8.3.160) count positions as HPA and VPA do:
// margins stop them under DECOM only.
func TestRelativePositions(t *testing.T) {
	const margins = "\x1b[?69h\x1b[2;5s\x1b[2;4r"
	term := screenOf(20, 10, margins+"\x1b[3;3H\x1b[6a\x1b[5e")
	wantCursor(t, term, 8, 7)
	term = screenOf(20, 10, margins+"\x1b[?6h\x1b[6a\x1b[5e")
	wantCursor(t, term, 4, 3)
}

// The stream of DECCARA and DECRARA under DECOM goes on from margin to margin.
func TestAttributesOfStreamInMargins(t *testing.T) {
	term := screenOf(10, 6, "\x1b[?69h\x1b[3;6s\x1b[2;5r\x1b[?6h\x1b[1;2;3;3;1$r")
	for y := range 6 {
		for x := range 10 {
			want := y == 1 && x >= 3 && x <= 5 || y == 2 && x >= 2 && x <= 5 || y == 3 && x >= 2 && x <= 4
			if got := term.Cell(x, y).Style.Attrs&AttrBold != 0; got != want {
				t.Errorf("column %d row %d: bold is %t", x, y, got)
			}
		}
	}
}

// The alternate ROM of a VT100 (ESC ( 1, ESC ( 2) was empty in most: its sets
// are shown as ASCII, and only ESC ( 0 draws lines.
func TestAlternateROM(t *testing.T) {
	wantText(t, screenOf(20, 1, "\x1b(1q\x1b(2q\x1b(0q\x1b(Bq"), "qq─q")
}

// REP repeats a character that stands right before it, once.
func TestRepeatAfterControl(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[2b":               "aaa",
		"日\x1b[2b":               "日日日",
		"a\x1b[2b\x1b[2b":        "aaa",
		"a\x1b[1m\x1b[2b":        "a",
		"a\x07\x1b[2b":           "a",
		"a\x1b[?25l\x1b[2b":      "a",
		"a\x1b7\x1b[2b":          "a",
		"a\x1b[C\x1b[D\x1b[2bb":  "ab",
		"a\x1b[2b\x1b[mb\x1b[2b": "aaabbb",
	} {
		if got := screenOf(20, 1, in).Text()[0]; got != want {
			t.Errorf("%q shows %q, want %q", in, got, want)
		}
	}
}

// SPA and EPA (ECMA-48 8.3.129, 8.3.37): a guarded area is kept by every erasure
// but RIS. DECSCA takes that back.
func TestGuardedArea(t *testing.T) {
	const mixed = "a\x1bVbc\x1bWd"
	for in, want := range map[string]string{
		"\x1b[2J":             " bc",
		"\x1b[2K":             " bc",
		"\r\x1b[3X":           " bcd",
		"\x1b[?2J":            " bc",
		"\x1b[2\"q\x1b[2J":    "",
		"\x1b[2\"q\x1b[?2J":   " bc",
		"\x1bc":               "",
		"\x1b[?1049h\x1b[2Ke": "    e",
	} {
		if got := screenOf(10, 2, mixed+in).Text()[0]; got != want {
			t.Errorf("%q shows %q, want %q", in, got, want)
		}
	}
}
