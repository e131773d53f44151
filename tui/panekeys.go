package tui

import (
	"unicode"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/term"
)

var specialKeys = map[rune]term.KeyCode{
	tea.KeyUp: term.KeyUp, tea.KeyDown: term.KeyDown, tea.KeyRight: term.KeyRight, tea.KeyLeft: term.KeyLeft,
	tea.KeyHome: term.KeyHome, tea.KeyEnd: term.KeyEnd, tea.KeyInsert: term.KeyInsert, tea.KeyDelete: term.KeyDelete,
	tea.KeyFind: term.KeyHome, tea.KeySelect: term.KeyEnd,
	tea.KeyPgUp: term.KeyPageUp, tea.KeyPgDown: term.KeyPageDown,
	tea.KeyEnter: term.KeyEnter, tea.KeyTab: term.KeyTab, tea.KeyBackspace: term.KeyBackspace, tea.KeyEscape: term.KeyEscape,
	tea.KeyKpUp: term.KeyUp, tea.KeyKpDown: term.KeyDown, tea.KeyKpLeft: term.KeyLeft,
	tea.KeyKpRight: term.KeyRight, tea.KeyKpHome: term.KeyHome, tea.KeyKpEnd: term.KeyEnd,
	tea.KeyKpPgUp: term.KeyPageUp, tea.KeyKpPgDown: term.KeyPageDown,
	tea.KeyKpInsert: term.KeyInsert, tea.KeyKpDelete: term.KeyDelete, tea.KeyBegin: term.KeyBegin, tea.KeyKpBegin: term.KeyBegin,
	tea.KeyKpDecimal: term.KeyKPDecimal, tea.KeyKpDivide: term.KeyKPDivide, tea.KeyKpMultiply: term.KeyKPMultiply,
	tea.KeyKpMinus: term.KeyKPSubtract, tea.KeyKpPlus: term.KeyKPAdd, tea.KeyKpEnter: term.KeyKPEnter,
	tea.KeyKpEqual: term.KeyKPEqual, tea.KeyKpSep: term.KeyKPSeparator, tea.KeyKpComma: term.KeyKPSeparator,
}

// otherKeys are the numbers of the kitty keyboard protocol for keys that have
// no other encoding.
var otherKeys = map[rune]rune{
	tea.KeyCapsLock: 57358, tea.KeyScrollLock: 57359, tea.KeyNumLock: 57360, tea.KeyPrintScreen: 57361,
	tea.KeyPause: 57362, tea.KeyMenu: 57363,
	tea.KeyMediaPlay: 57428, tea.KeyMediaPause: 57429, tea.KeyMediaPlayPause: 57430, tea.KeyMediaReverse: 57431,
	tea.KeyMediaStop: 57432, tea.KeyMediaFastForward: 57433, tea.KeyMediaRewind: 57434, tea.KeyMediaNext: 57435,
	tea.KeyMediaPrev: 57436, tea.KeyMediaRecord: 57437, tea.KeyLowerVol: 57438, tea.KeyRaiseVol: 57439, tea.KeyMute: 57440,
	tea.KeyLeftShift: 57441, tea.KeyLeftCtrl: 57442, tea.KeyLeftAlt: 57443, tea.KeyLeftSuper: 57444,
	tea.KeyLeftHyper: 57445, tea.KeyLeftMeta: 57446, tea.KeyRightShift: 57447, tea.KeyRightCtrl: 57448,
	tea.KeyRightAlt: 57449, tea.KeyRightSuper: 57450, tea.KeyRightHyper: 57451, tea.KeyRightMeta: 57452,
	tea.KeyIsoLevel3Shift: 57453, tea.KeyIsoLevel5Shift: 57454,
}

// modifierAlone says whether a key is only a modifier, which an outer terminal
// tells while a remote asked for every key.
func modifierAlone(k tea.Key) bool {
	code := otherKeys[k.Code]
	return code >= 57441 || k.Code == tea.KeyCapsLock || k.Code == tea.KeyNumLock || k.Code == tea.KeyScrollLock
}

