package term

import "testing"

func TestSGR(t *testing.T) {
	for _, c := range []struct {
		in   string
		want Style
	}{
		{"1", Style{Attrs: AttrBold}},
		{"2", Style{Attrs: AttrFaint}},
		{"3", Style{Attrs: AttrItalic}},
		{"4", Style{Underline: UnderlineSingle}},
		{"5", Style{Attrs: AttrBlink}},
		{"6", Style{Attrs: AttrBlink}},
		{"7", Style{Attrs: AttrInverse}},
		{"8", Style{Attrs: AttrHidden}},
		{"9", Style{Attrs: AttrStrike}},
		{"21", Style{Underline: UnderlineDouble}},
		{"53", Style{Attrs: AttrOverline}},
		{"1;2;3;5;7;8;9;53", Style{Attrs: AttrBold | AttrFaint | AttrItalic | AttrBlink | AttrInverse | AttrHidden | AttrStrike | AttrOverline}},
		{"1;2;22", Style{}},
		{"3;23", Style{}},
		{"4;24", Style{}},
		{"21;24", Style{}},
		{"5;25", Style{}},
		{"7;27", Style{}},
		{"8;28", Style{}},
		{"9;29", Style{}},
		{"53;55", Style{}},
		{"4:0", Style{}},
		{"4:1", Style{Underline: UnderlineSingle}},
		{"4:2", Style{Underline: UnderlineDouble}},
		{"4:3", Style{Underline: UnderlineCurly}},
		{"4:4", Style{Underline: UnderlineDotted}},
		{"4:5", Style{Underline: UnderlineDashed}},
		{"4;3", Style{Underline: UnderlineSingle, Attrs: AttrItalic}},
		{"31;42", Style{Fg: Indexed(1), Bg: Indexed(2)}},
		{"97;107", Style{Fg: Indexed(15), Bg: Indexed(15)}},
		{"31;39", Style{}},
		{"41;49", Style{}},
		{"38;5;200", Style{Fg: Indexed(200)}},
		{"38:5:200", Style{Fg: Indexed(200)}},
		{"48;5;200;1", Style{Bg: Indexed(200), Attrs: AttrBold}},
		{"38;2;1;2;3", Style{Fg: RGB(1, 2, 3)}},
		{"38;2;1;2;3;4", Style{Fg: RGB(1, 2, 3), Underline: UnderlineSingle}},
		{"38:2:1:2:3", Style{Fg: RGB(1, 2, 3)}},
		{"38:2::1:2:3", Style{Fg: RGB(1, 2, 3)}},
		{"38:2:0:1:2:3", Style{Fg: RGB(1, 2, 3)}},
		{"48:2::1:2:3;1", Style{Bg: RGB(1, 2, 3), Attrs: AttrBold}},
		{"58;5;9", Style{UnderlineColor: Indexed(9)}},
		{"58:2::1:2:3", Style{UnderlineColor: RGB(1, 2, 3)}},
		{"58:5:9;59", Style{}},
		{"38;5;256;1", Style{Attrs: AttrBold}},
		{"38;2;1;2", Style{}},
		{"38", Style{}},
		{"38;5", Style{}},
		{"38;9;1", Style{Attrs: AttrBold}},
		{"1:2", Style{}},
		{"31;", Style{}},
		{"31;0", Style{}},
		{"", Style{}},
		{"99;1", Style{Attrs: AttrBold}},
	} {
		term := screenOf(4, 1, "\x1b["+c.in+"mx")
		if got := term.Cell(0, 0).Style; got != c.want {
			t.Errorf("SGR %s gives %+v, want %+v", c.in, got, c.want)
		}
		checkInvariants(t, term)
	}
}

func TestSGRWithAPrefixIsAnotherThing(t *testing.T) {
	for _, in := range []string{"\x1b[>4;1m", "\x1b[?4m", "\x1b[<1m", "\x1b[=1m"} {
		if got := screenOf(4, 1, in+"x").Cell(0, 0).Style; got != (Style{}) {
			t.Errorf("%q gives %+v", in, got)
		}
	}
}

// When more styles are on the screen than the table holds, new ones are
// nearly right rather than wrong, and the table recovers.
func TestStylesBeyondTheTable(t *testing.T) {
	term := New(400, 200, Options{})
	_, _ = term.Write([]byte(numbered(80_000, "\x1b[38;2;1;2;%dmx")))
	checkInvariants(t, term)
	_, _ = term.Write([]byte("\x1b[m\x1b[2J"))
	_, _ = term.Write([]byte(numbered(80_000, "\x1b[H\x1b[38;2;1;2;%dmx")))
	_, _ = term.Write([]byte("\x1b[H\x1b[38;2;200;201;202my"))
	if got := term.Cell(0, 0).Style.Fg; got != RGB(200, 201, 202) {
		t.Errorf("colour %x after the screen was cleared", got)
	}
	checkInvariants(t, term)
}

// A collection renumbers styles, clusters and links; the screens stay as they
// are, the alternate one and the pen included.
func TestCollectionKeepsWhatIsSeen(t *testing.T) {
	in := "\x1b[31mred\x1b]8;;http://a/\x07link\x1b]8;;\x07 e\u0301 ☺\ufe0f\r\n\x1b[44m\x1b[K\x1b[?1049hx\x1b[1;48;2;1;2;3m\x1b]8;;http://b/\x07y"
	term := screenOf(20, 3, in)
	look := func() (out []Cell) {
		for _, s := range []*screen{term.primary, term.alt} {
			term.scr = s
			for y := range 3 {
				for x := range 20 {
					out = append(out, term.Cell(x, y))
				}
			}
		}
		return out
	}
	before := look()
	for i := range 100 { // garbage
		term.internStyle(&Style{Fg: RGB(9, 9, uint8(i))}, 0)
		term.internLink([]byte{'h', byte('0' + i)})
	}
	term.collect(0)
	for i, c := range look() {
		if c != before[i] {
			t.Errorf("cell %d is %+v, was %+v", i, c, before[i])
		}
	}
	if n := len(term.tab.styles); n > 8 {
		t.Errorf("%d styles are left", n)
	}
	_, _ = term.Write([]byte("z"))
	if got, want := term.Cell(2, 1), (Cell{Text: "z", Width: 1, Style: Style{Bg: RGB(1, 2, 3), Fg: Indexed(1), Attrs: AttrBold}, Link: "http://b/"}); got != want {
		t.Errorf("printed after it: %+v, want %+v", got, want)
	}
	checkInvariants(t, term)
}
