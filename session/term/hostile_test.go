package term

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

type hostileInput struct{ name, data string }

// hostileInputs are what made other emulators panic, hang or grow: counts that
// are not clamped, margins beyond the screen, tables without a bound, and
// texts that take quadratic time.
func hostileInputs() []hostileInput {
	in := []hostileInput{
		{"bottom margin beyond the screen, then IL", "\x1b[1;25r\x1b[L"},
		{"then DL", "\x1b[1;100r\x1b[M"},
		{"then SU", "\x1b[1;100r\x1b[S"},
		{"then RI", "\x1b[1;100r\x1bM"},
		{"right margin beyond the screen, then DL", "\x1b[?69h\x1b[1;200s\x1b[M"},
		{"then ICH", "\x1b[?69h\x1b[1;200s\x1b[@"},
		{"left margin beyond, then SD", "\x1b[?69h\x1b[;70s\x1b[T"},
		{"wide characters at side margins", "\x1b[?69h\x1b[2;3s" + strings.Repeat("日", 100)},
		{"negative parameters", "\x1b[-5P\x1b[-5@\x1b[-1L\x1b[-1M\x1b[-9X\x1b[-3S"},
		{"65 parameters", "\x1b[" + strings.Repeat("1;", 64) + "1m"},
		{"a megabyte of parameters", "\x1b[" + strings.Repeat("9;", 1<<19) + "m"},
		{"a megabyte of digits", "\x1b[" + strings.Repeat("9", 1<<20) + "A"},
		{"a megabyte of OSC", "\x1b]2;" + strings.Repeat("x", 1<<20) + "\x07"},
		{"a megabyte of unfinished OSC", "\x1b]2;" + strings.Repeat("x", 1<<20)},
		{"a megabyte of DCS", "\x1bP$q" + strings.Repeat("x", 1<<20) + "\x1b\\"},
		{"a megabyte of sixel", "\x1bPq" + strings.Repeat("~", 1<<20) + "\x1b\\"},
		{"a megabyte of APC", "\x1b_G" + strings.Repeat("x", 1<<20) + "\x1b\\"},
		{"a megabyte of ZWJ", "\U0001F469" + strings.Repeat("\u200d", 1<<20/3)},
		{"a megabyte of emoji and ZWJ", strings.Repeat("\U0001F469\u200d", 1<<20/7)},
		{"a megabyte of Hangul L", strings.Repeat("\u1100", 1<<20/3)},
		{"a megabyte of marks", "e" + strings.Repeat("\u0301", 1<<19)},
		{"a megabyte of flags", strings.Repeat("\U0001F1E6", 1<<18)},
		{"a megabyte of prepended marks", strings.Repeat("\u0d4e", 1<<20/3)},
		{"a megabyte of 0xff", strings.Repeat("\xff", 1<<20)},
		{"alternate screen on and off", strings.Repeat("\x1b[?1049h\x1b[?1049l", 20_000)},
		{"alternate screen filled and left", strings.Repeat("\x1b[?1049h\x1b#8\x1b[?1049l", 5_000)},
		{"resets", strings.Repeat("\x1bc", 50_000)},
		{"resets after text", strings.Repeat("x\n\x1bc", 50_000)},
		{"queries without end", strings.Repeat("\x1b[6n\x1b[c\x1b]11;?\x07\x1bP$qm\x1b\\", 20_000)},
		{"titles pushed without end", "\x1b]2;" + strings.Repeat("t", 200) + "\x07" + strings.Repeat("\x1b[22t", 50_000)},
		{"links without end", numbered(30_000, "\x1b]8;;http://example.com/%d\x07x")},
		{"long links", numbered(400, "\x1b]8;;http://%d/"+strings.Repeat("x", 1900)+"\x07x")},
		{"too long a link", "\x1b]8;;http://" + strings.Repeat("x", 60_000) + "\x07x"},
		{"colours without end", numbered(100_000, "\x1b[38;2;%d;7;8mx")},
		{"a style a cell", numbered(100_000, "\x1b[48;2;3;%[1]d;9;38;2;%[1]d;4;5mx")},
		{"clusters without end", clusterFlood(60_000)},
		{"scrolling regions set without end", strings.Repeat("\x1b[2;5r\x1b[r", 50_000)},
		{"repeats of a wide character", "日" + strings.Repeat("\x1b[9999b", 500)},
		{"tab stops cleared, then tabs", "\x1b[3g" + strings.Repeat("\t\x1b[9999Z", 20_000)},
		{"text without a newline", strings.Repeat("x", 1<<20)},
		{"blank lines", strings.Repeat("\n", 1<<20)},
		{"the screen cleared again and again", "x" + strings.Repeat("\x1b[2J", 100_000)},
	}
	for _, n := range []string{"999", "65535", "65536", "999999999", "2147483648", "4294967297", "99999999999", "9999999999999", "9223372036854775808", "18446744073709551617"} {
		for _, final := range "@ABCDEFGHIJKLMPSTXZ^`abdegr" {
			in = append(in, hostileInput{fmt.Sprintf("CSI %s %c", n, final), fmt.Sprintf("a\x1b[%s%c", n, final)})
		}
		for _, tail := range []string{"'}", "'~", " @", " A", "$x", "$z", "${", "$v", " q", "\"q"} {
			in = append(in, hostileInput{"CSI " + n + " " + tail, "a\x1b[" + n + tail})
		}
		in = append(in,
			hostileInput{"rectangle " + n, "\x1b[65;" + n + ";" + n + ";" + n + ";" + n + "$x"},
			hostileInput{"copy " + n, "\x1b[1;1;" + n + ";" + n + ";1;" + n + ";" + n + "$v"},
			hostileInput{"cursor " + n, "\x1b[" + n + ";" + n + "Hx"})
	}
	return in
}

