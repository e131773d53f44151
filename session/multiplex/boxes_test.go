package multiplex_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/boxsim"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/session/term"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// box is a simulated box, up, with the endpoint that reaches it.
type box struct {
	*boxsim.Box
	endpoint session.Endpoint
}

func boot(t *testing.T, sshd bool) box {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "cbx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	host, err := boxsim.NewHost(boxsim.Options{Dir: dir, SSHD: sshd})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	file := filepath.Join(keys, "id_ed25519")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	b, err := host.Boot(t.Context(), "inst-1", string(ssh.MarshalAuthorizedKey(key)), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetPhase(boxsim.PhaseUp); err != nil {
		t.Fatal(err)
	}
	return box{b, session.Endpoint{
		Host: b.IP(), Port: host.Port(), User: host.User(), KeyFile: file, KnownHosts: filepath.Join(keys, "known_hosts"),
	}}
}

// eachKind runs a test on both kinds of box.
func eachKind(t *testing.T, f func(t *testing.T, b box)) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("no tmux on this machine")
	}
	t.Run("simulated", func(t *testing.T) { f(t, boot(t, false)) })
	t.Run("OpenSSH", func(t *testing.T) { f(t, boot(t, true)) })
}

func dial(t *testing.T, d session.Dialer, e session.Endpoint) *session.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := d.Dial(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// readUntil reads a shell until what it printed matches, for 20 s at most.
func readUntil(t *testing.T, s multiplex.Opened, pattern string) string {
	t.Helper()
	late := time.AfterFunc(20*time.Second, func() {
		if left, ok := s.Terminal.(interface{ Detach() error }); ok {
			left.Detach()
		}
	})
	defer late.Stop()
	re := regexp.MustCompile(pattern)
	var all strings.Builder
	buf := make([]byte, 4096)
	for !re.MatchString(all.String()) {
		n, err := s.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v before /%s/ in %q", err, pattern, all.String())
		}
	}
	return all.String()
}

var size = session.Size{Cols: 80, Rows: 24}

func open(t *testing.T, c *session.Client, name string) multiplex.Opened {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	o, err := multiplex.Link{Client: c}.Open(ctx, size, name)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAShellOnTheBoxIsAShell(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		if o.Name != "pane-1" || o.Back || o.Gone || len(o.Boot) != 36 {
			t.Errorf("opened %q back %v gone %v boot %q", o.Name, o.Back, o.Gone, o.Boot)
		}
		o.Write([]byte("stty size; echo $HOME $TERM; nvidia-smi -L\r"))
		out := readUntil(t, o, `GPU 0: NVIDIA H100`)
		if !strings.Contains(out, "24 80") || !strings.Contains(out, b.Home()+" xterm-256color") {
			t.Errorf("size, home or TERM is not what it should be: %q", out)
		}
		o.Write([]byte("printf 'ü日\\033[31mred\\\\012x'\r"))
		readUntil(t, o, "ü日\x1b\\[31mred\\\\012x")
		// While it edits a line bash may set the size that it read just before.
		o.Write([]byte("echo go''es; while [ \"$(stty size)\" != '43 132' ]; do :; done; echo resi''zed\r"))
		readUntil(t, o, `goes`)
		o.Resize(session.Size{Cols: 132, Rows: 43})
		readUntil(t, o, `resized`)
		o.Write([]byte("exit 7\r"))
		io.Copy(io.Discard, o)
		var exit *session.ExitError
		if err := o.Wait(); !errors.As(err, &exit) || exit.Status != 7 {
			t.Errorf("ended with %v, want status 7", err)
		}
	})
}

// screen feeds a terminal until it shows a pattern.
func screen(t *testing.T, r io.Reader, pattern string) *term.Terminal {
	t.Helper()
	re := regexp.MustCompile(pattern)
	vt := term.New(size.Cols, size.Rows, term.Options{})
	buf := make([]byte, 4096)
	for !re.MatchString(strings.Join(vt.Text(), "\n")) {
		n, err := r.Read(buf)
		vt.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v before /%s/; the screen:\n%s", err, pattern, strings.Join(vt.Text(), "\n"))
		}
	}
	return vt
}

// Whatever cuts the connection, the same shell comes back, with its scrollback.
func TestTheSameShellComesBack(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		o := open(t, c, "")
		o.Write([]byte("kept=$$; for i in $(seq 1 200); do echo line-$i; done; printf '\\033[41mred\\033[m '; echo pid=$kept\r"))
		first := readUntil(t, o, `pid=[0-9]+`)
		pid := regexp.MustCompile(`pid=([0-9]+)`).FindStringSubmatch(first)[1]
		c.Close()
		io.Copy(io.Discard, o)
		if err := o.Wait(); !errors.Is(err, session.ErrClosed) && !errors.Is(err, multiplex.ErrTaken) && !errors.Is(err, session.ErrLinkLost) {
			t.Errorf("a cut is %v", err)
		}
		again := open(t, dial(t, session.Dialer{}, b.endpoint), o.Name)
		if !again.Back || again.Gone || again.Name != o.Name || again.Boot != o.Boot {
			t.Fatalf("came back to %+v", again)
		}
		vt := screen(t, again, `pid=`+pid)
		if n := vt.ScrollbackLen(); n < 150 {
			t.Errorf("%d lines above the screen", n)
		}
		seen := string(vt.AppendText(nil, -vt.ScrollbackLen()+5)) + string(vt.AppendText(nil, -1))
		if !strings.Contains(seen, "line-") {
			t.Errorf("the scrollback has %q", seen)
		}
		again.Write([]byte("echo still=$kept,$$\r"))
		readUntil(t, again, `still=`+pid+`,`+pid)
		end(again)
		gone := open(t, dial(t, session.Dialer{}, b.endpoint), o.Name)
		if !gone.Gone || gone.Back {
			t.Errorf("a closed shell is %+v", gone)
		}
		end(gone)
	})
}

