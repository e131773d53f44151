package term

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// generate makes a stream of n pieces of what terminals are sent, with
// parameters at and beyond every edge.
func generate(rnd *rand.Rand, n int) []byte {
	var b []byte
	nums := []string{"", "0", "1", "2", "3", "4", "5", "7", "8", "9", "24", "25", "38", "48", "58", "79", "80", "81", "100", "255", "256", "999", "65535", "65536", "2147483648", "9223372036854775808", "99999999999999999999999", "-1", "-5"}
	modes := []string{"1", "3", "5", "6", "7", "9", "12", "25", "40", "45", "47", "66", "69", "1000", "1002", "1003", "1004", "1005", "1006", "1015", "1047", "1048", "1049", "2004", "2026", "2027", "1016", "2031", "2048"}
	texts := []string{"a", "hello world", "\r\n", "\n", "\t", "\b", "日本語", "e\u0301", "\u0301", "\U0001F1E9\U0001F1EA", "\U0001F1E9", "\U0001F469\u200d\U0001F469\u200d\U0001F467", "\u200d", "\U0001F469", "\u1100", "\u1161", "\u11a8", "가", "각", "☺\ufe0f", "☺", "\ufe0f", "\u0600", "\u0d4e", "\u0915\u094d", "\u0924", "\u0903", "ก\u0e33", "\u0e33", "\xff", "\xe6\x9c", "\xc3", "\u202e", "\u200b", "\u009b31m", "\u0085", "1\ufe0f\u20e3", "\x0e", "\x0f", "\x07", "\x18", "\x1a", "\x7f", "\x00", "\U0010ffff", "\ufffd"}
	finals := "@ABCDEFGHIJKLMPSTXZ^`abcdefghlmnprstuuux}~qvz{|y"
	pick := func(s []string) string { return s[rnd.IntN(len(s))] }
	for range n {
		switch rnd.IntN(12) {
		case 0, 1, 2, 3:
			b = append(b, pick(texts)...)
		case 4:
			for range rnd.IntN(120) {
				b = append(b, byte(0x20+rnd.IntN(0x5f)))
			}
		case 5, 6, 7:
			b = append(b, "\x1b["...)
			b = append(b, []string{"", "", "", "?", ">", "=", "<"}[rnd.IntN(7)]...)
			for i := range rnd.IntN(5) {
				if i > 0 {
					b = append(b, ";;;:"[rnd.IntN(4)])
				}
				b = append(b, pick(nums)...)
			}
			b = append(b, []string{"", "", "", "", "$", " ", "!", "\"", "'", "*", "$ "}[rnd.IntN(11)]...)
			b = append(b, finals[rnd.IntN(len(finals))])
		case 8:
			b = append(b, "\x1b[?"...)
			b = append(b, pick(modes)...)
			b = append(b, "hlsr"[rnd.IntN(4)])
		case 9:
			b = append(b, "\x1b["...)
			b = append(b, pick([]string{"0", "1", "4:3", "7", "31", "44", "38;5;200", "48;2;1;2;3", "58:2::9:8:7", "38:5:3", "48;5", "38;2;1"})...)
			b = append(b, 'm')
		case 10:
			b = append(b, 0x1b)
			b = append(b, []string{"7", "8", "D", "E", "M", "H", "c", "l", "m", "#8", "(0", "(B", ")0", "=", ">", "N", "O", "n", "o", "6", "9", "Z", "\\", "%G"}[rnd.IntN(24)]...)
		case 11:
			b = append(b, 0x1b)
			b = append(b, []string{"]0;title \u202e 本\x07", "]8;;http://example.com/;x\x1b\\", "]8;;\x07", "]8;;http://本/" + strconv.Itoa(rnd.IntN(9)) + "\x1b\\", "]10;?\x07", "]11;?;?\x1b\\", "]133;A\x07", "P$qm\x1b\\", "P$q q\x1b\\", "P+q544e;436f;6b7531;6b66313b\x1b\\", "P$q*x\x1b\\", "]133;D;1\x07", "P1;2q#0;1~\x1b\\", "_Gabc\x1b\\", "^pm\x1b\\", "Xsos\x1b\\", "]52;c;?\x07", "]2;unfinished", "]4;1;rgb:ff/0/80;2;?\x07", "]104\x07", "]11;#123456\x07", "]110\x07", "]52;c;aGk=\x07", "]9;4;1;50\x07", "]9;note\x07", "]777;notify;a;b\x07", "]7;file://h/tmp\x07"}[rnd.IntN(27)]...)
		}
	}
	return b
}

