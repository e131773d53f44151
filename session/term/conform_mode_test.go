package term

import (
	"fmt"
	"slices"
	"strconv"
)

// Modes, set and reset. Each kept mode has a case of what it does, and one of
// how DECRQM reports it.

func conformModes() []conformance {
	out := slices.Clone(conformModeEffects)
	for _, m := range reportedModes {
		h, l, ask := fmt.Sprintf("\x1b[?%dh", m.n), fmt.Sprintf("\x1b[?%dl", m.n), fmt.Sprintf("\x1b[?%d$p", m.n)
		report := func(v int) string { return "\x1b[?" + strconv.Itoa(m.n) + ";" + strconv.Itoa(v) + "$y" }
		in, replies := ask, report(m.first)
		if m.set != m.reset || m.first != m.set {
			in, replies = ask+h+ask+l+ask, report(m.first)+report(m.set)+report(m.reset)
		}
		out = append(out, conformance{
			fmt.Sprintf("CSI ? %d $ p (DECRQM)", m.n), "DEC STD 070; ctlseqs, DECRQM", in,
			want{replies: replies, at: "1;1", xterm: m.xterm},
		})
	}
	for _, n := range []int{1, 2, 3, 5, 7, 10, 11, 13, 14, 15, 16, 17, 18, 19} {
		why := ""
		if n == 2 || n == 3 {
			why = "can lock its keyboard and show controls"
		}
		out = append(out, conformance{
			fmt.Sprintf("CSI %d $ p (DECRQM)", n), "DEC STD 070; ctlseqs, DECRQM: permanently reset", fmt.Sprintf("\x1b[%d$p", n),
			want{replies: fmt.Sprintf("\x1b[%d;4$y", n), xterm: why},
		})
	}
	return out
}

