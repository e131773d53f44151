package term

import (
	"strings"
	"testing"
)

func TestAlternateScreen(t *testing.T) {
	for _, c := range []struct {
		name, in string
		alt      bool
		want     []string
	}{
		{"1049 shows an empty screen", "one\x1b[?1049h", true, nil},
		{"and comes back to the old one", "one\x1b[?1049htwo\x1b[?1049l", false, []string{"one"}},
		{"and to the cursor", "one\x1b[?1049h\x1b[3;3Htwo\x1b[?1049lx", false, []string{"onex"}},
		{"twice is once", "one\x1b[?1049h\x1b[?1049htwo\x1b[?1049lx", false, []string{"onex"}},
		{"leaving twice is once", "one\x1b[?1049h\x1b[?1049lx\x1b[?1049ly", false, []string{"onexy"}},
		{"1049 begins empty again", "\x1b[?1049htwo\x1b[?1049l\x1b[?1049h", true, nil},
		{"47 keeps what was there", "one\x1b[?47h\rtwo\x1b[?47l\x1b[?47h", true, []string{"two"}},
		{"47 keeps the cursor", "one\x1b[?47htwo", true, []string{"   two"}},
		{"1047 clears on leaving", "one\x1b[?1047h\rtwo\x1b[?1047l\x1b[?47h", true, nil},
		{"RIS leaves it", "one\x1b[?1049htwo\x1bcx", false, []string{"x"}},
		{"a pending wrap goes along", "0123456789\x1b[?47hx", true, []string{"", "x"}},
		{"and not through clearing", "0123456789\x1b[?1049hx", true, []string{"         x"}},
		{"a pending wrap outlives it", "0123456789\x1b[?1049hx\x1b[?1049lx", false, []string{"0123456789", "x"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 4, c.in)
			wantText(t, term, c.want...)
			if got := term.Modes().AltScreen; got != c.alt {
				t.Errorf("AltScreen %v", got)
			}
			checkInvariants(t, term)
		})
	}
}

func TestModes(t *testing.T) {
	for in, want := range map[string]Modes{
		"":                                 {},
		"\x1b[?1h":                         {ApplicationCursor: true},
		"\x1b[?1h\x1b[?1l":                 {},
		"\x1b=":                            {ApplicationKeypad: true},
		"\x1b=\x1b>":                       {},
		"\x1b[?66h":                        {ApplicationKeypad: true},
		"\x1b[?2004h":                      {BracketedPaste: true},
		"\x1b[?1004h":                      {FocusEvents: true},
		"\x1b[?9h":                         {Mouse: MouseX10},
		"\x1b[?1000h":                      {Mouse: MouseButtons},
		"\x1b[?1002h":                      {Mouse: MouseDrag},
		"\x1b[?1003h":                      {Mouse: MouseAll},
		"\x1b[?1000h\x1b[?1003h":           {Mouse: MouseAll},
		"\x1b[?1003h\x1b[?1003l":           {},
		"\x1b[?1000;1006h":                 {Mouse: MouseButtons, MouseSGR: true},
		"\x1b[?2026h":                      {Sync: true},
		"\x1b[?2026h\x1b[?2026l":           {},
		"\x1b[?1;2004h\x1bc":               {},
		"\x1b[?1;2004h\x1b[!p":             {BracketedPaste: true},
		"\x1b[?1h\x1b[?1s\x1b[?1l\x1b[?1r": {ApplicationCursor: true},
		"\x1b[?2004;1000h\x1b[?2004;1000s\x1b[?2004;1000l\x1b[?2004;1000r": {BracketedPaste: true, Mouse: MouseButtons},
		"\x1b[?9999h": {},
		"\x1b[2004h":  {},
	} {
		if got := screenOf(4, 2, in).Modes(); got != want {
			t.Errorf("%q gives %+v, want %+v", in, got, want)
		}
	}
}

func TestSoftReset(t *testing.T) {
	term := screenOf(10, 4, "text\x1b[2;3r\x1b[?6h\x1b[?7l\x1b[4h\x1b[?25l\x1b[1;31m\x1b[?1h\x1b[1\"q\x1b(0\x1b[?69h\x1b7\x1b[!p")
	if !term.Cursor().Visible || term.m.origin || !term.m.autowrap || term.m.insert || term.m.appCursor || term.m.sideMargins || term.protect {
		t.Errorf("modes after DECSTR: %+v", term.m)
	}
	_, _ = term.Write([]byte("\x1b[Hq"))
	wantText(t, term, "qext")
	if c := term.Cell(0, 0); c.Style != (Style{}) {
		t.Errorf("style after DECSTR: %+v", c.Style)
	}
	if term.top != 0 || term.bot != 3 {
		t.Errorf("margins after DECSTR: %d to %d", term.top, term.bot)
	}
	_, _ = term.Write([]byte("\x1b[4;4H\x1b8"))
	wantCursor(t, term, 0, 0)
}

func TestHardReset(t *testing.T) {
	dirty := strings.Repeat("line\r\n", 10) + "\x1b]2;title\x07\x1b[1;44m\x1b[2J\x1b[2;3r\x1b[?6;1;2004h\x1b[4h\x1b[?1049h\x1b(0\x1b[3g\x1b[?25l\x1b]8;;http://a/\x07x"
	byEscape := screenOf(10, 4, dirty+"\x1bc")
	byCall := screenOf(10, 4, dirty)
	byCall.Reset()
	for name, term := range map[string]*Terminal{"ESC c": byEscape, "Reset": byCall} {
		_, _ = term.Write([]byte("\tq"))
		wantText(t, term, "        q")
		if c := term.Cell(8, 0); c.Style != (Style{}) || c.Link != "" {
			t.Errorf("%s: cell %+v", name, c)
		}
		if n := term.ScrollbackLen(); n != 0 {
			t.Errorf("%s: %d lines above the screen", name, n)
		}
		if term.Title() != "" || term.Modes() != (Modes{}) || !term.Cursor().Visible {
			t.Errorf("%s: title %q, modes %+v", name, term.Title(), term.Modes())
		}
		checkInvariants(t, term)
	}
}

// DECCOLM does nothing unless mode 40 allows it, and never changes the width.
func TestColumnMode(t *testing.T) {
	wantText(t, screenOf(10, 2, "text\x1b[?3h"), "text")
	term := screenOf(10, 2, "\x1b[?40h\x1b[1;2rtext\x1b[?3hx")
	wantText(t, term, "x")
	if c, _ := term.Size(); c != 10 {
		t.Errorf("%d columns", c)
	}
}

func TestReverseScreen(t *testing.T) {
	term := screenOf(3, 1, "a\x1b[7mb")
	before := term.RowGeneration(0)
	_, _ = term.Write([]byte("\x1b[?5h"))
	if got := string(term.AppendRow(nil, 0)); got != "\x1b[7ma\x1b[mb\x1b[7m \x1b[m" {
		t.Errorf("%q", got)
	}
	if term.RowGeneration(0) <= before {
		t.Error("the row is not damaged")
	}
}
