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
