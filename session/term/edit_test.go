package term

import "testing"

// screen5 is five lines of letters on 5x5.
const screen5 = "aaaaa\r\nbbbbb\r\nccccc\r\nddddd\r\neeeee"

func TestErasing(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"EL to the right", "\x1b[2;3H\x1b[K", []string{"aaaaa", "bb", "ccccc", "ddddd", "eeeee"}},
		{"EL to the left", "\x1b[2;3H\x1b[1K", []string{"aaaaa", "   bb", "ccccc", "ddddd", "eeeee"}},
		{"EL all", "\x1b[2;3H\x1b[2K", []string{"aaaaa", "", "ccccc", "ddddd", "eeeee"}},
		{"EL unknown", "\x1b[2;3H\x1b[9K", []string{"aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"}},
		{"ED below", "\x1b[2;3H\x1b[J", []string{"aaaaa", "bb"}},
		{"ED above", "\x1b[2;3H\x1b[1J", []string{"", "   bb", "ccccc", "ddddd", "eeeee"}},
		{"ED all", "\x1b[2;3H\x1b[2J", nil},
		{"ECH", "\x1b[2;2H\x1b[2X", []string{"aaaaa", "b  bb", "ccccc", "ddddd", "eeeee"}},
		{"ECH beyond the edge", "\x1b[2;2H\x1b[99X", []string{"aaaaa", "b", "ccccc", "ddddd", "eeeee"}},
		{"ICH", "\x1b[2;2H\x1b[2@", []string{"aaaaa", "b  bb", "ccccc", "ddddd", "eeeee"}},
		{"DCH", "\x1b[2;2H\x1b[2P", []string{"aaaaa", "bbb", "ccccc", "ddddd", "eeeee"}},
		{"IL", "\x1b[2;2H\x1b[2L", []string{"aaaaa", "", "", "bbbbb", "ccccc"}},
		{"DL", "\x1b[2;2H\x1b[2M", []string{"aaaaa", "ddddd", "eeeee"}},
		{"IL inside margins", "\x1b[2;4r\x1b[3;1H\x1b[L", []string{"aaaaa", "bbbbb", "", "ccccc", "eeeee"}},
		{"DL inside margins", "\x1b[2;4r\x1b[3;1H\x1b[M", []string{"aaaaa", "bbbbb", "ddddd", "", "eeeee"}},
		{"IL outside margins", "\x1b[2;4r\x1b[5;1H\x1b[L", []string{"aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"}},
		{"SU", "\x1b[2S", []string{"ccccc", "ddddd", "eeeee"}},
		{"SD", "\x1b[2T", []string{"", "", "aaaaa", "bbbbb", "ccccc"}},
		{"SD by its other name", "\x1b[2^", []string{"", "", "aaaaa", "bbbbb", "ccccc"}},
		{"five parameters of T are a mouse's", "\x1b[1;1;1;1;1T", []string{"aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"}},
		{"SU inside margins", "\x1b[2;4r\x1b[S", []string{"aaaaa", "ccccc", "ddddd", "", "eeeee"}},
		{"SD inside margins", "\x1b[2;4r\x1b[T", []string{"aaaaa", "", "bbbbb", "ccccc", "eeeee"}},
		{"LF at the bottom margin", "\x1b[2;4r\x1b[4;1H\n", []string{"aaaaa", "ccccc", "ddddd", "", "eeeee"}},
		{"LF below the margins", "\x1b[2;4r\x1b[5;1H\n", []string{"aaaaa", "bbbbb", "ccccc", "ddddd", "eeeee"}},
		{"RI at the top margin", "\x1b[2;4r\x1b[2;1H\x1bM", []string{"aaaaa", "", "bbbbb", "ccccc", "eeeee"}},
		{"margins of one line are none", "\x1b[3;3r\x1b[5;1H\n", []string{"bbbbb", "ccccc", "ddddd", "eeeee"}},
		{"DECFRA", "\x1b[42;2;2;3;4$x", []string{"aaaaa", "b***b", "c***c", "ddddd", "eeeee"}},
		{"DECERA", "\x1b[2;2;3;4$z", []string{"aaaaa", "b   b", "c   c", "ddddd", "eeeee"}},
		{"DECCRA", "\x1b[1;1;2;2;1;4;4;1$v", []string{"aaaaa", "bbbbb", "ccccc", "dddaa", "eeebb"}},
		{"DECCRA onto itself", "\x1b[1;1;4;5;1;2;1;1$v", []string{"aaaaa", "aaaaa", "bbbbb", "ccccc", "ddddd"}},
		{"IRM", "\x1b[2;2H\x1b[4hxy\x1b[4l", []string{"aaaaa", "bxybb", "ccccc", "ddddd", "eeeee"}},
		{"IRM off", "\x1b[4h\x1b[4l\x1b[2;2Hxy", []string{"aaaaa", "bxybb", "ccccc", "ddddd", "eeeee"}},
		{"DECBI at the margin", "\x1b[2;1H\x1b6", []string{" aaaa", " bbbb", " cccc", " dddd", " eeee"}},
		{"DECFI at the margin", "\x1b[2;5H\x1b9", []string{"aaaa", "bbbb", "cccc", "dddd", "eeee"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(5, 5, screen5+c.in)
			wantText(t, term, c.want...)
			checkInvariants(t, term)
		})
	}
}

