package term

import "fmt"

// terminfoEffects are what terminfo(5) says of each string that is no key.
var terminfoEffects = []struct {
	name   string
	args   []any
	before string
	after  string
	want   want
}{
	{"bel", nil, "", "", want{state: func(t *Terminal) any { return t.Bells() }, is: uint64(1)}},
	{"blink", nil, "", "X", want{screen: "X", sgr: "1;1=5"}},
	{"bold", nil, "", "X", want{screen: "X", sgr: "1;1=1"}},
	{"cbt", nil, "\x1b[1;10H", "X", want{screen: "        X"}},
	{"civis", nil, "", "", want{state: func(t *Terminal) any { return t.Cursor().Visible }, is: false}},
	{"clear", nil, "ab\r\ncd", "X", want{screen: "X"}},
	{"cnorm", nil, "\x1b[?25l\x1b[?12h", "", want{state: func(t *Terminal) any { c := t.Cursor(); return c.Visible && !c.Blink }, is: true}},
	{"cr", nil, "ab", "X", want{screen: "Xb"}},
	{"csr", []any{1, 2}, "a\r\nb\r\nc\r\nd", "\x1b[3;1H\nX", want{screen: "a\nc\nX\nd"}},
	{"cub", []any{2}, "abc", "X", want{screen: "aXc"}},
	{"cub1", nil, "ab", "X", want{screen: "aX"}},
	{"cud", []any{2}, "", "X", want{screen: "\n\nX"}},
	{"cud1", nil, "a", "X", want{screen: "a\n X"}},
	{"cuf", []any{3}, "", "X", want{screen: "   X"}},
	{"cuf1", nil, "", "X", want{screen: " X"}},
	{"cup", []any{2, 3}, "", "X", want{screen: "\n\n   X"}},
	{"cuu", []any{2}, "\x1b[4;1H", "X", want{screen: "\nX"}},
	{"cuu1", nil, "\x1b[4;1H", "X", want{screen: "\n\nX"}},
	{"cvvis", nil, "\x1b[?25l\x1b[2 q", "", want{state: func(t *Terminal) any { c := t.Cursor(); return c.Visible && c.Blink }, is: true}},
	{"dch", []any{2}, "abcd\r", "", want{screen: "cd"}},
	{"dch1", nil, "abcd\r", "", want{screen: "bcd"}},
	{"dim", nil, "", "X", want{screen: "X", sgr: "1;1=2"}},
	{"dl", []any{2}, "a\r\nb\r\nc\x1b[1;1H", "", want{screen: "c"}},
	{"dl1", nil, "a\r\nb\r\nc\x1b[1;1H", "", want{screen: "b\nc"}},
	{"ech", []any{2}, "abcd\r", "", want{screen: "  cd", at: "1;1"}},
	{"ed", nil, "ab\r\ncd\x1b[1;2H", "", want{screen: "a"}},
	{"el", nil, "abc\x1b[1;2H", "", want{screen: "a"}},
	{"el1", nil, "abc\x1b[1;2H", "", want{screen: "  c"}},
	{"flash", nil, "\x1b[?5h", "", want{state: private(5), is: false}},
	{"home", nil, "ab", "X", want{screen: "Xb"}},
	{"hpa", []any{3}, "", "X", want{screen: "   X"}},
	{"ht", nil, "", "X", want{screen: "        X"}},
	{"hts", nil, "\x1b[1;4H", "\r\tX", want{screen: "   X"}},
	{"ich", []any{2}, "ab\r", "", want{screen: "  ab"}},
	{"il", []any{2}, "a\r\nb\x1b[1;1H", "", want{screen: "\n\na\nb"}},
	{"il1", nil, "a\r\nb\x1b[1;1H", "", want{screen: "\na\nb"}},
	{"ind", nil, "a\r\nb\x1b[5;1H", "", want{screen: "b", at: "5;1"}},
	{"indn", []any{2}, "a\r\nb\r\nc\x1b[5;1H", "", want{screen: "c"}},
	{"initc", []any{1, 1000, 500, 0}, "", "\x1b]4;1;?\a", want{replies: "\x1b]4;1;rgb:ffff/7f7f/0000\x1b\\"}},
	{"invis", nil, "", "X", want{screen: "X", sgr: "1;1=8"}},
	{"is2", nil, "\x1b[1m\x1b[4h\x1b[2;3r\x1b=", "\x1b[4$p\x1bP$qr\x1b\\X", want{screen: "X", sgr: "1;1=", replies: "\x1b[4;2$y\x1bP1$r1;5r\x1b\\"}},
	{"mc0", nil, "a", "b", want{screen: "ab", inert: true}}, // there is no printer, and DSR 15 says so
	{"mc4", nil, "a", "b", want{screen: "ab", inert: true}},
	{"mc5", nil, "a", "b", want{screen: "ab", inert: true}},
	{"meml", nil, "a\r\nb\r\nc\x1b[2;1H", "\x1b[5;1H\nX", want{screen: "a\nc\n\n\nX"}},
	{"memu", nil, "a\r\nb\r\nc\x1b[2;1H\x1bl", "\x1b[5;1H\nX", want{screen: "b\nc\n\n\nX"}},
	{"mgc", nil, "\x1b[?69h\x1b[3;4s\x1b[1;3H", "abX", want{screen: "  abX"}},
	{"nel", nil, "ab", "X", want{screen: "ab\nX"}},
	{"oc", nil, "\x1b]4;1;#123456\a", "\x1b]4;1;?\a", want{replies: "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"}},
	{"op", nil, "\x1b[1;31;42m", "X", want{screen: "X", sgr: "1;1=1"}},
	{"rc", nil, "\x1b[2;3H\x1b7\x1b[H", "X", want{screen: "\n  X"}},
	{"rep", []any{'a', 4}, "", "", want{screen: "aaaa"}},
	{"rev", nil, "", "X", want{screen: "X", sgr: "1;1=7"}},
	{"ri", nil, "a\r\nb\x1b[1;1H", "", want{screen: "\na\nb"}},
	{"rin", []any{2}, "a\r\nb\x1b[1;1H", "", want{screen: "\n\na\nb"}},
	{"ritm", nil, "\x1b[3m", "X", want{screen: "X", sgr: "1;1="}},
	{"rmacs", nil, "\x1b(0", "q", want{screen: "q"}},
	{"rmam", nil, "", "0123456789X", want{screen: "012345678X"}},
	{"rmcup", nil, "ab\x1b[?1049hcd", "X", want{screen: "abX"}},
	{"rmir", nil, "a\r\x1b[4h", "X", want{screen: "X"}},
	{"rmkx", nil, "\x1b[?1h\x1b=", "", want{state: cursorAndPad, is: "\x1b[A\r"}},
	{"rmm", nil, "", "", want{state: sends(Key{Rune: 'a', Mods: ModAlt}), is: "\x1ba", inert: true}}, // Alt sends ESC in either mode
	{"rmso", nil, "\x1b[7m", "X", want{screen: "X", sgr: "1;1="}},
	{"rmul", nil, "\x1b[4m", "X", want{screen: "X", sgr: "1;1="}},
	{"rmxx", nil, "\x1b[9m", "X", want{screen: "X", sgr: "1;1="}},
	{"rs1", nil, "ab\x1b[31m\x1b]4;1;#123456\a", "X\x1b]4;1;?\a", want{screen: "X", sgr: "1;1=", replies: "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"}},
	{"rs2", nil, "\x1b[1m\x1b[4h\x1b[2;3r\x1b=", "\x1b[4$p\x1bP$qr\x1b\\X", want{screen: "X", sgr: "1;1=", replies: "\x1b[4;2$y\x1bP1$r1;5r\x1b\\"}},
	{"sc", nil, "\x1b[2;3H", "\x1b[H\x1b8X", want{screen: "\n  X"}},
	{"setab", []any{4}, "", "X", want{screen: "X", sgr: "1;1=44"}},
	{"setab", []any{12}, "", "X", want{screen: "X", sgr: "1;1=104"}},
	{"setab", []any{200}, "", "X", want{screen: "X", sgr: "1;1=48;5;200"}},
	{"setaf", []any{4}, "", "X", want{screen: "X", sgr: "1;1=34"}},
	{"setaf", []any{12}, "", "X", want{screen: "X", sgr: "1;1=94"}},
	{"setaf", []any{200}, "", "X", want{screen: "X", sgr: "1;1=38;5;200"}},
	{"sgr", []any{0, 1, 1, 1, 1, 1, 1, 0, 1}, "", "q", want{screen: "─", sgr: "1;1=1;2;5;7;8;4"}},
	{"sgr", []any{1, 0, 0, 0, 0, 0, 0, 0, 0}, "\x1b(0\x1b[1m", "q", want{screen: "q", sgr: "1;1=7"}},
	{"sgr0", nil, "\x1b[1;3;4;5;7;8;9;31;42m\x1b(0", "q", want{screen: "q", sgr: "1;1="}},
	{"sitm", nil, "", "X", want{screen: "X", sgr: "1;1=3"}},
	{"smacs", nil, "", "q", want{screen: "─"}},
	{"smam", nil, "\x1b[?7l", "0123456789X", want{screen: "0123456789\nX"}},
	{"smcup", nil, "ab", "X", want{screen: "  X", state: func(t *Terminal) any { return t.Modes().AltScreen }, is: true}},
	{"smglp", []any{2}, "", "abcdefgh\r\n\x1b[2;3HX", want{screen: "abcdefgh\n  X", state: sideMargins, is: "2-9"}},
	{"smglr", []any{2, 5}, "", "", want{state: sideMargins, is: "2-5"}},
	{"smgrp", []any{5}, "", "", want{state: sideMargins, is: "0-5"}},
	{"smir", nil, "a\r", "X", want{screen: "Xa"}},
	{"smkx", nil, "", "", want{state: cursorAndPad, is: "\x1bOA\x1bOM"}},
	{"smm", nil, "", "", want{state: sends(Key{Rune: 'a', Mods: ModAlt}), is: "\x1ba", inert: true}},
	{"smso", nil, "", "X", want{screen: "X", sgr: "1;1=7"}},
	{"smul", nil, "", "X", want{screen: "X", sgr: "1;1=4"}},
	{"smxx", nil, "", "X", want{screen: "X", sgr: "1;1=9"}},
	{"tbc", nil, "", "\tX", want{screen: "         X"}},
	{"u7", nil, "\x1b[2;3H", "", want{replies: "\x1b[2;3R"}}, // which u6 reads
	{"u9", nil, "", "", want{replies: ourDA1}},               // which u8 reads
	{"vpa", []any{2}, "", "X", want{screen: "\n\nX"}},
	{"BD", nil, "\x1b[?2004h", "", want{state: pasted, is: "a"}},
	{"BE", nil, "", "", want{state: pasted, is: "\x1b[200~a\x1b[201~"}}, // between PS and PE
	{"Cr", nil, "\x1b]12;#123456\a", "", want{state: func(t *Terminal) any { return t.Cursor().Color }, is: DefaultColor}},
	{"Cs", []any{"#123456"}, "", "", want{state: func(t *Terminal) any { return t.Cursor().Color }, is: RGB(0x12, 0x34, 0x56)}},
	{"E3", nil, "1\n2\n3\n4\n5\n6\x1b[H\x1b[2J\x1b[1;1H", "", want{state: func(t *Terminal) any { return t.ScrollbackLen() }, is: 0}},
	{"Ms", []any{"c", "aGk="}, "", "", want{state: clipboard, is: "hi"}},
	{"Se", nil, "\x1b[5 q", "", want{state: func(t *Terminal) any { c := t.Cursor(); return c.Shape == CursorBlock && !c.Blink }, is: true}},
	{"Ss", []any{4}, "", "", want{state: func(t *Terminal) any { return t.Cursor().Shape }, is: CursorUnderline}},
	{"XM", []any{1}, "", "", want{state: clicks(0), is: "\x1b[<0;3;2M"}}, // which xm reads, and kmous begins
	{"XM", []any{0}, "\x1b[?1000;1006h", "", want{state: clicks(0), is: ""}},
}

func cursorAndPad(t *Terminal) any {
	return string(t.EncodeKey(t.EncodeKey(nil, Key{Code: KeyUp}), Key{Code: KeyKPEnter}))
}

func sideMargins(t *Terminal) any { return fmt.Sprintf("%d-%d", t.left, t.right) }
func pasted(t *Terminal) any      { return string(t.EncodePaste(nil, "a")) }
