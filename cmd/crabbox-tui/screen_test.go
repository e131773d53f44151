//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/openclaw/crabbox-tui/session/term"
)

// patience is how long a test waits for something before it gives up. It is a
// net under a hang, never what a passing test waits for.
const patience = 40 * time.Second

// binary is the program as people get it, built once.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "crabbox-tui-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "crabbox-tui")
	if out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput(); err != nil {
		return "", fmt.Errorf("build: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// person is a folder tree and environment of somebody who runs the program:
// their own home, their own temporary folder.
type person struct {
	home, tmp string
	env       []string
}

func newPerson(t testing.TB) person {
	t.Helper()
	// Sockets live below the temporary folder, and their paths are short.
	tmp, err := os.MkdirTemp("/tmp", "cbx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(tmp) })
	p := person{home: filepath.Join(tmp, "home"), tmp: filepath.Join(tmp, "tmp")}
	for _, dir := range []string{p.home, p.tmp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p.env = []string{
		"HOME=" + p.home, "TMPDIR=" + p.tmp, "PATH=" + os.Getenv("PATH"), "SHELL=/bin/bash",
		"TERM=xterm-256color", "LANG=C.UTF-8", "COLORTERM=truecolor",
	}
	return p
}

func (p person) claims() string {
	return filepath.Join(p.home, ".config", "crabbox", "state", "claims")
}

func (p person) keys() string { return filepath.Join(p.home, ".config", "crabbox", "testboxes") }

// screen is the program on a PTY, read by the emulator of the pane.
type screen struct {
	t    testing.TB
	cmd  *exec.Cmd
	pty  *os.File
	tty  *os.File // held open so that its state can be read after the end
	mu   sync.Mutex
	seen *sync.Cond
	term *term.Terminal
	raw  bytes.Buffer
	eof  bool
	exit chan struct{}
	err  error
}

// open starts the program on a terminal of the given size.
func (p person) open(t testing.TB, cols, rows int, args ...string) *screen {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, term: term.New(cols, rows, term.Options{}), exit: make(chan struct{})}
	s.seen = sync.NewCond(&s.mu)
	s.pty, s.tty, err = pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(s.pty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		t.Fatal(err)
	}
	s.cmd = exec.Command(path, args...)
	s.cmd.Env = p.env
	s.cmd.Dir = p.home
	s.cmd.Stdin, s.cmd.Stdout, s.cmd.Stderr = s.tty, s.tty, s.tty
	s.cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go s.read()
	go func() {
		err := s.cmd.Wait()
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
		close(s.exit)
		s.seen.Broadcast()
	}()
	t.Cleanup(s.close)
	return s
}

func (s *screen) read() {
	buf := make([]byte, 32<<10)
	for {
		n, err := s.pty.Read(buf)
		s.mu.Lock()
		s.raw.Write(buf[:n])
		s.term.Write(buf[:n])
		answer := bytes.Clone(s.term.Replies())
		s.eof = s.eof || err != nil
		s.mu.Unlock()
		s.seen.Broadcast()
		if err != nil {
			return
		}
		if len(answer) > 0 {
			s.pty.Write(answer)
		}
	}
}

func (s *screen) close() {
	s.cmd.Process.Kill()
	<-s.exit
	s.tty.Close()
	s.pty.Close()
}

// text is what a person sees.
func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.term.Text(), "\n")
}

// until waits until a condition on the screen holds.
func (s *screen) until(what string, holds func(text string) bool) {
	s.t.Helper()
	late := false
	timer := time.AfterFunc(patience, func() {
		s.mu.Lock()
		late = true
		s.mu.Unlock()
		s.seen.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	for !holds(strings.Join(s.term.Text(), "\n")) {
		if late {
			text := strings.Join(s.term.Text(), "\n")
			s.mu.Unlock()
			s.t.Fatalf("never saw %s; the screen:\n%s", what, text)
		}
		select {
		case <-s.exit:
			if s.eof {
				text := strings.Join(s.term.Text(), "\n")
				s.mu.Unlock()
				s.t.Fatalf("the program ended (%v) before %s was seen; the screen:\n%s", s.err, what, text)
			}
		default:
		}
		s.seen.Wait()
	}
	s.mu.Unlock()
}

// shows waits until the screen matches a regular expression.
func (s *screen) shows(pattern string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	s.until("/"+pattern+"/", re.MatchString)
}

// lacks waits until the screen does not match.
func (s *screen) lacks(pattern string) {
	s.t.Helper()
	re := regexp.MustCompile(pattern)
	s.until("a screen without /"+pattern+"/", func(text string) bool { return !re.MatchString(text) })
}

// keys sends key presses, as a terminal encodes them.
func (s *screen) keys(sequences ...string) {
	s.t.Helper()
	for _, k := range sequences {
		if _, err := s.pty.WriteString(k); err != nil {
			s.t.Fatalf("type %q: %v", k, err)
		}
	}
}

const (
	enter  = "\r"
	escape = "\x1b"
	prefix = "\x1d" // ctrl+]
	up     = "\x1b[A"
	down   = "\x1b[B"
)

// gone waits until the program has ended and returns how.
func (s *screen) gone() error {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	select {
	case <-s.exit:
		return s.err
	case <-ctx.Done():
		s.t.Fatalf("the program did not end; the screen:\n%s", s.text())
		return nil
	}
}

// settled checks that the terminal is as a shell expects it: cooked, primary
// screen, visible cursor, no mouse, no bracketed paste.
func (s *screen) settled(before *unix.Termios) {
	s.t.Helper()
	after := s.termios()
	if *after != *before {
		s.t.Errorf("terminal settings after the end differ:\n%+v\nbefore:\n%+v", *after, *before)
	}
	// What was written before the end may still be on its way to us.
	s.until("a restored terminal", func(string) bool {
		m, c := s.term.Modes(), s.term.Cursor()
		return !m.AltScreen && !m.BracketedPaste && !m.FocusEvents && m.Mouse == term.MouseOff && c.Visible
	})
}

func (s *screen) termios() *unix.Termios {
	s.t.Helper()
	state, err := unix.IoctlGetTermios(int(s.tty.Fd()), ioctlGetTermios)
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}

// sim is the simulator in a process of its own.
type sim struct {
	env   []string // its exports
	books string
}

// simulator starts "crabbox-tui sim" and reads its exports.
func (p person) simulator(t testing.TB, args ...string) sim {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, append([]string{"sim"}, args...)...)
	cmd.Env = p.env
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		io.Copy(io.Discard, out)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the simulator ended with %v", err)
		}
	})
	return readExports(t, out)
}

func readExports(t testing.TB, out io.Reader) sim {
	t.Helper()
	var s sim
	for _, kv := range exportsOf(out) {
		s.env = append(s.env, kv[0]+"="+kv[1])
		if kv[0] == "SIM_BOOKS_URL" {
			s.books = kv[1]
		}
	}
	if s.books == "" {
		t.Fatal("the simulator ended before it was ready")
	}
	return s
}

// exportsOf reads what a simulator exports, up to its line "ready".
func exportsOf(out io.Reader) [][2]string {
	var all [][2]string
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		if assignment, ok := strings.CutPrefix(lines.Text(), "export "); ok {
			name, value, _ := strings.Cut(assignment, "=")
			all = append(all, [2]string{name, strings.Trim(value, "'")})
		}
	}
	return all
}
