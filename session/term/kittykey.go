package term

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// kittyCodes are the numbers of keys that the protocol gives in CSI number u.
var kittyCodes = map[KeyCode]int{
	KeyEscape: 27, KeyEnter: 13, KeyTab: 9, KeyBackspace: 127, KeySpace: 32,
}

const (
	kittyF13 = 57376
	kittyKP0 = 57399
)

// kittyKey encodes k by the enhancements f. Keys keep their older forms where
// those are not ambiguous, as the protocol asks.
func (t *Terminal) kittyKey(dst []byte, k Key, f KittyFlags) []byte {
	if k.Event != KeyPress && f&KittyEvents == 0 {
		if k.Event == KeyRelease {
			return dst
		}
		k.Event = KeyPress
	}
	mods := kittyMods(k.Mods)
	switch c := k.Code; {
	case c >= KeyUp && c <= KeyLeft:
		return t.kittyLetter(dst, "ABCD"[c-KeyUp], mods, k)
	case c == KeyHome:
		return t.kittyLetter(dst, 'H', mods, k)
	case c == KeyEnd:
		return t.kittyLetter(dst, 'F', mods, k)
	case c == KeyBegin:
		return t.kittyLetter(dst, 'E', mods, k)
	case c >= KeyInsert && c <= KeyPageDown:
		return kittyNumber(dst, [...]int{2, 3, 5, 6}[c-KeyInsert], mods, k.Event, '~')
	case c >= KeyF1 && c < KeyF1+35:
		return t.kittyFunction(dst, int(c-KeyF1), mods, k)
	case c >= KeyKP0 && c <= KeyKPSeparator:
		if f&KittyAllKeys == 0 && mods&^(kittyCaps|kittyNum) == 0 && k.Event == KeyPress && c != KeyKPEnter && !t.m.appKeypad {
			return t.keypadKey(dst, k)
		}
		return kittyNumber(dst, kittyKP0+int(c-KeyKP0), mods, k.Event, 'u')
	case c == KeyOther:
		if f&KittyAllKeys == 0 && isModifierKey(k.Rune) {
			return dst
		}
		return kittyNumber(dst, int(k.Rune), mods, k.Event, 'u')
	}
	return t.kittyText(dst, k, f, mods)
}

// kittyText encodes the keys that make text or one of the old controls.
func (t *Terminal) kittyText(dst []byte, k Key, f KittyFlags, mods int) []byte {
	plain := mods&^(kittyCaps|kittyNum) == 0
	shift := mods&^(kittyCaps|kittyNum|1) == 0
	code, known := kittyCodes[k.Code]
	if !known {
		code = int(k.unshifted())
	}
	if f&KittyAllKeys == 0 {
		switch k.Code {
		case KeyEnter, KeyTab, KeyBackspace:
			// Their releases would end in a shell that has just come back.
			if k.Event == KeyRelease {
				return dst
			}
			if plain {
				return t.legacyKey(dst, k)
			}
		case KeyNone, KeySpace:
			if shift && k.Event != KeyRelease {
				return t.legacyKey(dst, k)
			}
			if shift {
				return dst // what came as text has no release
			}
		}
		if f&(KittyDisambiguate|KittyEvents) == 0 || f&KittyDisambiguate == 0 && k.Event == KeyPress {
			return t.legacyKey(dst, k)
		}
	}
	if code == 0 {
		return dst
	}
	dst = strconv.AppendInt(append(dst, "\x1b["...), int64(code), 10)
	if f&KittyAlternates != 0 && k.Code == KeyNone {
		dst = kittyAlternates(dst, k, mods, code)
	}
	text := f&KittyText != 0 && f&KittyAllKeys != 0 && k.Event != KeyRelease && k.Text != "" && k.Mods&(ModCtrl|ModAlt|ModMeta|ModSuper|ModHyper) == 0
	if mods != 0 || k.Event != KeyPress || text {
		dst = append(dst, ';')
		if mods != 0 || k.Event != KeyPress {
			dst = kittyModEvent(dst, mods, k.Event)
		}
	}
	if text {
		dst = append(dst, ';')
		for i, r := range k.Text {
			if i > 0 {
				dst = append(dst, ':')
			}
			dst = strconv.AppendInt(dst, int64(r), 10)
		}
	}
	return append(dst, 'u')
}