// play feeds data in pieces of uneven length with resizes between.
func play(t testing.TB, term *Terminal, data []byte, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 1))
	for len(data) > 0 {
		n := min(1+rnd.IntN(64), len(data))
		if w, err := term.Write(data[:n]); w != n || err != nil {
			t.Fatalf("wrote %d of %d: %v", w, n, err)
		}
		data = data[n:]
		if rnd.IntN(8) == 0 {
			sizes := []int{1, 2, 3, 7, 10, 20, 24, 40, 80, 81}
			term.Resize(sizes[rnd.IntN(len(sizes))], sizes[rnd.IntN(len(sizes))])
			checkInvariants(t, term)
		}
	}
	checkInvariants(t, term)
}

// fuzzedTerminal is a small one, so that edges are near, with a ceiling that
// little input reaches.
func fuzzedTerminal(t testing.TB, rnd *rand.Rand) *Terminal {
	term := New(1+rnd.IntN(30), 1+rnd.IntN(12), Options{
		ScrollbackBytes: 1 << (8 + rnd.IntN(14)), ScrollbackLines: 50 << rnd.IntN(8), MemoryCeiling: tableMemory + 1<<20,
	})
	term.onPanic = func(v any) { t.Fatalf("panic: %v", v) }
	return term
}

// FuzzTerminal feeds any bytes, with resizes, and checks what always holds: the
// cursor and the margins, the cells, the answers, and the ceiling of memory.
// One input of 32 is played until it fills what there is.
func FuzzTerminal(f *testing.F) {
	for i := range uint64(24) {
		f.Add(i, generate(rand.New(rand.NewPCG(i, 2)), 40))
	}
	for _, h := range hostileInputs() {
		if len(h.data) <= 4096 {
			f.Add(uint64(7), []byte(h.data))
		}
	}
	f.Fuzz(func(t *testing.T, seed uint64, data []byte) {
		if len(data) > 1<<14 {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 3))
		term := fuzzedTerminal(t, rnd)
		play(t, term, data, seed)
		if seed%32 == 31 && len(data) > 0 {
			for range 1 << 16 / len(data) {
				_, _ = term.Write(data)
			}
			checkInvariants(t, term)
		}
		term.EncodePaste(nil, string(data))
		for range 64 {
			term.EncodeKey(nil, Key{
				Code: KeyCode(rnd.IntN(120)), Rune: rune(rnd.IntN(0x20000)) - 10, Text: string(data[:min(len(data), rnd.IntN(9))]),
				Mods: Mod(rnd.IntN(256)), Event: KeyEvent(rnd.IntN(3)), Layout: rune(rnd.IntN(200)),
			})
		}
		for range 64 {
			term.EncodeMouse(nil, Mouse{X: rnd.IntN(60) - 20, Y: rnd.IntN(60) - 20, Button: rnd.IntN(12) - 2, Kind: MouseKind(rnd.IntN(3)), Mods: Mod(rnd.IntN(256))})
		}
		for y := -term.ScrollbackLen(); y < term.rows; y++ {
			term.AppendRow(nil, y)
		}
	})
}

// FuzzGrammar is FuzzTerminal over streams of well-formed sequences, which
// random bytes seldom are.
func FuzzGrammar(f *testing.F) {
	for i := range uint64(64) {
		f.Add(i, uint16(200))
	}
	f.Fuzz(func(t *testing.T, seed uint64, n uint16) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		data := generate(rnd, int(n%1000))
		term := fuzzedTerminal(t, rnd)
		play(t, term, data, seed)
	})
}
