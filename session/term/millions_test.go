package term

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// A million of anything that a remote can leave behind stays under the ceiling
// of a small terminal.
func TestAMillionOfEverything(t *testing.T) {
	n := 1_000_000
	if testing.Short() || raceEnabled {
		n = 50_000
	}
	for name, one := range map[string]func(b []byte, i int) []byte{
		"titles":        func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b]2;%d\a", i) },
		"pushed titles": func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b]2;%d\a\x1b[22t", i) },
		"links":         func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b]8;;http://%d\ax", i) },
		"colours":       func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[38;2;%d;%d;%dmx", i>>16, i>>8&255, i&255) },
		"palettes":      func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b]4;%d;#%06x\a", i, i) },
		"modes":         func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[?%dh\x1b[?%ds\x1b[%dh", i, i, i) },
		"clusters": func(b []byte, i int) []byte {
			return fmt.Appendf(b, "e%c%c%c", 0x300+i%64, 0x300+i/64%64, 0x300+i/4096%64)
		},
		"pushed keyboard": func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[>%du", i%32) },
		"tab stops":       func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[%dG\x1bH", i%2000) },
		"wishes": func(b []byte, i int) []byte {
			return fmt.Appendf(b, "\x1b]9;%d\a\x1b]52;c;aGk=\a\x1b]7;file:///%d\a", i, i)
		},
		"prompts":        func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b]133;A\a$ \x1b]133;D;%d\a\n", i%256) },
		"queries":        func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[6n\x1bP+q436f\x1b\\") },
		"screens":        func(b []byte, i int) []byte { return append(b, "x\x1b[?1049hy\x1b[?1049l"...) },
		"bells":          func(b []byte, i int) []byte { return append(b, '\a') },
		"restored modes": func(b []byte, i int) []byte { return fmt.Appendf(b, "\x1b[?%dr\x1b[?%dl", i, i) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			term := New(20, 5, Options{MemoryCeiling: 8 << 20})
			term.onPanic = func(v any) { t.Errorf("panic: %v", v) }
			var b []byte
			for i := range n {
				if b = one(b, i); len(b) > 32<<10 || i == n-1 {
					_, _ = term.Write(b)
					b = b[:0]
				}
			}
			checkInvariants(t, term)
		})
	}
}

// Sizes change without end, each of them rewrapping all lines that are kept.
func TestResizesWithoutEnd(t *testing.T) {
	n := 4000
	if raceEnabled {
		n = 500
	}
	term := New(20, 5, Options{MemoryCeiling: 8 << 20})
	term.onPanic = func(v any) { t.Errorf("panic: %v", v) }
	rnd := newRand(5)
	for i := range n {
		if i%16 == 0 {
			_, _ = term.Write([]byte("\x1b[?2048h日本語 text that wraps somewhere\r\n"))
		}
		term.Resize(rnd.IntN(40)-2, rnd.IntN(12)-2)
		if i%100 == 0 {
			checkInvariants(t, term)
		}
	}
}

// Texts that other emulators take quadratic time for: the last eighth of a
// megabyte takes about as long as the first. In quadratic time it would take
// fifteen times as long; the best of several runs counts, and each piece is
// short, since the machine may be busy.
func TestTimeIsLinear(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector's time would be measured")
	}
	const size, piece = 1 << 20, 128 << 10
	for name, in := range map[string]struct{ start, unit string }{
		"ZWJ": {"\U0001F469", "\u200d"}, "emoji and ZWJ": {"", "\U0001F469\u200d"}, "Hangul L": {"", "\u1100"},
		"marks": {"e", "\u0301"}, "flags": {"", "\U0001F1E6"}, "prepended marks": {"", "\u0d4e"},
		"parameters": {"\x1b[", "9;"}, "broken UTF-8": {"", "\xe6\x9c"},
	} {
		data := []byte(in.start + strings.Repeat(in.unit, size/len(in.unit)))
		first, last := time.Hour, time.Hour
		for range 15 {
			term := New(200, 50, Options{})
			start := time.Now()
			_, _ = term.Write(data[:piece])
			first = min(first, time.Since(start))
			_, _ = term.Write(data[piece : len(data)-piece])
			start = time.Now()
			_, _ = term.Write(data[len(data)-piece:])
			last = min(last, time.Since(start))
		}
		if last > 6*first {
			t.Errorf("%s: %v for the first 128 KiB, %v for the last", name, first, last)
		}
	}
}
