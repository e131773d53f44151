package term

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestWrapping(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"text goes on in the next line", "abcdefg", []string{"abcde", "fg"}},
		{"a full line does not wrap by itself", "abcde\r\nx", []string{"abcde", "x"}},
		{"CR takes back the pending wrap", "abcde\rx", []string{"xbcde"}},
		{"movement takes it back", "abcde\x1b[Cx", []string{"abcdx"}},
		{"colours do not", "abcde\x1b[31mx", []string{"abcde", "x"}},
		{"without DECAWM the last column is overwritten", "\x1b[?7labcdefg", []string{"abcdg"}},
		{"but not by what does not fit", "\x1b[?7labcd日", []string{"abcd"}},
		{"DECAWM off and on leaves the wrap owed", "abcde\x1b[?7l\x1b[?7hx", []string{"abcde", "x"}},
		{"a wide character does not split", "abcd日", []string{"abcd", "日"}},
		{"nor at the very end", "abc日x", []string{"abc日", "x"}},
		{"at the bottom the screen scrolls", "a\r\nb\r\ncdefgh", []string{"b", "cdefg", "h"}},
		{"below the margins it does not", "\x1b[1;2r\x1b[3;1Habcdefg", []string{"", "", "fgcde"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(5, 3, c.in)
			wantText(t, term, c.want...)
			checkInvariants(t, term)
		})
	}
}

func TestWideCharacters(t *testing.T) {
	term := screenOf(6, 2, "a日b")
	for x, want := range []Cell{{Text: "a", Width: 1}, {Text: "日", Width: 2}, {Text: "", Width: 0}, {Text: "b", Width: 1}, blankCell} {
		if got := term.Cell(x, 0); got != want {
			t.Errorf("column %d: %+v, want %+v", x, got, want)
		}
	}
	for _, c := range []struct{ name, in, want string }{
		{"overwriting the right half blanks the left", "日日\x1b[2Gx", " x日"},
		{"overwriting the left half blanks the right", "日日\x1b[1Gx", "x 日"},
		{"a wide one over two halves", "日日\x1b[2G月", " 月"},
		{"ECH of a half", "日日\x1b[2G\x1b[X", "  日"},
		{"DCH of a half", "日日\x1b[2G\x1b[P", " 日"},
		{"ICH into one", "日日\x1b[2G\x1b[@", "   日"},
		{"ICH pushes a half over the edge", "abcd日\x1b[1G\x1b[@", " abcd"},
		{"EL through one", "日日\x1b[2G\x1b[K", ""},
		{"EL left through one", "日日\x1b[1G\x1b[1K", "  日"},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(6, 2, c.in)
			if got := term.Text()[0]; got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
			checkInvariants(t, term)
		})
	}
}

func TestClusters(t *testing.T) {
	for _, c := range []struct {
		name  string
		in    string
		cells []string
		x     int // of the cursor
	}{
		{"a combining mark", "e\u0301x", []string{"e\u0301", "x"}, 2},
		{"two marks", "e\u0301\u0302x", []string{"e\u0301\u0302", "x"}, 2},
		{"a mark after a colour", "e\x1b[31m\u0301x", []string{"e\u0301", "x"}, 2},
		{"a mark after a move", "ex\x1b[2G\u0301", []string{"e\u0301", "x"}, 1},
		{"a mark on the last column", "0123456789\u0301", []string{"0"}, 9},
		{"a mark with nothing before it", "\u0301x", []string{"x"}, 1},
		{"a mark on an erased cell", "\x1b[3G\u0301", []string{" ", " \u0301"}, 2},
		{"a mark on a wide character", "日\u0301x", []string{"日\u0301", "", "x"}, 3},
		{"emoji joined by ZWJ", "\U0001F469\u200d\U0001F467x", []string{"\U0001F469\u200d\U0001F467", "", "x"}, 3},
		{"emoji side by side", "\U0001F469\U0001F467", []string{"\U0001F469", "", "\U0001F467", ""}, 4},
		{"skin tone", "\U0001F44D\U0001F3FDx", []string{"\U0001F44D\U0001F3FD", "", "x"}, 3},
		{"a flag", "\U0001F1E9\U0001F1EAx", []string{"\U0001F1E9\U0001F1EA", "", "x"}, 3},
		{"two flags", "\U0001F1E9\U0001F1EA\U0001F1EB\U0001F1F7", []string{"\U0001F1E9\U0001F1EA", "", "\U0001F1EB\U0001F1F7", ""}, 4},
		{"flag letters that a move parts", "\U0001F1E9\x1b[3G\U0001F1EA", []string{"\U0001F1E9", "", "\U0001F1EA", ""}, 4},
		{"emoji presentation makes it wide", "☺\ufe0fx", []string{"☺\ufe0f", "", "x"}, 3},
		{"Hangul jamo", "\u1112\u1161\u11abx", []string{"\u1112\u1161\u11ab", "", "x"}, 3},
		{"a conjunct", "\u0915\u094d\u0924x", []string{"\u0915\u094d\u0924", "x"}, 2},
		{"keycap", "1\ufe0f\u20e3x", []string{"1\ufe0f\u20e3", "", "x"}, 3},
		{"invisible characters leave nothing", "a\u200b\u202e\u2066\ufeff\u00adb", []string{"a", "b"}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			// However the bytes are split over Writes, the screen is the same.
			for size := 1; size <= 4; size++ {
				term := New(10, 2, Options{})
				feedChunks(term, []byte(c.in), size)
				for x, want := range c.cells {
					if got := term.Cell(x, 0).Text; got != want {
						t.Errorf("in pieces of %d: column %d holds %+q, want %+q", size, x, got, want)
					}
				}
				wantCursor(t, term, c.x, 0)
				checkInvariants(t, term)
			}
		})
	}
}