// What is erased and scrolled in takes the background colour and nothing else.
func TestBackgroundColourErase(t *testing.T) {
	pen := "\x1b[1;4;31;44m"
	for name, in := range map[string]string{
		"EL":      "\x1b[3;3H" + pen + "\x1b[K",
		"ED":      "\x1b[3;3H" + pen + "\x1b[2J",
		"ECH":     "\x1b[3;3H" + pen + "\x1b[X",
		"ICH":     "\x1b[3;3H" + pen + "\x1b[@",
		"DCH":     "\x1b[3;3H" + pen + "\x1b[3P",
		"IL":      "\x1b[3;3H" + pen + "\x1b[L",
		"DL":      "\x1b[3;3H" + pen + "\x1b[3M",
		"SU":      pen + "\x1b[5S",
		"SD":      pen + "\x1b[5T",
		"LF":      "\x1b[5;1H" + pen + "\n\n\n",
		"RI":      pen + "\x1b[H\x1bM\x1bM\x1bM",
		"DECERA":  pen + "\x1b[3;3;3;3$z",
		"1049":    pen + "\x1b[?1049h",
		"DECSEL":  "\x1b[3;3H" + pen + "\x1b[?K",
		"DECIC":   "\x1b[3;3H" + pen + "\x1b['}",
		"columns": "\x1b[?69h\x1b[2;4s" + pen + "\x1b[5S",
	} {
		t.Run(name, func(t *testing.T) {
			term := screenOf(5, 5, screen5+in)
			c := term.Cell(2, 2)
			if want := (Style{Bg: Indexed(4)}); c.Text != " " || c.Style != want {
				t.Errorf("%q %+v, want a blank on blue", c.Text, c.Style)
			}
			checkInvariants(t, term)
		})
	}
}

func TestSelectiveErase(t *testing.T) {
	mixed := "\x1b[1\"qA\x1b[2\"qb\x1b[1\"qC\x1b[0\"qd\r\nxy"
	for _, c := range []struct {
		name, in string
		want     []string
	}{
		{"DECSEL", "\x1b[1;1H\x1b[?K", []string{"A C", "xy"}},
		{"DECSED", "\x1b[?2J", []string{"A C"}},
		{"DECSERA", "\x1b[1;1;1;2${", []string{"A Cd", "xy"}},
		{"EL takes all", "\x1b[1;1H\x1b[K", []string{"", "xy"}},
		{"ED takes all", "\x1b[2J", nil},
		{"ECH takes all", "\x1b[1;1H\x1b[9X", []string{"", "xy"}},
		{"protection does not scroll away", "\x1b[1;1H\x1bM\x1b[?2J", []string{"", "A C"}},
	} {
		t.Run(c.name, func(t *testing.T) { wantText(t, screenOf(8, 3, mixed+c.in), c.want...) })
	}
}

func TestDECALN(t *testing.T) {
	term := screenOf(3, 2, "\x1b[31m\x1b[2;2H\x1b#8")
	wantText(t, term, "EEE", "EEE")
	wantCursor(t, term, 0, 0)
	if s := term.Cell(1, 1).Style; s != (Style{}) {
		t.Errorf("style %+v", s)
	}
}

func TestRepeat(t *testing.T) {
	for in, want := range map[string][]string{
		"a\x1b[3b":                {"aaaa"},
		"a\x1b[b":                 {"aa"},
		"日\x1b[2b":                {"日日", "日"},
		"e\u0301\x1b[2b":          {"e\u0301e\u0301e\u0301"},
		"\x1b(0q\x1b[2b":          {"───"},
		"\x1b[3b":                 nil,
		"a\x1b[H\x1b[31mb\x1b[2b": {"bbb"},
		"ab\x1b[4b":               {"abbbb", "b"},
	} {
		term := screenOf(5, 3, in)
		wantText(t, term, want...)
		checkInvariants(t, term)
	}
}

func TestCharsets(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b(0lqqk\x1b(Bq":      "┌──┐q",
		"\x1b)0q\x0eq\x0fq":      "q─q",
		"\x1b(A#\x1b(B#":         "£#",
		"\x1b*0\x1bnq\x0fq":      "─q",
		"\x1b+0\x1boq\x0fq":      "─q",
		"\x1b*0\x1bNqq":          "─q",
		"\x1b+0\x1bOqq":          "─q",
		"\x1b(0_a~\x1b(B":        " ▒·",
		"\x1b(0\x1b[!pq":         "q",
		"\x1b(0\x1bcq":           "q",
		"\x1b%G\u00fc\x1b%@":     "ü",
		"\x1b(0AB":               "AB",
		"\x1b(0x\x1b[4hq\x1b[4l": "│─",
	} {
		if got := screenOf(10, 2, in).Text()[0]; got != want {
			t.Errorf("%q shows %q, want %q", in, got, want)
		}
	}
}
