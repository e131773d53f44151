//go:build unix

package term

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// program is a real program on a real PTY whose output feeds a terminal and
// whose queries are answered.
type program struct {
	t      *testing.T
	term   *Terminal
	pty    *os.File
	output chan []byte
	seen   []byte // all that was fed
}

// startProgram runs a program; the test is skipped where there is none. It is
// killed and its reader awaited when the test ends.
func startProgram(t *testing.T, cols, rows int, name string, args ...string) *program {
	t.Helper()
	return startProgramIn(t, t.TempDir(), cols, rows, name, args...)
}

// startProgramIn is startProgram in a given home.
func startProgramIn(t *testing.T, home string, cols, rows int, name string, args ...string) *program {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("no %s on this host", name)
	}
	ctx, cancel := context.WithTimeout(t.Context(), hangNet)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = home
	cmd.Env = []string{"TERM=xterm-256color", "COLORTERM=truecolor", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME=" + home, "PATH=" + os.Getenv("PATH"), "PS1=$ ", "TMUX_TMPDIR=" + home, "TZ=UTC", "USER=person"}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)})
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	p := &program{t: t, term: New(cols, rows, Options{}), pty: f, output: make(chan []byte)}
	p.term.onPanic = func(v any) { t.Errorf("panic: %v", v) }
	stop := make(chan struct{})
	go func() {
		defer close(p.output)
		for {
			buf := make([]byte, 4096)
			n, err := f.Read(buf)
			if n > 0 {
				select {
				case p.output <- buf[:n]:
				case <-stop:
					return
				}
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		cancel()
		// Whatever holds the terminal keeps the reader waiting.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		f.Close()
		var exit *exec.ExitError
		if err := cmd.Wait(); err != nil && !errors.As(err, &exit) && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		for range p.output {
		}
	})
	return p
}

func (p *program) send(s string) {
	p.t.Helper()
	if _, err := p.pty.WriteString(s); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) key(k Key) { p.t.Helper(); p.send(string(p.term.EncodeKey(nil, k))) }

func (p *program) resize(cols, rows int) {
	p.t.Helper()
	p.term.Resize(cols, rows)
	if err := pty.Setsize(p.pty, &pty.Winsize{Rows: uint16(rows), Cols: uint16(cols)}); err != nil {
		p.t.Fatal(err)
	}
}

// until feeds output until ok holds of the screen.
func (p *program) until(what string, ok func() bool) {
	p.t.Helper()
	net := time.After(hangNet)
	for !ok() {
		select {
		case b, open := <-p.output:
			if !open {
				p.t.Fatalf("the program ended before %s; screen:\n%s", what, p.screen())
			}
			_, _ = p.term.Write(b)
			p.seen = append(p.seen, b...)
			if r := p.term.Replies(); len(r) > 0 {
				p.send(string(r))
			}
		case <-net:
			p.t.Fatalf("never came to %s; screen:\n%s", what, p.screen())
		}
	}
	checkInvariants(p.t, p.term)
}

func (p *program) screen() string { return strings.Join(p.term.Text(), "\n") }

func (p *program) shows(s string) func() bool {
	return func() bool { return strings.Contains(p.screen(), s) }
}

func (p *program) line(y int, s string) func() bool {
	return func() bool { return p.term.Text()[y] == s }
}

func TestBash(t *testing.T) {
	p := startProgram(t, 40, 10, "bash", "--norc", "--noprofile", "-i")
	p.until("a prompt", p.shows("$"))
	p.send("echo one-$((40+2))\r")
	p.until("the answer", p.shows("one-42\n$"))
	// Editing inside a line that wraps: readline draws with what it believes of
	// our wrapping.
	p.send("wrong " + strings.Repeat("abcde", 10))
	p.until("what was typed", p.shows(strings.Repeat("abcde", 3)+"\n"))
	p.key(Key{Rune: 'a', Mods: ModCtrl})
	p.key(Key{Rune: 'd', Mods: ModAlt})
	p.send("printf '<%s>\\n'\r")
	p.until("what was edited", p.shows("$ printf '<%s>\\n' abcdeabcdeabcdeabcde"))
	p.until("what it prints", p.shows("<"+strings.Repeat("abcde", 7)+"abcd\ne"+strings.Repeat("abcde", 2)+">\n$"))
	p.send("printf 'w%.0s' {1..50}; echo; seq 30\r")
	p.until("the last number", p.shows("\n30\n$"))
	found := false
	for _, l := range logicalLines(p.term) {
		found = found || l == strings.Repeat("w", 50)
	}
	if !found {
		t.Errorf("the long line is not one: %q", logicalLines(p.term))
	}
	p.resize(60, 12)
	p.send("echo $COLUMNS-$LINES\r")
	p.until("the new size", p.shows("60-12"))
}

func TestVim(t *testing.T) {
	p := startProgram(t, 60, 12, "vim", "-u", "NONE", "-N", "-i", "NONE", "--cmd", "set ruler showmode", "file.txt")
	p.until("the alternate screen", func() bool { return p.term.Modes().AltScreen && p.shows("[New]")() })
	p.send("ihello 日本 world")
	p.until("the text", p.line(0, "hello 日本 world"))
	p.until("the mode", p.shows("-- INSERT --"))
	p.send("\x1b")
	p.until("normal mode", func() bool { return !p.shows("-- INSERT --")() })
	p.send("yy30pgg")
	p.until("a screen full", func() bool { return p.line(10, "hello 日本 world")() && p.term.Cursor().Y == 0 })
	p.send("dd2jOinserted\x1b")
	p.until("a line inserted", p.line(2, "inserted"))
	p.key(Key{Code: KeyPageDown})
	p.until("scrolling", func() bool { return !p.shows("inserted")() })
	p.resize(30, 8)
	p.send("gg")
	p.until("the smaller screen", func() bool { return p.line(2, "inserted")() && p.term.Cursor().Y == 0 })
	p.send(":wq\r")
	p.until("the primary screen", func() bool { return !p.term.Modes().AltScreen })
}

func TestLess(t *testing.T) {
	p := startProgram(t, 40, 8, "sh", "-c", "seq 100 | less; echo done")
	p.until("the first page", func() bool { return p.term.Modes().AltScreen && p.line(0, "1")() && p.line(6, "7")() })
	p.send(" ")
	p.until("the next page", p.line(0, "8"))
	p.key(Key{Code: KeyUp})
	p.until("a line back", p.line(0, "7"))
	p.send("/50\r")
	p.until("what was searched", p.line(0, "50"))
	if s := p.term.Cell(0, 0).Style; s.Attrs&AttrInverse == 0 {
		t.Errorf("it is not marked: %+v", s)
	}
	p.send("q")
	p.until("the end", p.shows("done"))
}

func TestTop(t *testing.T) {
	p := startProgram(t, 80, 24, "top", "-d", "60")
	p.until("the table", p.shows("PID"))
	p.send("q")
}

func TestHtop(t *testing.T) {
	p := startProgram(t, 100, 24, "htop")
	p.until("the table", func() bool { return p.shows("PID")() && p.shows("Quit")() })
	if m := p.term.Modes(); m.Mouse == MouseOff || !m.AltScreen {
		t.Errorf("modes %+v", m)
	}
	p.key(Key{Code: KeyF1})
	p.until("the help", p.shows("Released under"))
	p.send("qq")
	p.until("the end", func() bool { return !p.term.Modes().AltScreen })
}

func TestTmux(t *testing.T) {
	sock := filepath.Join(t.TempDir(), "s")
	p := startProgram(t, 60, 12, "tmux", "-S", sock, "-f", "/dev/null", "new-session", "-s", "name", "sh")
	t.Cleanup(func() { _ = exec.Command("tmux", "-S", sock, "kill-server").Run() })
	p.until("the status line", func() bool { return strings.HasPrefix(p.term.Text()[11], "[name]") })
	p.send("seq 40; echo e''nd\r")
	p.until("the end", p.shows("\nend\n"))
	p.send("\x02%")
	p.until("two panes", func() bool { return strings.Contains(p.term.Text()[5], "│") })
	p.send("seq 40; echo r''ight\r")
	p.until("scrolling in one pane", func() bool { return p.shows("│right")() && p.shows("end")() })
	p.send("\x02d")
	p.until("the primary screen", func() bool { return p.shows("[detached")() && !p.term.Modes().AltScreen })
}
