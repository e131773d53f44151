package term

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// sameScreen fails unless both terminals show the same and stand the same.
func sameScreen(t *testing.T, got, want *Terminal, what string) {
	t.Helper()
	for y := range want.rows {
		for x := range want.cols {
			if g, w := got.Cell(x, y), want.Cell(x, y); g != w {
				t.Fatalf("%s: row %d column %d is %+v, want %+v", what, y, x, g, w)
			}
		}
		if g, w := got.RowWrapped(y), want.RowWrapped(y); g != w && y+1 < want.rows {
			t.Errorf("%s: row %d wrapped %v, want %v", what, y, g, w)
		}
		if g, w := got.rowFlags(y)&^rowWrapped, want.rowFlags(y)&^rowWrapped; g != w {
			t.Errorf("%s: row %d has marks %b, want %b", what, y, g, w)
		}
	}
	if g, w := string(got.AppendRow(nil, 0)), string(want.AppendRow(nil, 0)); g != w {
		t.Errorf("%s: drawn %q, want %q", what, g, w)
	}
	if g, w := got.Cursor(), want.Cursor(); g != w || got.pendWrap != want.pendWrap {
		t.Errorf("%s: cursor %+v %v, want %+v %v", what, g, got.pendWrap, w, want.pendWrap)
	}
	if got.title != want.title || got.Modes().AltScreen != want.Modes().AltScreen {
		t.Errorf("%s: title %q, alt %v", what, got.title, got.Modes().AltScreen)
	}
}

func repainted(term *Terminal) *Terminal {
	out := New(term.cols, term.rows, Options{})
	_, _ = out.Write([]byte("\x1b[31;7mleft over\x1b[2;3r\x1b[?6h\x1b(0\x1b[4h"))
	_, _ = out.Write(term.AppendRepaint(nil))
	return out
}

// Whatever the state was, the repainted terminal shows the same, and what is
// written to both then looks the same too.
func TestARepaintedTerminalGoesOnAlike(t *testing.T) {
	const then = "x\r\ny\t日z\x1b7\x1b[5;5Hq\x1b8mark\x1b[99;1H\r\n\r\nbottom\x1b[1;1H\x1b[Ltop\U0001F469\u200d\U0001F467\x1b[K0123456789012345678901234567890123456789end"
	for _, c := range []struct{ name, in string }{
		{"nothing", ""},
		{"text", "one\r\ntwo \x1b[31mred\x1b[m"},
		{"wrapped text", strings.Repeat("0123456789", 7)},
		{"wrapped wide text", "a" + strings.Repeat("日本", 20)},
		{"a wide character that did not fit, and is no more", "a" + strings.Repeat("日本", 5) + "\x1b[2;1Hb"},
		{"no clusters", "\x1b[?2027l\U0001F469\u200d\U0001F467e\u0301 ☺\ufe0fx"},
		{"marks", "\x1b]133;A\x1b\\$ \r\n\x1b]133;C\x1b\\out\r\n\x1b]133;D\x1b\\\x1b]133;A\x1b\\$ "},
		{"an owed wrap", "01234567890123456789"},
		{"an owed wrap after a wide character", "0123456789012345678日\x1b[1;18H日e"},
		{"an owed wrap with a pen", "0123456789012345678\x1b[1m9\x1b[32m"},
		{"styles and links", "\x1b[1;4:3;58;5;9;48;2;1;2;3mx\x1b]8;;http://x\x1b\\y\x1b[mz"},
		{"a pen with a link", "\x1b[1;31m\x1b]8;;http://x\x1b\\"},
		{"clusters", "e\u0301 \U0001F469\u200d\U0001F467 \U0001F1E9\U0001F1EA 각"},
		{"background colour erase", "\x1b[44mab\x1b[K\r\n\x1b[3;4H\x1b[1K\x1b[m"},
		{"margins", "\x1b[2;3r\x1b[3;4Hx"},
		{"side margins", "\x1b[?69h\x1b[3;9s\x1b[2;4Hx"},
		{"origin mode", "\x1b[2;4r\x1b[?6h\x1b[2;2Hx"},
		{"tab stops", "\x1b[3g\x1b[1;4H\x1bH\x1b[1;11H\x1bH\x1b[2;1H"},
		{"insert mode", "abc\x1b[4h\x1b[1;1H"},
		{"no autowrap", "\x1b[?7l0123456789012345678901234"},
		{"new line mode", "\x1b[20h"},
		{"a reversed screen", "abc\x1b[7mdef\x1b[m\x1b[?5h"},
		{"charsets", "\x1b)0\x0eqqq"},
		{"a saved cursor", "\x1b[3;7H\x1b[1;35m\x1b(0\x1b7\x1b[m\x1b(B\x1b[H"},
		{"a cursor", "\x1b[5 q\x1b[?25l"},
		{"a title", "\x1b]2;a title\x07"},
		{"a palette", "\x1b]4;1;#ff0102;200;rgb:1/2/3\x07\x1b]11;#000040\x07\x1b[31mred"},
		{"prompts", "x\r\n\x1b]133;A\x07$ ls\r\nout\r\n\x1b]133;A\x07$ "},
		{"the alternate screen", "before\x1b[33m\x1b[?1049h\x1b[44mfull\x1b[3;3H"},
		{"the alternate screen, a wrap owed on the other", "before\x1b[1;20Hx\x1b]8;;http://x\x1b\\\x1b[?1049h\x1b[44mfull"},
		{"the alternate screen with margins", "before\x1b[?1049h\x1b[2;3r\x1b[3;3H"},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(20, 5, c.in)
			again := repainted(term)
			sameScreen(t, again, term, "repainted")
			for _, in := range []string{then, "\x1b[?1049l", "a\x1b[10b"} {
				_, _ = term.Write([]byte(in))
				_, _ = again.Write([]byte(in))
				sameScreen(t, again, term, fmt.Sprintf("after %q", in))
			}
			term.Resize(13, 7)
			again.Resize(13, 7)
			checkInvariants(t, again)
		})
	}
}

// Any state can be repainted, and a second time from there.
func TestRepaintingAnything(t *testing.T) {
	for seed := range uint64(100) {
		rnd := rand.New(rand.NewPCG(seed, 41))
		term := New(1+rnd.IntN(30), 1+rnd.IntN(12), Options{ScrollbackLines: 50})
		play(t, term, generate(rnd, 200), seed)
		again := repainted(term)
		checkInvariants(t, again)
		if again.MidSequence() {
			t.Errorf("seed %d: it ends within a sequence", seed)
		}
		third := repainted(again)
		if g, w := strings.Join(third.Text(), "\n"), strings.Join(again.Text(), "\n"); g != w {
			t.Errorf("seed %d: %q, was %q", seed, g, w)
		}
	}
}

func TestMidSequence(t *testing.T) {
	for in, want := range map[string]bool{"": false, "a": false, "\x1b": true, "\x1b[3": true, "\x1b[3m": false, "\x1b]2;x": true, "\x1b]2;x\x1b": true, "\xe6\x97": true, "\xe6\x97\xa5": false, "\x1bP": true} {
		if got := screenOf(10, 2, in).MidSequence(); got != want {
			t.Errorf("%q: %v", in, got)
		}
	}
}
