package multiplex

import (
	"fmt"
	"strings"
	"testing"
)

// noted writes down what control mode says.
type noted struct{ strings.Builder }

func (n *noted) output(b []byte) { fmt.Fprintf(n, "output %q\n", b) }
func (n *noted) reply(b []byte, done bool) {
	if done {
		n.WriteString("done\n")
	} else {
		fmt.Fprintf(n, "reply %q\n", b)
	}
}
func (n *noted) attached() { n.WriteString("attached\n") }

func TestControlMode(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"output", "%output %0 a b\\015\\012\\134\n", "output \"a b\\r\\n\\\\\"\n"},
		{"UTF-8 comes as it is", "%output %0 ü日\n", "output \"ü日\"\n"},
		{"an escape cut short is text", "%output %0 a\\01\n", "output \"a\\\\01\"\n"},
		{"answers to what we sent", "%begin 1 2 1\none\n%end 1 2 1\n", "reply \"one\"\ndone\n"},
		{"answers to what others sent", "%begin 1 2 0\none\n%end 1 2 0\n", ""},
		{"errors are answers", "%begin 1 2 1\nno such session\n%error 1 2 1\n", "reply \"no such session\"\ndone\n"},
		{"output inside an answer is a line of it", "%begin 1 2 1\n%output %0 x\n%end 9 9 1\n%end 1 2 1\n", "reply \"%output %0 x\"\nreply \"%end 9 9 1\"\ndone\n"},
		{"the rest means nothing", "%exit\n%window-add @0\n%layout-change\n\nplain\n%output\n%output %0\n", ""},
		{"attaching", "%session-changed $0 x\n", "attached\n"},
		{"a line without an end waits", "%output %0 x", ""},
		{"a line that is too long is dropped", "%output %0 " + strings.Repeat("x", maxLine) + "\n%output %0 y\n", "output \"y\"\n"},
	} {
		for _, size := range []int{1, 7, 1 << 22} {
			var n noted
			ctl := control{to: &n}
			for in := []byte(c.in); len(in) > 0; {
				k := min(size, len(in))
				ctl.feed(in[:k])
				in = in[k:]
			}
			if n.String() != c.want {
				t.Errorf("%s, %d bytes at a time:\n%s, want\n%s", c.name, size, n.String(), c.want)
			}
		}
	}
}

func FuzzControl(f *testing.F) {
	f.Add([]byte("%begin 1 2 1\none\n%end 1 2 1\n%output %0 a\\033[m\n%exit\n"), uint8(3))
	f.Fuzz(func(t *testing.T, in []byte, size uint8) {
		s := &Shell{started: true, link: deaf{}}
		s.ctl.to = s
		if size%2 == 0 {
			s.refill.stage = refillDone
		}
		for len(in) > 0 {
			k := min(int(size)+1, len(in))
			s.ctl.feed(in[:k])
			in = in[k:]
		}
		if len(s.end.seam) >= len(endText) || len(s.refill.carry) > 512 {
			t.Fatalf("%d bytes of seam, %d of attributes", len(s.end.seam), len(s.refill.carry))
		}
	})
}

// deaf takes every command.
type deaf struct{ Terminal }

func (deaf) Write(p []byte) (int, error) { return len(p), nil }

func TestTheEndIsAskedForOnce(t *testing.T) {
	out := "a" + endText[:5] + endText + "b"
	for size := 1; size <= len(out); size++ {
		var m endMark
		asked := 0
		for in := []byte(out); len(in) > 0; {
			k := min(size, len(in))
			if m.seen(in[:k]) {
				asked++
			}
			in = in[k:]
		}
		if asked != 1 {
			t.Errorf("%d bytes at a time: asked %d times", size, asked)
		}
		if m.seen([]byte(endText)) || !m.answered() || m.answered() || !m.seen([]byte(endText)) {
			t.Errorf("%d bytes at a time: a mark behind the question is not asked about once", size)
		}
	}
	for told, want := range map[string]int{"1764060000:0": 0, ":255": 255, "": -1, "5": -1, "1:5;x": -1, "1:1234": -1} {
		if got, ok := endStatus(told); ok != (want >= 0) || ok && got != want {
			t.Errorf("%q is %d, %v; want %d", told, got, ok, want)
		}
	}
}

// The background of one line does not run into the lines that are scrolled in.
func TestRefillKeepsAttributesToTheirLines(t *testing.T) {
	r := refill{}
	out := r.line(nil, []byte("0,2,3,4,,1,0,0"))
	out = r.end(out)
	out = r.line(out, []byte("\x1b[41mred"))
	out = r.line(out, []byte("more"))
	out = r.end(out)
	out = r.line(out, []byte("behind"))
	out = r.end(out)
	out = r.line(out, []byte("top"))
	out = r.end(out)
	want := "\x1b[41mred\x1b[m\r\n\x1b[41mmore\x1b[m\r\ntop\x1b[m\x1b[5;4H\x1b[?1h\x1b[?25l"
	if string(out) != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestHowFarAShellHasCome(t *testing.T) {
	for value, want := range map[string]Seen{
		"12 3 0 my prog":                    {15, "my prog"},
		"12 3 1 vim":                        {-1, "vim"}, // an alternate screen hides them
		"9000 3 0 x":                        {-1, "x"},
		"-1 3 0 x":                          {-1, "x"},
		"":                                  unknown,
		"12 3 0":                            unknown,
		"1 1 0 " + strings.Repeat("y", 40):  {2, strings.Repeat("y", 32)},
		"99999999999999999999 3 0 overflow": {-1, "overflow"},
	} {
		if got := readSeen(value); got != want {
			t.Errorf("%q is %+v, want %+v", value, got, want)
		}
	}
	last := Seen{Lines: 10}
	last.add([]byte("a\r\nb\nc"))
	if n := (Seen{Lines: 20}).Missed(last); n != 8 {
		t.Errorf("missed %d, want 8", n)
	}
	if n := (Seen{Lines: 5}).Missed(last); n != 0 {
		t.Errorf("missed %d of a scrollback that was cleared", n)
	}
	lost := unknown
	if lost.add([]byte("\n")); lost != unknown || (Seen{Lines: 1}).Missed(lost) != -1 || unknown.Missed(last) != -1 {
		t.Error("what is not known was counted")
	}
}
