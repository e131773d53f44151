package direct

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session/term"
)

const cols, rows = 20, 6

// outer is the terminal behind a Screen.
type outer struct {
	mu   sync.Mutex
	term *term.Terminal
}

func (o *outer) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.term.Write(p)
}

func (o *outer) looks() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return looks(o.term)
}

// looks is all that can be seen of a terminal.
func looks(t *term.Terminal) string {
	var b strings.Builder
	for y := range rows {
		for x := range cols {
			b.WriteString(t.Cell(x, y).Text)
		}
		for x := range cols {
			if c := t.Cell(x, y); c.Style != (term.Style{}) || c.Link != "" {
				fmt.Fprintf(&b, " %d:%+v %s", x, c.Style, c.Link)
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%+v", t.Cursor())
	return b.String()
}

// start returns a Screen in the alternate screen, the terminal behind it, and
// one that only ever gets what Bubble Tea writes.
func start(t *testing.T) (*Screen, *outer, *term.Terminal) {
	t.Helper()
	real := &outer{term: term.New(cols, rows, term.Options{})}
	s := newScreen(real, func() (int, int, error) { return cols, rows, nil })
	alone := term.New(cols, rows, term.Options{})
	frame(t, s, alone, "\x1b[?1049h\x1b[H\x1b[2J")
	return s, real, alone
}

func frame(t *testing.T, s *Screen, alone *term.Terminal, p string) {
	t.Helper()
	if n, err := s.Write([]byte(p)); n != len(p) || err != nil {
		t.Fatalf("wrote %d of %d: %v", n, len(p), err)
	}
	_, _ = alone.Write([]byte(p))
}

func TestRowsAreShownAtOnce(t *testing.T) {
	s, real, alone := start(t)
	frame(t, s, alone, "\x1b[2;1Hprompt$ \x1b[2;9H")
	s.Draw([]Row{{X: 0, Y: 1, Text: "prompt$ l"}}, 9, 1)
	if got := real.looks(); !strings.Contains(got, "prompt$ l") || !strings.Contains(got, "X:9 Y:1") {
		t.Errorf("drawn:\n%s", got)
	}
}

// After each frame the terminal is what it would be if nothing had been drawn
// ahead, whatever was: cells, colours, cursor, and the pen that the next frame
// goes on with.
func TestFramesFindTheScreenThatTheyLeft(t *testing.T) {
	pieces := []string{
		"\x1b[31m", "\x1b[1;48;2;9;8;7m", "\x1b[4:3;58;5;9m", "\x1b[m", "text", "日本", "e\u0301", "\r\n", "\x1b[K", "\x1b[2J", "\x1b[5X", "\x1b[3@", "\x1b[2P",
		"\x1b[2;5r\x1b[5;1H\n\x1b[r", "\x1b[3;4H", "\x1b[H", "\x1b[6;19H", "\x1b[2L", "\x1b[M", "\x1b[?25l", "\x1b[?25h", "\x1b[3b", "\x1b]8;;http://x/\alink\x1b]8;;\a",
	}
	drawn := 0
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 6))
		s, real, alone := start(t)
		for range 30 {
			var p strings.Builder
			if rnd.IntN(2) == 0 {
				p.WriteString("\x1b[?2026h")
			}
			for range 1 + rnd.IntN(6) {
				p.WriteString(pieces[rnd.IntN(len(pieces))])
			}
			p.WriteString("\x1b[?2026l")
			frame(t, s, alone, p.String())
			if got, want := real.looks(), looks(alone); got != want {
				t.Fatalf("seed %d, after %q:\n%s\nBubble Tea alone:\n%s", seed, p.String(), got, want)
			}
			for range rnd.IntN(3) {
				before := real.looks()
				s.Draw([]Row{
					{X: rnd.IntN(5), Y: rnd.IntN(rows), Text: "\x1b[32mahead 本\x1b[m"},
					{X: 3, Y: rnd.IntN(rows + 2), Text: "more"},
				}, rnd.IntN(cols), rnd.IntN(rows))
				if real.looks() != before {
					drawn++
				}
			}
		}
	}
	if drawn < 200 {
		t.Errorf("only %d times anything was drawn", drawn)
	}
}

// What Bubble Tea sees no reason to draw over does not stay.
func TestRowsAheadDoNotStay(t *testing.T) {
	s, real, alone := start(t)
	frame(t, s, alone, "\x1b[2;1Hold\x1b[2;4H")
	s.Draw([]Row{{X: 0, Y: 1, Text: "new"}}, 3, 1)
	late := time.Now().Add(20 * time.Second)
	for real.looks() != looks(alone) {
		if time.Now().After(late) {
			t.Fatalf("it stays:\n%s", real.looks())
		}
		time.Sleep(time.Millisecond)
	}
}

// Nothing is drawn where Bubble Tea does not draw.
func TestNothingIsDrawnOutsideOfTheAlternateScreen(t *testing.T) {
	s, real, alone := start(t)
	frame(t, s, alone, "\x1b[?1049l")
	s.Draw([]Row{{Text: "ahead"}}, 0, 0)
	if got, want := real.looks(), looks(alone); got != want {
		t.Errorf("drawn:\n%s", got)
	}
}
