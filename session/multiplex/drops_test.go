package multiplex_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/faultlink"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/session/term"
)

// aCut is a way for a link to fail and to come back.
type aCut struct {
	name  string
	fails func(*faultlink.Link)
	heals func(*faultlink.Link) error
	// alive: the connection is to stand it.
	alive bool
}

func heal(l *faultlink.Link) error { l.Heal(); return nil }

var cuts = []aCut{
	{"closed", func(l *faultlink.Link) { l.Cut(false) }, heal, false},
	{"reset", func(l *faultlink.Link) { l.Cut(true) }, heal, false},
	{"delayed", func(l *faultlink.Link) { l.Delay(150 * time.Millisecond) }, heal, true},
	{"swallowed", (*faultlink.Link).Swallow, heal, false},
	{"unbound", (*faultlink.Link).Unbind, (*faultlink.Link).Bind, false},
}

// A link fails in every way, under a shell that counts lines: twice each, or as
// often as LINK_DROPS says. Each time the same shell is there again, and every
// line that it ever wrote stands once, in order, in the scrollback or on the
// screen.
func TestNothingIsLostWhenALinkFails(t *testing.T) {
	n := 2
	if s, err := strconv.Atoi(os.Getenv("LINK_DROPS")); err == nil {
		n = s
	}
	eachKind(t, func(t *testing.T, b box) {
		for _, c := range cuts {
			t.Run(c.name, func(t *testing.T) {
				link, e := through(t, b)
				d := session.Dialer{QuietAfter: 300 * time.Millisecond, AnswerWithin: 700 * time.Millisecond}
				s := count(t, dial(t, d, e))
				var took []time.Duration
				for range n {
					s.sees(t, s.last+3)
					c.fails(link)
					if !c.alive {
						s.dies(t)
						if c.name == "unbound" {
							if _, err := d.Dial(t.Context(), e); err == nil {
								t.Fatal("somebody listens")
							}
						}
					} else {
						s.sees(t, s.last+3)
					}
					if err := c.heals(link); err != nil {
						t.Fatal(err)
					}
					back := time.Now()
					if !c.alive {
						s.returns(t, dial(t, d, e))
					}
					s.sees(t, s.last+1)
					took = append(took, time.Since(back))
				}
				slices.Sort(took)
				t.Logf("%d times, %d lines; link back to the shell's next line: p50 %s, p99 %s, most %s", n, s.last,
					took[n/2].Round(time.Millisecond), took[(n*99+99)/100-1].Round(time.Millisecond), took[n-1].Round(time.Millisecond))
				if limit := 1500 * time.Millisecond; n >= 100 && took[n/2] > limit {
					t.Errorf("p50 is above %s", limit)
				}
				end(s.shell)
			})
		}
	})
}

// A link that swallows everything is called dead within 15 s, as the program
// dials; and the shell is there again behind it.
func TestASilentLinkIsCalledDead(t *testing.T) {
	t.Parallel()
	b := boot(t, true)
	link, e := through(t, b)
	c := dial(t, session.Dialer{}, e)
	s := count(t, c)
	s.sees(t, 3)
	link.Swallow()
	silent := time.Now()
	s.dies(t)
	took := time.Since(silent)
	t.Logf("called dead after %s", took.Round(time.Millisecond))
	if took >= 15*time.Second {
		t.Error("too late")
	}
	link.Heal()
	s.returns(t, dial(t, session.Dialer{}, e))
	s.sees(t, s.last+3)
	end(s.shell)
}

// through puts a link before a box.
func through(t *testing.T, b box) (*faultlink.Link, session.Endpoint) {
	t.Helper()
	e := b.endpoint
	link, err := faultlink.New(net.JoinHostPort(e.Host, strconv.Itoa(e.Port)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	e.Host, e.Port = "127.0.0.1", link.Port()
	return link, e
}

// counting is a shell that counts, as a pane has it: a terminal that is filled
// anew with each connection.
type counting struct {
	shell multiplex.Opened
	vt    *term.Terminal
	last  int // the newest line seen
}

func count(t *testing.T, c *session.Client) *counting {
	t.Helper()
	s := &counting{shell: open(t, c, ""), vt: term.New(size.Cols, size.Rows, term.Options{})}
	readUntil(t, s.shell, `\$ `)
	s.shell.Write([]byte("i=0; while :; do i=$((i+1)); echo \"n=$i\"; sleep 0.02; done\r"))
	return s
}

// sees reads until a line is there, for 20 s at most, and holds all of them
// against each other.
func (s *counting) sees(t *testing.T, line int) {
	t.Helper()
	late := time.AfterFunc(20*time.Second, func() { s.shell.Terminal.(*multiplex.Shell).Detach() })
	defer late.Stop()
	buf := make([]byte, 4096)
	for {
		if s.last = s.check(t); s.last >= line {
			return
		}
		n, err := s.shell.Read(buf)
		s.vt.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v after line %d, before line %d", err, s.last, line)
		}
	}
}

var counted = regexp.MustCompile(`^n=([0-9]+)$`)

// check returns the newest line on the terminal and fails unless every line
// before it is there once, in order.
func (s *counting) check(t *testing.T) (last int) {
	t.Helper()
	var text []byte
	end := s.vt.Cursor().Y // what is there may be half of a line
	for y := -s.vt.ScrollbackLen(); y < end; y++ {
		text = s.vt.AppendText(text[:0], y)
		m := counted.FindSubmatch(text)
		if m == nil {
			continue
		}
		n, _ := strconv.Atoi(string(m[1]))
		if n != last+1 {
			t.Fatalf("line %d comes after line %d", n, last)
		}
		last = n
	}
	return last
}

// dies reads to the end of the connection.
func (s *counting) dies(t *testing.T) {
	t.Helper()
	buf := make([]byte, 4096)
	for {
		n, err := s.shell.Read(buf)
		s.vt.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if err := s.shell.Wait(); !errors.Is(err, session.ErrLinkLost) {
		t.Fatalf("a failed link is %v", err)
	}
	s.last = s.check(t)
}

func (s *counting) returns(t *testing.T, c *session.Client) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	again, err := multiplex.Link{Client: c}.Open(ctx, size, s.shell.Name)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Back || again.Boot != s.shell.Boot {
		t.Fatalf("came back to %+v", again)
	}
	s.shell, s.vt = again, term.New(size.Cols, size.Rows, term.Options{})
}

// Shells of one connection are channels of it. Where sshd opens no more, the
// error says what to do, and the others go on.
func TestOneConnectionManyShells(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip(err)
	}
	b := boot(t, true)
	link, e := through(t, b)
	c := dial(t, session.Dialer{}, e)
	var shells []multiplex.Opened
	for range 10 { // sshd's default
		shells = append(shells, open(t, c, ""))
	}
	_, err := multiplex.Link{Client: c}.Open(t.Context(), size, "")
	if !errors.Is(err, session.ErrSessionRefused) || !strings.Contains(err.Error(), "close a pane of this box, or raise MaxSessions") {
		t.Errorf("the eleventh: %v", err)
	}
	for i, o := range shells {
		fmt.Fprintf(o, "echo sh''ell-%d\r", i)
		readUntil(t, o, fmt.Sprintf("shell-%d", i))
	}
	end(shells[0])
	until(t, "there is room again", func() bool {
		o, err := multiplex.Link{Client: c}.Open(t.Context(), size, "")
		if err == nil {
			shells[0] = o
		}
		return err == nil
	})
	for _, o := range shells {
		end(o)
	}
	if n := link.Taken(); n != 1 {
		t.Errorf("%d connections", n)
	}
}
