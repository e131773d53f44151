package term

import (
	"runtime"
	"strings"
	"testing"
)

// OSC 4, 10 to 12 and their resets (ctlseqs, "Operating System Commands").
func TestColors(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"palette entries are told", "\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"},
		{"of the cube", "\x1b]4;208;?\x07", "\x1b]4;208;rgb:ffff/8787/0000\x1b\\"},
		{"of the greys", "\x1b]4;255;?\x07", "\x1b]4;255;rgb:eeee/eeee/eeee\x1b\\"},
		{"as they were set", "\x1b]4;1;rgb:12/34/56;1;?\x07", "\x1b]4;1;rgb:1212/3434/5656\x1b\\"},
		{"with a hash", "\x1b]4;1;#abc;1;?\x07", "\x1b]4;1;rgb:a0a0/b0b0/c0c0\x1b\\"},
		{"with long parts", "\x1b]4;1;rgb:ffff/8000/0;1;?\x07", "\x1b]4;1;rgb:ffff/7f7f/0000\x1b\\"},
		{"and reset", "\x1b]4;1;#abc\x07\x1b]104;1\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"},
		{"all of them", "\x1b]4;1;#abc\x07\x1b]104\x07\x1b]4;1;?\x07", "\x1b]4;1;rgb:cdcd/0000/0000\x1b\\"},
		{"wrong numbers are nothing", "\x1b]4;256;?\x07\x1b]4;-1;?\x07\x1b]4;x;?\x07\x1b]4;1;red\x07", ""},
		{"the background is told", "\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\"},
		{"and set", "\x1b]11;#102030\x07\x1b]11;?\x07", "\x1b]11;rgb:1010/2020/3030\x1b\\"},
		{"and reset", "\x1b]11;#102030\x07\x1b]111\x07\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\"},
		{"RIS resets", "\x1b]11;#102030\x07\x1bc\x1b]11;?\x07", "\x1b]11;rgb:0000/0000/0000\x1b\\"},
	} {
		t.Run(c.name, func(t *testing.T) { wantReplies(t, screenOf(4, 2, c.in), c.want) })
	}
}

// Colours that the remote changed are drawn, and no others.
func TestChangedColorsAreDrawn(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b[31ma\x1b]4;1;#010203\x07": "\x1b[38;2;1;2;3ma\x1b[m ",
		"\x1b[32ma\x1b]4;1;#010203\x07": "\x1b[32ma\x1b[m ",
		"a\x1b]11;#010203\x07":          "\x1b[48;2;1;2;3ma \x1b[m",
		"\x1b[41ma\x1b]11;#010203\x07":  "\x1b[48;2;1;2;3m\x1b[41ma\x1b[48;2;1;2;3m \x1b[m",
	} {
		term := screenOf(2, 1, "")
		before := term.RowGeneration(0)
		_, _ = term.Write([]byte(in))
		if got := string(term.AppendRow(nil, 0)); got != want {
			t.Errorf("%q draws %q, want %q", in, got, want)
		}
		if term.RowGeneration(0) == before {
			t.Errorf("%q damages nothing", in)
		}
	}
	if c := screenOf(2, 1, "\x1b]12;#ff0000\x07").Cursor().Color; c != RGB(255, 0, 0) {
		t.Errorf("the cursor is %x", c)
	}
}

// OSC 52 is a wish: taken by the owner, and never a look at the clipboard.
func TestClipboard(t *testing.T) {
	term := screenOf(4, 2, "\x1b]52;c;aGVsbG8=\x07\x1b]52;c;?\x07")
	wantReplies(t, term, "")
	if text, ok := term.TakeClipboard(); !ok || text != "hello" {
		t.Errorf("%q %v", text, ok)
	}
	if _, ok := term.TakeClipboard(); ok {
		t.Error("taken twice")
	}
	for _, bad := range []string{"\x1b]52;c;%%\x07", "\x1b]52\x07", "\x1b]52;c;\x07", "\x1b]52;c;" + strings.Repeat("QUFB", 1<<15) + "\x07"} {
		if _, ok := screenOf(4, 2, bad).TakeClipboard(); ok {
			t.Errorf("%.20q is a wish", bad)
		}
	}
}

