package term

import "testing"

// The cases follow the tables of the kitty keyboard protocol
// (sw.kovidgoyal.net/kitty/keyboard-protocol).
func TestKittyKeyboard(t *testing.T) {
	const all = "\x1b[=31u"
	for _, c := range []struct {
		name, modes string
		key         Key
		want        string
	}{
		{"text stays text", "\x1b[>1u", Key{Rune: 'a', Text: "a"}, "a"},
		{"shifted text too", "\x1b[>1u", Key{Rune: 'A', Text: "A", Mods: ModShift}, "A"},
		{"ctrl is told", "\x1b[>1u", Key{Rune: 'a', Mods: ModCtrl}, "\x1b[97;5u"},
		{"ctrl and shift by the unshifted key", "\x1b[>1u", Key{Rune: 'A', Mods: ModCtrl | ModShift}, "\x1b[97;6u"},
		{"ctrl+i is not tab", "\x1b[>1u", Key{Rune: 'i', Mods: ModCtrl}, "\x1b[105;5u"},
		{"alt", "\x1b[>1u", Key{Rune: 'a', Mods: ModAlt}, "\x1b[97;3u"},
		{"super", "\x1b[>1u", Key{Rune: 'a', Mods: ModSuper}, "\x1b[97;9u"},
		{"escape", "\x1b[>1u", Key{Code: KeyEscape}, "\x1b[27u"},
		{"enter stays", "\x1b[>1u", Key{Code: KeyEnter}, "\r"},
		{"tab stays", "\x1b[>1u", Key{Code: KeyTab}, "\t"},
		{"backspace stays", "\x1b[>1u", Key{Code: KeyBackspace}, "\x7f"},
		{"shift+enter", "\x1b[>1u", Key{Code: KeyEnter, Mods: ModShift}, "\x1b[13;2u"},
		{"shift+tab", "\x1b[>1u", Key{Code: KeyTab, Mods: ModShift}, "\x1b[9;2u"},
		{"ctrl+space", "\x1b[>1u", Key{Code: KeySpace, Rune: ' ', Mods: ModCtrl}, "\x1b[32;5u"},
		{"arrows stay", "\x1b[>1u", Key{Code: KeyUp}, "\x1b[A"},
		{"and follow DECCKM", "\x1b[>1u\x1b[?1h", Key{Code: KeyUp}, "\x1bOA"},
		{"ctrl+up", "\x1b[>1u", Key{Code: KeyUp, Mods: ModCtrl}, "\x1b[1;5A"},
		{"delete", "\x1b[>1u", Key{Code: KeyDelete, Mods: ModShift}, "\x1b[3;2~"},
		{"F1", "\x1b[>1u", Key{Code: KeyF1}, "\x1bOP"},
		{"shift+F3 is no position report", "\x1b[>1u", Key{Code: KeyF1 + 2, Mods: ModShift}, "\x1b[13;2~"},
		{"F13", "\x1b[>1u", Key{Code: KeyF1 + 12}, "\x1b[57376u"},
		{"F35", "\x1b[>1u", Key{Code: KeyF1 + 34}, "\x1b[57398u"},
		{"number pad enter", "\x1b[>1u", Key{Code: KeyKPEnter}, "\x1b[57414u"},
		{"menu", "\x1b[>1u", Key{Code: KeyOther, Rune: 57363}, "\x1b[57363u"},
		{"modifiers alone are not told", "\x1b[>1u", Key{Code: KeyOther, Rune: 57441}, ""},
		{"but with all keys", all, Key{Code: KeyOther, Rune: 57441, Mods: ModShift}, "\x1b[57441;2u"},
		{"releases are not told", "\x1b[>1u", Key{Rune: 'a', Event: KeyRelease}, ""},
		{"repeats are presses", "\x1b[>1u", Key{Rune: 'a', Mods: ModCtrl, Event: KeyRepeat}, "\x1b[97;5u"},
		{"with events they are", "\x1b[>3u", Key{Rune: 'a', Mods: ModCtrl, Event: KeyRelease}, "\x1b[97;5:3u"},
		{"repeats too", "\x1b[>3u", Key{Code: KeyUp, Event: KeyRepeat}, "\x1b[1;1:2A"},
		{"text has no release", "\x1b[>3u", Key{Rune: 'a', Text: "a", Event: KeyRelease}, ""},
		{"nor has enter", "\x1b[>3u", Key{Code: KeyEnter, Event: KeyRelease}, ""},
		{"all keys: text", "\x1b[>8u", Key{Rune: 'a', Text: "a"}, "\x1b[97u"},
		{"all keys: shift", "\x1b[>8u", Key{Rune: 'A', Text: "A", Mods: ModShift}, "\x1b[97;2u"},
		{"all keys: enter", "\x1b[>8u", Key{Code: KeyEnter}, "\x1b[13u"},
		{"all keys and events: enter released", "\x1b[>10u", Key{Code: KeyEnter, Event: KeyRelease}, "\x1b[13;1:3u"},
		{"alternates", "\x1b[>12u", Key{Rune: 'A', Text: "A", Mods: ModShift}, "\x1b[97:65;2u"},
		{"layout", "\x1b[>12u", Key{Rune: 'с', Text: "с", Layout: 'c'}, "\x1b[1089::99u"},
		{"text", "\x1b[>24u", Key{Rune: 'a', Text: "a"}, "\x1b[97;;97u"},
		{"everything", all, Key{Rune: 'A', Text: "A", Mods: ModShift}, "\x1b[97:65;2;65u"},
		{"caps lock", "\x1b[>8u", Key{Rune: 'a', Text: "A", Mods: ModCapsLock}, "\x1b[97;65u"},
		{"popped", "\x1b[>1u\x1b[<u", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"popped more than pushed", "\x1b[>1u\x1b[>8u\x1b[<9u", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"the alternate screen has its own", "\x1b[>1u\x1b[?1049h", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"and the first keeps its own", "\x1b[>1u\x1b[?1049h\x1b[?1049l", Key{Rune: 'a', Mods: ModCtrl}, "\x1b[97;5u"},
		{"bits added", "\x1b[=1u\x1b[=2;2u", Key{Code: KeyUp, Event: KeyRelease}, "\x1b[1;1:3A"},
		{"bits taken back", "\x1b[=3u\x1b[=2;3u", Key{Code: KeyUp, Event: KeyRelease}, ""},
		{"RIS", "\x1b[>1u\x1bc", Key{Code: KeyEscape}, "\x1b"},
	} {
		if got := string(screenOf(10, 2, c.modes).EncodeKey(nil, c.key)); got != c.want {
			t.Errorf("%s: sends %q, want %q", c.name, got, c.want)
		}
	}
	wantReplies(t, screenOf(4, 2, "\x1b[>5u\x1b[?u\x1b[<u\x1b[?u"), "\x1b[?5u\x1b[?0u")
}

