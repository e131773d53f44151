package tui

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/crypto/ssh"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/boxsim"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

func TestKeysReachTheBox(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	d.types("vi é")
	d.press("enter", "esc", "up", "tab", "backspace", "ctrl+c", "ctrl+d", "q", "shift+tab", "ctrl+]", "ctrl+]")
	if got, want := sh.input(), "vi é\r\x1b\x1b[A\t\x7f\x03\x04q\x1b[Z\x1d"; got != want {
		t.Errorf("the box got %q, want %q", got, want)
	}
	if d.quit || d.m.dialog != nil {
		t.Error("ctrl+c in a pane is the box's")
	}
}

func TestPrefixKeys(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee")), 120, 36)
	a := d.fakePane("ant")
	d.press("ctrl+]", "d")
	b := d.fakePane("bee")
	d.shows("[2 bee]")
	d.press("ctrl+]", "n")
	d.shows("[1 ant]")
	d.types("x")
	d.press("ctrl+]", "2")
	d.types("y")
	if a.input() != "x" || b.input() != "y" {
		t.Errorf("typed %q and %q", a.input(), b.input())
	}
	d.press("ctrl+]", "z")
	if d.m.lay.kind != screenZoom {
		t.Error("not zoomed")
	}
	d.press("ctrl+]", "z", "ctrl+]", "c")
	d.shows("[1 ant]")
	<-b.done
	d.did("release hold cbx_000000000002")
	d.press("ctrl+]", "?")
	d.shows("In a pane, after ctrl+]")
	d.press("esc", "ctrl+]", "esc", "home", "enter")
	if d.m.focus != focusPane || len(d.m.panes.all) != 1 {
		t.Error("enter on a row with a pane goes to it")
	}
}

func TestEndedShellSaysHow(t *testing.T) {
	for want, err := range map[string]error{
		"the shell ended at 12:00:00":        nil,
		"the shell ended with status 3":      &session.ExitError{Status: 3},
		"the shell was ended by signal KILL": &session.ExitError{Signal: "KILL"},
		"connection lost at 12:00:00":        session.ErrLinkLost,
	} {
		d := run(t, with(ready(1, "ant")), 120, 36)
		d.fakePane("ant").cut(err)
		d.shows(want, "NVIDIA H100", "enter reconnects ctrl+] c closes")
		if err == session.ErrLinkLost {
			d.did("suspend hold")
		} else {
			d.did("release hold")
		}
		d.after("c")
		if len(d.m.panes.all) != 0 || d.m.focus != focusFleet {
			t.Error("c does not close it")
		}
	}
}

func TestReconnectKeepsTheScreen(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	sh.prints("\x1b[?1049h\x1b[?1003hvim")
	d.shows("vim")
	sh.cut(session.ErrLinkLost)
	d.shows("connection lost")
	d.press("enter")
	d.until("failed", func() bool { return d.m.panes.current().state == paneFailed })
	p := d.m.panes.current()
	again := newFakeShell()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: again, hold: p.lines.hold, life: life{name: "pane-1", in: "tmux"}}})
	d.shows("NVIDIA H100", "reconnected 12:00:00")
	if m := p.eng.Modes(); m.AltScreen || m.Mouse != 0 {
		t.Errorf("modes of the lost program are still on: %+v", m)
	}
	d.types("ok")
	if again.input() != "ok" {
		t.Errorf("the new shell got %q", again.input())
	}
}

// A shell that opens after its pane was closed is let go.
func TestLateShellIsDisposedOf(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.fakePane("ant")
	p := d.m.panes.current()
	d.press("ctrl+]", "c")
	late := newFakeShell()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: late, hold: fakeHold{d.w, "late"}}})
	d.did("release hold late")
	<-late.done
}

func TestTypedWhileConnectingIsKept(t *testing.T) {
	w := with(ready(1, "ant"))
	hang := make(chan struct{})
	w.dial = func(ctx context.Context, _ provider.Lease) (Link, error) { <-hang; return nil, context.Canceled }
	d := run(t, w, 120, 36)
	d.press("enter")
	d.shows("connecting to ant")
	d.types("cd x")
	p := d.m.panes.current()
	sh := newFakeShell()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: sh, life: life{name: "pane-1", in: "tmux"}}})
	if sh.input() != "cd x" {
		t.Errorf("the shell got %q", sh.input())
	}
	close(hang)
}

