package term

import (
	"bytes"
	"strings"
	"testing"
)

func TestReports(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"DSR 5", "\x1b[5n", "\x1b[0n"},
		{"CPR", "\x1b[3;4H\x1b[6n", "\x1b[3;4R"},
		{"CPR with a pending wrap", "0123456789\x1b[6n", "\x1b[1;10R"},
		{"CPR counts from the margin under DECOM", "\x1b[2;4r\x1b[?6h\x1b[2;2H\x1b[6n", "\x1b[2;2R"},
		{"DECXCPR", "\x1b[3;4H\x1b[?6n", "\x1b[?3;4;1R"},
		{"printer", "\x1b[?15n", "\x1b[?13n"},
		{"user keys", "\x1b[?25n", "\x1b[?21n"},
		{"keyboard", "\x1b[?26n", "\x1b[?27;1;0;0n"},
		{"DA1", "\x1b[c", "\x1b[?62;6;21;22;28c"},
		{"DA1 zero", "\x1b[0c", "\x1b[?62;6;21;22;28c"},
		{"DA1 other", "\x1b[1c", ""},
		{"DECID", "\x1bZ", "\x1b[?62;6;21;22;28c"},
		{"DA2", "\x1b[>c", "\x1b[>41;377;0c"},
		{"DA3", "\x1b[=c", "\x1bP!|00000000\x1b\\"},
		{"XTVERSION", "\x1b[>q", "\x1bP>|crabbox-tui\x1b\\"},
		{"DECREQTPARM", "\x1b[x", "\x1b[2;1;1;128;128;1;0x"},
		{"size in cells", "\x1b[18t", "\x1b[8;5;10t"},
		{"size in pixels", "\x1b[14t", "\x1b[4;80;80t"},
		{"cell size", "\x1b[16t", "\x1b[6;16;8t"},
		{"the title is never told", "\x1b]2;rm -rf\x07\x1b[21t\x1b[20t", ""},
		{"DECRQM set", "\x1b[?7$p", "\x1b[?7;1$y"},
		{"DECRQM reset", "\x1b[?1$p", "\x1b[?1;2$y"},
		{"DECRQM synchronized output", "\x1b[?2026$p", "\x1b[?2026;2$y"},
		{"DECRQM clusters", "\x1b[?2027$p", "\x1b[?2027;1$y"},
		{"DECRQM mouse", "\x1b[?1002h\x1b[?1002$p\x1b[?1000$p", "\x1b[?1002;1$y\x1b[?1000;2$y"},
		{"DECRQM alternate screen", "\x1b[?1049h\x1b[?1049$p", "\x1b[?1049;1$y"},
		{"DECRQM unknown", "\x1b[?9999h\x1b[?9999$p", "\x1b[?9999;0$y"},
		{"DECRQM ANSI", "\x1b[4h\x1b[4$p\x1b[20$p\x1b[99$p", "\x1b[4;1$y\x1b[20;2$y\x1b[99;0$y"},
		{"DECRQSS SGR", "\x1b[1;4:3;31;48;2;1;2;3m\x1bP$qm\x1b\\", "\x1bP1$r0;1;4:3;31;48:2::1:2:3m\x1b\\"},
		{"DECRQSS margins", "\x1b[2;4r\x1bP$qr\x1b\\", "\x1bP1$r2;4r\x1b\\"},
		{"DECRQSS side margins", "\x1bP$qs\x1b\\", "\x1bP1$r1;10s\x1b\\"},
		{"DECRQSS cursor", "\x1b[4 q\x1bP$q q\x1b\\", "\x1bP1$r4 q\x1b\\"},
		{"DECRQSS protection", "\x1b[1\"q\x1bP$q\"q\x1b\\", "\x1bP1$r1\"q\x1b\\"},
		{"DECRQSS level", "\x1bP$q\"p\x1b\\", "\x1bP1$r62;1\"p\x1b\\"},
		{"DECRQSS unknown", "\x1bP$qevil\x1b\\", "\x1bP0$r\x1b\\"},
		{"XTGETTCAP", "\x1bP+q544E\x1b\\", "\x1bP1+r544E=787465726d2d323536636f6c6f72\x1b\\"},
		{"XTGETTCAP unknown", "\x1bP+q6576696c\x1b\\", "\x1bP0+r\x1b\\"},
		{"XTGETTCAP not hexadecimal", "\x1bP+qevil\x1b\\", "\x1bP0+r\x1b\\"},
		{"OSC 10", "\x1b]10;?\x07", "\x1b]10;rgb:0101/0202/0303\x1b\\"},
		{"OSC 11", "\x1b]11;?\x1b\\", "\x1b]11;rgb:1111/1212/1313\x1b\\"},
		{"OSC 12", "\x1b]12;?\x07", "\x1b]12;rgb:2121/2222/2323\x1b\\"},
		{"OSC 10 and the next", "\x1b]10;?;?\x07", "\x1b]10;rgb:0101/0202/0303\x1b\\\x1b]11;rgb:1111/1212/1313\x1b\\"},
		{"OSC 11 set to what is no colour", "\x1b]11;evil\x07\x1b]11;?\x07", "\x1b]11;rgb:1111/1212/1313\x1b\\"},
		{"OSC 52 is not answered", "\x1b]52;c;?\x07", ""},
		{"an aborted query is none", "\x1bP$qm\x18", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := New(10, 5, Options{})
			term.SetColors(0x010203, 0x111213, 0x212223)
			_, _ = term.Write([]byte(c.in))
			wantReplies(t, term, c.want)
			wantReplies(t, term, "")
		})
	}
}

