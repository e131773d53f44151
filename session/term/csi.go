package term

// Control sequences are told apart by prefix, intermediate and final byte.
func csiKey(prefix, inter, final byte) uint32 {
	return uint32(prefix)<<16 | uint32(inter)<<8 | uint32(final)
}

const (
	csiQuestion = '?' << 16
	csiGreater  = '>' << 16
	csiEqual    = '=' << 16
	csiLess     = '<' << 16
	csiSpace    = ' ' << 8
	csiDollar   = '$' << 8
	csiQuote    = '"' << 8
	csiBang     = '!' << 8
	csiTick     = '\'' << 8
	csiStar     = '*' << 8
)

// csi acts on a control sequence whose parameters stand in the parser.
// Everything counted is clamped to the screen where it is used.
func (t *Terminal) csi(final byte) {
	if final != 'm' {
		t.joinOK, t.joinNext = false, false
	}
	p := &t.par
	if p.prefix == 0 && p.inter == 0 {
		if final != 'b' {
			t.last = 0
		}
		t.csiPlain(final)
		return
	}
	t.last = 0
	switch csiKey(p.prefix, p.inter, final) {
	case csiQuestion | 'J':
		t.eraseDisplay(p.arg(0, 0), true)
	case csiQuestion | 'K':
		t.eraseLine(p.arg(0, 0), true)
	case csiQuestion | 'W':
		if p.arg(0, 0) == 5 { // DECST8C
			t.resetTabs()
		}
	case csiQuestion | 'h':
		t.setPrivateModes(true)
	case csiQuestion | 'l':
		t.setPrivateModes(false)
	case csiQuestion | 's':
		t.savePrivateModes()
	case csiQuestion | 'r':
		t.restorePrivateModes()
	case csiQuestion | 'n':
		t.privateStatus(p.arg(0, 0))
	case csiQuestion | csiDollar | 'p':
		t.reportPrivateMode(p.arg(0, 0))
	case csiDollar | 'p':
		t.reportANSIMode(p.arg(0, 0))
	case csiQuestion | 'u':
		t.replyCSI("?", "u", int(t.kitty().flags))
	case csiGreater | 'u':
		t.kittyPush()
	case csiLess | 'u':
		t.kittyPop()
	case csiEqual | 'u':
		t.kittySet()
	case csiGreater | 'm':
		t.modifyOtherKeys()
	case csiGreater | 'n':
		if p.arg(0, 0) == 4 {
			t.keyboard.otherKeys = 0
		}
	case csiQuestion | 'm':
		if p.arg(0, 0) == 4 {
			t.replyCSI(">", "m", 4, int(t.keyboard.otherKeys))
		}
	case csiQuestion | 'S':
		t.replyCSI("?", "S", p.arg(0, 0), 3, 0) // XTSMGRAPHICS: there are no graphics
	case csiGreater | 'c':
		t.secondaryAttributes()
	case csiEqual | 'c':
		t.tertiaryAttributes()
	case csiGreater | 'q':
		t.reportVersion()
	case csiBang | 'p':
		t.softReset()
	case csiSpace | 'q':
		t.setCursorShape(p.arg(0, 0))
	case csiSpace | '@':
		t.shiftAll(-p.arg(0, 1))
	case csiSpace | 'A':
		t.shiftAll(p.arg(0, 1))
	case csiQuote | 'q':
		if n := p.arg(0, 0); n <= 2 {
			t.protect, t.guarded, t.penStale = n == 1, false, true
		}
	case csiTick | '}':
		t.shiftColumns(t.x, p.arg(0, 1))
	case csiTick | '~':
		t.shiftColumns(t.x, -p.arg(0, 1))
	case csiDollar | 'x':
		t.fillRectangle()
	case csiDollar | 'z':
		t.eraseRectangle(false)
	case csiDollar | '{':
		t.eraseRectangle(true)
	case csiDollar | 'v':
		t.copyRectangle()
	case csiDollar | 'r':
		t.changeAttributes(false)
	case csiDollar | 't':
		t.changeAttributes(true)
	case csiStar | 'x':
		t.rectExtent = p.arg(0, 0) == 2
	}
}

