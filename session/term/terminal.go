package term

// Options of a Terminal; zero fields mean the default in brackets.
type Options struct {
	ScrollbackBytes int // memory for lines that left the screen [16 MiB]
	ScrollbackLines int // and their number [10000]; negative: none
	// MemoryCeiling is the most that the terminal may hold in all, in bytes;
	// scrollback yields to screens and tables, which take 6 MiB and 16 bytes a
	// place of the screen at most. [32 MiB]
	MemoryCeiling int
}

const (
	maxCols = 1000
	maxRows = 1000

	defaultScrollbackBytes = 16 << 20
	defaultScrollbackLines = 10_000

	defaultMemoryCeiling = 32 << 20
	// tableMemory is the most that the tables and buffers of a terminal take.
	tableMemory = 6 << 20

	maxReplies = 64 << 10
)

// Terminal is an emulated xterm-256color.
type Terminal struct {
	cols, rows int
	opts       Options

	scr     *screen // the one that is written to
	primary *screen
	alt     *screen // nil until it is used
	sb      scrollback
	// altFirst counts what scrolled out of the alternate screen, see FirstLine.
	altFirst uint64
	tab      tables
	classes  classTable

	// The cursor; pendWrap is the state after the last column was written,
	// when the cursor has not moved on yet.
	x, y     int
	pendWrap bool

	// Margins, inclusive. left and right count only under DECLRMM.
	top, bot, left, right int
	tabs                  [maxCols/64 + 1]uint64

	pen     Style
	penLink uint16
	protect bool
	// guarded: protected cells are ECMA-48's guarded area and not DEC's, whose
	// protection holds against DECSED, DECSEL and DECSERA alone.
	guarded bool
	// rectExtent: DECCARA and DECRARA change a rectangle and not a stream.
	rectExtent bool
	penStale   bool // pen changed since penCell and eraseCell were made
	penCell    cell // style and protection of what is printed next
	eraseCell  cell // what erasing leaves: the background colour alone
	eraseBg    Color
	eraseOld   bool // styles were renumbered since eraseCell was made

	charsets charsets
	m        modes
	shape    CursorShape
	blink    bool

	last     cell // content and width of the last character, for REP; 0 after a control
	joinOK   bool // nothing but characters since the last character
	joinNext bool // the last character takes the next one into its cluster

	par parser

	plainClusters bool // see SetPlainClusters

	title      string
	titleStack []string
	colors     palette
	desktop    desktop
	keyboard   keyboard
	bells      uint64
	gen        uint64

	replies      []byte
	repliesTaken bool

	scratch [maxClusterBytes + 8]byte

	onPanic func(any) // for tests: a recovered panic is a fault nonetheless
}

// New returns a terminal of at least 1x1 cells (larger than 1000x1000 is clamped).
func New(cols, rows int, o Options) *Terminal {
	if o.ScrollbackBytes <= 0 {
		o.ScrollbackBytes = defaultScrollbackBytes
	}
	if o.ScrollbackLines == 0 {
		o.ScrollbackLines = defaultScrollbackLines
	}
	if o.MemoryCeiling <= 0 {
		o.MemoryCeiling = defaultMemoryCeiling
	}
	t := &Terminal{opts: o}
	t.colors.own = [3]uint32{0xd0d0d0, 0x000000, 0xd0d0d0}
	t.cols, t.rows = clamp(cols, 1, maxCols), clamp(rows, 1, maxRows)
	t.renew()
	return t
}

func clamp(v, lo, hi int) int { return max(lo, min(v, hi)) }

// Write feeds output of the remote program. It always takes all of p and
// returns no error.
func (t *Terminal) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if t.repliesTaken {
		t.replies, t.repliesTaken = t.replies[:0], false
	}
	t.gen++
	t.guardedFeed(p)
	return len(p), nil
}

// guardedFeed is the last net: no byte of a remote end is known to panic, and
// if one does, the pane starts afresh rather than the program ending with
// boxes still running.
func (t *Terminal) guardedFeed(p []byte) {
	defer func() {
		if v := recover(); v != nil {
			if t.onPanic != nil {
				t.onPanic(v)
			}
			t.gen++
			t.renew()
		}
	}()
	t.feed(p)
	t.syncDamage()
}

// Size returns columns and rows.
func (t *Terminal) Size() (cols, rows int) { return t.cols, t.rows }

