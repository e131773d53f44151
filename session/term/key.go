package term

import (
	"strconv"
	"unicode/utf8"
)

// Mod is a set of modifiers.
type Mod uint8

// The modifiers, the first four in the order of xterm's bits. Only the kitty
// keyboard protocol tells the others.
const (
	ModShift Mod = 1 << iota
	ModAlt
	ModCtrl
	ModMeta
	ModSuper
	ModHyper
	ModCapsLock
	ModNumLock
)

// KeyCode is a key without text of its own.
type KeyCode uint8

// The keys; F2 to F35 are KeyF1+1 to KeyF1+34.
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
	KeyOther // Rune is the number that the kitty keyboard protocol gives it
	KeyBegin // 5 on a number pad that is no number pad

	// The number pad: digits, then as the kitty protocol counts on.
	KeyKP0         KeyCode = 32 // to KeyKP0+9
	KeyKPDecimal   KeyCode = KeyKP0 + 10
	KeyKPDivide    KeyCode = KeyKP0 + 11
	KeyKPMultiply  KeyCode = KeyKP0 + 12
	KeyKPSubtract  KeyCode = KeyKP0 + 13
	KeyKPAdd       KeyCode = KeyKP0 + 14
	KeyKPEnter     KeyCode = KeyKP0 + 15
	KeyKPEqual     KeyCode = KeyKP0 + 16
	KeyKPSeparator KeyCode = KeyKP0 + 17

	KeyF1 KeyCode = 64 // to KeyF1+34 for F35
)

// KeyEvent is what happened to a key.
type KeyEvent uint8

// The events; the last two reach a remote that asked for them.
const (
	KeyPress KeyEvent = iota
	KeyRepeat
	KeyRelease
)

// Key is a key press. With Code KeyNone it is Rune with Mods (ctrl+c is Rune
// 'c' with ModCtrl), or, with no modifier but shift, the Text it produced.
type Key struct {
	Code  KeyCode
	Rune  rune
	Text  string
	Mods  Mod
	Event KeyEvent

	// What the kitty keyboard protocol tells besides, where it is known: the
	// character without shift, and the one in this place on an American keyboard.
	Unshifted, Layout rune
}

// EncodeKey appends what k sends in the current modes: by the kitty keyboard
// protocol or xterm's modifyOtherKeys where the remote set them, else as an
// xterm does. Nothing for a key that has no encoding.
func (t *Terminal) EncodeKey(dst []byte, k Key) []byte {
	if f := t.kitty().flags; f != 0 {
		return t.kittyKey(dst, k, f)
	}
	if k.Event == KeyRelease {
		return dst
	}
	k.Mods &= ModShift | ModAlt | ModCtrl | ModMeta
	if t.keyboard.otherKeys > 0 {
		if code, ok := t.otherKey(k); ok {
			dst = appendSmall(append(dst, "\x1b[27;"...), modParam(k.Mods))
			return append(strconv.AppendInt(append(dst, ';'), int64(code), 10), '~')
		}
	}
	return t.legacyKey(dst, k)
}

// otherKey is the number that modifyOtherKeys gives a key; ok is false where
// its usual encoding stays. Level 1 touches only what has no other encoding.
func (t *Terminal) otherKey(k Key) (code rune, ok bool) {
	if k.Mods == 0 {
		return 0, false
	}
	ctrl := k.Mods&ModCtrl != 0
	switch k.Code {
	case KeyNone:
		r := k.Rune
		if r == 0 || k.Mods == ModShift {
			return 0, false
		}
		_, control := controlOf(r)
		if t.keyboard.otherKeys == 1 && (!ctrl || control && k.Mods&ModShift == 0) {
			return 0, false
		}
		return r, true
	case KeyEnter:
		return 13, true
	case KeyEscape:
		return 27, t.keyboard.otherKeys == 2
	case KeyTab:
		return 9, k.Mods != ModShift
	case KeyBackspace:
		return 127, t.keyboard.otherKeys == 2
	case KeySpace:
		return 32, t.keyboard.otherKeys == 2 || k.Mods == ModShift|ModCtrl
	}
	return 0, false
}

// legacyKey is what an xterm sends that was asked for nothing.
func (t *Terminal) legacyKey(dst []byte, k Key) []byte {
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
	case KeyBegin:
		return t.cursorKey(dst, 'E', k.Mods)
	case KeyInsert, KeyDelete, KeyPageUp, KeyPageDown:
		return tildeKey(dst, [...]byte{2, 3, 5, 6}[k.Code-KeyInsert], k.Mods)
	}
	if k.Code >= KeyF1 {
		return functionKey(dst, int(k.Code-KeyF1), k.Mods)
	}
	if k.Code >= KeyKP0 {
		return t.keypadKey(dst, k)
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

// keypadKey is a key of the number pad: its character, or under DECKPAM the
// sequence of a VT220's.
func (t *Terminal) keypadKey(dst []byte, k Key) []byte {
	const plain, app = "0123456789./*-+\r=,", "pqrstuvwxynojmkMXl"
	i := int(k.Code - KeyKP0)
	if i >= len(plain) {
		return dst
	}
	if t.m.appKeypad && k.Mods == 0 {
		return append(dst, 0x1b, 'O', app[i])
	}
	if k.Mods&(ModAlt|ModMeta) != 0 {
		dst = append(dst, 0x1b)
	}
	return append(dst, plain[i])
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
