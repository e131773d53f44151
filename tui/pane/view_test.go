package pane

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session/term"
)

// write feeds the engine as a shell's output does.
func (e *Engine) write(s string) { e.feed(&pipeShell{}, []byte(s)) }

func (e *Engine) number(from, to int) {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "row %d\r\n", i)
	}
	e.write(b.String())
}

func top(e *Engine) string { return strings.TrimSpace(ansi.Strip(e.Frame().Rows[0])) }

// The scrollback keeps a number of lines; once it is full each new one takes the
// oldest away.
func TestAScrolledViewStaysOnItsTextInAFullScrollback(t *testing.T) {
	e := New(20, 5, term.Options{})
	e.number(1, 10_500)
	e.Scroll(50)
	was := top(e)
	e.number(10_501, 10_900)
	if got := top(e); got != was {
		t.Errorf("the view moved from %q to %q", was, got)
	}
	e.number(10_901, 21_500)
	if got, want := top(e), "row 11497"; got != want {
		t.Errorf("when its text is gone the view is at %q, not at the oldest line %q", got, want)
	}
	e.Scroll(-20_000)
	if f := e.Frame(); f.Scrolled != 0 {
		t.Errorf("still %d lines above the bottom", f.Scrolled)
	}
}

func TestAScrolledViewSurvivesTheOtherScreenAndAnotherWidth(t *testing.T) {
	e := New(20, 5, term.Options{})
	e.number(1, 100)
	e.Scroll(50)
	was := top(e)
	e.Resize(7, 5)
	e.Resize(33, 9)
	if got := top(e); got != was {
		t.Errorf("another width moved the view from %q to %q", was, got)
	}
	e.write("\x1b[?1049h\x1b[Hpager")
	if got := top(e); got != "pager" {
		t.Errorf("on the alternate screen the top is %q", got)
	}
}

func TestCopyModeKeepsItsPlaces(t *testing.T) {
	e := New(20, 5, term.Options{})
	e.number(1, 100)
	e.StartCopy()
	e.Move(MoveUp)
	e.Move(MoveLineEnd)
	e.Select(term.UnitWord)
	e.Resize(4, 5)
	e.number(101, 300)
	e.Resize(30, 8)
	s, ok := e.Selection()
	if !ok || s.Text() != "100" {
		t.Errorf("selected is %q, %t", s.Text(), ok)
	}
	f := e.Frame()
	if row := strings.TrimSpace(ansi.Strip(f.Rows[f.Cursor.Y])); row != "row 100" || !f.Selected {
		t.Errorf("the cursor is on %q", row)
	}
	e.write("\x1bc") // a reset takes the text away
	if _, ok := e.Selection(); ok {
		t.Error("a selection outlives its text")
	}
	if f := e.Frame(); f.Line != 1 || f.Cursor.Y != 0 {
		t.Errorf("the cursor is on line %d, row %d of the view", f.Line, f.Cursor.Y)
	}
}

func TestASearchGoesOnWhileOutputComes(t *testing.T) {
	e := New(40, 10, term.Options{})
	e.number(1, 5000)
	e.StartCopy()
	pat, err := term.CompilePattern(`row \d*99$`)
	if err != nil {
		t.Fatal(err)
	}
	e.Find(pat, e.CopyCursor(), true)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 5001; i < 8000; i += 100 {
			e.number(i, i+99)
			e.Frame()
		}
	})
	for e.FindStale() {
		e.FindMore(context.Background())
	}
	wg.Wait()
	e.FindMore(context.Background())
	if f := e.Frame().Found; f.Matches != 80 || f.Searching {
		t.Errorf("found %+v", f)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.Find(pat, e.CopyCursor(), true)
	e.FindMore(ctx)
	if f := e.Frame().Found; f.Matches != 0 || !f.Searching {
		t.Errorf("after it was called off: %+v", f)
	}
}
