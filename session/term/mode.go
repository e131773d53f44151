package term

// Modes are those that matter to whoever sends keys, mouse and paste.
type Modes struct {
	AltScreen         bool
	ApplicationCursor bool // DECCKM
	ApplicationKeypad bool // DECKPAM
	BracketedPaste    bool
	FocusEvents       bool
	Mouse             MouseMode
	MouseSGR          bool
	Sync              bool // synchronized output 2026 is open
	// Kitty is what the remote asked of the kitty keyboard protocol.
	Kitty KittyFlags
}

// MouseMode is which mouse events the remote wants.
type MouseMode uint8

// What DEC modes 9, 1000, 1002 and 1003 ask for.
const (
	MouseOff MouseMode = iota
	MouseX10
	MouseButtons // 1000
	MouseDrag    // 1002
	MouseAll     // 1003
)

// modes are all modes that are kept.
type modes struct {
	insert, newline                 bool // IRM, LNM
	appCursor, appKeypad            bool
	allow132                        bool // 40: mode 3 is acted on
	wide132                         bool
	reverseScreen                   bool
	origin, autowrap, autorepeat    bool
	showCursor                      bool
	reverseWrap                     bool
	sideMargins                     bool // DECLRMM
	backarrow                       bool // DECBKM: backspace sends BS
	mouse                           MouseMode
	mouseUTF8, mouseSGR, mouseURXVT bool
	altScroll                       bool
	mousePixels                     bool
	focus, paste, sync              bool
	clusters                        bool // 2027: characters are grapheme clusters
	schemeReports, sizeReports      bool // 2031, 2048

	saved map[int]bool // XTSAVE; keys are known modes only
}

func defaultModes() modes {
	return modes{autowrap: true, autorepeat: true, showCursor: true, altScroll: true, clusters: true}
}

// Modes returns the modes at present.
func (t *Terminal) Modes() Modes {
	return Modes{
		AltScreen:         t.scr == t.alt,
		ApplicationCursor: t.m.appCursor,
		ApplicationKeypad: t.m.appKeypad,
		BracketedPaste:    t.m.paste,
		FocusEvents:       t.m.focus,
		Mouse:             t.m.mouse,
		MouseSGR:          t.m.mouseSGR,
		Sync:              t.m.sync,
		Kitty:             t.kitty().flags,
	}
}

// maxKeptMode is above all DEC modes that are kept.
const maxKeptMode = 2049

// PrivateModes are the DEC modes that are set, in ascending order. Those that
// can only be saved and restored (1048) are not among them.
func (t *Terminal) PrivateModes() []int {
	var out []int
	for n := 1; n < maxKeptMode; n++ {
		if on, known := t.private(n); on && known && n != 1048 {
			out = append(out, n)
		}
	}
	return out
}

// AlternateScroll reports whether a mouse wheel on the alternate screen, with
// no mouse mode, is to be sent as cursor keys (DEC mode 1007).
func (t *Terminal) AlternateScroll() bool { return t.m.altScroll }

// flag returns the mode that is nothing but a flag.
func (m *modes) flag(n int) *bool {
	switch n {
	case 1:
		return &m.appCursor
	case 5:
		return &m.reverseScreen
	case 6:
		return &m.origin
	case 7:
		return &m.autowrap
	case 8:
		return &m.autorepeat
	case 25:
		return &m.showCursor
	case 40:
		return &m.allow132
	case 45:
		return &m.reverseWrap
	case 66:
		return &m.appKeypad
	case 67:
		return &m.backarrow
	case 69:
		return &m.sideMargins
	case 1004:
		return &m.focus
	case 1005:
		return &m.mouseUTF8
	case 1006:
		return &m.mouseSGR
	case 1007:
		return &m.altScroll
	case 1015:
		return &m.mouseURXVT
	case 1016:
		return &m.mousePixels
	case 2004:
		return &m.paste
	case 2026:
		return &m.sync
	case 2027:
		return &m.clusters
	case 2031:
		return &m.schemeReports
	case 2048:
		return &m.sizeReports
	}
	return nil
}

