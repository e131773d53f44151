package term

import (
	"strings"
	"testing"
)

func TestKeys(t *testing.T) {
	key := func(c KeyCode, m Mod) Key { return Key{Code: c, Mods: m} }
	char := func(r rune, m Mod) Key { return Key{Rune: r, Mods: m} }
	for _, c := range []struct {
		modes string
		key   Key
		want  string
	}{
		{"", Key{Text: "a", Rune: 'a'}, "a"},
		{"", Key{Text: "é", Rune: 'é'}, "é"},
		{"", Key{Text: "日本"}, "日本"},
		{"", Key{Text: "A", Rune: 'a', Mods: ModShift}, "A"},
		{"", char('a', ModShift), "A"},
		{"", char('a', ModCtrl), "\x01"},
		{"", char('z', ModCtrl), "\x1a"},
		{"", char('a', ModCtrl|ModShift), "\x01"},
		{"", char('@', ModCtrl), "\x00"},
		{"", char(' ', ModCtrl), "\x00"},
		{"", key(KeySpace, ModCtrl), "\x00"},
		{"", char('[', ModCtrl), "\x1b"},
		{"", char('\\', ModCtrl), "\x1c"},
		{"", char(']', ModCtrl), "\x1d"},
		{"", char('^', ModCtrl), "\x1e"},
		{"", char('_', ModCtrl), "\x1f"},
		{"", char('/', ModCtrl), "\x1f"},
		{"", char('?', ModCtrl), "\x7f"},
		{"", char('6', ModCtrl), "\x1e"},
		{"", char('1', ModCtrl), "1"},
		{"", char('a', ModAlt), "\x1ba"},
		{"", char('a', ModAlt|ModShift), "\x1bA"},
		{"", char('a', ModAlt|ModCtrl), "\x1b\x01"},
		{"", char('é', ModAlt), "\x1bé"},
		{"", Key{Text: "a", Rune: 'a', Mods: ModAlt}, "\x1ba"},
		{"", Key{}, ""},
		{"", key(KeyUp, 0), "\x1b[A"},
		{"", key(KeyDown, 0), "\x1b[B"},
		{"", key(KeyRight, 0), "\x1b[C"},
		{"", key(KeyLeft, 0), "\x1b[D"},
		{"", key(KeyHome, 0), "\x1b[H"},
		{"", key(KeyEnd, 0), "\x1b[F"},
		{"\x1b[?1h", key(KeyUp, 0), "\x1bOA"},
		{"\x1b[?1h", key(KeyLeft, 0), "\x1bOD"},
		{"\x1b[?1h", key(KeyHome, 0), "\x1bOH"},
		{"\x1b[?1h", key(KeyEnd, 0), "\x1bOF"},
		{"\x1b[?1h", key(KeyUp, ModCtrl), "\x1b[1;5A"},
		{"", key(KeyUp, ModShift), "\x1b[1;2A"},
		{"", key(KeyUp, ModAlt), "\x1b[1;3A"},
		{"", key(KeyUp, ModAlt|ModShift), "\x1b[1;4A"},
		{"", key(KeyUp, ModCtrl), "\x1b[1;5A"},
		{"", key(KeyUp, ModCtrl|ModShift), "\x1b[1;6A"},
		{"", key(KeyUp, ModCtrl|ModAlt), "\x1b[1;7A"},
		{"", key(KeyUp, ModMeta), "\x1b[1;9A"},
		{"", key(KeyUp, ModMeta|ModCtrl|ModAlt|ModShift), "\x1b[1;16A"},
		{"", key(KeyHome, ModCtrl), "\x1b[1;5H"},
		{"", key(KeyInsert, 0), "\x1b[2~"},
		{"", key(KeyDelete, 0), "\x1b[3~"},
		{"", key(KeyPageUp, 0), "\x1b[5~"},
		{"", key(KeyPageDown, 0), "\x1b[6~"},
		{"", key(KeyDelete, ModCtrl), "\x1b[3;5~"},
		{"", key(KeyPageUp, ModShift), "\x1b[5;2~"},
		{"", key(KeyF1, 0), "\x1bOP"},
		{"", key(KeyF1+3, 0), "\x1bOS"},
		{"", key(KeyF1, ModShift), "\x1b[1;2P"},
		{"", key(KeyF1+4, 0), "\x1b[15~"},
		{"", key(KeyF1+4, ModShift), "\x1b[15;2~"},
		{"", key(KeyF1+5, 0), "\x1b[17~"},
		{"", key(KeyF1+9, 0), "\x1b[21~"},
		{"", key(KeyF1+10, 0), "\x1b[23~"},
		{"", key(KeyF1+11, 0), "\x1b[24~"},
		{"", key(KeyF1+12, 0), "\x1b[25~"},
		{"", key(KeyF1+15, 0), "\x1b[29~"},
		{"", key(KeyF1+19, 0), "\x1b[34~"},
		{"", key(KeyF1+20, 0), ""},
		{"", key(KeyEnter, 0), "\r"},
		{"", key(KeyEnter, ModShift), "\r"},
		{"", key(KeyEnter, ModAlt), "\x1b\r"},
		{"\x1b[20h", key(KeyEnter, 0), "\r\n"},
		{"", key(KeyTab, 0), "\t"},
		{"", key(KeyTab, ModShift), "\x1b[Z"},
		{"", key(KeyBackspace, 0), "\x7f"},
		{"", key(KeyBackspace, ModCtrl), "\x08"},
		{"", key(KeyBackspace, ModAlt), "\x1b\x7f"},
		{"\x1b[?67h", key(KeyBackspace, 0), "\x08"},
		{"", key(KeyEscape, 0), "\x1b"},
		{"", key(KeyEscape, ModAlt), "\x1b\x1b"},
		{"", key(KeySpace, 0), " "},
		{"", key(KeySpace, ModAlt), "\x1b "},
	} {
		if got := string(screenOf(10, 2, c.modes).EncodeKey(nil, c.key)); got != c.want {
			t.Errorf("%q %+v sends %q, want %q", c.modes, c.key, got, c.want)
		}
	}
}

