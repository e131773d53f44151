//go:build unix

package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session/record/recordtest"
)

// TestKeepWhatAPaneShowed records a shell while its text is looked at in a
// pager, where Ctrl-C is the pager's, and in an editor. Releasing the box ends
// the recording, in a private file that plays.
func TestKeepWhatAPaneShowed(t *testing.T) {
	for _, peer := range []string{"less", "vim"} {
		if _, err := exec.LookPath(peer); err != nil {
			t.Skip(peer + " is not installed")
		}
	}
	server := newPerson(t)
	sim := server.simulator(t, "--boot", "1s")
	p := newPerson(t)
	state := filepath.Join(p.home, "state")
	p.env = append(p.env, sim.env...)
	p.env = append(p.env, "XDG_STATE_HOME="+state, "PAGER=less", "VISUAL=vim -u NONE")
	s := p.open(t, 120, 36)
	before := s.termios()
	s.shows(`No boxes|\d box`)
	s.acquire("steady")
	s.shell("steady")
	s.keys(prefix, "R")
	s.shows(`steady ● rec`)
	s.keys("echo $((6*7))-shown\r")
	s.shows(`42-shown`)

	s.mu.Lock()
	modes := s.term.Modes()
	s.mu.Unlock()
	as := func(string) bool { return s.term.Modes() == modes }
	s.keys(prefix, "P")
	s.shows(`(?s)42-shown.*steady\.txt \(END\)`)
	// A pager that is just starting may not hear the first one.
	heard := make(chan struct{})
	var again sync.WaitGroup
	again.Go(func() {
		for {
			_, _ = s.pty.WriteString("\x03")
			select {
			case <-heard:
				return
			case <-time.After(time.Second):
			}
		}
	})
	s.shows(`(?m)^\(END\)`)
	close(heard)
	again.Wait()
	s.keys("q")
	s.shows(`then d fleet`)
	s.until("the modes that the pager found", as)
	s.keys(prefix, "E")
	s.shows(`(?s)42-shown.*steady\.txt" \d+`)
	s.keys(":q\r")
	s.shows(`then d fleet`)
	s.until("the modes that the editor found", as)
	s.keys("echo $((6*7))-on\r")
	s.shows(`42-on`)
	s.shows(`steady ● rec`)

	s.keys(prefix, "d")
	s.release("steady") // closes the pane
	s.keys("q")
	if err := s.gone(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	s.settled(before)
	dir := filepath.Join(state, "crabbox-tui", "recordings")
	all, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(all) != 1 || !strings.HasPrefix(filepath.Base(all[0]), "steady-") {
		t.Fatalf("recordings: %q", all)
	}
	for name, want := range map[string]os.FileMode{dir: os.ModeDir | 0o700, all[0]: 0o600} {
		if info, err := os.Stat(name); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	file, err := os.ReadFile(all[0])
	if err != nil {
		t.Fatal(err)
	}
	played, err := recordtest.Play(file)
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(played.Term.Text(), "\n"); !strings.Contains(text, "42-shown") || !strings.Contains(text, "42-on") {
		t.Errorf("it plays to:\n%s", text)
	}
	p.leftNothing(t)
}