func numbered(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i%256)
		if i%256 == 255 {
			fmt.Fprintf(&b, "\x1b[48;2;%d;%d;1m", i>>8%256, i>>16)
		}
	}
	return b.String()
}

// clusterFlood is n clusters, all different.
func clusterFlood(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteByte('a')
		b.WriteRune(rune(0x300 + i%0x70))
		b.WriteRune(rune(0x300 + i/0x70%0x70))
		b.WriteRune(rune(0x300 + i/0x70/0x70%0x70))
	}
	return b.String()
}

// hangNet is far beyond what any of these takes; only a hang reaches it.
const hangNet = 60 * time.Second

func TestHostileInputs(t *testing.T) {
	sizes := [][2]int{{80, 24}, {60, 5}, {200, 50}, {1, 1}, {2, 2}}
	if raceEnabled {
		sizes = sizes[:2]
	}
	for _, size := range sizes {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			for _, in := range hostileInputs() {
				term := New(size[0], size[1], Options{})
				term.onPanic = func(v any) { t.Errorf("%s: panic: %v", in.name, v) }
				done := make(chan struct{})
				go func() {
					defer close(done)
					feedChunks(term, []byte(in.data), 32<<10)
				}()
				select {
				case <-done:
				case <-time.After(hangNet):
					t.Fatalf("%s: hangs", in.name)
				}
				checkInvariants(t, term)
			}
		})
	}
}

// A program that does not know yet of a smaller screen sends the margins of the
// old one.
func TestMarginsOfTheOldSizeAfterShrinking(t *testing.T) {
	term := New(80, 40, Options{})
	term.onPanic = func(v any) { t.Errorf("panic: %v", v) }
	_, _ = term.Write([]byte("\x1b[1;40r\x1b[40;1Hbottom"))
	term.Resize(80, 24)
	_, _ = term.Write([]byte("\x1b[1;40r\x1bM\x1b[5L\x1b[99S"))
	checkInvariants(t, term)
}

func TestAnySizeIsTaken(t *testing.T) {
	for _, size := range [][2]int{{-1, -1}, {0, 0}, {1, 1}, {0, 50}, {1 << 30, 1 << 30}, {1 << 30, 1}} {
		term := New(size[0], size[1], Options{})
		_, _ = term.Write([]byte("日本語 text\r\n"))
		term.Resize(size[1], size[0])
		_, _ = term.Write([]byte("日本語 text\r\n"))
		if c, r := term.Size(); c < 1 || r < 1 || c > maxCols || r > maxRows {
			t.Errorf("%v gives %dx%d", size, c, r)
		}
		if term.cols*term.rows < 10_000 {
			checkInvariants(t, term)
		}
	}
}

// The ceiling holds whatever fills the terminal, measured on the heap.
func TestMemoryCeiling(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's own memory would be measured")
	}
	const ceiling = 32 << 20
	row := "\x1b[48;2;%d;1;2m" + strings.Repeat("wide 日本 e\u0301 ", 20) + "\r\n"
	for name, gen := range map[string]func(i int) string{
		"plain lines":     func(int) string { return strings.Repeat("x", 199) + "\r\n" },
		"styled lines":    func(i int) string { return fmt.Sprintf(row, i%256) },
		"styles":          func(i int) string { return numbered(200, "\x1b[38;2;9;9;%dmx") },
		"links":           func(i int) string { return fmt.Sprintf("\x1b]8;;http://%d/%s\x07x", i, strings.Repeat("y", 1900)) },
		"clusters":        func(i int) string { return clusterFlood(100) },
		"alternate":       func(int) string { return "\x1b[?1049h" + strings.Repeat("x", 10_000) + "\x1b[?1049l\r\n" },
		"control strings": func(int) string { return "\x1b]2;" + strings.Repeat("t", 5000) + "\x07" },
	} {
		t.Run(name, func(t *testing.T) {
			before := heapInUse()
			term := New(200, 50, Options{ScrollbackBytes: 64 << 20, ScrollbackLines: 1 << 20})
			fed := 0
			for i := 0; fed < 40<<20; i++ {
				b := gen(i)
				fed += len(b)
				_, _ = term.Write([]byte(b))
			}
			term.Resize(120, 40)
			term.Resize(1000, 100)
			if used := heapInUse() - before; used > ceiling {
				t.Errorf("holds %d KiB after %d MiB of input", used>>10, fed>>20)
			}
			runtime.KeepAlive(term)
		})
	}
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// If a panic ever gets out of the emulation, the pane starts afresh.
func TestAPanicResetsTheTerminal(t *testing.T) {
	term := screenOf(20, 5, "text")
	term.primary.order[0] = 999
	if n, err := term.Write([]byte("\x1b[Hmore")); n != 7 || err != nil {
		t.Errorf("Write = %d, %v", n, err)
	}
	_, _ = term.Write([]byte("new"))
	checkInvariants(t, term)
	wantText(t, term, "new")
}
