//go:build unix

package main_test

import (
	"os"
	"syscall"
	"testing"
)

// TestTheTerminalIsRestoredHoweverTheProgramEnds checks the ends that come
// from outside; a panic inside is checked where the guard against it is.
func TestTheTerminalIsRestoredHoweverTheProgramEnds(t *testing.T) {
	for name, end := range map[string]func(s *screen){
		"quit":    func(s *screen) { s.keys("q"); s.answer("Quit?", "q") },
		"SIGTERM": func(s *screen) { s.cmd.Process.Signal(syscall.SIGTERM) },
		"SIGHUP":  func(s *screen) { s.cmd.Process.Signal(syscall.SIGHUP) },
		"SIGINT":  func(s *screen) { s.cmd.Process.Signal(os.Interrupt) },
	} {
		t.Run(name, func(t *testing.T) {
			p := newPerson(t)
			s := p.open(t, 100, 30, "demo")
			before := s.termios()
			s.shows(`amber-crab`)
			s.shell("amber-crab")
			s.keys(prefix, "d")
			end(s)
			if err := s.gone(); err != nil {
				t.Errorf("ended with %v", err)
			}
			s.settled(before)
			p.leftNothing(t)
		})
	}
}

func TestWhatCannotBeDrawnOnIsRefusedClearly(t *testing.T) {
	p := newPerson(t)
	for name, env := range map[string]string{"dumb": "TERM=dumb"} {
		q := p
		q.env = append(q.env, env)
		s := q.open(t, 80, 24)
		s.shows(`TERM is "dumb"`)
		s.gone()
		if code := s.cmd.ProcessState.ExitCode(); code != 2 {
			t.Errorf("%s: exit code %d, want 2", name, code)
		}
	}
}

func TestWithoutAKeyTheScreenOpensAndSaysWhatToSet(t *testing.T) {
	p := newPerson(t)
	s := p.open(t, 80, 24)
	s.shows(`CRABBOX_FAL_KEY`)
	s.shows(`demo`)
	s.keys("q")
	if err := s.gone(); err != nil {
		t.Error(err)
	}
}

func TestATinyTerminalGetsAMessage(t *testing.T) {
	p := newPerson(t)
	s := p.open(t, 20, 5, "demo")
	s.shows(`(?i)small|larger|big`)
	s.cmd.Process.Signal(syscall.SIGTERM)
	if err := s.gone(); err != nil {
		t.Error(err)
	}
	p.leftNothing(t)
}
