package term

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// A screenplay is a real program and what is done with it; after each step its
// screen must become the golden one. Programs run in a fixed environment, and
// lines that a host decides are masked.
type screenplay struct {
	name    string
	version []string // the command that tells it
	files   map[string]string
	command string // for sh, which becomes the program, in a home with the files
	size    [2]int // 80x24 if it is not given
	steps   []step
	masks   []*regexp.Regexp // what becomes a row of dots
}

// step is what is typed, and the name of the screen that follows, if any.
type step struct {
	keys, screen string
	resize       [2]int
	ready        string // a pattern that the screen matches before the keys are sent
}

func TestScreens(t *testing.T) {
	for _, s := range screenplays {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "programs", s.name+".txt")
			if os.Getenv(updateEnv) != "" {
				var b strings.Builder
				fmt.Fprintln(&b, versionOf(t, s.version...))
				s.play(t, func(name string, p *program) {
					p.settle(time.Second, func() bool { return false })
					fmt.Fprintf(&b, "== %s\n%s\n", name, s.picture(p))
				})
				writeScreens(t, file, b.String())
			}
			golden := readScreens(t, file, s.version...)
			s.play(t, func(name string, p *program) {
				want, ok := golden[name]
				delete(golden, name)
				if !ok {
					t.Fatalf("%s: the golden file lacks it", name)
				}
				if !p.settle(goldenNet, func() bool { return s.picture(p) == want }) {
					t.Fatalf("%s never came to its screen; lines that differ:\n%s", name, lineDiff(want, s.picture(p)))
				}
				checkInvariants(t, p.term)
			})
			for name := range golden {
				t.Errorf("never came to %s", name)
			}
		})
	}
}

// play runs the program through its steps.
func (s screenplay) play(t *testing.T, visit func(name string, p *program)) {
	home := t.TempDir()
	for name, text := range s.files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
		old := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
		if err := os.Chtimes(path, old, old); err != nil {
			t.Fatal(err)
		}
	}
	size := s.size
	if size[0] == 0 {
		size = [2]int{80, 24}
	}
	p := startProgramIn(t, home, size[0], size[1], "sh", "-c", s.command)
	for _, step := range s.steps {
		if step.ready != "" {
			re := regexp.MustCompile(step.ready)
			p.until(step.ready, func() bool { return re.MatchString(p.screen()) })
		}
		if step.resize[0] != 0 {
			p.resize(step.resize[0], step.resize[1])
		}
		if step.keys != "" {
			p.send(step.keys)
		}
		if step.screen != "" {
			visit(step.screen, p)
		}
	}
}

func (s screenplay) picture(p *program) string {
	text := strings.TrimSpace(pictureOf(p.term).String())
	for _, re := range s.masks {
		text = re.ReplaceAllStringFunc(text, func(m string) string { return strings.Repeat(".", len([]rune(m))) })
	}
	return text
}

// settle feeds output until ok holds, and reports whether it ever did. Without
// output for the whole of quiet it gives up.
func (p *program) settle(quiet time.Duration, ok func() bool) bool {
	for !ok() {
		select {
		case b, open := <-p.output:
			if !open {
				return ok()
			}
			_, _ = p.term.Write(b)
			if r := p.term.Replies(); len(r) > 0 {
				p.send(string(r))
			}
		case <-time.After(quiet):
			return false
		}
	}
	return true
}

// goldenNet is for how long nothing may happen on the way to a golden screen.
const goldenNet = 30 * time.Second
