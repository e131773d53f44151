package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// fill prints numbered lines, every tenth with a word in it.
func (s *fakeShell) fill(from, to int) {
	var b strings.Builder
	for i := from; i <= to; i++ {
		word := ""
		if i%10 == 0 {
			word = " needle"
		}
		fmt.Fprintf(&b, "\r\nrow %d%s", i, word)
	}
	s.prints(b.String())
}

// copying opens a pane with a hundred lines and begins copy mode in it.
func copying(t *testing.T, w, h int) (*driver, *fakeShell) {
	t.Helper()
	d := run(t, with(ready(1, "ant")), w, h)
	sh := d.fakePane("ant")
	sh.fill(1, 99)
	d.shows("row 99")
	d.after("[")
	d.shows("copy mode", "line 102 of 102")
	return d, sh
}

// copied waits for the clipboard to hold a text.
func (d *driver) copied(want string) {
	d.t.Helper()
	d.until(fmt.Sprintf("%q copied, not %q", want, d.clip), func() bool { return d.clip == want })
}

// marked are the texts on screen that are drawn inverse.
func (d *driver) marked() []string {
	var out []string
	for _, row := range d.m.panes.current().frame.Rows {
		for _, part := range strings.Split(row, "\x1b[")[1:] {
			sgr, text, _ := strings.Cut(part, "m")
			if strings.Contains(";"+sgr+";", ";7;") && text != "" {
				out = append(out, text)
			}
		}
	}
	return out
}

func TestSearchIsIncrementalAndGoesUpFromTheNewest(t *testing.T) {
	d, sh := copying(t, 120, 20)
	d.press("/")
	d.types("nee")
	d.shows("match 1 of 9", "row 90 needle", "/nee")
	d.types("dle$")
	d.shows("match 1 of 9")
	d.press("enter", "n", "n")
	d.shows("match 3 of 9", "row 70 needle")
	d.lacks("row 99")
	d.press("N")
	d.shows("match 2 of 9", "row 80 needle")
	if got := strings.Join(d.marked(), ","); !strings.Contains(got, "needle") {
		t.Errorf("marked are %q", got)
	}
	d.press("G", "N")
	d.shows("match 9 of 9", "row 10 needle") // behind the last it goes on at the other end
	sh.fill(100, 110)
	d.shows("match 11 of 11")
	if sh.input() != "" {
		t.Errorf("the box got %q", sh.input())
	}
}

func TestALeftSearchChangesNothing(t *testing.T) {
	d, _ := copying(t, 120, 20)
	d.press("k", "k", "/")
	d.types("row 5")
	d.shows("row 59")
	d.press("esc")
	d.shows("line 100 of 102", "row 99")
	d.press("/")
	d.types("row (")
	d.shows("missing closing )")
	d.press("enter") // an expression that does not do is not taken
	d.press("backspace", "9")
	d.shows("match 3 of 11")
}

func TestASelectionIsCopiedAsItWasMeant(t *testing.T) {
	d, sh := copying(t, 120, 20)
	d.press("q")
	sh.prints("\r\n" + strings.Repeat("long ", 40) + "end\r\nab宽cd\r\nefghij\r\n")
	d.shows("efghij")
	d.after("[")
	d.press("G", "k", "k", "0", "v", "right", "right", "y")
	d.copied("ab宽")
	d.after("[")
	d.press("k", "k", "l", "ctrl+v", "j", "l", "y")
	d.copied("b宽\nfg")
	d.after("[")
	d.press("k", "k", "k", "V", "y")
	d.copied(strings.Repeat("long ", 40) + "end")
	d.after("[")
	d.press("k", "v", "b", "o", "e", "esc", "esc")
	d.lacks("copy mode")
}

func TestPromptsAndOutputAreFoundByTheirMarks(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 20)
	sh := d.fakePane("ant")
	for i := range 3 {
		sh.prints(fmt.Sprintf("\r\n\x1b]133;A\x07$ \x1b]133;B\x07make %d\r\n\x1b]133;C\x07", i))
		sh.fill(100*i, 100*i+30)
	}
	sh.prints("\r\n\x1b]133;A\x07$ last")
	d.shows("last")
	d.after("[")
	d.press("[", "[")
	d.shows("make 1")
	d.press("[")
	d.shows("make 0")
	d.press("[")
	d.shows("no prompt is marked there")
	d.press("]")
	d.shows("make 1")
	d.press("j", "x", "y")
	d.until("copied", func() bool { return strings.HasPrefix(d.clip, "\nrow 100 needle\nrow 101\n") })
	if !strings.HasSuffix(d.clip, "row 130 needle") {
		t.Errorf("copied %q", d.clip)
	}
}

func TestTheViewStaysOnItsTextWhileOutputComes(t *testing.T) {
	d, sh := copying(t, 120, 20)
	d.press("g", "V")
	top := d.m.panes.current().frame.Rows[0]
	sh.fill(100, 400)
	d.until("more lines", func() bool { return d.m.panes.current().frame.Lines > 300 })
	if got := d.m.panes.current().frame.Rows[0]; got != top {
		t.Errorf("the view moved from %q to %q", top, got)
	}
	d.press("esc")
	d.press("/")
	d.types("row 55$")
	d.shows("row 55")
	d.press("enter")
	d.send(tea.WindowSizeMsg{Width: 40, Height: 20})
	d.shows("row 55", "match 1 of 1")
}

