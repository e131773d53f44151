package term

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

// The entry xterm-256color of terminfo, held against what the emulator does, as
// tack does by eye: each string must do what terminfo(5) says of it, each flag
// and number must be so, each key must be sent.

// xtermEntry is the host's entry, capability by capability; the one that
// XTGETTCAP tells where the host has none.
func xtermEntry(t *testing.T) map[string]string {
	t.Helper()
	entry, err := hostEntry(t, "xterm-256color")
	if err != nil {
		t.Logf("no entry on this host (%v): our own is taken", err)
		entry = map[string]string{}
		for name, value := range capabilities {
			entry[name] = value
		}
		for n := 1; n <= 63; n++ {
			entry["kf"+strconv.Itoa(n)] = ""
		}
		for name := range keyCapabilities {
			entry[name] = ""
		}
	}
	return entry
}

// hostEntry is an entry of the host, strings unescaped, numbers in decimal.
func hostEntry(t *testing.T, name string) (map[string]string, error) {
	t.Helper()
	out, err := exec.Command("infocmp", "-x", "-1", name).Output()
	if err != nil {
		return nil, err
	}
	entry := map[string]string{}
	for line := range strings.SplitSeq(string(out), "\n") {
		field, ok := strings.CutSuffix(strings.TrimSpace(line), ",")
		if !ok || !strings.HasPrefix(line, "\t") {
			continue
		}
		if name, number, ok := strings.Cut(field, "#"); ok && !strings.Contains(name, "=") {
			n, err := strconv.ParseInt(number, 0, 32)
			if err != nil {
				t.Fatalf("%s: %v", field, err)
			}
			entry[name] = strconv.FormatInt(n, 10)
			continue
		}
		name, value, _ := strings.Cut(field, "=")
		entry[name] = unescapeTerminfo(value)
	}
	if len(entry) < 100 {
		t.Fatalf("the entry has only %d capabilities", len(entry))
	}
	return entry, nil
}

