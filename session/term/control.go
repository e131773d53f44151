package term

// execute is a C0 control.
func (t *Terminal) execute(b byte) {
	t.last = 0
	switch b {
	case 0x07:
		t.bells++
		return
	case 0x08:
		t.backspace()
	case '\t':
		t.tabulate(1)
	case '\n', '\v', '\f':
		t.lineFeed()
	case '\r':
		t.carriageReturn()
	case 0x0e:
		t.charsets.gl = 1
	case 0x0f:
		t.charsets.gl = 0
	default:
		return
	}
	t.joinOK, t.joinNext = false, false
}

// c1 is a control of U+0080 to U+009F, the short form of ESC and a letter.
func (t *Terminal) c1(b byte) {
	t.par.begin(stGround)
	t.escape(b - 0x40)
}

// escape is ESC with final byte b; the intermediate stands in the parser.
func (t *Terminal) escape(b byte) {
	switch b {
	case '[', ']', 'P', 'X', '^', '_':
		if t.par.inter == 0 {
			t.openSequence(b)
			return
		}
	case '\\':
		return // the end of a string, which ESC ended
	}
	t.joinOK, t.joinNext, t.last = false, false, 0
	switch t.par.inter {
	case 0:
		t.escapePlain(b)
	case '(', ')', '*', '+':
		t.charsets.designate(int(t.par.inter-'('), b)
	case '#':
		if b == '8' {
			t.alignmentPattern()
		}
	}
}

func (t *Terminal) openSequence(b byte) {
	switch b {
	case '[':
		t.par.begin(stCSI)
	case ']':
		t.par.beginString(stOSC)
	case 'P':
		t.par.begin(stDCS)
	default:
		t.par.beginString(stString)
	}
}

func (t *Terminal) escapePlain(b byte) {
	switch b {
	case '6':
		t.backIndex()
	case '7':
		t.saveCursor()
	case '8':
		t.restoreCursor()
	case '9':
		t.forwardIndex()
	case '=':
		t.m.appKeypad = true
	case '>':
		t.m.appKeypad = false
	case 'D':
		t.index()
	case 'E':
		t.index()
		t.carriageReturn()
	case 'H':
		t.setTab(t.x, true)
	case 'M':
		t.reverseIndex()
	case 'N':
		t.charsets.single = 2
	case 'O':
		t.charsets.single = 3
	case 'V', 'W': // SPA and EPA
		t.guard(b == 'V')
	case 'Z':
		t.deviceAttributes()
	case 'c':
		t.hardReset()
	case 'l': // HP's memory lock: lines above the cursor stay
		if t.y < t.bot {
			t.top = t.y
		}
	case 'm':
		t.top = 0
	case 'n':
		t.charsets.gl = 2
	case 'o':
		t.charsets.gl = 3
	}
}

// backIndex is DECBI: a column to the left, or one scrolled in at the margin.
func (t *Terminal) backIndex() {
	if t.x == t.left {
		t.shiftColumns(t.left, 1)
	} else if t.x > 0 {
		t.moveTo(t.x-1, t.y)
	}
}

// forwardIndex is DECFI: a column to the right, or one scrolled out.
func (t *Terminal) forwardIndex() {
	if t.x == t.right {
		t.shiftColumns(t.left, -1)
	} else if t.x < t.cols-1 {
		t.moveTo(t.x+1, t.y)
	}
}

// guard is SPA and EPA: what is written in between is not erased by ED, EL and
// ECH either, until DECSCA goes back to DEC's protection.
func (t *Terminal) guard(on bool) {
	t.guarded = t.guarded || on
	t.protect, t.penStale = on, true
}

// softReset is DECSTR.
func (t *Terminal) softReset() {
	t.m.showCursor = true
	t.m.insert, t.m.origin, t.m.autowrap = false, false, true
	t.m.appCursor, t.m.appKeypad = false, false
	t.m.reverseWrap, t.m.sideMargins = false, false
	t.resetMargins()
	t.pen, t.penLink, t.protect, t.penStale = Style{}, 0, false, true
	t.charsets = charsets{}
	t.scr.saved = savedCursor{}
	t.shape, t.blink = CursorBlock, true
}