// xterm's modifyOtherKeys (ctlseqs, "Alt and Meta Keys"; XTMODKEYS).
func TestModifyOtherKeys(t *testing.T) {
	for _, c := range []struct {
		modes string
		key   Key
		want  string
	}{
		{"\x1b[>4;1m", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"\x1b[>4;1m", Key{Rune: '1', Mods: ModCtrl}, "\x1b[27;5;49~"},
		{"\x1b[>4;1m", Key{Rune: 'A', Mods: ModCtrl | ModShift}, "\x1b[27;6;65~"},
		{"\x1b[>4;1m", Key{Rune: 'a', Mods: ModAlt}, "\x1ba"},
		{"\x1b[>4;1m", Key{Code: KeyEnter, Mods: ModShift}, "\x1b[27;2;13~"},
		{"\x1b[>4;2m", Key{Rune: 'a', Mods: ModCtrl}, "\x1b[27;5;97~"},
		{"\x1b[>4;2m", Key{Rune: 'a', Mods: ModAlt}, "\x1b[27;3;97~"},
		{"\x1b[>4;2m", Key{Rune: 'A', Text: "A", Mods: ModShift}, "A"},
		{"\x1b[>4;2m", Key{Code: KeyTab, Mods: ModCtrl}, "\x1b[27;5;9~"},
		{"\x1b[>4;2m", Key{Code: KeyTab, Mods: ModShift}, "\x1b[Z"},
		{"\x1b[>4;2m", Key{Code: KeyUp, Mods: ModCtrl}, "\x1b[1;5A"},
		{"\x1b[>4;2m\x1b[>4m", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"\x1b[>4;2m\x1b[>4n", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
		{"\x1b[>4;2m\x1b[>m", Key{Rune: 'a', Mods: ModCtrl}, "\x01"},
	} {
		if got := string(screenOf(10, 2, c.modes).EncodeKey(nil, c.key)); got != c.want {
			t.Errorf("%q %+v sends %q, want %q", c.modes, c.key, got, c.want)
		}
	}
	wantReplies(t, screenOf(4, 2, "\x1b[>4;2m\x1b[?4m"), "\x1b[>4;2m")
}

func TestNumberPad(t *testing.T) {
	for _, c := range []struct {
		modes string
		key   Key
		want  string
	}{
		{"", Key{Code: KeyKP0 + 7}, "7"},
		{"", Key{Code: KeyKPEnter}, "\r"},
		{"\x1b=", Key{Code: KeyKP0}, "\x1bOp"},
		{"\x1b=", Key{Code: KeyKP0 + 9}, "\x1bOy"},
		{"\x1b=", Key{Code: KeyKPEnter}, "\x1bOM"},
		{"\x1b=", Key{Code: KeyKPSubtract}, "\x1bOm"},
		{"\x1b=\x1b>", Key{Code: KeyKPAdd}, "+"},
	} {
		if got := string(screenOf(10, 2, c.modes).EncodeKey(nil, c.key)); got != c.want {
			t.Errorf("%q %+v sends %q, want %q", c.modes, c.key, got, c.want)
		}
	}
}