// conformModeEffects is what a mode changes when it is set, and when it is reset.
var conformModeEffects = []conformance{
	{"CSI 4 h (IRM)", "ECMA-48 7.2.10", "abc\r\x1b[4hXY", want{screen: "XYabc"}},
	{"CSI 4 h (IRM, a wide character)", "ECMA-48 7.2.10", "abc\r\x1b[4h日", want{screen: "日abc"}},
	{"CSI 4 h (IRM, outside of the margins)", "DEC STD 070 5.6: nothing is moved, as with ICH", "abcdefgh\x1b[?69h\x1b[2;4s\x1b[1;6H\x1b[4hX", want{screen: "abcdeXgh", inert: true}},
	{"CSI 4 l (IRM)", "ECMA-48 7.2.10", "abc\r\x1b[4h\x1b[4lX", want{screen: "Xbc"}},
	{"CSI 20 h (LNM)", "ctlseqs, Functions using CSI", "ab\x1b[20h\nX", want{screen: "ab\nX", state: sends(Key{Code: KeyEnter}), is: "\r\n"}},
	{"CSI 20 l (LNM)", "ctlseqs, Functions using CSI", "ab\x1b[20h\x1b[20l\nX", want{screen: "ab\n  X"}},
	{"CSI 34 l (a mode of screen's)", "terminfo tmux-256color cnorm; ECMA-48 5.4: taken whole", "a\x1b[34lb", want{screen: "ab", inert: true}},
	{"CSI 4 $ p (DECRQM, IRM)", "ctlseqs, DECRQM", "\x1b[4h\x1b[4$p\x1b[4l\x1b[4$p", want{replies: "\x1b[4;1$y\x1b[4;2$y"}},
	{"CSI 12 $ p (DECRQM, SRM)", "ctlseqs, DECRQM: what is typed is never echoed here", "\x1b[12$p", want{replies: "\x1b[12;3$y", xterm: "can echo"}},
	{"CSI 20 $ p (DECRQM, LNM)", "ctlseqs, DECRQM", "\x1b[20$p\x1b[20h\x1b[20$p", want{replies: "\x1b[20;2$y\x1b[20;1$y"}},
	{"CSI Ps $ p (DECRQM, unknown)", "ctlseqs, DECRQM", "\x1b[99$p", want{replies: "\x1b[99;0$y"}},
	{"CSI ? Ps $ p (DECRQM, unknown)", "ctlseqs, DECRQM", "\x1b[?9999h\x1b[?9999$p", want{replies: "\x1b[?9999;0$y"}},

	{"CSI ? 1 h (DECCKM)", "ctlseqs, PC-Style Function Keys", "\x1b[?1h", want{state: sends(Key{Code: KeyUp}), is: "\x1bOA"}},
	{"CSI ? 1 l (DECCKM)", "ctlseqs, PC-Style Function Keys", "\x1b[?1h\x1b[?1l", want{state: sends(Key{Code: KeyUp}), is: "\x1b[A"}},
	{"CSI ? 3 h (DECCOLM)", "DEC STD 070 4.6: erases, margins go, the cursor is home; the width is the person's", "abc\x1b[?40h\x1b[2;3r\x1b[3;3H\x1b[?3hX\x1bP$qr\x1b\\", want{screen: "X", replies: "\x1bP1$r1;5r\x1b\\"}},
	{"CSI ? 5 h (DECSCNM)", "DEC STD 070 5.4", "\x1b[?5h", want{state: drawn, is: "\x1b[7m          \x1b[m"}},
	{"CSI ? 5 l (DECSCNM)", "DEC STD 070 5.4", "\x1b[?5h\x1b[?5l", want{state: drawn, is: "          "}},
	{"CSI ? 6 h (DECOM)", "DEC STD 070 5.4: from the margins, home at once", "\x1b[2;4r\x1b[5;5H\x1b[?6hX", want{screen: "\nX"}},
	{"CSI ? 6 l (DECOM)", "DEC STD 070 5.4: home at once", "\x1b[2;4r\x1b[?6h\x1b[?6lX", want{screen: "X"}},
	{"CSI ? 7 h (DECAWM)", "DEC STD 070 5.4", "\x1b[?7l\x1b[?7h0123456789X", want{screen: "0123456789\nX"}},
	{"CSI ? 7 l (DECAWM)", "DEC STD 070 5.4", "\x1b[?7l0123456789XY", want{screen: "012345678Y", at: "1;10"}},
	{"CSI ? 7 l (DECAWM, a wide character)", "as in xterm: what does not fit is dropped", "\x1b[?7l012345678日X", want{screen: "012345678X", at: "1;10"}},
	{"CSI ? 8 h (DECARM)", "ctlseqs, DECSET: a person's keyboard repeats by itself", "\x1b[?8l\x1b[?8h", want{state: private(8), is: true}},
	{"CSI ? 9 h (mouse, X10)", "ctlseqs, Mouse Tracking", "\x1b[?9h", want{state: clicks(0), is: "\x1b[M #\""}},
	{"CSI ? 12 h (blinking cursor)", "ctlseqs, DECSET", "\x1b[2 q\x1b[?12h", want{state: func(t *Terminal) any { return t.Cursor().Blink }, is: true}},
	{"CSI ? 12 l (steady cursor)", "ctlseqs, DECSET", "\x1b[?12l", want{state: func(t *Terminal) any { return t.Cursor().Blink }, is: false}},
	{"CSI ? 25 h (DECTCEM)", "ctlseqs, DECSET", "\x1b[?25l\x1b[?25h", want{state: func(t *Terminal) any { return t.Cursor().Visible }, is: true}},
	{"CSI ? 25 l (DECTCEM)", "ctlseqs, DECSET", "\x1b[?25l", want{state: func(t *Terminal) any { return t.Cursor().Visible }, is: false}},
	{"CSI ? 40 h (allow DECCOLM)", "ctlseqs, DECSET", "abc\x1b[?40h\x1b[?3l", want{}},
	{"CSI ? 45 h (reverse wraparound)", "ctlseqs, DECSET", "0123456789a\x1b[?45h\b\b\bX", want{screen: "01234567X9\na"}},
	{"CSI ? 45 l (reverse wraparound)", "ctlseqs, DECSET", "0123456789a\x1b[?45h\x1b[?45l\b\b\bX", want{screen: "0123456789\nX"}},
	{"CSI ? 47 h (alternate screen)", "ctlseqs, The Alternate Screen Buffer: the cursor stays, nothing is erased", "ab\x1b[?47hX\x1b[?47l\x1b[?47hY", want{screen: "  XY"}},
	{"CSI ? 47 l (alternate screen)", "ctlseqs, The Alternate Screen Buffer", "ab\x1b[?47hX\x1b[?47lY", want{screen: "ab Y"}},
	{"CSI ? 66 h (DECNKM)", "ctlseqs, DECSET", "\x1b[?66h", want{state: sends(Key{Code: KeyKPEnter}), is: "\x1bOM"}},
	{"CSI ? 67 h (DECBKM)", "ctlseqs, DECSET", "\x1b[?67h", want{state: sends(Key{Code: KeyBackspace}), is: "\b"}},
	{"CSI ? 69 h (DECLRMM)", "ctlseqs, DECSET", "\x1b[?69h\x1b[3;4s\x1b[1;3HabX", want{screen: "  ab\n  X"}},
	{"CSI ? 69 l (DECLRMM, margins go)", "DEC STD 070 5.4", "\x1b[?69h\x1b[3;4s\x1b[?69l\x1b[1;3HabX", want{screen: "  abX"}},
	{"CSI ? 1000 h (mouse, buttons)", "ctlseqs, Mouse Tracking", "\x1b[?1000h", want{state: clicks(ModCtrl), is: "\x1b[M0#\""}},
	{"CSI ? 1002 h (mouse, drags)", "ctlseqs, Mouse Tracking", "\x1b[?1002h", want{state: moves(0), is: "\x1b[M@#\""}},
	{"CSI ? 1003 h (mouse, all motion)", "ctlseqs, Mouse Tracking", "\x1b[?1003h", want{state: moves(3), is: "\x1b[MC#\""}},
	{"CSI ? 1004 h (focus)", "ctlseqs, FocusIn/FocusOut", "\x1b[?1004h", want{state: func(t *Terminal) any { return string(t.EncodeFocus(nil, true)) }, is: "\x1b[I"}},
	{"CSI ? 1005 h (mouse, UTF-8)", "ctlseqs, Mouse Tracking", "\x1b[?1000;1005h", want{state: clicks(0), is: "\x1b[M #\""}},
	{"CSI ? 1006 h (mouse, SGR)", "ctlseqs, Mouse Tracking", "\x1b[?1000;1006h", want{state: clicks(0), is: "\x1b[<0;3;2M"}},
	{"CSI ? 1007 h (alternate scroll)", "ctlseqs, DECSET", "\x1b[?1007l\x1b[?1007h", want{state: func(t *Terminal) any { return t.AlternateScroll() }, is: true}},
	{"CSI ? 1007 l (alternate scroll)", "ctlseqs, DECSET", "\x1b[?1007l", want{state: func(t *Terminal) any { return t.AlternateScroll() }, is: false}},
	{"CSI ? 1015 h (mouse, urxvt)", "ctlseqs, Mouse Tracking", "\x1b[?1000;1015h", want{state: clicks(0), is: "\x1b[32;3;2M"}},
	{"CSI ? 1016 h (mouse, pixels)", "ctlseqs, Mouse Tracking; the middle of the cell", "\x1b[?1000;1016h", want{state: clicks(0), is: "\x1b[<0;20;24M"}},
	{"CSI ? 1047 h (alternate screen)", "ctlseqs, The Alternate Screen Buffer: erased when it is left", "ab\x1b[?1047hX\x1b[?1047l\x1b[?1047hY", want{screen: "   Y"}},
	{"CSI ? 1047 l (alternate screen)", "ctlseqs, The Alternate Screen Buffer", "ab\x1b[?1047hX\x1b[?1047lY", want{screen: "ab Y"}},
	{"CSI ? 1048 h (save the cursor)", "ctlseqs, DECSET", "\x1b[2;3H\x1b[?1048h\x1b[H\x1b[?1048lX", want{screen: "\n  X"}},
	{"CSI ? 1048 l (restore the cursor)", "ctlseqs, DECSET", "\x1b[2;3H\x1b7\x1b[H\x1b[?1048lX", want{screen: "\n  X"}},
	{"CSI ? 1049 h (alternate screen and cursor)", "ctlseqs, The Alternate Screen Buffer: erased when it is entered, in the background's colour", "ab\x1b[?47hold\x1b[?47l\x1b[44m\x1b[?1049hX", want{screen: "     X", sgr: "1;1=44 5;10=44"}},
	{"CSI ? 1049 l (alternate screen and cursor)", "ctlseqs, The Alternate Screen Buffer", "ab\x1b[?1049h\x1b[3;3HX\x1b[?1049lY", want{screen: "abY"}},
	{"CSI ? 2004 h (bracketed paste)", "ctlseqs, Bracketed Paste Mode", "\x1b[?2004h", want{state: func(t *Terminal) any { return string(t.EncodePaste(nil, "a")) }, is: "\x1b[200~a\x1b[201~"}},
	{"CSI ? 2026 h (synchronized output)", "gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036", "\x1b[?2026h", want{state: func(t *Terminal) any { return t.Modes().Sync }, is: true}},
	{"CSI ? 2026 l (synchronized output)", "gist.github.com/christianparpart/d8a62cc1ab659194337d73e399004036", "\x1b[?2026h\x1b[?2026l", want{state: func(t *Terminal) any { return t.Modes().Sync }, is: false}},
	{"CSI ? 2027 h (grapheme clusters)", "github.com/contour-terminal/terminal-unicode-core", "\x1b[?2027l\x1b[?2027h\U0001F469\u200d\U0001F467X", want{screen: "\U0001F469\u200d\U0001F467X", at: "1;4", xterm: "knows no clusters"}},
	{"CSI ? 2027 l (no grapheme clusters)", "github.com/contour-terminal/terminal-unicode-core", "\x1b[?2027l\U0001F469\u200d\U0001F467X", want{screen: "\U0001F469\U0001F467X", at: "1;6"}},
	{"CSI ? 2031 h (reports of light and dark)", "contour-terminal.org/vt-extensions/color-palette-update-notifications", "\x1b[?2031h", want{state: recolors, is: "\x1b[?997;2n"}},
	{"CSI ? 2048 h (reports of the size)", "gist.github.com/rockorager/e695fb2924d36b2bcf1fff4a3704bd83", "\x1b[?2048h", want{replies: "\x1b[48;5;10;80;80t", xterm: "does not know it"}},
	{"CSI ? Ps h (DECSET, several)", "ctlseqs, DECSET", "\x1b[?1;25;2004h\x1b[?1$p\x1b[?2004$p", want{replies: "\x1b[?1;1$y\x1b[?2004;1$y"}},
	{"CSI ? Ps l (DECRST, several)", "ctlseqs, DECRST", "\x1b[?7;25l\x1b[?7$p\x1b[?25$p", want{replies: "\x1b[?7;2$y\x1b[?25;2$y"}},
	{"CSI ? Ps s (XTSAVE)", "ctlseqs, Functions using CSI", "\x1b[?1h\x1b[?1s\x1b[?1l\x1b[?1r\x1b[?1$p", want{replies: "\x1b[?1;1$y"}},
	{"CSI ? Ps r (XTRESTORE)", "ctlseqs, Functions using CSI", "\x1b[?7s\x1b[?7l\x1b[?7r\x1b[?7$p", want{replies: "\x1b[?7;1$y"}},
	{"CSI Ps h (SM, several)", "ECMA-48 8.3.125", "\x1b[4;20h\x1b[4$p\x1b[20$p", want{replies: "\x1b[4;1$y\x1b[20;1$y"}},
	{"CSI Ps l (RM, several)", "ECMA-48 8.3.106", "\x1b[4h\x1b[20h\x1b[4;20l\x1b[4$p\x1b[20$p", want{replies: "\x1b[4;2$y\x1b[20;2$y"}},
}