// unescapeTerminfo undoes what infocmp writes: \E, ^X, octal and the rest.
func unescapeTerminfo(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '^' && i+1 < len(s):
			i++
			if s[i] == '?' {
				b.WriteByte(0x7f)
			} else {
				b.WriteByte(s[i] & 0x1f)
			}
		case s[i] == '\\' && i+1 < len(s):
			i++
			if s[i] >= '0' && s[i] <= '7' && i+2 < len(s) {
				n, _ := strconv.ParseUint(s[i:i+3], 8, 8)
				b.WriteByte(byte(n))
				i += 2
			} else if c, ok := map[byte]byte{'E': 0x1b, 'e': 0x1b, 'n': '\n', 'r': '\r', 't': '\t', 'b': '\b', 'f': '\f', 's': ' '}[s[i]]; ok {
				b.WriteByte(c)
			} else {
				b.WriteByte(s[i])
			}
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// terminfoReads are strings that programs read and never write; the ones that
// bring them about are tested.
var terminfoReads = map[string]string{"u6": "u7", "u8": "u9", "xm": "XM", "kmous": "XM", "PS": "BE", "PE": "BE"}

func TestTerminfoStrings(t *testing.T) {
	entry := xtermEntry(t)
	done := map[string]bool{}
	for _, e := range terminfoEffects {
		value, ok := entry[e.name]
		if !ok {
			continue // an older entry
		}
		done[e.name] = true
		c := conformance{in: e.before + tparm(t, value, e.args...) + e.after, want: e.want}
		for _, fault := range c.faults(c.in) {
			t.Errorf("%s %v: %q: %s", e.name, e.args, c.in, fault)
		}
		if without := c.faults(e.before + e.after); e.want.inert != (len(without) == 0) {
			t.Errorf("%s %v: without it: %q", e.name, e.args, without)
		}
	}
	for name, by := range terminfoReads {
		done[name] = done[by]
	}
	for _, name := range terminfoFacts {
		done[name] = true
	}
	for name := range entry {
		if _, key := capabilityKey(name); !key && !done[name] {
			t.Errorf("nothing tests %s", name)
		}
	}
}

// Programs inside of tmux that is in a pane, and those that take us for it,
// send what tmux-256color has. Whatever it is, it is taken whole: no part of it
// ends up as text, and nothing stays open behind it.
func TestTerminfoOfTmuxIsTakenWhole(t *testing.T) {
	entry, err := hostEntry(t, "tmux-256color")
	if err != nil {
		t.Skip("no such entry on this host")
	}
	for name, value := range entry {
		if _, key := capabilityKey(name); key || !strings.ContainsAny(value, "\x1b") || name[0] == 'u' || name == "kmous" {
			continue // what is read, not written
		}
		in := tparm(t, value, 1, 2)
		switch name {
		case "tsl", "TS":
			in += "title\a"
		case "Cs", "Ms":
			in = tparm(t, value, "c", "aGk=")
		case "S0":
			in = tparm(t, value, 'B')
		}
		term := screenOf(10, 5, in+"X")
		if text := strings.Trim(strings.Join(term.Text(), ""), " "); text != "X" || term.MidSequence() {
			t.Errorf("%s: %q shows %q", name, in, text)
		}
	}
}

// Each key of the entry is what our keyboard sends in the modes that smkx sets,
// as terminfo(5) has it.
func TestTerminfoKeys(t *testing.T) {
	entry := xtermEntry(t)
	term := screenOf(80, 24, capabilities["smkx"])
	keys := 0
	for name, want := range entry {
		k, ok := capabilityKey(name)
		if !ok || want == "" {
			continue
		}
		keys++
		if got := string(term.EncodeKey(nil, k)); got != want {
			t.Errorf("%s sends %q, terminfo has %q", name, got, want)
		}
	}
	if keys < 100 && entry["kf63"] != "" {
		t.Errorf("only %d keys", keys)
	}
}

// XTGETTCAP tells the whole entry.
func TestTerminfoIsTold(t *testing.T) {
	entry := xtermEntry(t)
	term := screenOf(80, 24, capabilities["smkx"])
	for name, want := range entry {
		if name == "cols" || name == "lines" {
			continue // XTWINOPS tells what is so
		}
		got, ok := term.capability(name)
		if !ok || got != want && want != "" {
			t.Errorf("%s is %q, %v, terminfo has %q", name, got, ok, want)
		}
	}
}

// terminfoFacts are the flags and numbers, of which TestTerminfoFlags has those
// that can be seen. ccc is initc's, km says that there is a meta key, AX is
// op's, XT that a title can be set; cols and lines are the pane's.
var terminfoFacts = []string{"OTbs", "am", "bce", "ccc", "km", "mc5i", "mir", "msgr", "npc", "xenl", "AX", "XT", "colors", "cols", "it", "lines", "pairs", "acsc",
	"TN", "name", "Co", "RGB", "Tc", "Su", "Smulx", "Smol", "Rmol", "Setulc", "setrgbf", "setrgbb", "Sync", "fe", "fd"}

func TestTerminfoFlags(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     want
	}{
		{"am", "0123456789X", want{screen: "0123456789\nX"}},
		{"xenl", "0123456789\r\nX", want{screen: "0123456789\nX"}},
		{"bce", "\x1b[44m\x1b[2J\x1b[H\x1b[L\x1b[P\x1b[X\x1b[S", want{sgr: "1;1=44 1;10=44 5;1=44 5;10=44"}},
		{"mir", "abc\r\x1b[4h\x1b[CX", want{screen: "aXbc"}},
		{"msgr", "\x1b[7m\x1b[2;3H\x1b[mX", want{screen: "\n  X", sgr: "2;1= 2;2= 2;3="}},
		{"OTbs", "ab\bX", want{screen: "aX"}},
		{"it", "\tX", want{screen: "        X"}},
		{"XT", "\x1b]2;t\a", want{state: title, is: "t"}},
		{"Su, Smulx", "\x1b[4:3mX", want{screen: "X", sgr: "1;1=4:3"}},
		{"Setulc", "\x1b[4;58:2::1:2:3mX", want{screen: "X", sgr: "1;1=4;58:2::1:2:3"}},
		{"Smol, Rmol", "\x1b[53mX\x1b[55mY", want{screen: "XY", sgr: "1;1=53 1;2="}},
		{"Tc, setrgbf, setrgbb", "\x1b[38;2;1;2;3m\x1b[48;2;4;5;6mX", want{screen: "X", sgr: "1;1=38;2;1;2;3;48;2;4;5;6"}},
	} {
		for _, fault := range (conformance{want: c.want}).faults(c.in) {
			t.Errorf("%s: %q: %s", c.name, c.in, fault)
		}
	}
	// acsc: pairs of VT100 characters and what smacs makes of them.
	acs := xtermEntry(t)["acsc"]
	lines := map[byte]string{'j': "┘", 'k': "┐", 'l': "┌", 'm': "└", 'n': "┼", 'q': "─", 't': "├", 'u': "┤", 'v': "┴", 'w': "┬", 'x': "│", 'a': "▒", '`': "◆", 'f': "°", 'g': "±", '~': "·"}
	for i := 0; i+1 < len(acs); i += 2 {
		if want, ok := lines[acs[i]]; ok {
			if got := screenOf(2, 1, "\x1b(0"+acs[i+1:i+2]).Text()[0]; got != want {
				t.Errorf("acsc %c is %q, want %q", acs[i], got, want)
			}
			delete(lines, acs[i])
		}
	}
	if len(lines) > 0 {
		t.Errorf("acsc lacks %v", lines)
	}
}