// What the remote end sends must not come back as typed: an answer may hold
// only our own words.
func TestNothingSentComesBack(t *testing.T) {
	const evil = "EVIL"
	var in strings.Builder
	for _, open := range []string{"\x1b]0;", "\x1b]2;", "\x1b]1;", "\x1b]10;", "\x1b]11;", "\x1b]4;1;", "\x1b]52;c;", "\x1b]8;;", "\x1b]7;", "\x1bP$q", "\x1bP+q", "\x1bP", "\x1b_", "\x1b^", "\x1bX"} {
		in.WriteString(open + evil + "\x1b\\" + open + evil + ";?\x07")
	}
	for i := range 100 {
		in.WriteString("\x1b[" + strings.Repeat("0", i%3) + string(rune('0'+i%10)) + "t")
	}
	in.WriteString("\x1b[21t\x1b[20t\x1b[c\x1b[>c\x1b[>q\x1bP$qm\x1b\\\x05\x1b[5n\x1b[6n")
	term := screenOf(20, 5, in.String())
	got := term.Replies()
	if len(got) == 0 || bytes.Contains(bytes.ToUpper(got), []byte(evil)) || bytes.ContainsAny(got, "\r\n") {
		t.Errorf("replies %q", got)
	}
}

func TestRepliesAreBounded(t *testing.T) {
	term := New(10, 5, Options{})
	for range 3 {
		for range 20_000 {
			_, _ = term.Write([]byte("\x1b[c"))
		}
		got := term.Replies()
		if len(got) > maxReplies || len(got) < maxReplies-100 {
			t.Errorf("%d bytes of replies", len(got))
		}
		if len(got)%len("\x1b[?62;6;21;22;28c") != 0 {
			t.Error("a reply was cut")
		}
	}
}

func TestTitle(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b]0;both\x07":                               "both",
		"\x1b]2;a title; with a semicolon\x1b\\":        "a title; with a semicolon",
		"\x1b]1;icon\x07":                               "",
		"\x1b]2;本の目次\x07":                               "本の目次", // each ends in or holds a byte that ends strings elsewhere
		"\x1b]2;a\u202eb\u2066c\u200fd\u009be\x7ff\x07": "abcdef",
		"\x1b]2;a\tb\nc\x07":                            "abc",
		"\x1b]2;\xff\xfea\x07":                          "a",
		"\x1b]2;old\x07\x1b]2;\x07":                     "",
		"\x1b]2;old\x07\x1b]2;new\x18":                  "old",
		"\x1b]2;one\x07\x1b[22t\x1b]2;two\x07\x1b[23t":  "one",
		"\x1b[23t": "",
		"\x1b]2;" + strings.Repeat("é", 9999) + "\x07":          strings.Repeat("é", maxTitleRunes),
		"\x1b]2;" + strings.Repeat("x", maxStringData) + "\x07": "",
	} {
		if got := screenOf(10, 2, in).Title(); got != want {
			t.Errorf("%.60q gives %q, want %q", in, got, want)
		}
	}
}

func TestHyperlinks(t *testing.T) {
	for in, want := range map[string]string{
		"\x1b]8;;http://a/b?c=d;e\x07x":                            "http://a/b?c=d;e",
		"\x1b]8;id=1;http://a/\x1b\\x":                             "http://a/",
		"\x1b]8;;http://a/\x07\x1b]8;;\x07x":                       "",
		"\x1b]8;;http://a/\x07\x1b[0mx":                            "http://a/", // SGR does not end a link
		"\x1b]8;;http://本/\x07x":                                   "http://%E6%9C%AC/",
		"\x1b]8;;http://a/ b\u202e\tc\x07x":                        "http://a/b%E2%80%AEc",
		"\x1b]8;broken\x07x":                                       "",
		"\x1b]8;;" + strings.Repeat("u", maxLinkBytes+1) + "\x07x": "",
	} {
		term := screenOf(10, 2, in)
		if got := term.Cell(0, 0).Link; got != want {
			t.Errorf("%.60q gives %q, want %q", in, got, want)
		}
		checkInvariants(t, term)
	}
	// Erasing leaves no link.
	if c := screenOf(10, 2, "\x1b]8;;http://a/\x07x\x1b[2K").Cell(5, 0); c.Link != "" {
		t.Errorf("an erased cell links to %q", c.Link)
	}
}

func TestPromptMarks(t *testing.T) {
	term := screenOf(10, 2, "\x1b]133;A\x07$ \r\nout\r\n\x1b]133;A\x07$ ")
	for y, want := range map[int]bool{-1: true, 0: false, 1: true, 9: false, -9: false} {
		if term.RowPrompt(y) != want {
			t.Errorf("row %d: %v", y, !want)
		}
	}
}