func TestAClusterThatBecomesWideAtTheEdgeMovesToTheNextLine(t *testing.T) {
	term := screenOf(5, 3, "abcd☺\ufe0fx")
	wantText(t, term, "abcd", "☺\ufe0fx")
	term = screenOf(5, 3, "\x1b[?7labcd☺\ufe0fx")
	wantText(t, term, "abcdx")
}

func TestClustersAreBounded(t *testing.T) {
	term := screenOf(5, 2, "e"+strings.Repeat("\u0301", 1000)+"x")
	if got, want := term.Cell(0, 0).Text, "e"+strings.Repeat("\u0301", maxClusterRunes-1); got != want {
		t.Errorf("%+q, want %+q", got, want)
	}
	if got := term.Cell(1, 0).Text; got != "x" {
		t.Errorf("then %q", got)
	}
}

// Text that fits the bounds is cut into the same clusters, of the same widths,
// as by the library that measures what we draw.
func TestClustersAgreeWithTheMeasure(t *testing.T) {
	rnd := rand.New(rand.NewPCG(5, 6))
	pool := []rune("aé日本가각각☺⌛👩👧🏽🇩🇪🇫क्तिनกำ\u0e33\u0903\u0301\u0302\u200d\ufe0f\ufe0e\u20e3\u0d4e1#→│")
	for range 3000 {
		var b strings.Builder
		for range 1 + rnd.IntN(7) {
			b.WriteRune(pool[rnd.IntN(len(pool))])
		}
		in := "." + b.String() // marks at the start of a line have no character
		if len(in) > maxClusterBytes {
			continue
		}
		var want []string
		for rest := in; rest != ""; {
			c, w := ansi.FirstGraphemeCluster(rest, ansi.GraphemeWidth)
			if w > 0 {
				want = append(want, c)
			}
			rest = rest[len(c):]
		}
		term := screenOf(40, 1, in)
		var got []string
		for x := 0; x < 40; x++ {
			if c := term.Cell(x, 0); c.Width > 0 && c != blankCell {
				got = append(got, c.Text)
				if w := ansi.StringWidth(c.Text); w != c.Width {
					t.Errorf("%+q is %d wide, measured %d", c.Text, c.Width, w)
				}
			}
		}
		if fmt.Sprintf("%+q", got) != fmt.Sprintf("%+q", want) {
			t.Fatalf("%+q is cut into %+q, want %+q", in, got, want)
		}
	}
}

func TestInvalidUTF8(t *testing.T) {
	for in, want := range map[string]string{
		"a\xffb":               "a\ufffdb",
		"\xc0\x80":             "\ufffd\ufffd",
		"\xed\xa0\x80":         "\ufffd\ufffd\ufffd", // a surrogate
		"\xf5\x80":             "\ufffd\ufffd",
		"\xe6\x9cx":            "\ufffdx", // the start of a character is one
		"\xf0\x9f\x98x":        "\ufffdx",
		"\xe6\x9c\xe6\x9c\xac": "\ufffd本",
		"\x80\x9b1m":           "\ufffd\ufffd1m", // not a C1
		"\xe6\x9c\x1b[2Cx":     "\ufffd  x",      // the sequence is obeyed
		"\xe6\x9c\nx":          "\ufffd",
		"\ufffd":               "\ufffd",
	} {
		for size := 1; size <= len(in); size++ {
			term := New(10, 2, Options{})
			feedChunks(term, []byte(in), size)
			if got := term.Text()[0]; got != want {
				t.Errorf("%q in pieces of %d shows %q, want %q", in, size, got, want)
			}
		}
	}
}

