package term

// Single-character functions, and those that ESC leads.

var conformC0 = []conformance{
	{"NUL", "ECMA-48 8.3.88", "a\x00b", want{screen: "ab", at: "1;3", inert: true}},
	{"ENQ", "ctlseqs, Single-character functions: the answerback is empty", "a\x05b", want{screen: "ab", inert: true}},
	{"BEL", "ECMA-48 8.3.3", "a\x07b", want{screen: "ab", state: func(t *Terminal) any { return t.Bells() }, is: uint64(1)}},
	{"BS", "ECMA-48 8.3.5", "ab\bX", want{screen: "aX", at: "1;3"}},
	{"BS (at the left edge)", "ctlseqs, Single-character functions", "a\b\bX", want{screen: "X"}},
	{"BS (with a wrap pending)", "DEC STD 070 5.4: the cursor stands in the last column", "0123456789\bX", want{screen: "01234567X9", at: "1;10"}},
	{"TAB", "ECMA-48 8.3.60", "a\tX", want{screen: "a       X", at: "1;10"}},
	{"TAB (at the right edge)", "DEC STD 070 5.4: no further than the last column", "\t\t\tX", want{screen: "         X", at: "1;10"}},
	{"LF", "ECMA-48 8.3.74", "a\nb", want{screen: "a\n b", at: "2;3"}},
	{"LF (at the bottom)", "DEC STD 070 5.4", "a\x1b[5;1Hb\nc", want{screen: "\n\n\nb\n c"}},
	{"LF (scrolls in the colour of the background)", "terminfo bce", "\x1b[5;1H\x1b[44m\n", want{at: "5;1", sgr: "4;1= 5;1=44 5;10=44"}},
	{"VT", "ctlseqs, Single-character functions: as LF", "a\vb", want{screen: "a\n b"}},
	{"FF", "ctlseqs, Single-character functions: as LF", "a\fb", want{screen: "a\n b"}},
	{"CR", "ECMA-48 8.3.15", "abc\rX", want{screen: "Xbc", at: "1;2"}},
	{"CR (inside of a control sequence)", "DEC STD 070 3.5: C0 controls act where they stand", "abc\x1b[2\rCX", want{screen: "abX"}},
	{"SO", "ctlseqs, Single-character functions (LS1)", "\x1b)0\x0eq", want{screen: "─"}},
	{"SI", "ctlseqs, Single-character functions (LS0)", "\x1b)0\x0eq\x0fq", want{screen: "─q"}},
	{"CAN", "ECMA-48 8.3.6; DEC STD 070 3.5", "a\x1b[3\x18Cb", want{screen: "aCb"}},
	{"SUB", "DEC STD 070 3.5", "a\x1b[3\x1aCb", want{screen: "aCb"}},
	{"DEL", "DEC STD 070 3.5: ignored", "a\x7fb", want{screen: "ab", inert: true}},
	{"C1", "ctlseqs, C1 (8-Bit) Control Characters; in UTF-8", "\u009b5GX", want{screen: "    X", xterm: "takes no C1 control that comes in UTF-8"}},
}

