package term

import (
	"strconv"
)

// Answers to queries. They hold only our own state and constants: what the
// remote end sent is never sent back, since it would arrive as typed input.

// replyCSI queues ESC [ prefix a ; b ... suffix.
func (t *Terminal) replyCSI(prefix string, suffix string, args ...int) {
	var buf [64]byte
	b := append(buf[:0], "\x1b["...)
	b = append(b, prefix...)
	for i, a := range args {
		if i > 0 {
			b = append(b, ';')
		}
		b = strconv.AppendInt(b, int64(a), 10)
	}
	t.reply(append(b, suffix...))
}

// deviceAttributes is DA1: a VT220-class terminal with selective erase, side
// margins, colour and rectangles.
func (t *Terminal) deviceAttributes() { t.replyCSI("?", "c", 62, 6, 21, 22, 28) }

// secondaryAttributes is DA2, as an xterm recent enough that programs use its
// mouse encoding.
func (t *Terminal) secondaryAttributes() { t.replyCSI(">", "c", 41, 377, 0) }

// tertiaryAttributes is DA3, a unit number of zeroes.
func (t *Terminal) tertiaryAttributes() {
	if t.par.arg(0, 0) == 0 {
		t.reply([]byte("\x1bP!|00000000\x1b\\"))
	}
}

// reportVersion is XTVERSION.
func (t *Terminal) reportVersion() {
	if t.par.arg(0, 0) == 0 {
		t.reply([]byte("\x1bP>|crabbox-tui\x1b\\"))
	}
}

// status is DSR.
func (t *Terminal) status(n int) {
	switch n {
	case 5:
		t.replyCSI("", "n", 0)
	case 6:
		y, x := t.reportedCursor()
		t.replyCSI("", "R", y, x)
	}
}

// privateStatus is DSR with a question mark.
func (t *Terminal) privateStatus(n int) {
	switch n {
	case 6:
		y, x := t.reportedCursor()
		t.replyCSI("?", "R", y, x, 1)
	case 15: // no printer
		t.replyCSI("?", "n", 13)
	case 25: // user-defined keys locked
		t.replyCSI("?", "n", 21)
	case 26: // keyboard ready
		t.replyCSI("?", "n", 27, 1, 0, 0)
	case 55, 53: // no locator
		t.replyCSI("?", "n", 50)
	}
}

// reportedCursor is the cursor as CPR counts it: from the margins under DECOM.
func (t *Terminal) reportedCursor() (y, x int) {
	y, x = t.y+1, t.x+1
	if t.m.origin {
		y, x = y-t.top, x-t.left
	}
	return y, x
}

// Values of DECRQM.
const (
	modeUnknown = 0
	modeSet     = 1
	modeReset   = 2
	modeAlways  = 3
)

func modeValue(on bool) int {
	if on {
		return modeSet
	}
	return modeReset
}

func (t *Terminal) reportPrivateMode(n int) {
	v := modeUnknown
	if on, known := t.private(n); known {
		v = modeValue(on)
	} else if n == 2027 { // grapheme clusters are how we print
		v = modeAlways
	}
	t.replyCSI("?", "$y", n, v)
}

func (t *Terminal) reportANSIMode(n int) {
	v := modeUnknown
	switch n {
	case 4:
		v = modeValue(t.m.insert)
	case 20:
		v = modeValue(t.m.newline)
	}
	t.replyCSI("", "$y", n, v)
}

// reportTerminalParameters is DECREQTPARM.
func (t *Terminal) reportTerminalParameters(n int) {
	if n <= 1 {
		t.replyCSI("", "x", n+2, 1, 1, 128, 128, 1, 0)
	}
}

// windowOp is XTWINOPS: sizes are told, titles kept and brought back; windows
// are not moved, and a title is never sent back.
func (t *Terminal) windowOp(n int) {
	const cellW, cellH = 8, 16 // nominal pixels
	switch n {
	case 14:
		t.replyCSI("", "t", 4, t.rows*cellH, t.cols*cellW)
	case 16:
		t.replyCSI("", "t", 6, cellH, cellW)
	case 18:
		t.replyCSI("", "t", 8, t.rows, t.cols)
	case 19:
		t.replyCSI("", "t", 9, t.rows, t.cols)
	case 22:
		if t.par.arg(1, 0) != 1 && len(t.titleStack) < maxTitleStack {
			t.titleStack = append(t.titleStack, t.title)
		}
	case 23:
		if n := len(t.titleStack); n > 0 && t.par.arg(1, 0) != 1 {
			t.title = t.titleStack[n-1]
			t.titleStack = t.titleStack[:n-1]
		}
	}
}
