package term

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tmuxPane is a pane of a real tmux. What is written to the pane's terminal it
// shows, and a client in control mode asks for what is there.
type tmuxPane struct {
	t          testing.TB
	cols, rows int
	tty        *os.File
	in         chan []byte
	control    io.Writer
	lines      *bufio.Scanner
}

func startTmux(t testing.TB, cols, rows int) *tmuxPane {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("no tmux on this host")
	}
	sock := filepath.Join(t.TempDir(), "s")
	config := filepath.Join(t.TempDir(), "conf")
	if err := os.WriteFile(config, []byte("set -g status off\nset -g default-terminal tmux-256color\nset -g history-limit 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("tmux", "-u", "-C", "-S", sock, "-f", config, "new-session", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows),
		"stty raw -echo; printf ready; exec sleep 86400")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TERM=xterm-256color", "SHELL=/bin/sh"}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &tmuxPane{t: t, control: stdin, lines: bufio.NewScanner(stdout), in: make(chan []byte, 100)}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", sock, "kill-server").Run()
		_ = cmd.Wait()
	})
	p.reply() // to new-session
	p.resize(cols, rows)
	for end := time.Now().Add(hangNet); strings.Join(p.command("capture-pane -p"), "") != "ready"; {
		if time.Now().After(end) {
			t.Fatal("the pane never began")
		}
	}
	p.tty, err = os.OpenFile(p.command("display-message -p '#{pane_tty}'")[0], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.in)
		for {
			b := make([]byte, 4096)
			n, err := p.tty.Read(b)
			if n > 0 {
				p.in <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { p.tty.Close() })
	return p
}

// command has tmux run a command and returns the lines that it prints.
func (p *tmuxPane) command(format string, args ...any) []string {
	p.t.Helper()
	if _, err := fmt.Fprintf(p.control, format+"\n", args...); err != nil {
		p.t.Fatal(err)
	}
	return p.reply()
}

func (p *tmuxPane) reply() []string {
	p.t.Helper()
	var out []string
	inside := false
	for p.lines.Scan() {
		l := p.lines.Text()
		switch {
		case strings.HasPrefix(l, "%begin "):
			inside = true
		case strings.HasPrefix(l, "%end "):
			return out
		case strings.HasPrefix(l, "%error "):
			p.t.Fatalf("tmux: %q", out)
		case inside:
			out = append(out, l)
		}
	}
	p.t.Fatal("tmux ended")
	return nil
}

func (p *tmuxPane) resize(cols, rows int) {
	p.cols, p.rows = cols, rows
	p.command("refresh-client -C %dx%d", cols, rows)
}

// Write shows b.
func (p *tmuxPane) Write(b []byte) (int, error) { return p.tty.Write(b) }

func (p *tmuxPane) answers() <-chan []byte { return p.in }
func (p *tmuxPane) enter() string          { return "\r" }

// settle waits until what was written is shown, by asking for an answer that
// comes after it. What tmux answers to the rest is dropped.
func (p *tmuxPane) settle() {
	p.t.Helper()
	const question, answer = "\x18\x1b[>c", "\x1b[>84;0;0c"
	if _, err := io.WriteString(p, question); err != nil {
		p.t.Fatal(err)
	}
	var got []byte
	net := time.After(hangNet)
	for !bytes.Contains(got, []byte(answer)) {
		select {
		case b := <-p.in:
			got = append(got, b...)
		case <-net:
			p.t.Fatalf("tmux never answered: %q", got)
		}
	}
}

func (p *tmuxPane) picture() picture {
	p.settle()
	return pictureOf(p.screen())
}

// screen is what the pane shows as a terminal of ours: tmux tells of it in
// plain text and SGR.
func (p *tmuxPane) screen() *Terminal {
	p.t.Helper()
	at := strings.Fields(p.command("display-message -p '#{cursor_x} #{cursor_y}'")[0])
	term := screenOf(p.cols, p.rows, "\x1b)0"+strings.Join(p.command("capture-pane -p -e -N"), "\r\n"))
	x, _ := strconv.Atoi(at[0])
	y, _ := strconv.Atoi(at[1])
	term.moveTo(min(x, p.cols-1), y)
	return term
}

// wholeScreen is screen with the colours of erased cells behind the last text
// of a row too, which tmux leaves out: a mark in the last column, which this
// spoils, makes it tell of them. The colours of that column are not told.
func (p *tmuxPane) wholeScreen() *Terminal {
	p.t.Helper()
	first := p.screen()
	cursor := first.Cursor()
	var mark strings.Builder
	mark.WriteString("\x1b[?6l\x1b[r\x1b[?7h\x1b[4l\x1b(B\x0f\x1b[m")
	for y := range p.rows {
		if first.scr.row(y).hi < p.cols {
			fmt.Fprintf(&mark, "\x1b[%d;%dH|", y+1, p.cols)
		}
	}
	if _, err := io.WriteString(p, mark.String()); err != nil {
		p.t.Fatal(err)
	}
	p.settle()
	second := p.screen()
	for y := range p.rows {
		if first.scr.row(y).hi < p.cols {
			second.scr.row(y).erase(p.cols-1, p.cols, 0)
		}
	}
	second.moveTo(cursor.X, cursor.Y)
	return second
}