func TestPasteAsksWhenItCouldDoMoreThanMeant(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	d.send(tea.PasteMsg{Content: "one line"})
	if d.m.dialog != nil || sh.input() != "one line" {
		t.Errorf("a short paste: %q", sh.input())
	}
	d.send(tea.PasteMsg{Content: "rm -rf /tmp/x\nls\n"})
	d.shows("Paste into ant?", "2 lines")
	d.settle()
	d.press("enter")
	if sh.input() != "one line" {
		t.Error("pasted unasked")
	}
	sh.prints("\x1b[?2004h")
	d.until("bracketed", func() bool { return d.m.panes.current().eng.Modes().BracketedPaste })
	d.send(tea.PasteMsg{Content: "a\nb"})
	if d.m.dialog != nil || !strings.Contains(sh.input(), "\x1b[200~") {
		t.Errorf("a bracketed paste: %q", sh.input())
	}
	d.send(tea.PasteMsg{Content: strings.Repeat("x", largePaste+1)})
	d.shows("Paste into ant?")
	d.settle()
	d.press("y")
	if !strings.Contains(sh.input(), "xxxx") {
		t.Error("the large paste was not sent")
	}
}

func TestScrollbackAndMouse(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	p := d.m.panes.current()
	sh.prints("\r\nfirst\r\n" + strings.Repeat("line\r\n", 60) + "last")
	d.shows("last")
	d.lacks("first")
	d.press("shift+pgup", "shift+pgup", "shift+pgup")
	d.shows("NVIDIA", "first", "scrolled back")
	d.types("x")
	sh.prints("!")
	d.shows("last")
	r := d.m.lay.screen
	d.send(tea.MouseWheelMsg{X: r.x + 1, Y: r.y + 1, Button: tea.MouseWheelUp})
	if p.frame.Scrolled != wheelLines {
		t.Errorf("the wheel scrolled %d", p.frame.Scrolled)
	}
	sh.prints("\x1b[?1000h\x1b[?1006h")
	d.until("mouse wanted", func() bool { return p.frame.Modes.Mouse != 0 })
	d.send(tea.MouseClickMsg{X: r.x + 4, Y: r.y + 2, Button: tea.MouseLeft})
	if !strings.Contains(sh.input(), "\x1b[<0;5;3M") {
		t.Errorf("the box got %q", sh.input())
	}
	d.send(tea.MouseClickMsg{X: 5, Y: d.m.lay.list.y + 1, Button: tea.MouseLeft})
	if d.m.focus != focusFleet {
		t.Error("a click on the fleet takes the keyboard there")
	}
	d.send(tea.MouseClickMsg{X: r.x + 4, Y: r.y + 2, Button: tea.MouseLeft})
	if d.m.focus != focusPane {
		t.Error("a click on the pane takes the keyboard there")
	}
}

func TestCursorIsTheRealOne(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	r := d.m.lay.screen
	sh.prints("\x1b[5;7H\x1b[4 q")
	d.until("moved", func() bool {
		c := d.m.View().Cursor
		return c != nil && c.X == r.x+6 && c.Y == r.y+4 && c.Shape == tea.CursorUnderline && !c.Blink
	})
	d.press("ctrl+]", "d")
	if d.m.View().Cursor != nil {
		t.Error("the cursor stays in a pane without the keyboard")
	}
	if got := d.m.View().WindowTitle; got != "ant — crabbox" {
		t.Errorf("title %q", got)
	}
}

func TestResizeReachesTheBox(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	sh := d.fakePane("ant")
	d.send(tea.WindowSizeMsg{Width: 80, Height: 24})
	d.send(tea.WindowSizeMsg{Width: 200, Height: 50})
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if got := sh.sizes[len(sh.sizes)-1]; got != (session.Size{Cols: 151, Rows: 47}) || len(sh.sizes) != 3 {
		t.Errorf("sizes %v", sh.sizes)
	}
}

