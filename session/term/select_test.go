package term

import (
	"strings"
	"testing"
)

// at is the point at column x of row y.
func (t *Terminal) at(x, y int) Point { return Point{t.LineOf(y), x} }

func TestSelectedTextIsWhatWasMeant(t *testing.T) {
	for _, c := range []struct {
		name       string
		in         string
		unit       Unit
		x0, y0     int
		x1, y1     int
		want       string
		scrolledBy int
	}{
		{name: "within a line", in: "one two three", x0: 4, x1: 6, want: "two"},
		{name: "backwards", in: "one two three", x0: 6, x1: 4, want: "two"},
		{name: "a blank that is followed by text", in: "one two", x0: 0, x1: 3, want: "one "},
		{name: "not the blanks behind a line", in: "one  \r\ntwo", x1: 2, y1: 1, want: "one\ntwo"},
		{name: "from behind a line", in: "one\r\ntwo", x0: 8, x1: 2, y1: 1, want: "\ntwo"},
		{name: "empty lines between", in: "a\r\n\r\n\r\nb", x1: 0, y1: 3, want: "a\n\n\nb"},
		{name: "wrapped rows joined", in: "0123456789abc\r\nx", x1: 0, y1: 2, want: "0123456789abc\nx"},
		{name: "a blank at a wrap", in: "012345678 abc", x1: 2, y1: 1, want: "012345678 abc"},
		{name: "a blank that the selection ends with, before a wrap", in: "01234  789abc", x1: 5, want: "01234 "},
		{name: "no place left by a wide character", in: "012345678日本", x1: 3, y1: 1, want: "012345678日本"},
		{name: "wide characters once", in: "a日本b", x0: 1, x1: 4, want: "日本"},
		{name: "a wide character by its right half", in: "a日本b", x0: 2, x1: 3, want: "日本"},
		{name: "clusters", in: "xe\u0301y", x0: 1, x1: 1, want: "e\u0301"},
		{name: "erased cells between", in: "a\x1b[3Cb", x1: 4, want: "a   b"},
		{name: "hidden text too", in: "a\x1b[8mb\x1b[mc", x1: 2, want: "abc"},

		{name: "words", unit: UnitWord, in: "one two three", x0: 5, x1: 9, want: "two three"},
		{name: "words over a wrap", unit: UnitWord, in: "a 3456789bcd e", x0: 5, x1: 5, want: "3456789bcd"},
		{name: "rows", unit: UnitRow, in: "0123456789abc", x0: 3, x1: 4, want: "0123456789"},
		{name: "lines", unit: UnitLine, in: "0123456789abc\r\nxyz\r\nend", x0: 2, y0: 1, x1: 0, y1: 2, want: "0123456789abc\nxyz"},
		{name: "a block", unit: UnitBlock, in: "abcdef\r\nghijkl\r\nmnopqr", x0: 1, x1: 3, y1: 2, want: "bcd\nhij\nnop"},
		{name: "a block from its other corners", unit: UnitBlock, in: "abcdef\r\nghijkl\r\nmnopqr", x0: 3, x1: 1, y1: 2, want: "bcd\nhij\nnop"},
		{name: "a block upwards", unit: UnitBlock, in: "abcdef\r\nghijkl\r\nmnopqr", x0: 1, y0: 2, x1: 3, want: "bcd\nhij\nnop"},
		{name: "a block beyond short lines", unit: UnitBlock, in: "abcdef\r\ng\r\n\r\nmnopqr", x0: 2, x1: 4, y1: 3, want: "cde\n\n\nopq"},
		{name: "a block keeps its columns", unit: UnitBlock, in: "a 1\r\nbb 2\r\n  3", x0: 0, x1: 3, y1: 2, want: "a 1\nbb 2\n  3"},
		{name: "a block that cuts wide characters", unit: UnitBlock, in: "日本語\r\nabcdef", x0: 1, x1: 4, y1: 1, want: " 本語\nbcde"},
		{name: "a block does not join rows", unit: UnitBlock, in: "0123456789abc", x0: 0, x1: 1, y1: 1, want: "01\nab"},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 5, c.in)
			s := Selection{Unit: c.unit, A: term.at(c.x0, c.y0), B: term.at(c.x1, c.y1)}
			if got, ok := term.SelectText(s); !ok || got != c.want {
				t.Errorf("%q, %v, want %q", got, ok, c.want)
			}
			// It is the same text when it has moved into the scrollback.
			_, _ = term.Write([]byte("\x1b[5;1H\n\n\n\n\n"))
			if got, ok := term.SelectText(s); !ok || got != c.want {
				t.Errorf("above the screen: %q, %v, want %q", got, ok, c.want)
			}
		})
	}
}

