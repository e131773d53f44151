package term

// KittyFlags are the progressive enhancements of the kitty keyboard protocol
// (sw.kovidgoyal.net/kitty/keyboard-protocol).
type KittyFlags uint8

// The enhancements, by their bits in the protocol.
const (
	KittyDisambiguate KittyFlags = 1 << iota
	KittyEvents
	KittyAlternates
	KittyAllKeys
	KittyText

	kittyAll = KittyDisambiguate | KittyEvents | KittyAlternates | KittyAllKeys | KittyText
)

// maxKittyStack bounds how many settings a screen remembers; the oldest give way.
const maxKittyStack = 16

// kittyStack is the setting of one screen, and those pushed below it.
type kittyStack struct {
	flags KittyFlags
	below []KittyFlags
}

// keyboard is how the remote wants keys encoded.
type keyboard struct {
	otherKeys uint8 // xterm's modifyOtherKeys: 0, 1 or 2
	screens   [2]kittyStack
}

// kitty is the setting of the screen in use; the two screens have their own.
func (t *Terminal) kitty() *kittyStack {
	if t.scr == t.alt {
		return &t.keyboard.screens[1]
	}
	return &t.keyboard.screens[0]
}

// kittyPush is CSI > flags u.
func (t *Terminal) kittyPush() {
	s := t.kitty()
	if len(s.below) >= maxKittyStack {
		s.below = append(s.below[:0], s.below[1:]...)
	}
	s.below = append(s.below, s.flags)
	s.flags = KittyFlags(t.par.arg(0, 0)) & kittyAll
}

// kittyPop is CSI < n u; what was never pushed is no enhancement.
func (t *Terminal) kittyPop() {
	s := t.kitty()
	for n := t.par.arg(0, 1); n > 0; n-- {
		if len(s.below) == 0 {
			s.flags = 0
			return
		}
		s.flags = s.below[len(s.below)-1]
		s.below = s.below[:len(s.below)-1]
	}
}

// kittySet is CSI = flags ; mode u.
func (t *Terminal) kittySet() {
	s, f := t.kitty(), KittyFlags(t.par.arg(0, 0))&kittyAll
	switch t.par.arg(1, 1) {
	case 1:
		s.flags = f
	case 2:
		s.flags |= f
	case 3:
		s.flags &^= f
	}
}

// modifyOtherKeys is XTMODKEYS for resource 4; the others have one way to be.
func (t *Terminal) modifyOtherKeys() {
	p := &t.par
	switch {
	case !p.seen: // CSI > m resets all
		t.keyboard.otherKeys = 0
	case p.arg(0, 0) == 4:
		if n := p.arg(1, 0); n <= 2 {
			t.keyboard.otherKeys = uint8(n)
		}
	}
}
