package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/openclaw/crabbox-tui/tui/direct"
)

// fakeAhead notes what is drawn ahead of Bubble Tea.
type fakeAhead struct {
	rows [][]direct.Row
	x, y int
}

func (f *fakeAhead) Draw(rows []direct.Row, x, y int) {
	f.rows, f.x, f.y = append(f.rows, rows), x, y
}
func (f *fakeAhead) SetProfile(colorprofile.Profile) {}

// quiet opens a pane whose next wake comes after a rest.
func quiet(t *testing.T) (*driver, *fakeShell, *fakeAhead, *onePane) {
	t.Helper()
	w, ahead := with(ready(1, "ant")), &fakeAhead{}
	deps := w.deps()
	deps.Ahead = ahead
	d := runWith(t, w, deps, 120, 36)
	sh := d.fakePane("ant")
	p := d.m.panes.current()
	p.wokeAt = time.Time{}
	ahead.rows = nil
	return d, sh, ahead, p
}

func TestAnEchoIsDrawnAhead(t *testing.T) {
	d, sh, ahead, p := quiet(t)
	sh.prints("key")
	d.shows("$ key")
	if len(ahead.rows) != 1 || len(ahead.rows[0]) != 1 {
		t.Fatalf("drawn ahead: %+v", ahead.rows)
	}
	r := ahead.rows[0][0]
	if !strings.Contains(r.Text, "$ key") || r.X != p.screen.x || r.Y != p.screen.y+2 {
		t.Errorf("drawn ahead: %+v in the pane at %+v", r, p.screen)
	}
	if c := d.m.paneCursor(); ahead.x != c.X || ahead.y != c.Y {
		t.Errorf("the cursor went to %d,%d, and is at %d,%d", ahead.x, ahead.y, c.X, c.Y)
	}
}

func TestAFloodWaitsForBubbleTea(t *testing.T) {
	d, sh, ahead, _ := quiet(t)
	sh.fill(1, 30)
	d.shows("row 30")
	if len(ahead.rows) != 0 {
		t.Errorf("drawn ahead: %+v", ahead.rows)
	}
}

func TestNothingIsDrawnAheadUnderADialog(t *testing.T) {
	d, sh, ahead, _ := quiet(t)
	d.after("?")
	sh.prints("key")
	p := d.m.panes.current()
	d.until("the frame has it", func() bool { return strings.Contains(strings.Join(p.frame.Rows, ""), "$ key") })
	if len(ahead.rows) != 0 {
		t.Errorf("drawn ahead: %+v", ahead.rows)
	}
}
