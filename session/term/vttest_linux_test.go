package term

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// display is a terminal that vttest can be shown on.
type display interface {
	io.Writer
	answers() <-chan []byte
	enter() string // what the RETURN key sends
	picture() picture
}

// ownDisplay is our emulator.
type ownDisplay struct {
	*Terminal
	replies chan []byte
}

func newOwnDisplay() ownDisplay {
	return ownDisplay{New(80, 24, Options{}), make(chan []byte, 100)}
}

func (d ownDisplay) Write(b []byte) (int, error) {
	n, err := d.Terminal.Write(b)
	if r := d.Replies(); len(r) > 0 {
		d.replies <- append([]byte(nil), r...)
	}
	return n, err
}

func (d ownDisplay) answers() <-chan []byte { return d.replies }
func (d ownDisplay) enter() string          { return string(d.EncodeKey(nil, Key{Code: KeyEnter})) }
func (d ownDisplay) picture() picture       { return pictureOf(d.Terminal) }

// vttest is a running vttest.
type vttest struct {
	t      *testing.T
	d      display
	pty    *os.File
	output chan []byte
	tail   string // the end of its output
	held   []byte // the beginning of a control that is not whole yet
}

func startVttest(t *testing.T, d display) *vttest {
	t.Helper()
	path, err := exec.LookPath("vttest")
	if err != nil {
		t.Skip("no vttest on this host")
	}
	cmd := exec.CommandContext(t.Context(), path, "24x80.80")
	cmd.Dir = t.TempDir()
	cmd.Env = []string{"TERM=xterm-256color", "LC_ALL=C.UTF-8"}
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	v := &vttest{t: t, d: d, pty: f, output: make(chan []byte, 100)}
	go func() {
		defer close(v.output)
		for {
			b := make([]byte, 4096)
			n, err := f.Read(b)
			if n > 0 {
				v.output <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() {
		f.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		for range v.output {
		}
	})
	return v
}

func (v *vttest) send(s string) {
	if _, err := v.pty.WriteString(s); err != nil {
		v.t.Fatal(err)
	}
}

// narrow takes out that mode 40 is set, which allows 132 columns: the width of a
// pane is not the remote's.
func (v *vttest) narrow(b []byte) []byte {
	const allow = "\x1b[?40h"
	b = bytes.ReplaceAll(append(v.held, b...), []byte(allow), nil)
	n := len(b)
	for i := max(0, n-len(allow)); i < n; i++ {
		if strings.HasPrefix(allow, string(b[i:])) {
			n = i
		}
	}
	v.held = bytes.Clone(b[n:])
	return b[:n]
}

// vttestPrompt is how its output ends when it waits for a person.
var vttestPrompt = regexp.MustCompile(`(Push (?:the )?<?RETURN>?(?: key: )?|Enter choice number \([^)]*\): )(?:\x1b\[[0-9;]*m)*$`)

// until shows output until its end matches, and returns the groups of the match.
func (v *vttest) until(what string, end *regexp.Regexp) []string {
	v.t.Helper()
	net := time.After(hangNet)
	for {
		select {
		case b, ok := <-v.output:
			if !ok {
				v.t.Fatal("vttest ended")
			}
			_, _ = v.d.Write(v.narrow(b))
			v.tail += string(b)
			v.tail = v.tail[max(0, len(v.tail)-200):]
			if m := end.FindStringSubmatch(v.tail); m != nil {
				v.tail = ""
				return m
			}
		case b := <-v.d.answers():
			v.send(string(b))
		case <-net:
			v.t.Fatalf("%s: never came; output %q, screen:\n%v", what, v.tail, v.d.picture())
		}
	}
}

// prompt shows output until vttest waits for a person and returns what it asks for.
func (v *vttest) prompt(what string) string {
	v.t.Helper()
	return v.until(what, vttestPrompt)[1]
}

// vttestTours are walks through vttest's menus: the numbers that lead to a
// menu, then what is chosen there, one after another. A name has a file of
// golden screens.
var vttestTours = []struct {
	name, menu string
	choices    []string
}{
	{"cursor", "1", nil},
	{"screen", "2", nil},
	// Not 10, locking shifts into GR: bytes above 0x7f are UTF-8. And sets that
	// are there without NRC mode: in G1 to G3, ESC ) A means Latin-1 to xterm then.
	{"charsets", "3", []string{"8", "5", lineDrawing, "6", lineDrawing, "7", lineDrawing, "9", "11"}},
	{"double-size", "4", nil},
	{"reports", "6", []string{"2", "3", "4", "5", "6"}},
	{"vt102", "8", nil},
	{"vt220-screen", "11 1 2", []string{"2", "3", "4"}},
	{"vt220-reset", "11 1", []string{"6"}},
	{"vt320-panning", "11 2 2", []string{"1", "2"}},
	{"vt420-cursor", "11 3 2", []string{"7", "8", "9", "10"}},
	{"vt420-cursor-margins", "11 3 2", []string{"3", "4", "5", "7", "8", "9", "10"}},
	{"vt420-cursor-origin", "11 3 2", []string{"2", "3", "4", "5", "7", "8", "9", "10"}},
	{"vt420-editing", "11 3 3", []string{"9", "10", "11", "12", "13"}},
	{"vt420-editing-margins", "11 3 3", []string{"2", "3", "4", "6", "7", "8", "9", "10", "11", "12", "13"}},
	{"vt420-editing-origin", "11 3 3", []string{"1", "2", "3", "4", "9", "10", "11", "12", "13"}},
	{"vt420-rectangles", "11 3 6", []string{"7", "8", "9", "10", "11", "12"}},
	{"vt420-rectangles-margins", "11 3 6", []string{"2", "3", "4", "7", "8", "9", "10", "11", "12"}},
	{"vt420-rectangles-origin", "11 3 6", []string{"1", "2", "3", "4", "7", "8", "9", "10", "11", "12"}},
	{"vt520-cursor", "11 4 2", []string{"7", "8", "9", "10", "11", "12", "13", "14"}},
	{"vt520-cursor-margins", "11 4 2", []string{"3", "4", "5", "7", "8", "9", "10", "11", "12", "13", "14"}},
	{"vt520-cursor-origin", "11 4 2", []string{"2", "3", "4", "5", "7", "8", "9", "10", "11", "12", "13", "14"}},
	{"colors", "11 6", []string{"2", "3", "4", "5", "8", "9"}},
	{"colors-vt102", "11 6 6", []string{"1", "2", "3"}},
	{"colors-ecma-48", "11 6 7", []string{"2", "3", "4", "5", "6"}},
	{"ecma-48", "11 7", []string{"2", "3", "4", "5", "6"}},
	{"ecma-48-protected", "11 7 1", []string{"1", "2"}},
	{"alternate-screen", "11 8 7", []string{"3", "4", "5"}},
}

// vttestExceptions are the screens that differ from xterm's by intent.
var vttestExceptions = map[string]string{
	"6.4 screen 1": "DA1: we are a VT220 with side margins, colour and rectangles, and no more than that",
	"6.5 screen 1": "DA2: our version stands for no xterm in particular",
}

// lineDrawing is a character set.
const lineDrawing = "DEC Special graphics"

// tour goes through menu and choices and shows every screen on the way that
// waits for RETURN.
func (v *vttest) tour(menu string, choices []string, visit func(name string)) {
	v.t.Helper()
	v.prompt("the main menu")
	path := strings.Fields(menu)
	for i, choice := range append(path, choices...) {
		name := strings.Join(path[:min(i+1, len(path))], ".")
		if i >= len(path) {
			name += "." + choice
		}
		v.send(v.number(choice) + "\r")
		n := 0
		for ; strings.HasPrefix(v.prompt(name), "Push"); n++ {
			visit(fmt.Sprintf("%s screen %d", name, n+1))
			v.send(v.d.enter())
		}
	}
}

// number is that of a choice in the menu on the screen, by its text if that is
// what is given: some menus depend on the level of the terminal.
func (v *vttest) number(choice string) string {
	v.t.Helper()
	if choice[0] <= '9' {
		return choice
	}
	menu := strings.Join(v.d.picture().lines, "\n")
	m := regexp.MustCompile(`(\d+)\. ` + regexp.QuoteMeta(choice)).FindStringSubmatch(menu)
	if m == nil {
		v.t.Fatalf("no choice %q in\n%s", choice, menu)
	}
	return m[1]
}

func TestVttest(t *testing.T) {
	for _, tour := range vttestTours {
		t.Run(tour.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("testdata", "vttest", tour.name+".txt")
			if os.Getenv(updateEnv) != "" {
				updateVttest(t, file, tour.menu, tour.choices)
			}
			golden := readScreens(t, file, vttestVersion...)
			own := newOwnDisplay()
			startVttest(t, own).tour(tour.menu, tour.choices, func(name string) {
				want, ok := golden[name]
				delete(golden, name)
				got := strings.TrimSpace(own.picture().String())
				if !ok {
					t.Errorf("%s: the golden file lacks it", name)
				}
				if why := vttestExceptions[name]; why != "" {
					if got == want {
						t.Errorf("%s is as in xterm, and need be no exception: %s", name, why)
					}
				} else if got != want {
					t.Errorf("%s: xterm shows\n%s\nwe\n%s\n%s", name, want, got, lineDiff(want, got))
				}
			})
			for name := range golden {
				t.Errorf("never came to %s", name)
			}
		})
	}
}

var vttestVersion = []string{"vttest", "-V"}

func updateVttest(t *testing.T, file, menu string, choices []string) {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", versionOf(t, vttestVersion...))
	var d display
	if filepath.Base(file) == "double-size.txt" {
		d = startTmux(t, 80, 24) // it shows such lines as plain ones, as we do
	} else {
		d = startReferenceXterm(t, 80, 24)
	}
	startVttest(t, d).tour(menu, choices, func(name string) {
		fmt.Fprintf(&b, "== %s\n%v", name, d.picture())
	})
	writeScreens(t, file, b.String())
}
