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
	case 996:
		t.reportScheme()
	}
}

// reportedCursor is the cursor as CPR counts it: from the margins under DECOM.
func (t *Terminal) reportedCursor() (y, x int) {
	return t.originY() + 1, t.originX() + 1
}

// Values of DECRQM.
const (
	modeUnknown = 0
	modeSet     = 1
	modeReset   = 2
	modeAlways  = 3
	modeNever   = 4
)

// fixedModes are DEC modes that cannot be changed: those that are how we are,
// and those that a person's own terminal decides.
var fixedModes = map[int]int{
	2: modeAlways, 1036: modeAlways, 1039: modeAlways, 1046: modeAlways,
	4: modeNever, 10: modeNever, 18: modeNever, 19: modeNever, 30: modeNever, 38: modeNever, 41: modeNever, 42: modeNever, 44: modeNever, 46: modeNever,
	80: modeNever, 95: modeNever, 1001: modeNever, 1034: modeNever, 1035: modeNever, 1037: modeNever, 1040: modeNever, 1041: modeNever, 1042: modeNever, 1043: modeNever, 1044: modeNever,
	1050: modeNever, 1051: modeNever, 1052: modeNever, 1053: modeNever, 1060: modeNever, 1061: modeNever,
}

// Nominal pixels of a cell, for remotes that count in them.
const cellWidth, cellHeight = 8, 16

// reportSize is the in-band report of mode 2048.
func (t *Terminal) reportSize() {
	t.replyCSI("", "t", 48, t.rows, t.cols, t.rows*cellHeight, t.cols*cellWidth)
}

func modeValue(on bool) int {
	if on {
		return modeSet
	}
	return modeReset
}

func (t *Terminal) reportPrivateMode(n int) {
	v := fixedModes[n] // modeUnknown where it is not there
	if on, known := t.private(n); known {
		v = modeValue(on)
	}
	t.replyCSI("?", "$y", n, v)
}

func (t *Terminal) reportANSIMode(n int) {
	v := modeUnknown
	switch n {
	case 1, 2, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19: // ECMA-48's, for terminals that edit
		v = modeNever
	case 4:
		v = modeValue(t.m.insert)
	case 12: // SRM: what is typed is not echoed here
		v = modeAlways
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
	switch n {
	case 14:
		t.replyCSI("", "t", 4, t.rows*cellHeight, t.cols*cellWidth)
	case 16:
		t.replyCSI("", "t", 6, cellHeight, cellWidth)
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
