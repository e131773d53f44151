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
	tea.KeyKpEnter: term.KeyEnter, tea.KeyKpUp: term.KeyUp, tea.KeyKpDown: term.KeyDown, tea.KeyKpLeft: term.KeyLeft,
	tea.KeyKpRight: term.KeyRight, tea.KeyKpHome: term.KeyHome, tea.KeyKpEnd: term.KeyEnd,
	tea.KeyKpPgUp: term.KeyPageUp, tea.KeyKpPgDown: term.KeyPageDown,
	tea.KeyKpInsert: term.KeyInsert, tea.KeyKpDelete: term.KeyDelete,
}

// remoteKey is a key press as the terminal encodes it for the box.
func remoteKey(k tea.KeyPressMsg) term.Key {
	out := term.Key{Rune: k.Code, Text: k.Text, Mods: remoteMods(k.Mod)}
	if code, ok := specialKeys[k.Code]; ok {
		out.Code, out.Rune, out.Text = code, 0, ""
		return out
	}
	switch {
	case k.Code >= tea.KeyF1 && k.Code <= tea.KeyF20:
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
	}{{tea.ModShift, term.ModShift}, {tea.ModAlt, term.ModAlt}, {tea.ModCtrl, term.ModCtrl}, {tea.ModMeta, term.ModMeta}} {
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