// kittyAlternates appends the shifted key, and the key of an American layout.
func kittyAlternates(dst []byte, k Key, mods, code int) []byte {
	shifted := 0
	if mods&1 != 0 && int(k.Rune) != code {
		shifted = int(k.Rune)
	}
	if shifted != 0 {
		dst = strconv.AppendInt(append(dst, ':'), int64(shifted), 10)
	}
	if k.Layout != 0 && int(k.Layout) != code {
		if shifted == 0 {
			dst = append(dst, ':')
		}
		dst = strconv.AppendInt(append(dst, ':'), int64(k.Layout), 10)
	}
	return dst
}

// unshifted is the character of a key without shift.
func (k Key) unshifted() rune {
	switch {
	case k.Unshifted != 0:
		return k.Unshifted
	case k.Rune != 0:
		return unicode.ToLower(k.Rune)
	}
	r, _ := utf8.DecodeRuneInString(k.Text)
	if r == utf8.RuneError {
		return 0
	}
	return unicode.ToLower(r)
}

// The protocol's bits for the two locks.
const (
	kittyCaps = 64
	kittyNum  = 128
)

// kittyMods are the modifiers as the protocol numbers them.
func kittyMods(m Mod) int {
	out := int(m & (ModShift | ModAlt | ModCtrl))
	for _, b := range [...]struct {
		mod Mod
		bit int
	}{{ModSuper, 8}, {ModHyper, 16}, {ModMeta, 32}, {ModCapsLock, kittyCaps}, {ModNumLock, kittyNum}} {
		if m&b.mod != 0 {
			out |= b.bit
		}
	}
	return out
}

func kittyModEvent(dst []byte, mods int, e KeyEvent) []byte {
	dst = strconv.AppendInt(dst, int64(mods+1), 10)
	if e != KeyPress {
		dst = append(dst, ':', '1'+byte(e))
	}
	return dst
}

// kittyNumber is CSI n ; modifiers final.
func kittyNumber(dst []byte, n, mods int, e KeyEvent, final byte) []byte {
	dst = strconv.AppendInt(append(dst, "\x1b["...), int64(n), 10)
	if mods != 0 || e != KeyPress {
		dst = kittyModEvent(append(dst, ';'), mods, e)
	}
	return append(dst, final)
}

// kittyLetter is a key that ends in a letter.
func (t *Terminal) kittyLetter(dst []byte, final byte, mods int, k Key) []byte {
	if mods == 0 && k.Event == KeyPress {
		return t.cursorKey(dst, final, 0)
	}
	return append(kittyModEvent(append(dst, "\x1b[1;"...), mods, k.Event), final)
}

// kittyFunction is a function key, counted from 0. F3's letter would read as a
// cursor position report.
func (t *Terminal) kittyFunction(dst []byte, n, mods int, k Key) []byte {
	switch {
	case mods == 0 && k.Event == KeyPress && n < 4:
		return functionKey(dst, n, 0)
	case n == 2:
		return kittyNumber(dst, 13, mods, k.Event, '~')
	case n < 4:
		return t.kittyLetter(dst, "PQRS"[n], mods, k)
	case n < 12:
		return kittyNumber(dst, int(functionNumbers[n-4]), mods, k.Event, '~')
	}
	return kittyNumber(dst, kittyF13+n-12, mods, k.Event, 'u')
}

// isModifierKey: keys that are modifiers themselves are told only when every
// key is.
func isModifierKey(code rune) bool { return code >= 57441 && code <= 57454 }