func TestMouse(t *testing.T) {
	press := Mouse{X: 4, Y: 2}
	release := Mouse{X: 4, Y: 2, Kind: MouseRelease}
	drag := Mouse{X: 4, Y: 2, Kind: MouseMotion}
	hover := Mouse{X: 4, Y: 2, Kind: MouseMotion, Button: 3}
	wheel := Mouse{X: 4, Y: 2, Button: 5}
	const sgr = "\x1b[?1006h"
	for _, c := range []struct {
		modes string
		m     Mouse
		want  string
	}{
		{"", press, ""},
		{sgr, press, ""},
		{"\x1b[?9h", press, "\x1b[M %#"},
		{"\x1b[?9h", release, ""},
		{"\x1b[?9h", drag, ""},
		{"\x1b[?9h", wheel, ""},
		{"\x1b[?9h", Mouse{X: 4, Y: 2, Mods: ModCtrl}, "\x1b[M %#"},
		{"\x1b[?1000h", press, "\x1b[M %#"},
		{"\x1b[?1000h", release, "\x1b[M#%#"},
		{"\x1b[?1000h", drag, ""},
		{"\x1b[?1000h", wheel, "\x1b[Ma%#"},
		{"\x1b[?1002h", drag, "\x1b[M@%#"},
		{"\x1b[?1002h", hover, ""},
		{"\x1b[?1003h", hover, "\x1b[MC%#"},
		{"\x1b[?1000h" + sgr, press, "\x1b[<0;5;3M"},
		{"\x1b[?1000h" + sgr, release, "\x1b[<0;5;3m"},
		{"\x1b[?1000h" + sgr, Mouse{X: 4, Y: 2, Button: 2, Kind: MouseRelease}, "\x1b[<2;5;3m"},
		{"\x1b[?1000h" + sgr, wheel, "\x1b[<65;5;3M"},
		{"\x1b[?1000h" + sgr, Mouse{X: 4, Y: 2, Button: 6}, "\x1b[<66;5;3M"},
		{"\x1b[?1000h" + sgr, Mouse{X: 4, Y: 2, Button: 5, Kind: MouseRelease}, ""},
		{"\x1b[?1000h" + sgr, Mouse{X: 4, Y: 2, Mods: ModShift | ModAlt | ModCtrl}, "\x1b[<28;5;3M"},
		{"\x1b[?1002h" + sgr, drag, "\x1b[<32;5;3M"},
		{"\x1b[?1003h" + sgr, hover, "\x1b[<35;5;3M"},
		{"\x1b[?1003h" + sgr, Mouse{X: 4, Y: 2, Button: 9}, ""},
		{"\x1b[?1003h" + sgr, Mouse{X: 4, Y: 2, Button: -1}, ""},
		{"\x1b[?1000h" + sgr, Mouse{X: -7, Y: 9999}, "\x1b[<0;1;50M"},
		{"\x1b[?1000h" + sgr, Mouse{X: 9999, Y: 0}, "\x1b[<0;300;1M"},
		{"\x1b[?1000h", Mouse{X: 250, Y: 0}, "\x1b[M \xff!"},
		{"\x1b[?1000h\x1b[?1005h", Mouse{X: 250, Y: 0}, "\x1b[M \u011b!"},
		{"\x1b[?1000h\x1b[?1015h", Mouse{X: 250, Y: 0}, "\x1b[32;251;1M"},
		{"\x1b[?1000h\x1b[?1015h", release, "\x1b[35;5;3M"},
	} {
		if got := string(screenOf(300, 50, c.modes).EncodeMouse(nil, c.m)); got != c.want {
			t.Errorf("%q %+v sends %q, want %q", c.modes, c.m, got, c.want)
		}
	}
}

