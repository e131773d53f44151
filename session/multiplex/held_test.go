package multiplex_test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

// Where there is nothing to live in, the shell is an ordinary one.
func TestAnOrdinaryShell(t *testing.T) {
	t.Setenv("PATH", only(t))
	b := boot(t, false)
	o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
	if o.Name != "" || o.In != "" || o.Back {
		t.Fatalf("opened %q in %q", o.Name, o.In)
	}
	o.Write([]byte("echo plai''n\r"))
	readUntil(t, o, `plain`)
	end(o)
}

// Without tmux screen is taken, and without screen dtach.
func TestTheFallbacks(t *testing.T) {
	for _, c := range []struct {
		has  []string
		want string
	}{
		{[]string{"screen", "dtach"}, "screen"},
		{[]string{"dtach"}, "dtach"},
	} {
		for _, sshd := range []bool{false, true} {
			kind := "simulated"
			if sshd {
				kind = "OpenSSH"
			}
			t.Run(c.want+" "+kind, func(t *testing.T) {
				if _, err := exec.LookPath(c.want); err != nil {
					t.Skip(err)
				}
				t.Setenv("PATH", only(t, c.has...))
				b := boot(t, sshd)
				t.Run("comes back", func(t *testing.T) { heldComesBack(t, b, c.want) })
				t.Run("ends", func(t *testing.T) { heldEnds(t, b) })
				if sshd {
					return // what follows is not the server's
				}
				t.Run("ends meanwhile", func(t *testing.T) { heldEndsMeanwhile(t, b) })
				t.Run("is left and taken", func(t *testing.T) { heldIsTaken(t, b) })
			})
		}
	}
}

func heldComesBack(t *testing.T, b box, in string) {
	c := dial(t, session.Dialer{}, b.endpoint)
	o := open(t, c, "")
	if o.In != in || o.Name != "pane-1" || o.Back || o.Gone {
		t.Fatalf("opened %+v", o)
	}
	readUntil(t, o, `\$ `)
	o.Write([]byte("kept=$$; echo pid=$kept.\r"))
	pid := regexp.MustCompile(`pid=([0-9]+)\.`).FindStringSubmatch(readUntil(t, o, `pid=[0-9]+\.`))[1]
	o.Write([]byte("\x01d\x1c\x01k\x05\x15echo key''s\r")) // what detaches or kills by default
	readUntil(t, o, `keys`)
	o.Write([]byte("echo go''es; while [ \"$(stty size)\" != '43 132' ]; do :; done; echo resi''zed\r"))
	readUntil(t, o, `goes`)
	o.Resize(session.Size{Cols: 132, Rows: 43})
	readUntil(t, o, `resized`)
	c.Close()
	io.Copy(io.Discard, o)
	if err := o.Wait(); !errors.Is(err, session.ErrClosed) && !errors.Is(err, session.ErrLinkLost) {
		t.Errorf("a cut is %v", err)
	}
	again := open(t, dial(t, session.Dialer{}, b.endpoint), o.Name)
	if !again.Back || again.Gone || again.Ended || again.Name != o.Name {
		t.Fatalf("came back to %+v", again)
	}
	again.Write([]byte("echo still=$kept,$$.\r"))
	readUntil(t, again, `still=`+pid+`,`+pid+`\.`)
	end(again)
	gone := open(t, dial(t, session.Dialer{}, b.endpoint), o.Name)
	if !gone.Gone || gone.Back {
		t.Errorf("a closed shell is %+v", gone)
	}
	end(gone)
}

func heldEnds(t *testing.T, b box) {
	o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
	readUntil(t, o, `\$ `)
	o.Write([]byte("echo la''st; exit 7\r"))
	out, _ := io.ReadAll(o)
	if !strings.Contains(string(out), "last") {
		t.Errorf("the output is %q", out)
	}
	var exit *session.ExitError
	if err := o.Wait(); !errors.As(err, &exit) || exit.Status != 7 {
		t.Errorf("ended with %v, want status 7", err)
	}
}

func heldEndsMeanwhile(t *testing.T, b box) {
	c := dial(t, session.Dialer{}, b.endpoint)
	o := open(t, c, "")
	readUntil(t, o, `\$ `)
	o.Write([]byte("echo sta''rts; until [ -e away ]; do sleep 0.01; done; exit 3\r"))
	readUntil(t, o, `starts`)
	c.Close()
	io.Copy(io.Discard, o)
	c = dial(t, session.Dialer{}, b.endpoint)
	if _, err := c.Run(t.Context(), "touch away", 0); err != nil {
		t.Fatal(err)
	}
	until(t, "the end is written down", func() bool {
		found, _ := c.Run(t.Context(), "cat \"$TMUX_TMPDIR\"/crabbox-*/"+o.Name+"/end", 100)
		return len(found) > 0
	})
	again := open(t, c, o.Name)
	if !again.Back || !again.Ended || again.Gone {
		t.Errorf("came back to %+v", again)
	}
	io.Copy(io.Discard, again)
	var exit *session.ExitError
	if err := again.Wait(); !errors.As(err, &exit) || exit.Status != 3 {
		t.Errorf("ended with %v, want status 3", err)
	}
}

func heldIsTaken(t *testing.T, b box) {
	c := dial(t, session.Dialer{}, b.endpoint)
	one, two := open(t, c, ""), open(t, c, "")
	if one.Name == two.Name || two.Back {
		t.Fatalf("%q and %q", one.Name, two.Name)
	}
	readUntil(t, one, `\$ `)
	readUntil(t, two, `\$ `)
	one.Terminal.(interface{ Detach() error }).Detach()
	io.Copy(io.Discard, one)
	if err := one.Wait(); !errors.Is(err, session.ErrClosed) {
		t.Errorf("left with %v", err)
	}
	// The box notices in its own time that nobody is there any more.
	var left multiplex.Opened
	until(t, "the shell that was left is taken", func() bool {
		left = open(t, c, "")
		if left.Name != one.Name {
			end(left)
			return false
		}
		return true
	})
	if !left.Back {
		t.Error("a left shell is not said to be there before")
	}
	end(left)
	end(two)
}

// only is a PATH of links to what every box has, and to names.
func only(t *testing.T, names ...string) string {
	dir := t.TempDir()
	for _, name := range append(names, "sh", "bash", "cat", "chmod", "date", "dd", "env", "find", "head", "id", "ls",
		"mkdir", "mv", "rm", "sed", "sleep", "stty", "touch", "true") {
		if path, err := exec.LookPath(name); err == nil {
			if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}