func TestSelectionOfTextThatIsGone(t *testing.T) {
	term := New(10, 3, Options{ScrollbackLines: 4})
	_, _ = term.Write([]byte("one\r\ntwo\r\nthree"))
	s := Selection{A: term.at(0, 0), B: term.at(2, 2)}
	_, _ = term.Write([]byte(strings.Repeat("\r\n", 4)))
	if got, ok := term.SelectText(s); !ok || got != "one\ntwo\nthr" {
		t.Errorf("%q, %v", got, ok)
	}
	_, _ = term.Write([]byte("\r\n"))
	for _, u := range []Unit{UnitCell, UnitWord, UnitRow, UnitLine, UnitBlock, UnitOutput} {
		s.Unit = u
		if got, ok := term.SelectText(s); ok {
			t.Errorf("unit %d: half of it is taken for all: %q", u, got)
		}
	}
}

func TestWordsThatADoubleClickPicks(t *testing.T) {
	for _, c := range []struct{ line, click, extra, want string }{
		{"say hello world", "hello", DefaultWordChars, "hello"},
		{"say hello, world", "hello", DefaultWordChars, "hello"},
		{"run --dry-run now", "dry", DefaultWordChars, "--dry-run"},
		{"run --dry-run now", "dry", "", "dry"},
		{"a snake_case b", "case", "", "snake_case"},
		{"the end.", "end", DefaultWordChars, "end"},
		{"the file.txt.", "txt", DefaultWordChars, "file.txt"},
		{"edit /etc/ssh/sshd_config, then", "sshd", "", "/etc/ssh/sshd_config"},
		{"main.go:12: in ./cmd/x/main.go:12:3: oops", "cmd", "", "./cmd/x/main.go"},
		{"rsync root@box:/data/set-1.tar ~/in", "data", "", "/data/set-1.tar"},
		{"(see https://example.com/a_(b)?c=d#e).", "example", "", "https://example.com/a_(b)?c=d#e"},
		{"ein großes Wort", "gro", "", "großes"},
		{"cafe\u0301 au lait", "caf", "", "cafe\u0301"},
		{"日本語 テキスト", "本", "", "日本語"},
		{"a ==== b", "==", "", "===="},
		{"a =-= b", "=", "", "="},
		{"a     b", "   ", "", "     "},
		{"x 日本 y", "日本", "", "日本"},
	} {
		t.Run(c.line, func(t *testing.T) {
			term := screenOf(60, 3, c.line)
			lt := term.around(0)
			p := lt.cells(strings.Index(c.line, c.click), strings.Index(c.line, c.click)+1).From
			got, ok := term.SelectText(Selection{Unit: UnitWord, A: p, B: p, WordChars: c.extra})
			if !ok || got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestTheOutputOfACommand(t *testing.T) {
	// ST-terminated marks as shells send them.
	const a, c = "\x1b]133;A\x1b\\", "\x1b]133;C\x1b\\"
	marked := a + "~/dir\r\n$ \x1b]133;B\x1b\\one\r\n" + c + "out 1\r\nout 2\r\n\x1b]133;D;0\x1b\\" +
		a + "~/dir\r\n$ true\r\n" + c + a + "~/dir\r\n$ two\r\n" + c + "last"
	plain := "before\r\n" + a + "$ one\r\nout 1\r\nout 2\r\n" + a + "$ true\r\n" + a + "$ two\r\nlast"
	for _, x := range []struct{ name, in, click, want string }{
		{"from its output", marked, "out 2", "out 1\nout 2"},
		{"from its command line", marked, "$ one", "out 1\nout 2"},
		{"of one that is at work", marked, "last", "last"},
		{"of one that printed nothing", marked, "$ true", ""},
		{"where only prompts are marked", plain, "out 2", "out 1\nout 2"},
		{"from the prompt", plain, "$ one", "out 1\nout 2"},
		{"nothing", plain, "$ true", ""},
		{"the last", plain, "last", "last"},
		{"before the first prompt", plain, "before", "before"},
		{"without marks", "$ one\r\nout", "out", ""},
		{"without what the shell prints behind it", a + "$ one\r\n" + c + "out\r\n\x1b]133;D\x1b\\\r\n" + a + "$ ", "out", "out"},
		{"without a newline at its end", a + "$ one\r\n" + c + "out\x1b]133;D;1\x1b\\\r\n" + a + "$ ", "out", "out"},
	} {
		t.Run(x.name, func(t *testing.T) {
			for _, rows := range []int{20, 3} { // on the screen, and mostly above it
				term := screenOf(20, rows, x.in)
				p := Point{Line: lineWith(t, term, x.click)}
				got, ok := term.SelectText(Selection{Unit: UnitOutput, A: p, B: p})
				if got != x.want || ok != (x.want != "") {
					t.Errorf("%d rows: %q, %v, want %q", rows, got, ok, x.want)
				}
			}
		})
	}
}

func TestFromPromptToPrompt(t *testing.T) {
	const a = "\x1b]133;A\x07"
	term := screenOf(20, 3, a+"$ 1\r\nx\r\nx\r\n"+a+"$ 2\r\n"+a+"$ 3\r\nx")
	one, two, three := lineWith(t, term, "$ 1"), lineWith(t, term, "$ 2"), lineWith(t, term, "$ 3")
	for _, c := range []struct {
		find func(uint64) (uint64, bool)
		from uint64
		want uint64
		ok   bool
	}{
		{term.PrevPrompt, term.EndLine(), three, true},
		{term.PrevPrompt, three, two, true},
		{term.PrevPrompt, two, one, true},
		{term.PrevPrompt, one, 0, false},
		{term.PrevPrompt, 1 << 63, three, true},
		{term.NextPrompt, 0, one, true},
		{term.NextPrompt, one, two, true},
		{term.NextPrompt, two, three, true},
		{term.NextPrompt, three, 0, false},
	} {
		if got, ok := c.find(c.from); got != c.want || ok != c.ok {
			t.Errorf("from %d: %d, %v, want %d", c.from, got, ok, c.want)
		}
	}
}

// The motions w, e and b of vi: over punctuation, wide characters, empty lines
// and wrapped ones, up to where the text ends.
func TestWordMotions(t *testing.T) {
	term := screenOf(20, 8, "foo bar-baz  日本 x\r\n\r\n  last 0123456789wrapped end")
	for _, c := range []struct {
		name string
		move func(Point, string) Point
		from Point
		want string
	}{
		{"w", term.NextWord, term.at(0, 0), "b-b日x l0edd"},
		{"e", term.WordEnd, term.at(0, 0), "or-z本xtddd"},
		{"b", term.PrevWord, term.at(7, 3), "e0l x日b-bff"},
	} {
		var got strings.Builder
		p := c.from
		for range []rune(c.want) {
			p = c.move(p, "")
			y, _ := term.RowOf(p.Line)
			got.WriteString(term.cellAt(p.Col, y).Text)
		}
		if got.String() != c.want {
			t.Errorf("%s goes to %q, want %q", c.name, got.String(), c.want)
		}
	}
	gone := Point{Line: 1 << 63}
	if term.NextWord(gone, "") != gone || term.PrevWord(gone, "") != gone || term.WordEnd(gone, "") != gone {
		t.Error("a place that is gone leads somewhere")
	}
}