func TestPaste(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"text", "text"},
		{"one\ntwo", "one\rtwo"},
		{"one\r\ntwo\r", "one\rtwo\r"},
		{"tab\there", "tab\there"},
		{"é日\U0001F469", "é日\U0001F469"},
		{"a\x00\x03\x08\x7f\u009bb", "ab"},
		{"a\x1b[201~rm -rf ~\n", "arm -rf ~\r"},
		{"a\x1b\x1b[201~[201~b", "a[201~b"},
		{"a\x1b[200~b\x1b[Ac", "ab[Ac"},
		{"\u009b201~x", "201~x"},
		{"\xffx\xe6", "x"},
		{"", ""},
	} {
		if got := string(New(10, 2, Options{}).EncodePaste(nil, c.in)); got != c.want {
			t.Errorf("%q is pasted as %q, want %q", c.in, got, c.want)
		}
		if got := string(screenOf(10, 2, "\x1b[?2004h").EncodePaste(nil, c.in)); got != "\x1b[200~"+c.want+"\x1b[201~" {
			t.Errorf("%q is pasted as %q in brackets", c.in, got)
		}
	}
}

// However markers are nested, one end of paste is sent, at the end.
func TestNoPasteEndsItself(t *testing.T) {
	term := screenOf(10, 2, "\x1b[?2004h")
	in := "x"
	for range 6 {
		in = strings.ReplaceAll("\x1b[20\x1b[201~1~ESC[2\x1b[200~01~|", "|", in)
		got := string(term.EncodePaste(nil, in))
		if strings.Count(got, "\x1b") != 2 || !strings.HasSuffix(got, "\x1b[201~") {
			t.Errorf("%q is sent as %q", in, got)
		}
	}
}

func TestFocus(t *testing.T) {
	term := New(10, 2, Options{})
	if got := term.EncodeFocus(nil, true); len(got) != 0 {
		t.Errorf("unasked: %q", got)
	}
	_, _ = term.Write([]byte("\x1b[?1004h"))
	if got := string(term.EncodeFocus(term.EncodeFocus(nil, true), false)); got != "\x1b[I\x1b[O" {
		t.Errorf("%q", got)
	}
}
