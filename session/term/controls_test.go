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