// realWorld has a simulated box behind a real SSH connection.
func realWorld(t *testing.T) (*world, *boxsim.Box) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the simulated box has another shell there")
	}
	dir := t.TempDir()
	host, err := boxsim.NewHost(boxsim.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = host.Close() })
	pub, priv, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(priv, "")
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(dir, "id")
	if err := os.WriteFile(keyFile, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	sshPub, err := ssh.NewPublicKey(pub)
	if err != nil {
		t.Fatal(err)
	}
	b, err := host.Boot(context.Background(), "inst_00000001", string(bytes.TrimSpace(ssh.MarshalAuthorizedKey(sshPub))), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetPhase(boxsim.PhaseUp); err != nil {
		t.Fatal(err)
	}
	l := ready(1, "ant")
	l.Host, l.Port, l.User, l.KeyPath, l.KnownHostsPath = b.IP(), host.Port(), host.User(), keyFile, filepath.Join(dir, "known_hosts")
	w := with(l)
	dialer := &session.Dialer{QuietAfter: time.Second, AnswerWithin: time.Second}
	w.dial = func(ctx context.Context, l provider.Lease) (Link, error) {
		c, err := dialer.Dial(ctx, session.Endpoint{Host: l.Host, Port: l.Port, User: l.User, KeyFile: l.KeyPath, KnownHosts: l.KnownHostsPath})
		if err != nil {
			return nil, err
		}
		return multiplex.Link{Client: c}, nil
	}
	return w, b
}

func TestWorkInABox(t *testing.T) {
	w, b := realWorld(t)
	d := run(t, w, 120, 36)
	d.press("enter")
	p := d.m.panes.current()
	d.until("open", func() bool { return p.state == paneOpen })
	d.types("stty size; echo $((6*7))-ok")
	d.press("enter")
	d.shows("33 80", "42-ok")

	// A second pane of the same lease shares the connection.
	d.press("ctrl+]", "t")
	p2 := d.m.panes.current()
	d.until("second open", func() bool { return p2.state == paneOpen })
	if p.lines.link.shared != p2.lines.link.shared || strings.Count(w.log(), "dial") != 1 {
		t.Errorf("dialled anew: %s", w.log())
	}
	d.types("exit 5")
	d.press("enter")
	d.shows("ended with status 5")
	if p.state != paneOpen {
		t.Error("the first pane went with it")
	}
	d.after("c")

	if err := b.SetFault(boxsim.FaultDrop); err != nil {
		t.Fatal(err)
	}
	d.shows("connection lost", "42-ok")
	d.press("enter")
	d.until("open again", func() bool { return p.state == paneOpen })
	d.types("echo back-$((40+2))")
	d.press("enter")
	d.shows("back-42", "in the same shell")
	d.did("resume hold cbx_000000000001")
}

func TestFloodDoesNotStarveKeys(t *testing.T) {
	w, _ := realWorld(t)
	d := run(t, w, 120, 36)
	d.press("enter")
	p := d.m.panes.current()
	d.until("open", func() bool { return p.state == paneOpen })
	d.types("yes flooding")
	d.press("enter")
	d.shows("flooding flooding")
	d.press("ctrl+c")
	d.types("echo $((6*7))-calm")
	d.press("enter")
	d.shows("42-calm")
}

func TestChangedHostKeyIsAFullStop(t *testing.T) {
	w, b := realWorld(t)
	d := run(t, w, 120, 36)
	d.press("enter")
	p := d.m.panes.current()
	d.until("open", func() bool { return p.state == paneOpen })
	d.press("ctrl+]", "c")
	if err := b.SetFault(boxsim.FaultNewHostKey); err != nil {
		t.Fatal(err)
	}
	// Closing lets the shared connection go in the background; a pane that is
	// opened before would join it.
	ls := d.m.cmds.links
	d.until("the connection is gone", func() bool {
		ls.mu.Lock()
		defer ls.mu.Unlock()
		return len(ls.byKey) == 0
	})
	d.press("enter")
	d.shows("STOP:", "pinned ssh-ed25519 SHA256:", "offered ssh-ed25519 SHA256:", "known_hosts by hand")
	d.lacks("reconnects")
}
