package term

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// conformance is a control and what it does on a screen of 10 columns and 5
// rows. The tables of them are in conform_*_test.go, by family. What is wanted
// comes from the source that a case names and never from running the emulator;
// TestConformanceOfXterm holds the same tables against a real xterm.
type conformance struct {
	control string // as ctlseqs writes it, with its name in brackets
	source  string
	in      string
	want    want
}

// want is what must be so after the input.
type want struct {
	screen  string // lines of text; blanks at the end of lines and of the screen are left out
	at      string // the cursor, row;column from 1, if it matters
	replies string
	sgr     string // row;column=SGR of cells, parted by spaces
	// What cannot be seen on the screen.
	state func(*Terminal) any
	is    any

	inert bool   // the control is to do nothing but to be taken whole
	xterm string // why xterm does something else, and we do not follow it
}

func conformanceCases() []conformance {
	return slices.Concat(conformC0, conformESC, conformCSI, conformRectangles, conformModes(), conformSGR, conformReports, conformOSC, conformStrings, conformKeyboard)
}

func TestConformance(t *testing.T) {
	for _, c := range conformanceCases() {
		t.Run(c.control, func(t *testing.T) {
			for _, fault := range c.faults(c.in) {
				t.Errorf("%q (%s): %s", c.in, c.source, fault)
			}
		})
	}
}

// A case whose control can be left out, or its last one of several, without
// anything being missed would show nothing.
func TestConformanceNeedsItsControls(t *testing.T) {
	for _, c := range conformanceCases() {
		rest, last, found := without(c.in, c.key())
		switch {
		case !found:
			t.Errorf("%s: %q does not hold it", c.control, c.in)
		case c.source == "":
			t.Errorf("%s: no source", c.control)
		case c.want.inert && len(c.faults(rest)) > 0:
			t.Errorf("%s: the rest alone makes something else: %q", c.control, c.faults(rest))
		case !c.want.inert && len(c.faults(rest)) == 0 && len(c.faults(last)) == 0:
			t.Errorf("%s: all is as wanted without it", c.control)
		}
	}
}

// Every control that the emulator acts on, as its source has them, is the
// subject of a case.
func TestConformanceIsComplete(t *testing.T) {
	named := map[string]bool{}
	for _, c := range conformanceCases() {
		named[c.key()] = true
	}
	controls := dispatched(t)
	if len(controls) < 200 {
		t.Fatalf("only %d controls were found in the source", len(controls))
	}
	for _, key := range controls {
		if !named[key] {
			t.Errorf("no case for %s", key)
		}
	}
}

// faults are the ways in which the terminal is not as wanted after in.
func (c conformance) faults(in string) []string {
	term := New(10, 5, Options{})
	term.SetColors(0x010203, 0x111213, 0x212223)
	var faults []string
	term.onPanic = func(v any) { faults = append(faults, fmt.Sprint("panic: ", v)) }
	_, _ = term.Write([]byte(in))
	compare := func(what string, got, want any) {
		if got != want {
			faults = append(faults, fmt.Sprintf("%s %q, want %q", what, got, want))
		}
	}
	compare("replies", string(term.Replies()), c.want.replies)
	compare("screen", strings.TrimRight(strings.Join(term.Text(), "\n"), "\n"), c.want.screen)
	if c.want.at != "" {
		compare("cursor", fmt.Sprintf("%d;%d", term.y+1, term.x+1), c.want.at)
	}
	for _, cell := range strings.Fields(c.want.sgr) {
		place, sgr, _ := strings.Cut(cell, "=")
		row, column, _ := strings.Cut(place, ";")
		y, _ := strconv.Atoi(row)
		x, _ := strconv.Atoi(column)
		compare("attributes at "+place, styleText(term.Cell(x-1, y-1).Style), sgr)
	}
	if c.want.state != nil {
		compare("state", c.want.state(term), c.want.is)
	}
	return faults
}

// styleText is a style as the parameters of SGR.
func styleText(s Style) string { return strings.TrimPrefix(string(appendSGR(nil, &s, ';')), ";") }

