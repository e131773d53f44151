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
func (n *noted) exit()     { n.WriteString("exit\n") }

func TestControlMode(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"output", "%output %0 a b\\015\\012\\134\n", "output \"a b\\r\\n\\\\\"\n"},
		{"UTF-8 comes as it is", "%output %0 ü日\n", "output \"ü日\"\n"},
		{"an escape cut short is text", "%output %0 a\\01\n", "output \"a\\\\01\"\n"},
		{"answers to what we sent", "%begin 1 2 1\none\n%end 1 2 1\n", "reply \"one\"\ndone\n"},
		{"answers to what others sent", "%begin 1 2 0\none\n%end 1 2 0\n", ""},
		{"errors are answers", "%begin 1 2 1\nno such session\n%error 1 2 1\n", "reply \"no such session\"\ndone\n"},
		{"output inside an answer is a line of it", "%begin 1 2 1\n%output %0 x\n%end 9 9 1\n%end 1 2 1\n", "reply \"%output %0 x\"\nreply \"%end 9 9 1\"\ndone\n"},
		{"the end", "%exit\n%exit server exited\n", "exit\nexit\n"},
		{"the rest means nothing", "%window-add @0\n%layout-change\n\nplain\n%output\n%output %0\n", ""},
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
		s := &Shell{started: true}
		s.ctl.to = s
		if size%2 == 0 {
			s.refill.stage = refillDone
		}
		for len(in) > 0 {
			k := min(int(size)+1, len(in))
			s.ctl.feed(in[:k])
			in = in[k:]
		}
		if len(s.tail) > tailBytes || len(s.refill.carry) > 512 {
			t.Fatalf("%d bytes of tail, %d of attributes", len(s.tail), len(s.refill.carry))
		}
	})
}

// The background of one line does not run into the lines that are scrolled in.
func TestRefillKeepsAttributesToTheirLines(t *testing.T) {
	r := refill{}
	out := r.line(nil, []byte("0,2,3,4,1,0,0"))
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
