package term

// CursorShape is a DECSCUSR shape.
type CursorShape uint8

// The shapes of the cursor.
const (
	CursorBlock CursorShape = iota
	CursorUnderline
	CursorBar
)

// Cursor is where and how the cursor is.
type Cursor struct {
	X, Y    int
	Visible bool
	Shape   CursorShape
	Blink   bool
	Color   Color // as OSC 12 set it; DefaultColor: the outer terminal's
}

// Cursor returns the state of the cursor.
func (t *Terminal) Cursor() Cursor {
	return Cursor{X: t.x, Y: t.y, Visible: t.m.showCursor, Shape: t.shape, Blink: t.blink, Color: t.colors.dynamic[2]}
}

// savedCursor is what DECSC keeps, one a screen. Of wrapping it is the wrap that
// is owed, not DECAWM (as in xterm).
type savedCursor struct {
	x, y     int
	pendWrap bool
	origin   bool
	protect  bool
	pen      Style
	charsets charsets
}

func (t *Terminal) saveCursor() {
	t.scr.saved = savedCursor{
		x: t.x, y: t.y, pendWrap: t.pendWrap, origin: t.m.origin,
		protect: t.protect, pen: t.pen, charsets: t.charsets,
	}
}

func (t *Terminal) restoreCursor() {
	s := t.scr.saved
	t.x, t.y = min(s.x, t.cols-1), min(s.y, t.rows-1)
	if s.origin { // the margins may have closed in since
		t.x, t.y = clamp(t.x, t.left, t.right), clamp(t.y, t.top, t.bot)
	}
	t.pendWrap = s.pendWrap
	t.m.origin = s.origin
	t.protect, t.pen, t.charsets = s.protect, s.pen, s.charsets
	t.penStale = true
}

// moveTo puts the cursor at column x, row y of the screen.
func (t *Terminal) moveTo(x, y int) {
	t.x, t.y = clamp(x, 0, t.cols-1), clamp(y, 0, t.rows-1)
	t.pendWrap = false
}

// moveToOrigin is moveTo counted from the margins under DECOM.
func (t *Terminal) moveToOrigin(x, y int) {
	if t.m.origin {
		x, y = clamp(x+t.left, t.left, t.right), clamp(y+t.top, t.top, t.bot)
	}
	t.moveTo(x, y)
}

// up, down, forward and backward stop at the margin if they begin inside it.
func (t *Terminal) up(n int) {
	lim := 0
	if t.y >= t.top {
		lim = t.top
	}
	t.moveTo(t.x, max(t.y-n, lim))
}

func (t *Terminal) down(n int) {
	lim := t.rows - 1
	if t.y <= t.bot {
		lim = t.bot
	}
	t.moveTo(t.x, min(t.y+n, lim))
}

func (t *Terminal) forward(n int) {
	t.moveTo(min(t.x+n, t.rightLimit()-1), t.y)
}

func (t *Terminal) backward(n int) {
	lim := 0
	if t.x >= t.left {
		lim = t.left
	}
	t.moveTo(max(t.x-n, lim), t.y)
}

// backspace is BS: one column back, and round to the line above under reverse
// wraparound.
func (t *Terminal) backspace() {
	reverse := t.m.reverseWrap && t.m.autowrap
	if reverse && t.pendWrap {
		t.pendWrap = false
		return
	}
	if reverse && (t.x == t.left || t.x == 0) && t.y > t.top {
		t.moveTo(t.right, t.y-1)
		return
	}
	t.backward(1)
}

func (t *Terminal) carriageReturn() {
	x := 0
	if t.x >= t.left || t.m.origin {
		x = t.left
	}
	t.moveTo(x, t.y)
}

func (t *Terminal) inMargins() bool {
	return t.x >= t.left && t.x <= t.right && t.y >= t.top && t.y <= t.bot
}

// index moves down a line and scrolls at the bottom margin.
func (t *Terminal) index() {
	switch {
	case t.y == t.bot:
		if t.x >= t.left && t.x <= t.right {
			t.scrollUp(t.top, t.bot, 1)
		}
	case t.y < t.rows-1:
		t.y++
	}
	t.pendWrap = false
}

// reverseIndex moves up a line and scrolls at the top margin.
func (t *Terminal) reverseIndex() {
	switch {
	case t.y == t.top:
		if t.x >= t.left && t.x <= t.right {
			t.scrollDown(t.top, t.bot, 1)
		}
	case t.y > 0:
		t.y--
	}
	t.pendWrap = false
}

func (t *Terminal) lineFeed() {
	t.index()
	if t.m.newline {
		t.carriageReturn()
	}
}

func (t *Terminal) resetMargins() {
	t.top, t.bot, t.left, t.right = 0, t.rows-1, 0, t.cols-1
}

func (t *Terminal) resetTabs() {
	t.tabs = [len(t.tabs)]uint64{}
	for x := 8; x < maxCols; x += 8 {
		t.tabs[x/64] |= 1 << (x % 64)
	}
}

func (t *Terminal) setTab(x int, on bool) {
	if on {
		t.tabs[x/64] |= 1 << (x % 64)
	} else {
		t.tabs[x/64] &^= 1 << (x % 64)
	}
}

// tabulate moves n stops forward, or backward if n is negative.
func (t *Terminal) tabulate(n int) {
	x := t.x
	lim := t.rightLimit() - 1
	for ; n > 0 && x < lim; n-- {
		for x++; x < lim && t.tabs[x/64]&(1<<(x%64)) == 0; x++ {
		}
	}
	lim = 0
	if t.m.origin {
		lim = t.left
	}
	for ; n < 0 && x > lim; n++ {
		for x--; x > lim && t.tabs[x/64]&(1<<(x%64)) == 0; x-- {
		}
	}
	if x != t.x { // a tab in the last column leaves the wrap that is owed
		t.moveTo(x, t.y)
	}
}