// key names the control of a case without its parameters: "CSI Ps @ (ICH)" is
// CSI @, and "CSI ? 25 h (DECTCEM)" is itself, since what it sets is part of it.
func (c conformance) key() string {
	name := c.control
	if i := strings.LastIndex(name, " ("); i > 0 && strings.HasSuffix(name, ")") {
		name = name[:i]
	}
	var out []string
	for _, word := range strings.Fields(name) {
		if word == "ST" || word == ";" && len(out) > 0 && out[0] != "DCS" || len(word) == 2 && word[0] == 'P' && word[1] >= 'a' {
			continue
		}
		out = append(out, word)
	}
	return strings.Join(out, " ")
}

// without is in with every control that key names left out, and with the last
// of them left out.
func without(in, key string) (all, last string, found bool) {
	for whole := in; len(in) > 0; {
		n, keys := firstControl(in)
		if slices.Contains(keys, key) {
			found = true
			last = whole[:len(whole)-len(in)] + in[n:]
		} else {
			all += in[:n]
		}
		in = in[n:]
	}
	return all, last, found
}

var c0Names = map[byte]string{0x07: "BEL", '\b': "BS", '\t': "TAB", '\n': "LF", '\v': "VT", '\f': "FF", '\r': "CR", 0x0e: "SO", 0x0f: "SI", 0x18: "CAN", 0x1a: "SUB", 0x05: "ENQ", 0x00: "NUL", 0x7f: "DEL"}

// firstControl is how long the control or character at the start of s is, and
// the names that it goes by, with its parameters and without.
func firstControl(s string) (n int, keys []string) {
	if s[0] != 0x1b || len(s) == 1 {
		if strings.HasPrefix(s, "\u009b") { // CSI in UTF-8
			n, keys = firstControl("\x1b[" + s[2:])
			return n, append(keys, "C1")
		}
		return 1, []string{c0Names[s[0]]}
	}
	span := func(from int, set func(byte) bool) int {
		for from < len(s) && set(s[from]) {
			from++
		}
		return from
	}
	inter := func(b byte) bool { return b >= 0x20 && b < 0x30 }
	switch s[1] {
	case '[', 'P':
		intro := map[byte]string{'[': "CSI", 'P': "DCS"}[s[1]]
		params := span(2, func(b byte) bool { return b >= '0' && b <= '?' })
		final := span(params, inter)
		if final == len(s) || s[final] < 0x20 { // another control stands here
			return final, nil
		}
		n = final + 1
		head, tail := intro, strings.TrimSpace(s[params:final]+" "+s[final:n])
		if s[params:final] == " " {
			tail = "SP " + s[final:n]
		}
		numbers := s[2:params]
		if numbers != "" && numbers[0] >= '<' {
			head += " " + numbers[:1]
			numbers = numbers[1:]
		}
		keys = []string{head + " " + tail}
		for _, p := range strings.FieldsFunc(numbers, func(r rune) bool { return r == ';' || r == ':' }) {
			keys = append(keys, head+" "+p+" "+tail)
		}
		if s[1] == 'P' {
			body, end := stringBody(s[n:])
			keys = append(keys, keys[0]+" "+spaced(body))
			n += end
		}
		return n, keys
	case ']':
		body, end := stringBody(s[2:])
		fields := strings.Split(body, ";")
		keys = []string{"OSC " + fields[0]}
		if len(fields) > 1 {
			keys = append(keys, "OSC "+fields[0]+" "+fields[1])
		}
		return 2 + end, keys
	case '_', '^', 'X':
		_, end := stringBody(s[2:])
		return 2 + end, []string{map[byte]string{'_': "APC", '^': "PM", 'X': "SOS"}[s[1]]}
	}
	final := span(1, inter)
	if final == len(s) {
		return len(s), nil
	}
	return final + 1, []string{"ESC " + spaced(s[1:final+1]), "ESC " + spaced(s[1:final]), "ESC " + s[1:2]}
}

// stringBody is the text of a control string, and its length with the end.
func stringBody(s string) (body string, n int) {
	end := strings.IndexAny(s, "\x07\x1b\x18\x1a")
	switch {
	case end < 0:
		return s, len(s)
	case strings.HasPrefix(s[end:], "\x1b\\"):
		return s[:end], end + 2
	case s[end] == 0x07:
		return s[:end], end + 1
	}
	return s[:end], end
}

// spaced parts the characters of s as ctlseqs does.
func spaced(s string) string {
	s = strings.Join(strings.Split(s, ""), " ")
	return strings.TrimSpace(strings.ReplaceAll(" "+s, "   ", " SP "))
}