// mouseModeOf returns what DEC mode n asks for; MouseOff for other modes.
func mouseModeOf(n int) MouseMode {
	switch n {
	case 9:
		return MouseX10
	case 1000:
		return MouseButtons
	case 1002:
		return MouseDrag
	case 1003:
		return MouseAll
	}
	return MouseOff
}

// private returns DEC mode n; known is false for one that is not kept.
func (t *Terminal) private(n int) (on, known bool) {
	if f := t.m.flag(n); f != nil {
		return *f, true
	}
	if mm := mouseModeOf(n); mm != MouseOff {
		return t.m.mouse == mm, true
	}
	switch n {
	case 3:
		return t.m.wide132, true
	case 12:
		return t.blink, true
	case 47, 1047, 1049:
		return t.scr == t.alt, true
	case 1048:
		return true, true
	}
	return false, false
}

func (t *Terminal) setPrivateModes(on bool) {
	p := &t.par
	for i := range p.count() {
		t.setPrivate(p.params[i], on)
	}
}

func (t *Terminal) setPrivate(n int, on bool) {
	if f := t.m.flag(n); f != nil {
		changed := *f != on
		*f = on
		switch n {
		case 5:
			if changed {
				t.touchAll()
			}
		case 6:
			t.moveToOrigin(0, 0)
		case 69:
			if !on {
				t.left, t.right = 0, t.cols-1
			}
		case 2048:
			if on {
				t.reportSize()
			}
		}
		return
	}
	if mm := mouseModeOf(n); mm != MouseOff {
		if on {
			t.m.mouse = mm
		} else {
			t.m.mouse = MouseOff
		}
		return
	}
	switch n {
	case 3:
		t.setColumnMode(on)
	case 12:
		t.blink = on
	case 47:
		t.useAlt(on)
	case 1047:
		if !on && t.scr == t.alt {
			t.eraseRows(0, t.rows, false)
		}
		t.useAlt(on)
	case 1048:
		if on {
			t.saveCursor()
		} else {
			t.restoreCursor()
		}
	case 1049:
		switch {
		case on:
			t.saveCursor()
			t.useAlt(true)
			t.eraseRows(0, t.rows, false)
			t.pendWrap = false
		case t.scr == t.alt:
			t.useAlt(false)
			t.restoreCursor()
		}
	}
}

// setColumnMode is DECCOLM. The pane's width is not the remote's to set, but
// programs count on what else the mode does.
func (t *Terminal) setColumnMode(on bool) {
	if !t.m.allow132 {
		return
	}
	t.m.wide132 = on
	t.resetMargins()
	t.m.sideMargins = false
	t.eraseRows(0, t.rows, false)
	t.moveTo(0, 0)
}

// useAlt switches to the alternate screen or back. The cursor stays, with the
// wrap that it owes.
func (t *Terminal) useAlt(on bool) {
	if on == (t.scr == t.alt) {
		return
	}
	t.syncDamage()
	if on {
		if t.alt == nil {
			t.alt = newScreen(t.cols, t.rows)
			t.alt.saved = savedCursor{}
		}
		t.altFirst += uint64(t.rows) // another program's screen, see FirstLine
		t.scr = t.alt
	} else {
		t.scr = t.primary
	}
	t.scr.damage(0, t.rows-1)
}

func (t *Terminal) setANSIModes(on bool) {
	p := &t.par
	for i := range p.count() {
		switch p.params[i] {
		case 4:
			t.m.insert = on
		case 20:
			t.m.newline = on
		}
	}
}

func (t *Terminal) savePrivateModes() {
	p := &t.par
	for i := range p.count() {
		if on, known := t.private(p.params[i]); known {
			if t.m.saved == nil {
				t.m.saved = make(map[int]bool)
			}
			t.m.saved[p.params[i]] = on
		}
	}
}

func (t *Terminal) restorePrivateModes() {
	p := &t.par
	for i := range p.count() {
		if on, ok := t.m.saved[p.params[i]]; ok {
			t.setPrivate(p.params[i], on)
		}
	}
}