// reportedModes are the values of DECRQM before a mode is touched, when it was
// set, and when it was reset: 1 set, 2 reset, 3 always set, 4 never.
var reportedModes = []struct {
	n, first, set, reset int
	xterm                string
}{
	{1, 2, 1, 2, ""},
	{2, 3, 3, 3, "can become a VT52"},
	{3, 2, 2, 2, ""}, // changes under mode 40 only
	{4, 4, 4, 4, "can scroll smoothly"},
	{5, 2, 1, 2, ""},
	{6, 2, 1, 2, ""},
	{7, 1, 1, 2, ""},
	{8, 1, 1, 2, "leaves it to the X server"},
	{9, 2, 1, 2, ""},
	{10, 4, 4, 4, "has a toolbar in some builds"},
	{12, 1, 1, 2, "has a cursor that is steady by default"},
	{18, 4, 4, 4, "can print"},
	{19, 4, 4, 4, "can print"},
	{25, 1, 1, 2, ""},
	{30, 4, 4, 4, "has a scroll bar"},
	{38, 4, 4, 4, "can become a Tektronix 4014"},
	{40, 2, 1, 2, ""},
	{41, 4, 4, 4, "can work around more(1)"},
	{42, 4, 4, 4, "has national character sets"},
	{44, 4, 4, 4, "can ring at the margin"},
	{46, 4, 4, 4, ""},
	{45, 2, 1, 2, ""},
	{47, 2, 1, 2, ""},
	{66, 2, 1, 2, ""},
	{67, 2, 1, 2, "follows the terminfo of its build"},
	{69, 2, 1, 2, ""},
	{80, 4, 4, 4, "can show sixels in some builds"},
	{95, 4, 4, 4, "can keep the screen in DECCOLM"},
	{1000, 2, 1, 2, ""},
	{1001, 4, 4, 4, "highlights"},
	{1002, 2, 1, 2, ""},
	{1003, 2, 1, 2, ""},
	{1004, 2, 1, 2, ""},
	{1005, 2, 1, 2, ""},
	{1006, 2, 1, 2, ""},
	{1007, 1, 1, 2, "has it off by default"},
	{1015, 2, 1, 2, ""},
	{1016, 2, 1, 2, ""},
	{1034, 4, 4, 4, "can send 8-bit characters"},
	{1035, 4, 4, 4, "knows the number lock"},
	{1036, 3, 3, 3, "can send other things with Alt"},
	{1039, 3, 3, 3, "can send other things with Alt"},
	{1037, 4, 4, 4, "can send DEL for Delete"},
	{1040, 4, 4, 4, "has a selection of its own"},
	{1041, 4, 4, 4, "has a selection of its own"},
	{1042, 4, 4, 4, "has a window of its own"},
	{1043, 4, 4, 4, "has a window of its own"},
	{1044, 4, 4, 4, "has a selection of its own"},
	{1046, 3, 3, 3, "can lock its alternate screen"},
	{1047, 2, 1, 2, ""},
	{1049, 2, 1, 2, ""},
	{1050, 4, 4, 4, "has other function keys"},
	{1051, 4, 4, 4, "has other function keys"},
	{1052, 4, 4, 4, "has other function keys"},
	{1053, 4, 4, 4, "has other function keys"},
	{1060, 4, 4, 4, "has other function keys"},
	{1061, 4, 4, 4, "has other function keys"},
	{2004, 2, 1, 2, ""},
	{2026, 2, 1, 2, "does not know it"},
	{2027, 1, 1, 2, "does not know it"},
	{2031, 2, 1, 2, "does not know it"},
}

func private(n int) func(*Terminal) any {
	return func(t *Terminal) any { on, _ := t.private(n); return on }
}

// drawn is the top row as it goes to the outer terminal.
func drawn(t *Terminal) any { return string(t.AppendRow(nil, 0)) }

// clicks is what a click in row 2, column 3 sends.
func clicks(m Mod) func(*Terminal) any {
	return func(t *Terminal) any { return string(t.EncodeMouse(nil, Mouse{X: 2, Y: 1, Mods: m})) }
}

func moves(button int) func(*Terminal) any {
	return func(t *Terminal) any {
		return string(t.EncodeMouse(nil, Mouse{X: 2, Y: 1, Button: button, Kind: MouseMotion}))
	}
}

// recolors is what the terminal says when the outer terminal's colours turn light.
func recolors(t *Terminal) any {
	t.SetColors(0, 0xffffff, 0)
	return string(t.Replies())
}