var conformESC = []conformance{
	{"ESC 6 (DECBI)", "ctlseqs, Controls beginning with ESC; DEC STD 070 5.6", "abc\x1b6X", want{screen: "abX", at: "1;4"}},
	{"ESC 6 (DECBI at the left edge)", "DEC STD 070 5.6", "abc\r\x1b6X", want{screen: "Xabc"}},
	{"ESC 6 (DECBI, colour of the background)", "terminfo bce", "\x1b[44m\x1b6", want{sgr: "1;1=44 5;1=44 1;2="}},
	{"ESC 7 (DECSC)", "ctlseqs, Controls beginning with ESC; DEC STD 070 5.4: place, attributes, character sets", "\x1b)0\x1b[2;3H\x1b[1;31m\x0e\x1b7\x1b[H\x1b[m\x0f\x1b8q", want{screen: "\n  ─", sgr: "2;3=1;31", at: "2;4"}},
	{"ESC 7 (DECSC, the wrap that is pending)", "DEC STD 070 5.4", "0123456789\x1b7\x1b[H\x1b8X", want{screen: "0123456789\nX"}},
	{"ESC 7 (DECSC, origin mode)", "DEC STD 070 5.4", "\x1b[2;4r\x1b[?6h\x1b7\x1b[?6l\x1b8\x1b[1;1HX", want{screen: "\nX"}},
	{"ESC 8 (DECRC, origin mode with other margins)", "DEC STD 070 5.4: the cursor is never out of them", "\x1b[?6h\x1b7\x1b[?6l\x1b[3;5r\x1b8\x1b[6n", want{replies: "\x1b[1;1R", at: "3;1", xterm: "counts rows below zero"}},
	{"ESC 7 (DECSC, protection)", "DEC STD 070 5.4", "\x1b[1\"q\x1b7\x1b[0\"q\x1b8X\x1b[?2K", want{screen: "X"}},
	{"ESC 7 (DECSC, a screen each)", "ctlseqs, The Alternate Screen Buffer", "\x1b[2;2H\x1b7\x1b[?47h\x1b[3;3H\x1b7\x1b[?47l\x1b[H\x1b8X", want{screen: "\n X"}},
	{"ESC 8 (DECRC)", "ctlseqs, Controls beginning with ESC", "\x1b[3;3H\x1b7\x1b[H\x1b8X", want{screen: "\n\n  X"}},
	{"ESC 8 (DECRC, not DECAWM)", "ctlseqs; as in xterm, the wrap that is saved is the pending one", "\x1b7\x1b[?7l\x1b[2;2H\x1b80123456789XY\x1b[?7$p", want{screen: "012345678Y", replies: "\x1b[?7;2$y"}},
	{"ESC 8 (DECRC with nothing saved)", "DEC STD 070 5.4: home, and all as after a reset", "abc\x1b[31m\x1b8X", want{screen: "Xbc", sgr: "1;1="}},
	{"ESC 9 (DECFI)", "ctlseqs, Controls beginning with ESC; DEC STD 070 5.6", "a\x1b9X", want{screen: "a X"}},
	{"ESC 9 (DECFI at the right edge)", "DEC STD 070 5.6", "abc\x1b[1;10H\x1b9", want{screen: "bc", at: "1;10"}},
	{"ESC 9 (DECFI, colour of the background)", "terminfo bce", "\x1b[1;10H\x1b[44m\x1b9", want{sgr: "1;10=44 5;10=44 1;9="}},
	{"ESC = (DECKPAM)", "ctlseqs, Controls beginning with ESC", "\x1b=", want{state: sends(Key{Code: KeyKPEnter}), is: "\x1bOM"}},
	{"ESC > (DECKPNM)", "ctlseqs, Controls beginning with ESC", "\x1b=\x1b>", want{state: sends(Key{Code: KeyKPEnter}), is: "\r"}},
	{"ESC D (IND)", "ctlseqs, C1 (8-Bit) Control Characters", "ab\x1bDX", want{screen: "ab\n  X"}},
	{"ESC D (IND at the bottom margin)", "DEC STD 070 5.4", "a\n\rb\n\rc\x1b[1;2r\x1b[2;1H\x1bDX", want{screen: "b\nX\nc"}},
	{"ESC D (IND below the bottom margin)", "DEC STD 070 5.4: no scrolling outside of the margins", "a\x1b[1;2r\x1b[5;1H\x1bDX", want{screen: "a\n\n\n\nX", inert: true}},
	{"ESC E (NEL)", "ECMA-48 8.3.86", "ab\x1bEX", want{screen: "ab\nX"}},
	{"ESC H (HTS)", "ECMA-48 8.3.62", "\x1b[1;4H\x1bH\r\tX", want{screen: "   X"}},
	{"ESC M (RI)", "ECMA-48 8.3.104", "a\x1b[2;1H\x1bMX", want{screen: "X"}},
	{"ESC M (RI at the top)", "DEC STD 070 5.4", "a\r\nb\x1b[1;1H\x1bMX", want{screen: "X\na\nb"}},
	{"ESC M (RI, colour of the background)", "terminfo bce", "\x1b[44m\x1bM", want{sgr: "1;1=44 1;10=44 2;1="}},
	{"ESC M (RI with side margins, outside of them)", "DEC STD 070 5.4: no scrolling outside of the margins", "ab\x1b[?69h\x1b[2;5s\x1b[1;1H\x1bMX", want{screen: "Xb", inert: true}},
	{"ESC N (SS2)", "ctlseqs, C1 (8-Bit) Control Characters", "\x1b*0\x1bNqq", want{screen: "─q"}},
	{"ESC O (SS3)", "ctlseqs, C1 (8-Bit) Control Characters", "\x1b+0\x1bOqq", want{screen: "─q"}},
	{"ESC V (SPA)", "ECMA-48 8.3.129; ctlseqs, C1 (8-Bit) Control Characters", "a\x1bVbc\x1b[2K", want{screen: " bc"}},
	{"ESC W (EPA)", "ECMA-48 8.3.37; ctlseqs, C1 (8-Bit) Control Characters", "\x1bVa\x1bWbc\x1b[2J", want{screen: "a"}},
	{"ESC Z (DECID)", "ctlseqs, C1 (8-Bit) Control Characters", "\x1bZ", want{replies: ourDA1, xterm: ownIdentity}},
	{"ESC c (RIS)", "ctlseqs, Controls beginning with ESC", "\x1b[2;3r\x1b[31;44m\x1b[?7l\x1b[4habc\x1bcX\x1b[?7$p", want{screen: "X", at: "1;2", sgr: "1;1=", replies: "\x1b[?7;1$y"}},
	{"ESC c (RIS on the alternate screen)", "ctlseqs, Controls beginning with ESC", "abc\x1b[?1049hdef\x1bcX", want{screen: "X", state: func(t *Terminal) any { return t.Modes().AltScreen }, is: false}},
	{"ESC l (memory lock)", "ctlseqs, Controls beginning with ESC; terminfo meml", "a\r\nb\r\nc\x1b[2;1H\x1bl\x1b[5;1H\nX", want{screen: "a\nc\n\n\nX"}},
	{"ESC m (memory unlock)", "ctlseqs, Controls beginning with ESC; terminfo memu", "a\r\nb\r\nc\x1b[2;1H\x1bl\x1bm\x1b[5;1H\nX", want{screen: "b\nc\n\n\nX"}},
	{"ESC n (LS2)", "ctlseqs, Controls beginning with ESC", "\x1b*0\x1bnq", want{screen: "─"}},
	{"ESC o (LS3)", "ctlseqs, Controls beginning with ESC", "\x1b+0\x1boq", want{screen: "─"}},
	{"ESC ( 0 (SCS, DEC special graphics)", "ctlseqs, Controls beginning with ESC; terminfo acsc", "\x1b(0A_`afg\r\njklmnqtuvw\r\nx{|}~yzops", want{screen: "A ◆▒°±\n┘┐┌└┼─├┤┴┬\n│π≠£·≤≥⎺⎻⎽"}},
	{"ESC ( A (SCS, British)", "ctlseqs, Controls beginning with ESC", "\x1b(A#a", want{screen: "£a", xterm: "takes it for Latin-1 unless mode 42 is set"}},
	{"ESC ( 2 (SCS, alternate special graphics)", "ctlseqs, Controls beginning with ESC", "\x1b(0\x1b(2q", want{screen: "q"}},
	{"ESC ( B (SCS, ASCII)", "ctlseqs, Controls beginning with ESC", "\x1b(0\x1b(Bq", want{screen: "q"}},
	{"ESC ( (SCS, G0)", "ctlseqs, Controls beginning with ESC", "\x1b(0q", want{screen: "─"}},
	{"ESC ) (SCS, G1)", "ctlseqs, Controls beginning with ESC", "\x1b)0q\x0eq", want{screen: "q─"}},
	{"ESC * (SCS, G2)", "ctlseqs, Controls beginning with ESC", "\x1b*0q\x1bnq", want{screen: "q─"}},
	{"ESC + (SCS, G3)", "ctlseqs, Controls beginning with ESC", "\x1b+0q\x1boq", want{screen: "q─"}},
	{"ESC # 3 (DECDHL, top half)", "ctlseqs, Controls beginning with ESC; taken for plain", "a\x1b#3b", want{screen: "ab", inert: true}},
	{"ESC # 4 (DECDHL, bottom half)", "ctlseqs, Controls beginning with ESC; taken for plain", "a\x1b#4b", want{screen: "ab", inert: true}},
	{"ESC # 5 (DECSWL)", "ctlseqs, Controls beginning with ESC", "a\x1b#5b", want{screen: "ab", inert: true}},
	{"ESC # 6 (DECDWL)", "ctlseqs, Controls beginning with ESC; taken for plain", "a\x1b#6b", want{screen: "ab", inert: true}},
	{"ESC # 8 (DECALN)", "ctlseqs, Controls beginning with ESC; DEC STD 070 5.8: margins go, the cursor is home", "\x1b[2;3r\x1b[3;3H\x1b#8X", want{screen: "XEEEEEEEEE\nEEEEEEEEEE\nEEEEEEEEEE\nEEEEEEEEEE\nEEEEEEEEEE", at: "1;2"}},
	{"ESC # 8 (DECALN, attributes)", "DEC STD 070 5.8: they go", "\x1b[1;31m\x1b#8\x1b[2JX", want{screen: "X", sgr: "1;1=31"}},
	{"ESC SP F (S7C1T)", "ctlseqs, Controls beginning with ESC: what we always do", "a\x1b Fb", want{screen: "ab", inert: true}},
	{"ESC SP G (S8C1T)", "ctlseqs, Controls beginning with ESC: answers stay 7-bit, for they are UTF-8", "\x1b G\x1b[5n", want{replies: "\x1b[0n", inert: true, xterm: "answers with C1 controls"}},
	{"ESC % G (UTF-8)", "ctlseqs, Controls beginning with ESC: what we always are", "a\x1b%Gé", want{screen: "aé", inert: true}},
	{"ESC \\ (ST)", "ctlseqs, C1 (8-Bit) Control Characters", "a\x1b\\b", want{screen: "ab", inert: true}},
}

const ourDA1 = "\x1b[?62;6;21;22;28c"

// ownIdentity is why answers that say what a terminal is differ.
const ownIdentity = "says that it is another terminal"

// sends is what key k sends in the modes of a terminal.
func sends(k Key) func(*Terminal) any {
	return func(t *Terminal) any { return string(t.EncodeKey(nil, k)) }
}
