package term

// What the remote asks of the keyboard: xterm's modifyOtherKeys and the kitty
// keyboard protocol. The keys themselves are in input_test.go and keyboard_test.go.

var conformKeyboard = []conformance{
	{"CSI > Pp ; Pv m (XTMODKEYS)", "ctlseqs, Functions using CSI; Alt and Meta Keys", "\x1b[>4;2m", want{state: sends(Key{Rune: 'a', Mods: ModCtrl}), is: "\x1b[27;5;97~"}},
	{"CSI > Pp ; Pv m (XTMODKEYS, level 1)", "ctlseqs, Alt and Meta Keys: only what has no other code", "\x1b[>4;1m", want{state: sends(Key{Code: KeyEnter, Mods: ModCtrl}), is: "\x1b[27;5;13~"}},
	{"CSI > Pp m (XTMODKEYS, reset)", "ctlseqs, Functions using CSI", "\x1b[>4;2m\x1b[>m", want{state: sends(Key{Rune: 'a', Mods: ModCtrl}), is: "\x01"}},
	{"CSI > Ps n (XTMODKEYS, disabled)", "ctlseqs, Functions using CSI", "\x1b[>4;2m\x1b[>4n", want{state: sends(Key{Rune: 'a', Mods: ModCtrl}), is: "\x01"}},
	{"CSI ? Pp m (XTQMODKEYS)", "ctlseqs, Functions using CSI", "\x1b[>4;1m\x1b[?4m", want{replies: "\x1b[>4;1m"}},
	{"CSI ? u (kitty keyboard, asked)", "sw.kovidgoyal.net/kitty/keyboard-protocol", "\x1b[?u", want{replies: "\x1b[?0u", xterm: "does not know it"}},
	{"CSI > Ps u (kitty keyboard, pushed)", "sw.kovidgoyal.net/kitty/keyboard-protocol", "\x1b[>1u\x1b[?u", want{replies: "\x1b[?1u", state: sends(Key{Rune: 'a', Mods: ModCtrl}), is: "\x1b[97;5u", xterm: "does not know it"}},
	{"CSI < Ps u (kitty keyboard, popped)", "sw.kovidgoyal.net/kitty/keyboard-protocol", "\x1b[>1u\x1b[>5u\x1b[<u\x1b[?u", want{replies: "\x1b[?1u", xterm: "does not know it"}},
	{"CSI = Ps ; Ps u (kitty keyboard, set)", "sw.kovidgoyal.net/kitty/keyboard-protocol: 1 all, 2 on, 3 off", "\x1b[=5u\x1b[=2;2u\x1b[=1;3u\x1b[?u", want{replies: "\x1b[?6u", xterm: "does not know it"}},
	{"CSI > Ps u (kitty keyboard, a stack a screen)", "sw.kovidgoyal.net/kitty/keyboard-protocol", "\x1b[?1049h\x1b[>1u\x1b[?1049l\x1b[?u\x1b[?1049h\x1b[?u", want{replies: "\x1b[?0u\x1b[?1u", xterm: "does not know it"}},
}