func TestAProgramOnTheAlternateScreenComesBack(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		o.Write([]byte("echo before; printf '\\033[?1049h\\033[2J\\033[5;10Hfull\\033[?1h\\033[?1002h\\033[?1006h'; cat\r"))
		readUntil(t, o, `full\x1b`)
		detach(t, o)
		again := open(t, dial(t, session.Dialer{}, b.endpoint), o.Name)
		vt := screen(t, again, `full`)
		for range 50 { // the modes come behind the screen
			if m := vt.Modes(); m.AltScreen && m.ApplicationCursor && m.Mouse == term.MouseDrag && m.MouseSGR {
				break
			}
			buf := make([]byte, 64)
			n, _ := again.Read(buf)
			vt.Write(buf[:n])
		}
		if m := vt.Modes(); !m.AltScreen || !m.ApplicationCursor || m.Mouse != term.MouseDrag || !m.MouseSGR {
			t.Errorf("modes %+v", m)
		}
		if at := vt.Text()[4]; at != "         full" {
			t.Errorf("line 5 is %q", at)
		}
		vt.Write([]byte("\x1b[?1049l"))
		if !strings.Contains(strings.Join(vt.Text(), "\n"), "before") {
			t.Errorf("behind it is %q", vt.Text())
		}
		end(again)
	})
}

// end ends a shell, and reads it as a pane does.
func end(o multiplex.Opened) {
	go io.Copy(io.Discard, o)
	o.Close()
}

func detach(t *testing.T, o multiplex.Opened) {
	t.Helper()
	go io.Copy(io.Discard, o)
	o.Terminal.(*multiplex.Shell).Detach()
	if err := o.Wait(); !errors.Is(err, session.ErrClosed) {
		t.Errorf("left with %v", err)
	}
}

// A shell that nobody is attached to is taken before a new one is made.
func TestALeftShellIsTaken(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		one, two := open(t, c, ""), open(t, c, "")
		if one.Name != "pane-1" || two.Name != "pane-2" || two.Back {
			t.Fatalf("%q and %q", one.Name, two.Name)
		}
		readUntil(t, one, `\$ `)
		readUntil(t, two, `\$ `)
		detach(t, one)
		left := open(t, c, "")
		if left.Name != "pane-1" || !left.Back {
			t.Errorf("took %q, back %v", left.Name, left.Back)
		}
		end(left)
		end(two)
	})
}

// Another program that ends the shell is told from an end by itself.
func TestAKilledServerIsSaid(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		o := open(t, c, "")
		readUntil(t, o, `\$ `)
		if _, err := c.Run(t.Context(), "tmux -L crabbox kill-server", 100); err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, o)
		if err := o.Wait(); !errors.Is(err, multiplex.ErrTaken) {
			t.Errorf("ended with %v", err)
		}
	})
}

// Ctrl-C ends a flood.
func TestInterruptUnderAFlood(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		o.Write([]byte("yes\r"))
		readUntil(t, o, "(y\r\n){500}")
		o.Write([]byte{3})
		began := time.Now()
		readUntil(t, o, `\^C[^y]*\$ `)
		t.Logf("the prompt is back after %s", time.Since(began).Round(time.Millisecond))
		end(o)
	})
}

// Hundreds of cuts, the same shell each time: 10, or as many as MULTIPLEX_DROPS
// says.
func TestManyDrops(t *testing.T) {
	n := 10
	if s, err := strconv.Atoi(os.Getenv("MULTIPLEX_DROPS")); err == nil {
		n = s
	}
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		o := open(t, c, "")
		o.Write([]byte("n=0; PS1='$n> '\r"))
		readUntil(t, o, `[\nhm\r]0> `)
		var took []time.Duration
		for i := 1; i <= n; i++ {
			o.Write([]byte("n=$((n+1)) # " + strings.Repeat("x", i%70) + "\r"))
			readUntil(t, o, `[\nhm\r]`+strconv.Itoa(i)+`> `)
			c.Close()
			io.Copy(io.Discard, o)
			began := time.Now()
			c = dial(t, session.Dialer{}, b.endpoint)
			o = open(t, c, o.Name)
			if !o.Back {
				t.Fatalf("drop %d: the shell is gone", i)
			}
			screen(t, o, `(?m)^`+strconv.Itoa(i)+`> $|^`+strconv.Itoa(i)+`>$`)
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		t.Logf("%d drops and returns; link back to prompt: p50 %s, most %s", n, took[n/2].Round(time.Millisecond), took[n-1].Round(time.Millisecond))
		end(o)
	})
}