func (t *Terminal) csiPlain(final byte) {
	p := &t.par
	switch final {
	case '@':
		t.insertChars(p.arg(0, 1))
	case 'A':
		t.up(p.arg(0, 1))
	case 'B':
		t.down(p.arg(0, 1))
	case 'C':
		t.forward(p.arg(0, 1))
	case 'D':
		t.backward(p.arg(0, 1))
	case 'E':
		t.down(p.arg(0, 1))
		t.carriageReturn()
	case 'F':
		t.up(p.arg(0, 1))
		t.carriageReturn()
	case 'G', '`':
		t.column(p.arg(0, 1))
	case 'H', 'f':
		t.moveToOrigin(p.arg(1, 1)-1, p.arg(0, 1)-1)
	case 'I':
		t.tabulate(p.arg(0, 1))
	case 'J':
		t.eraseDisplay(p.arg(0, 0), false)
	case 'K':
		t.eraseLine(p.arg(0, 0), false)
	case 'L':
		t.insertLines(p.arg(0, 1))
	case 'M':
		t.deleteLines(p.arg(0, 1))
	case 'P':
		t.deleteChars(p.arg(0, 1))
	case 'S':
		t.scrollUp(t.top, t.bot, p.arg(0, 1))
	case 'T', '^':
		if p.count() == 1 { // with five it is highlight mouse tracking
			t.scrollDown(t.top, t.bot, p.arg(0, 1))
		}
	case 'X':
		t.eraseChars(p.arg(0, 1))
	case 'Z':
		t.tabulate(-p.arg(0, 1))
	case 'a':
		t.column(t.originX() + p.arg(0, 1) + 1)
	case 'b':
		t.repeat(p.arg(0, 1))
	case 'c':
		if p.arg(0, 0) == 0 {
			t.deviceAttributes()
		}
	case 'd':
		t.line(p.arg(0, 1))
	case 'e':
		t.line(t.originY() + p.arg(0, 1) + 1)
	case 'g':
		t.clearTabs(p.arg(0, 0))
	case 'h':
		t.setANSIModes(true)
	case 'l':
		t.setANSIModes(false)
	case 'm':
		t.sgr()
	case 'n':
		t.status(p.arg(0, 0))
	case 'r':
		t.setTopBottom()
	case 's':
		if t.m.sideMargins {
			t.setLeftRight()
		} else {
			t.saveCursor()
		}
	case 't':
		t.windowOp(p.arg(0, 0))
	case 'u':
		t.restoreCursor()
	case 'x':
		t.reportTerminalParameters(p.arg(0, 0))
	}
}

// column is CHA and HPA, and with the column at hand HPR; line is VPA and VPR.
// Margins stop them under DECOM only.
func (t *Terminal) column(n int) { t.moveToOrigin(n-1, t.originY()) }

func (t *Terminal) line(n int) { t.moveToOrigin(t.originX(), n-1) }

// originX and originY are the cursor counted from the margins under DECOM.
func (t *Terminal) originX() int {
	if t.m.origin {
		return t.x - t.left
	}
	return t.x
}

func (t *Terminal) originY() int {
	if t.m.origin {
		return t.y - t.top
	}
	return t.y
}

// insertChars is ICH.
func (t *Terminal) insertChars(n int) {
	if t.x >= t.left && t.x <= t.right {
		r := t.scr.row(t.y)
		r.insert(t.x, t.right+1, n, t.blank())
		r.gen = t.gen
		t.pendWrap = false
	}
}

// deleteChars is DCH.
func (t *Terminal) deleteChars(n int) {
	if t.x >= t.left && t.x <= t.right {
		r := t.scr.row(t.y)
		r.remove(t.x, t.right+1, n, t.blank())
		r.gen = t.gen
		t.pendWrap = false
	}
}

// eraseChars is ECH, which margins do not stop.
func (t *Terminal) eraseChars(n int) {
	r := t.scr.row(t.y)
	if t.guarded {
		r.eraseUnprotected(t.x, min(t.x+n, t.cols), t.blank())
	} else {
		r.erase(t.x, min(t.x+n, t.cols), t.blank())
	}
	r.gen = t.gen
	t.pendWrap = false
}

// shiftAll is SR (n positive) and SL: every line between the margins moves.
func (t *Terminal) shiftAll(n int) {
	if t.inMargins() {
		t.shiftColumns(t.left, n)
	}
}

func (t *Terminal) clearTabs(mode int) {
	switch mode {
	case 0:
		t.setTab(t.x, false)
	case 3:
		t.tabs = [len(t.tabs)]uint64{}
	}
}

// setTopBottom is DECSTBM. A bottom beyond the screen, as programs send it
// after a resize that they do not know of yet, means the last line.
func (t *Terminal) setTopBottom() {
	top, bot := t.par.arg(0, 1)-1, min(t.par.arg(1, t.rows), t.rows)-1
	if top >= bot {
		return
	}
	t.top, t.bot = top, bot
	t.moveToOrigin(0, 0)
}

// setLeftRight is DECSLRM.
func (t *Terminal) setLeftRight() {
	left, right := t.par.arg(0, 1)-1, min(t.par.arg(1, t.cols), t.cols)-1
	if left >= right {
		return
	}
	t.left, t.right = left, right
	t.moveToOrigin(0, 0)
}

// setCursorShape is DECSCUSR.
func (t *Terminal) setCursorShape(n int) {
	if n > 6 {
		return
	}
	if n == 0 {
		n = 1
	}
	t.shape, t.blink = CursorShape((n-1)/2), n%2 == 1
}
