package term

import "unicode/utf8"

// Mod is a set of modifiers.
type Mod uint8

// The modifiers, in the order of xterm's bits.
const (
	ModShift Mod = 1 << iota
	ModAlt
	ModCtrl
	ModMeta
)

// KeyCode is a key without text of its own.
type KeyCode uint8

// The keys; F2 to F20 are KeyF1+1 to KeyF1+19.
const (
	KeyNone KeyCode = iota // the key is its Text or Rune
	KeyUp
	KeyDown
	KeyRight
	KeyLeft
	KeyHome
	KeyEnd
	KeyInsert
	KeyDelete
	KeyPageUp
	KeyPageDown
	KeyEnter
	KeyTab
	KeyBackspace
	KeyEscape
	KeySpace
	KeyF1 // to KeyF1+19 for F20
)

// Key is a key press. With Code KeyNone it is Rune with Mods (ctrl+c is Rune
// 'c' with ModCtrl), or, with no modifier but shift, the Text it produced.
type Key struct {
	Code KeyCode
	Rune rune
	Text string
	Mods Mod
}

// EncodeKey appends what an xterm sends for k in the current modes; nothing
// for a key that it does not know.
func (t *Terminal) EncodeKey(dst []byte, k Key) []byte {
	alt := k.Mods&(ModAlt|ModMeta) != 0
	switch k.Code {
	case KeyNone:
		return encodeText(dst, k, alt)
	case KeyUp, KeyDown, KeyRight, KeyLeft:
		return t.cursorKey(dst, "ABCD"[k.Code-KeyUp], k.Mods)
	case KeyHome:
		return t.cursorKey(dst, 'H', k.Mods)
	case KeyEnd:
		return t.cursorKey(dst, 'F', k.Mods)
	case KeyInsert, KeyDelete, KeyPageUp, KeyPageDown:
		return tildeKey(dst, [...]byte{2, 3, 5, 6}[k.Code-KeyInsert], k.Mods)
	}
	if n := int(k.Code) - int(KeyF1); n >= 0 {
		return functionKey(dst, n, k.Mods)
	}
	if k.Code == KeyTab && k.Mods&ModShift != 0 {
		if alt {
			dst = append(dst, 0x1b)
		}
		return append(dst, "\x1b[Z"...)
	}
	if alt {
		dst = append(dst, 0x1b)
	}
	ctrl := k.Mods&ModCtrl != 0
	switch k.Code {
	case KeyEnter:
		dst = append(dst, '\r')
		if t.m.newline {
			dst = append(dst, '\n')
		}
	case KeyTab:
		dst = append(dst, '\t')
	case KeyBackspace:
		// Ctrl sends the other one of BS and DEL.
		if ctrl != t.m.backarrow {
			dst = append(dst, 0x08)
		} else {
			dst = append(dst, 0x7f)
		}
	case KeyEscape:
		dst = append(dst, 0x1b)
	case KeySpace:
		if ctrl {
			dst = append(dst, 0)
		} else {
			dst = append(dst, ' ')
		}
	}
	return dst
}

func encodeText(dst []byte, k Key, alt bool) []byte {
	if k.Mods&^ModShift == 0 && k.Text != "" {
		return append(dst, k.Text...)
	}
	r := k.Rune
	if r == 0 {
		r, _ = utf8.DecodeRuneInString(k.Text)
		if r == utf8.RuneError {
			return dst
		}
	}
	if !utf8.ValidRune(r) || r == 0 {
		return dst
	}
	if alt {
		dst = append(dst, 0x1b)
	}
	if k.Mods&ModShift != 0 && r >= 'a' && r <= 'z' {
		r -= 'a' - 'A'
	}
	if k.Mods&ModCtrl != 0 {
		if c, ok := controlOf(r); ok {
			return append(dst, c)
		}
	}
	return utf8.AppendRune(dst, r)
}

// controlOf is the control that ctrl makes of a character, by xterm's rules
// for an American keyboard.
func controlOf(r rune) (byte, bool) {
	switch {
	case r >= 'a' && r <= 'z':
		return byte(r - 'a' + 1), true
	case r >= '@' && r <= '_':
		return byte(r - '@'), true
	}
	switch r {
	case ' ', '2', '`':
		return 0, true
	case '3':
		return 0x1b, true
	case '4':
		return 0x1c, true
	case '5':
		return 0x1d, true
	case '6', '~':
		return 0x1e, true
	case '7', '/', '-':
		return 0x1f, true
	case '8', '?':
		return 0x7f, true
	}
	return 0, false
}

// modParam is xterm's parameter for modifiers; 1 for none.
func modParam(m Mod) byte { return 1 + byte(m&(ModShift|ModAlt|ModCtrl|ModMeta)) }

func appendSmall(dst []byte, n byte) []byte {
	if n >= 10 {
		dst = append(dst, '0'+n/10)
	}
	return append(dst, '0'+n%10)
}

// cursorKey is a key that ends in a letter: SS3 under DECCKM, CSI otherwise
// and with modifiers.
func (t *Terminal) cursorKey(dst []byte, final byte, m Mod) []byte {
	if m == 0 {
		if t.m.appCursor {
			return append(dst, 0x1b, 'O', final)
		}
		return append(dst, 0x1b, '[', final)
	}
	dst = appendSmall(append(dst, "\x1b[1;"...), modParam(m))
	return append(dst, final)
}

func tildeKey(dst []byte, n byte, m Mod) []byte {
	dst = appendSmall(append(dst, 0x1b, '['), n)
	if m != 0 {
		dst = appendSmall(append(dst, ';'), modParam(m))
	}
	return append(dst, '~')
}

// functionNumbers are the numbers of F5 to F20.
var functionNumbers = [...]byte{15, 17, 18, 19, 20, 21, 23, 24, 25, 26, 28, 29, 31, 32, 33, 34}

func functionKey(dst []byte, n int, m Mod) []byte {
	switch {
	case n < 4:
		final := "PQRS"[n]
		if m == 0 {
			return append(dst, 0x1b, 'O', final)
		}
		dst = appendSmall(append(dst, "\x1b[1;"...), modParam(m))
		return append(dst, final)
	case n-4 < len(functionNumbers):
		return tildeKey(dst, functionNumbers[n-4], m)
	}
	return dst
}