// remoteEvent is a key event as the terminal encodes it for the box.
func remoteEvent(k tea.Key, e term.KeyEvent) term.Key {
	out := remoteKey(tea.KeyPressMsg(k))
	if out.Event = e; e == term.KeyPress && k.IsRepeat {
		out.Event = term.KeyRepeat
	}
	return out
}

// remoteEnhancements are what the outer terminal has to tell for a remote that
// asked for f.
func remoteEnhancements(f term.KittyFlags) tea.KeyboardEnhancements {
	return tea.KeyboardEnhancements{
		ReportEventTypes:           f&term.KittyEvents != 0,
		ReportAlternateKeys:        f&term.KittyAlternates != 0,
		ReportAllKeysAsEscapeCodes: f&term.KittyAllKeys != 0,
		ReportAssociatedText:       f&term.KittyAllKeys != 0,
	}
}

// remoteKey is a key press as the terminal encodes it for the box.
func remoteKey(k tea.KeyPressMsg) term.Key {
	out := term.Key{Rune: k.Code, Text: k.Text, Mods: remoteMods(k.Mod)}
	if code, ok := specialKeys[k.Code]; ok {
		out.Code, out.Rune, out.Text = code, 0, ""
		return out
	}
	if code, ok := otherKeys[k.Code]; ok {
		out.Code, out.Rune, out.Text = term.KeyOther, code, ""
		return out
	}
	out.Unshifted, out.Layout = k.Code, k.BaseCode
	switch {
	case k.Code >= tea.KeyKp0 && k.Code <= tea.KeyKp9:
		out.Code, out.Rune, out.Text = term.KeyKP0+term.KeyCode(k.Code-tea.KeyKp0), 0, ""
	case k.Code >= tea.KeyF1 && k.Code <= tea.KeyF35:
		out.Code, out.Rune, out.Text = term.KeyF1+term.KeyCode(k.Code-tea.KeyF1), 0, ""
	case k.Code == tea.KeySpace:
		out.Code, out.Rune = term.KeySpace, ' '
	case k.Mod.Contains(tea.ModShift) && k.ShiftedCode != 0:
		out.Rune = k.ShiftedCode
	case k.Mod.Contains(tea.ModShift):
		out.Rune = unicode.ToUpper(k.Code)
	}
	return out
}

func remoteMods(m tea.KeyMod) term.Mod {
	var out term.Mod
	for _, p := range []struct {
		from tea.KeyMod
		to   term.Mod
	}{{tea.ModShift, term.ModShift}, {tea.ModAlt, term.ModAlt}, {tea.ModCtrl, term.ModCtrl}, {tea.ModMeta, term.ModMeta}, {tea.ModSuper, term.ModSuper},
		{tea.ModHyper, term.ModHyper}, {tea.ModCapsLock, term.ModCapsLock}, {tea.ModNumLock, term.ModNumLock}} {
		if m.Contains(p.from) {
			out |= p.to
		}
	}
	return out
}

// remoteMouse is a mouse event for the box, at a cell of the pane in r.
func remoteMouse(msg tea.MouseMsg, r rect) (term.Mouse, bool) {
	m := msg.Mouse()
	out := term.Mouse{X: m.X - r.x, Y: m.Y - r.y, Mods: remoteMods(m.Mod)}
	switch m.Button {
	case tea.MouseLeft:
		out.Button = 0
	case tea.MouseMiddle:
		out.Button = 1
	case tea.MouseRight:
		out.Button = 2
	case tea.MouseNone:
		out.Button = 3
	case tea.MouseWheelUp:
		out.Button = 4
	case tea.MouseWheelDown:
		out.Button = 5
	default:
		return out, false
	}
	switch msg.(type) {
	case tea.MouseReleaseMsg:
		out.Kind = term.MouseRelease
	case tea.MouseMotionMsg:
		out.Kind = term.MouseMotion
	default:
		out.Kind = term.MousePress
	}
	return out, true
}