// Reset is what ESC c does; scrollback goes too.
func (t *Terminal) Reset() {
	t.gen++
	t.hardReset()
}

// renew makes all memory of the terminal anew.
func (t *Terminal) renew() {
	t.tab, t.eraseOld = newTables(minStyles), true
	t.primary = newScreen(t.cols, t.rows)
	t.alt = nil
	t.sb.init(t.scrollbackBudget(), t.opts.ScrollbackLines)
	t.hardReset()
}

// hardReset is RIS. It keeps the memory there is: two bytes of input must not
// cost an allocation of the size of the screen.
func (t *Terminal) hardReset() {
	for _, s := range []*screen{t.primary, t.alt} {
		if s == nil {
			continue
		}
		for i := range s.rows {
			s.rows[i].clear(0)
		}
		s.saved = savedCursor{}
	}
	t.sb.clear()
	t.sb.dropped += uint64(t.rows) // the screen's text is gone, not changed
	t.scr = t.primary
	t.x, t.y, t.pendWrap = 0, 0, false
	t.pen, t.penLink, t.protect, t.guarded, t.penStale = Style{}, 0, false, false, true
	t.charsets = charsets{}
	t.m = defaultModes()
	t.shape, t.blink = CursorBlock, true
	t.last, t.joinOK, t.joinNext = 0, false, false
	t.par.reset()
	t.title, t.titleStack = "", nil
	t.colors.reset()
	t.desktop, t.keyboard = desktop{}, keyboard{}
	t.rectExtent = false
	t.resetMargins()
	t.resetTabs()
	t.touchAll()
}

// scrollbackBudget is the memory that screens of this size leave for lines.
func (t *Terminal) scrollbackBudget() int {
	screens := 2 * t.cols * t.rows * 8
	// A sixteenth is left for what the runtime rounds up.
	room := t.opts.MemoryCeiling - t.opts.MemoryCeiling/16
	return max(0, min(t.opts.ScrollbackBytes, room-tableMemory-screens))
}

func (t *Terminal) touchAll() {
	for i := range t.scr.rows {
		t.scr.rows[i].gen = t.gen
	}
	t.scr.dmgLo, t.scr.dmgHi = t.rows, -1
}

// Replies returns the answers queued since the last call and forgets them.
// The slice is valid until the next call of another method.
func (t *Terminal) Replies() []byte {
	if t.repliesTaken {
		return nil
	}
	t.repliesTaken = true
	return t.replies
}

// reply queues an answer, whole or not at all.
func (t *Terminal) reply(b []byte) {
	if t.repliesTaken {
		t.replies, t.repliesTaken = t.replies[:0], false
	}
	if len(t.replies)+len(b) <= maxReplies {
		t.replies = append(t.replies, b...)
	}
}

// Generation grows whenever anything that can be seen changes.
func (t *Terminal) Generation() uint64 { return t.gen }

// RowGeneration grows whenever row y of the screen changes (0 is the top): it is the
// damage by which a caller knows a cached row to be stale. Scrolling changes
// the generations of the rows that moved.
func (t *Terminal) RowGeneration(y int) uint64 {
	if y < 0 || y >= t.rows {
		return 0
	}
	return t.scr.row(y).gen
}

// ScrollbackLen is the number of lines above the screen, 0 on the alternate
// screen.
func (t *Terminal) ScrollbackLen() int {
	if t.scr != t.primary {
		return 0
	}
	return t.sb.len()
}

// RowWrapped reports whether the text of row y goes on in the next row because
// it did not fit; y is as for AppendRow. Copying joins such rows.
func (t *Terminal) RowWrapped(y int) bool { return t.rowFlags(y)&rowWrapped != 0 }

// RowPrompt reports whether a shell marked row y as the start of a prompt
// (OSC 133;A); y is as for AppendRow.
func (t *Terminal) RowPrompt(y int) bool { return t.rowFlags(y)&rowPrompt != 0 }

func (t *Terminal) rowFlags(y int) rowFlags {
	n := t.ScrollbackLen()
	switch {
	case y >= t.rows || y < -n:
		return 0
	case y < 0:
		return t.sb.flags(n + y)
	}
	return t.scr.row(y).flags
}

// Title is the window title, cleaned of control characters and bounded.
func (t *Terminal) Title() string { return t.title }

// Bells is how many bells have rung.
func (t *Terminal) Bells() uint64 { return t.bells }
