package term

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestAppendRow(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ab", "ab      "},
		{"\x1b[31ma\x1b[mb", "\x1b[31ma\x1b[mb      "},
		{"\x1b[1ma\x1b[31mb\x1b[22mc", "\x1b[1ma\x1b[31mb\x1b[22mc\x1b[m     "},
		{"\x1b[1;2;31ma\x1b[22;1mb", "\x1b[1;2;31ma\x1b[22;1mb\x1b[m      "},
		{"\x1b[4:3;58;2;1;2;3ma\x1b[21mb\x1b[24mc", "\x1b[4:3;58:2::1:2:3ma\x1b[4:2mb\x1b[24mc\x1b[m     "},
		{"\x1b[38;5;7;48;5;8ma\x1b[38;5;20mb", "\x1b[37;100ma\x1b[38;5;20mb\x1b[m      "},
		{"\x1b[38;2;1;2;3ma\x1b[39;1mb", "\x1b[38;2;1;2;3ma\x1b[1;39mb\x1b[m      "},
		{"\x1b[44m\x1b[K", "\x1b[44m        \x1b[m"},
		{"\x1b[7mabcdefgh", "\x1b[7mabcdefgh\x1b[m"},
		{"日a", "日a     "},
		{"abcdefg日", "abcdefg "},
		{"a\x1b]8;;http://x/\x07b\x1b]8;;\x07c", "a\x1b]8;;http://x/\x1b\\b\x1b]8;;\x1b\\c     "},
		{"abcdefg\x1b]8;;http://x/\x07h", "abcdefg\x1b]8;;http://x/\x1b\\h\x1b]8;;\x1b\\"},
		{"\x1b[3Ca", "   a    "},
		{"\x1b[53;9;8;5;3ma", "\x1b[3;5;8;9;53ma\x1b[m       "},
	} {
		term := screenOf(8, 2, c.in)
		if got := string(term.AppendRow([]byte("<"), 0)); got != "<"+c.want {
			t.Errorf("%q is drawn as %q, want %q", c.in, got[1:], c.want)
		}
		checkInvariants(t, term)
	}
	term := New(4, 2, Options{})
	for _, y := range []int{-1, 2, 99, -99} {
		if got := string(term.AppendRow(nil, y)); got != "    " {
			t.Errorf("row %d is %q", y, got)
		}
	}
}

// What is drawn, fed to another terminal, looks the same.
func TestDrawnRowsLookTheSame(t *testing.T) {
	term := New(174, 96, Options{})
	feedChunks(term, readData(t, "testdata/alacritty-ref/vim_24bitcolors_bce/alacritty.recording"), 4096)
	again := New(174, 96, Options{})
	for y := range 96 {
		var b []byte
		b = append(b, "\x1b["+itoa(y+1)+"H"...)
		_, _ = again.Write(term.AppendRow(b, y))
	}
	for y := range 96 {
		for x := range 174 {
			if got, want := again.Cell(x, y), term.Cell(x, y); got != want {
				t.Fatalf("column %d row %d is %+v, want %+v", x, y, got, want)
			}
		}
	}
}

func itoa(n int) string { return strings.TrimSpace(string(appendSmall(nil, byte(n)))) }

// Cells that would melt into one cluster if their texts stood side by side are
// kept apart in what is drawn.
func TestDrawnCellsStayApart(t *testing.T) {
	for _, in := range []string{
		"\U0001F1E9\x1b[3G\U0001F1EA",
		"\u1100\x1b[3G\u1161",
		"\U0001F469\u200d\x1b[3G\U0001F467",
		"\u0d4e\x1b[2Gx",
		"\x1b[7m\u0d4e\x1b[2Gx",
		"\u0915\u094d\x1b[2G\u0924",
		"\u0903\x1b[1Gx",
	} {
		term := screenOf(8, 1, in)
		if row := string(term.AppendRow(nil, 0)); ansi.StringWidth(row) != 8 {
			t.Errorf("%+q is drawn as %+q, %d columns wide", in, row, ansi.StringWidth(row))
		}
	}
}

func TestGenerations(t *testing.T) {
	gens := func(term *Terminal) (g [4]uint64) {
		for y := range g {
			g[y] = term.RowGeneration(y)
		}
		return g
	}
	for _, c := range []struct {
		name, in string
		changed  [4]bool
	}{
		{"text", "\x1b[2;1Hx", [4]bool{1: true}},
		{"nothing but a move", "\x1b[4;4H", [4]bool{}},
		{"a colour", "\x1b[31m", [4]bool{}},
		{"EL", "\x1b[3;1H\x1b[K", [4]bool{2: true}},
		{"ED", "\x1b[3;1H\x1b[J", [4]bool{2: true, 3: true}},
		{"ICH", "\x1b[2;1H\x1b[@", [4]bool{1: true}},
		{"a mark", "\x1b[1;2H\u0301", [4]bool{0: true}},
		{"scrolling", "\x1b[4;1H\n", [4]bool{true, true, true, true}},
		{"scrolling a region", "\x1b[2;3r\x1b[3;1H\n", [4]bool{1: true, 2: true}},
		{"IL", "\x1b[3;1H\x1b[L", [4]bool{2: true, 3: true}},
		{"the other screen", "\x1b[?1049h", [4]bool{true, true, true, true}},
		{"RIS", "\x1bc", [4]bool{true, true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(5, 4, "a\r\nb\r\nc\r\nd")
			g0, before := term.Generation(), gens(term)
			_, _ = term.Write([]byte(c.in))
			for y, g := range gens(term) {
				if g < before[y] || (g > before[y]) != c.changed[y] {
					t.Errorf("row %d: generation %d after %d", y, g, before[y])
				}
			}
			if term.Generation() <= g0 {
				t.Error("the screen's generation stood still")
			}
		})
	}
	term := screenOf(5, 4, "a")
	before := gens(term)
	term.Resize(6, 4)
	for y, g := range gens(term) {
		if g <= before[y] {
			t.Errorf("row %d: generation %d after a resize, was %d", y, g, before[y])
		}
	}
	if term.RowGeneration(-1) != 0 || term.RowGeneration(4) != 0 {
		t.Error("rows outside have generations")
	}
}