func TestNoticesProgressAndDirectory(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b]9;done \x1b\\":             "done ",
		"\x1b]9;a\u202eb\x07":            "ab",
		"\x1b]9;2;box\x07":               "", // ConEmu's message box
		"\x1b]777;notify;title;body\x07": "title: body",
		"\x1b]777;other;x\x07":           "",
	} {
		if got, _ := screenOf(4, 2, in).TakeNotice(); got != want {
			t.Errorf("%q says %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]Progress{
		"\x1b]9;4;1;40\x07":                  {ProgressNormal, 40},
		"\x1b]9;4;1;400\x07":                 {ProgressNormal, 100},
		"\x1b]9;4;3\x07":                     {ProgressBusy, 0},
		"\x1b]9;4;1;40\x07\x1b]9;4;0\x07":    {},
		"\x1b]9;4;2;10\x07\x1b]9;4;9;11\x07": {ProgressError, 10},
	} {
		if got := screenOf(4, 2, in).Progress(); got != want {
			t.Errorf("%q is %+v, want %+v", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"\x1b]7;file://box/home/u%20x\x07":  "/home/u x",
		"\x1b]7;http://box/x\x07":           "",
		"\x1b]7;file://box/a%0d%1b[31m\x07": "/a[31m",
	} {
		if got := screenOf(4, 2, in).WorkingDirectory(); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// Modes 996, 2031 (contour) and 2048 (in-band resize).
func TestReportsOfSchemeAndSize(t *testing.T) {
	term := screenOf(4, 2, "\x1b[?996n\x1b[?2031h\x1b[?2048h")
	wantReplies(t, term, "\x1b[?997;1n\x1b[48;2;4;32;32t")
	_, _ = term.Write([]byte("x"))
	term.SetColors(0, 0xffffff, 0)
	term.Resize(5, 3)
	wantReplies(t, term, "\x1b[?997;2n\x1b[48;3;5;48;40t")
}

// DECCARA and DECRARA, in a rectangle or a stream (DEC STD 070; DECSACE).
func TestAttributesOfAreas(t *testing.T) {
	bold := func(in string) string {
		term := screenOf(4, 3, "abcd\r\nefgh\r\nijkl"+in)
		var b strings.Builder
		for y := range 3 {
			for x := range 4 {
				if term.Cell(x, y).Style.Attrs&AttrBold != 0 {
					b.WriteString(term.Cell(x, y).Text)
				}
			}
		}
		checkInvariants(t, term)
		return b.String()
	}
	for in, want := range map[string]string{
		"\x1b[2*x\x1b[1;2;2;3;1$r":                     "bcfg",
		"\x1b[1;2;2;3;1$r":                             "bcdefg",
		"\x1b[2*x\x1b[1;1;3;4;1$r\x1b[2;2;2;3;22$r":    "abcdehijkl",
		"\x1b[2*x\x1b[1;1;1;2;1$r\x1b[1;2;1;3;1$t":     "ac",
		"\x1b[2*x\x1b[1;1;3;4;1$r\x1b[1;1;3;4;0$r":     "",
		"\x1b[2*x\x1b[1;1;1;2;0$t":                     "ab",
		"\x1b[2*x\x1b[1;1;99;99;1$r\x1b[2;1;99;99;0$t": "abcd",
	} {
		if got := bold(in); got != want {
			t.Errorf("%q makes %q bold, want %q", in, got, want)
		}
	}
}

func TestMouseInPixels(t *testing.T) {
	term := screenOf(10, 4, "\x1b[?1000h\x1b[?1016h")
	if got := string(term.EncodeMouse(nil, Mouse{X: 4, Y: 2})); got != "\x1b[<0;36;40M" {
		t.Errorf("%q", got)
	}
}

// The ceiling holds whatever it is set to.
func TestMemoryCeilingIsKept(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	line := []byte(strings.Repeat("\x1b[31mword\x1b[m ", 40) + "\r\n")
	for _, ceiling := range []int64{8 << 20, 16 << 20, defaultMemoryCeiling} {
		before := heapInUse()
		term := New(200, 50, Options{MemoryCeiling: int(ceiling), ScrollbackBytes: 1 << 30, ScrollbackLines: 1 << 30})
		for range 150_000 {
			_, _ = term.Write(line)
		}
		if used := heapInUse() - before; used > ceiling {
			t.Errorf("holds %d bytes, the ceiling is %d", used, ceiling)
		}
		runtime.KeepAlive(term)
	}
}