func TestTheMouseSelects(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 20)
	sh := d.fakePane("ant")
	sh.fill(1, 99)
	d.shows("row 99")
	p := d.m.panes.current()
	cell := func(x, y int) (int, int) { return p.screen.x + x, p.screen.y + y }
	at := func(x, y int, mod tea.KeyMod) tea.Mouse {
		x, y = cell(x, y)
		return tea.Mouse{X: x, Y: y, Button: tea.MouseLeft, Mod: mod}
	}
	drag := func(x0, y0, x1, y1 int, mod tea.KeyMod) {
		d.send(tea.MouseClickMsg(at(x0, y0, mod)))
		d.send(tea.MouseMotionMsg(at(x1, y1, mod)))
		d.send(tea.MouseReleaseMsg(at(x1, y1, mod)))
		d.pass(time.Second)
	}
	drag(0, 5, 2, 6, 0)
	line := ansi.Strip(p.frame.Rows[5])
	d.copied(strings.TrimRight(line, " ") + "\nrow")
	if len(d.marked()) == 0 {
		t.Error("what was selected is not marked")
	}
	d.types("x")
	if len(d.marked()) != 0 || sh.input() != "x" {
		t.Errorf("typing leaves %q marked, and the box got %q", d.marked(), sh.input())
	}
	drag(0, 5, 2, 7, tea.ModAlt)
	d.copied("row\nrow\nrow")
	for range 2 {
		d.send(tea.MouseClickMsg(at(5, 5, 0)))
		d.send(tea.MouseReleaseMsg(at(5, 5, 0)))
	}
	d.copied(strings.Fields(line)[1])
	d.send(tea.MouseClickMsg(at(5, 5, 0)))
	d.send(tea.MouseReleaseMsg(at(5, 5, 0)))
	d.copied(strings.TrimRight(line, " "))
	d.pass(time.Second)

	// Held above the pane it scrolls on.
	d.send(tea.MouseClickMsg(at(3, 0, 0)))
	d.send(tea.MouseMotionMsg(at(3, -1, 0)))
	for range 4 {
		d.send(draggedMsg{d.m.drag.selecting.gen})
	}
	if p.frame.Scrolled != 5 {
		t.Errorf("scrolled by %d", p.frame.Scrolled)
	}
	d.send(tea.MouseReleaseMsg(at(3, -1, 0)))
	d.until("six lines copied", func() bool { return strings.Count(d.clip, "\n") == 5 })

	// A program that wants the mouse gets it; shift keeps it here.
	sh.prints("\x1b[?1002h\x1b[?1006h")
	d.until("mouse wanted", func() bool { return p.frame.Modes.Mouse != 0 })
	drag(1, 5, 3, 5, tea.ModShift)
	d.until("copied", func() bool { return d.clip == "ow " })
	if strings.Contains(sh.input(), "\x1b[<") {
		t.Errorf("the box got %q", sh.input())
	}
	drag(1, 5, 3, 5, 0)
	if !strings.Contains(sh.input(), "\x1b[<0;2;6M") {
		t.Errorf("the box got %q", sh.input())
	}
}

// What was pressed on is what is selected, wherever output has moved it since.
func TestADragHoldsOnToItsText(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 20)
	sh := d.fakePane("ant")
	sh.fill(1, 99)
	d.shows("row 99")
	p := d.m.panes.current()
	mouse := func(y int) tea.Mouse {
		return tea.Mouse{X: p.screen.x, Y: p.screen.y + y, Button: tea.MouseLeft}
	}
	pressed := strings.TrimRight(ansi.Strip(p.frame.Rows[9]), " ")
	d.send(tea.MouseClickMsg(mouse(9)))
	sh.fill(100, 104)
	d.shows("row 104")
	d.send(tea.MouseMotionMsg(mouse(5)))
	shown := p.frame.Rows[0]
	sh.fill(105, 120)
	sh.prints("\x1b]2;printed\x07")
	d.until("printed", func() bool { return p.frame.Title == "printed" })
	if p.frame.Rows[0] != shown {
		t.Errorf("the view moved from %q to %q under the mouse", shown, p.frame.Rows[0])
	}
	d.send(tea.MouseReleaseMsg(mouse(5)))
	d.until("copied", func() bool { return d.clip != "" })
	if got := strings.Split(d.clip, "\n")[0]; got != pressed {
		t.Errorf("the selection begins with %q, not with %q", got, pressed)
	}
	sh.cut(nil)
	d.shows("the shell ended")
	if len(d.marked()) == 0 {
		t.Error("what is selected is not marked any more")
	}
}

func TestTheWheelScrollsProgramsOnTheAlternateScreen(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 20)
	sh := d.fakePane("ant")
	sh.fill(1, 99)
	sh.prints("\x1b[?1049h\x1b[?1hpager")
	d.shows("pager")
	r := d.m.lay.screen
	d.send(tea.MouseWheelMsg{X: r.x + 1, Y: r.y + 1, Button: tea.MouseWheelUp})
	if want := strings.Repeat("\x1bOA", wheelLines); sh.input() != want {
		t.Errorf("the box got %q, not %q", sh.input(), want)
	}
	sh.prints("\x1b[?1007l off")
	d.shows("off")
	d.send(tea.MouseWheelMsg{X: r.x + 1, Y: r.y + 1, Button: tea.MouseWheelUp})
	if want := strings.Repeat("\x1bOA", wheelLines); sh.input() != want {
		t.Errorf("the box got %q against its wish", sh.input())
	}
}

func TestALostPaneCanBeReadAndSearched(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 20)
	sh := d.fakePane("ant")
	sh.fill(1, 99)
	d.shows("row 99")
	sh.cut(nil)
	d.shows("the shell ended")
	d.types("dry c/qx") // nothing that is typed on does anything
	d.after("/")
	d.types("row 40")
	d.shows("row 40 needle", "match 1 of 1")
	d.press("enter", "y")
	d.copied("row 40 needle")
	d.shows("the shell ended")
}