// A cache of rows by their generation shows the screen as it is, whatever was
// written.
func TestRowsCachedByGeneration(t *testing.T) {
	for seed := range uint64(40) {
		rnd := newRand(seed)
		term := New(20, 8, Options{})
		type entry struct {
			gen uint64
			row string
		}
		cache := make([]entry, 8)
		for range 200 {
			_, _ = term.Write(generate(rnd, 1))
			for y := range cache {
				if g := term.RowGeneration(y); cache[y].gen != g || cache[y].row == "" {
					cache[y] = entry{g, string(term.AppendRow(nil, y))}
				} else if row := string(term.AppendRow(nil, y)); row != cache[y].row {
					t.Fatalf("seed %d row %d: cached %q, is %q", seed, y, cache[y].row, row)
				}
			}
		}
	}
}

func TestNothingIsAllocatedForText(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	term := New(80, 24, Options{ScrollbackLines: 100})
	in := []byte(strings.Repeat("\x1b[31mplain\x1b[m 日本 e\u0301 \x1b[5;5H\x1b[K text that goes on\r\n", 50))
	feed := func() { _, _ = term.Write(in) }
	for range 100 {
		feed()
	}
	if n := testing.AllocsPerRun(100, feed); n != 0 {
		t.Errorf("Write allocates %v times", n)
	}
	buf := make([]byte, 0, 1<<16)
	if n := testing.AllocsPerRun(100, func() {
		for y := -20; y < 24; y++ {
			buf = term.AppendRow(buf[:0], y)
		}
	}); n != 0 {
		t.Errorf("AppendRow allocates %v times", n)
	}
}

// Neighbours that would be one cluster stay two on the terminal that a row is
// drawn on, which joins across changes of style too.
func TestDrawnNeighboursStayApart(t *testing.T) {
	for in, want := range map[string]string{
		"\U0001F1E9\x1b[3G\U0001F1EA|":               "\U0001F1E9\u200c\U0001F1EA|",
		"\U0001F1E9\x1b[3G\x1b[31m\U0001F1EA\x1b[m|": "\U0001F1E9\u200c\U0001F1EA|",
		"\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7|":  "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7|",
		"\U0001F469\u200d\x1b[3G\U0001F469|":         "\U0001F469\U0001F469|",
		"\U0001F469\u200d\U0001F469|":                "\U0001F469\u200d\U0001F469|",
		"\u1100\x1b[3G\u1161|":                       "\u1100\u200c\u1161|",
	} {
		term := screenOf(6, 1, in)
		if got := strings.TrimRight(stripStyling(string(term.AppendRow(nil, 0))), " "); got != want {
			t.Errorf("%q is drawn as %q, want %q", in, got, want)
		}
		checkInvariants(t, term)
	}
}

// A terminal that knows no clusters adds up the widths of characters; rows for
// it add up to the same columns.
func TestPlainClusters(t *testing.T) {
	for in, want := range map[string]string{
		"\U0001F469\u200d\U0001F469\u200d\U0001F467\u200d\U0001F466|": "\U0001F469|",
		"\U0001F44D\U0001F3FD|":                  "\U0001F44D|",
		"\u2764\ufe0f|":                          "\u2764 |",
		"1\ufe0f\u20e3|":                         "1 |",
		"\U0001F1E9\U0001F1EA|":                  "\U0001F1E9\U0001F1EA|",
		"\U0001F1E9\x1b[3G\U0001F1EA\U0001F1E9|": "\U0001F1E9 \U0001F1EA\U0001F1E9|",
		"e\u0301日\u1100\u1161|":                  "e\u0301日\u1100\u1161|",
	} {
		term := screenOf(10, 1, in)
		before := term.RowGeneration(0)
		term.SetPlainClusters(true)
		row := stripStyling(string(term.AppendRow(nil, 0)))
		if got := strings.TrimRight(row, " "); got != want {
			t.Errorf("%q is drawn as %q, want %q", in, got, want)
		}
		columns := 0
		for _, r := range row {
			if r != '\u1161' {
				columns += ansi.StringWidthWc(string(r))
			}
		}
		if columns != 10 {
			t.Errorf("%q is %d columns wide, want 10", in, columns)
		}
		if term.RowGeneration(0) == before {
			t.Errorf("%q: the row is not drawn anew", in)
		}
	}
}