func TestC1ControlsInUTF8(t *testing.T) {
	wantText(t, screenOf(10, 3, "a\u0085b"), "a", "b")
	wantText(t, screenOf(10, 3, "\u009b2;3Hx\u009d2;t\x1b\\y"), "", "  xy")
	wantText(t, screenOf(10, 3, "\u0090q~~~\x1b\\x"), "x")
}

func TestBell(t *testing.T) {
	if n := screenOf(10, 2, "\a\a\x1b]2;t\a").Bells(); n != 2 {
		t.Errorf("%d bells, want 2", n)
	}
}

func TestIgnoredControls(t *testing.T) {
	wantText(t, screenOf(10, 2, "a\x00\x01\x05\x7fb"), "ab")
	wantText(t, screenOf(20, 2, "a\x1b[?1;2z\x1b[>4;2m\x1b[99'w\x1b#3\x1b Fb"), "ab")
}

// Every split of every kind of sequence over two Writes gives the same screen.
func TestSequencesSplitOverWrites(t *testing.T) {
	in := "a\x1b[1;31mb\x1b]8;;http://x/本\x1b\\c\x1b]8;;\ad\x1b]2;title 本\x07\x1bP$qm\x1b\\e\x1b_G\x1b\\日e\u0301\U0001F469\u200d\U0001F467\x1b[?25l\x1b(0q\x1b[2 qx"
	whole := screenOf(20, 3, in)
	for i := 1; i < len(in); i++ {
		term := screenOf(20, 3, in[:i])
		_, _ = term.Write([]byte(in[i:]))
		for x := range 20 {
			if got, want := term.Cell(x, 0), whole.Cell(x, 0); got != want {
				t.Errorf("split at %d: column %d is %+v, want %+v", i, x, got, want)
			}
		}
		if term.Title() != "title 本" || term.Cursor() != whole.Cursor() || string(term.Replies()) != "\x1bP1$r0;1;31m\x1b\\" {
			t.Errorf("split at %d: title %q, cursor %+v", i, term.Title(), term.Cursor())
		}
	}
}

// The run that printing goes by and the single characters that it stands for
// give the same, whatever comes, however narrow the screen.
func TestPiecesOfAnySizeGiveTheSameScreen(t *testing.T) {
	for seed := range uint64(400) {
		rnd := rand.New(rand.NewPCG(seed, 5))
		cols, rows := 1+rnd.IntN(30), 1+rnd.IntN(6)
		data := generate(rnd, 120)
		whole, pieces := New(cols, rows, Options{}), New(cols, rows, Options{})
		feedChunks(whole, data, len(data))
		feedChunks(pieces, data, 1)
		if whole.Cursor() != pieces.Cursor() {
			t.Errorf("seed %d: cursor %+v at once, %+v byte by byte", seed, whole.Cursor(), pieces.Cursor())
		}
		for y := -min(whole.ScrollbackLen(), pieces.ScrollbackLen()); y < rows; y++ {
			a, b := string(whole.AppendRow(nil, y)), string(pieces.AppendRow(nil, y))
			if a != b {
				t.Fatalf("seed %d on %dx%d: line %d is %q at once, %q byte by byte", seed, cols, rows, y, a, b)
			}
		}
	}
}

// What a run reads as a character is what utf8 does.
func TestDecodeRuneIsAsUTF8(t *testing.T) {
	check := func(b [utf8.UTFMax]byte) {
		want, size := utf8.DecodeRune(b[:])
		if want == utf8.RuneError && size == 1 {
			want, size = 0, 0
		}
		if got, n := decodeRune(&b); got != want || n != size {
			t.Fatalf("% x is %U of %d bytes, want %U of %d", b, got, n, want, size)
		}
	}
	edges := []byte{0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff}
	for a := range 256 {
		for b := range 256 {
			for _, c := range edges {
				for _, d := range edges {
					check([utf8.UTFMax]byte{byte(a), byte(b), c, d})
				}
			}
		}
	}
}
