package tui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session"
)

// after presses a key behind the prefix.
func (d *driver) after(keys ...string) {
	d.t.Helper()
	for _, k := range keys {
		d.press("ctrl+]", k)
	}
}

// splitPane splits the active pane and gives the new one a shell.
func (d *driver) splitPane(key string) *fakeShell {
	d.t.Helper()
	n := len(d.m.panes.all)
	d.after(key)
	if len(d.m.panes.all) != n+1 {
		d.t.Fatalf("%s split nothing; screen:\n%s", key, d.screen())
	}
	d.until("dialled", func() bool { return d.m.panes.current().state == paneFailed })
	return d.adopt(d.m.panes.current())
}

// told is the size that a shell was last told.
func (s *fakeShell) told() session.Size {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sizes[len(s.sizes)-1]
}

// tabs are the ids of the panes in each tab.
func (d *driver) tabs() string {
	var out []string
	for _, t := range d.m.panes.tabs {
		var ids []string
		for _, p := range t.root.panes() {
			ids = append(ids, fmt.Sprint(p.id))
		}
		out = append(out, strings.Join(ids, ","))
	}
	return strings.Join(out, " ")
}

func TestSplitsShareTheirTab(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 161, 36)
	first := d.fakePane("ant")
	whole := first.told()
	right := d.splitPane("v")
	below := d.splitPane("s")
	if got := first.told().Cols + 1 + right.told().Cols; got != whole.Cols {
		t.Errorf("beside each other they have %d columns of %d", got, whole.Cols)
	}
	if got := right.told().Rows + 1 + below.told().Rows + 1; got != whole.Rows {
		t.Errorf("above each other they have %d rows of %d with their titles", got, whole.Rows)
	}
	below.prints("\r\n宽宽宽宽宽 below")
	d.shows("宽宽宽宽宽 below")
	for i, line := range strings.Split(d.screen(), "\n") {
		if fit(line, 161) == "" || len([]rune(line)) > 161 {
			t.Errorf("line %d is too wide: %q", i, line)
		}
	}
	d.after("z")
	if got := below.told(); got.Cols != 161 {
		t.Errorf("zoomed it has %d columns", got.Cols)
	}
	d.shows("zoomed")
	d.after("z", "c")
	if got := right.told().Rows + 1; got != whole.Rows {
		t.Errorf("when the one below is closed %d rows are left of %d", got, whole.Rows)
	}
	d.after("c")
	if got := first.told(); got != whole {
		t.Errorf("alone again it has %v, not %v", got, whole)
	}
}

func TestASplitNeedsRoomAndALiveBox(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 60, 14)
	d.fakePane("ant")
	for range 5 {
		n := len(d.m.panes.all)
		d.after("s")
		if len(d.m.panes.all) == n {
			break
		}
		d.until("dialled", func() bool { return d.m.panes.current().state == paneFailed })
		d.adopt(d.m.panes.current())
	}
	d.shows("too small to be split")
	for _, p := range d.m.panes.all {
		if p.screen.h < leastRows-1 {
			t.Errorf("a pane has %d rows", p.screen.h)
		}
	}
}

func TestKeysMoveBetweenPanes(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 161, 36)
	d.fakePane("ant")
	d.splitPane("|") // 1 | 2
	d.splitPane("-") // 1 | 2 over 3
	d.after("t")
	d.until("dialled", func() bool { return d.m.panes.current().state == paneFailed })
	at := func(want int) {
		t.Helper()
		if got := d.m.panes.current().id; got != want {
			t.Errorf("in pane %d, not %d", got, want)
		}
	}
	at(4)
	d.after(";")
	at(3)
	d.after("up")
	at(2)
	d.after("left")
	at(1)
	d.after("l")
	at(2)
	d.after("down")
	at(3)
	d.after("down")
	at(3)
	d.shows("no pane in that direction")
	d.after("n")
	at(4)
	d.after("p", "p")
	at(2)
	d.after("1")
	at(2)
	d.after("2")
	at(4)
}

func TestPanesAndTabsAreMoved(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 161, 36)
	d.fakePane("ant")
	d.splitPane("v")
	d.splitPane("v")
	for _, s := range []struct{ key, tabs string }{
		{"{", "1,3,2"},
		{"}", "1,2,3"},
		{"!", "1,2 3"},
		{"<", "3 1,2"},
		{"<", "3 1,2"},
		{">", "1,2 3"},
		{"@", "1,2,3"},
		{"@", "1,2,3"},
	} {
		d.after(s.key)
		if got := d.tabs(); got != s.tabs || d.m.panes.current().id != 3 {
			t.Errorf("after %s: %q with pane %d in front, not %q with 3", s.key, got, d.m.panes.current().id, s.tabs)
		}
	}
	d.after(",")
	d.settle()
	d.types("train")
	d.press("enter")
	d.shows("[1 train ×3]")
}

func TestDividersAreMovedByKeysAndMouse(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 161, 36)
	left := d.fakePane("ant")
	right := d.splitPane("v")
	was := left.told().Cols
	d.after("H")
	d.press("H", "H") // they repeat
	if got := left.told().Cols; got != was-6 {
		t.Errorf("three steps to the left leave %d columns of %d", got, was)
	}
	if strings.Contains(right.input(), "H") {
		t.Error("a repeated key reached the box")
	}
	d.pass(repeatTime)
	d.press("H")
	if !strings.Contains(right.input(), "H") {
		t.Error("after the time for repeats the key is the box's")
	}
	x := d.m.panes.all[0].screen.x + left.told().Cols
	d.send(tea.MouseClickMsg{X: x, Y: 9, Button: tea.MouseLeft})
	d.send(tea.MouseMotionMsg{X: x + 11, Y: 9, Button: tea.MouseLeft})
	d.send(tea.MouseReleaseMsg{X: x + 11, Y: 9, Button: tea.MouseLeft})
	if got := left.told().Cols; got != was-6+11 {
		t.Errorf("dragged by 11, the left pane has %d columns after %d", got, was-6)
	}
	d.send(tea.MouseMotionMsg{X: x, Y: 9, Button: tea.MouseLeft})
	if got := left.told().Cols; got != was-6+11 {
		t.Error("the divider moves after the button was let go")
	}
	d.send(tea.MouseClickMsg{X: x - 5, Y: 9, Button: tea.MouseLeft})
	if d.m.panes.current().id != 1 {
		t.Error("a click takes the keyboard to the pane under it")
	}
}

func TestABroadcastGoesToTheMarkedPanes(t *testing.T) {
	d := run(t, with(ready(1, "ant"), ready(2, "bee"), ready(3, "cow")), 161, 36)
	shells := []*fakeShell{d.fakePane("ant"), d.fakePane("bee"), d.fakePane("cow")}
	got := func() []string {
		var out []string
		for _, s := range shells {
			out = append(out, s.input())
		}
		return out
	}
	d.after("b", "1", "b")
	d.shows("⇉ keys go to 2 panes: ant, cow", "ctrl+] B end")
	d.types("ls")
	d.send(tea.PasteMsg{Content: "-l"})
	d.after("2")
	d.lacks("B end")
	d.types("x")
	if want := []string{"ls-l", "x", "ls-l"}; !slices.Equal(got(), want) {
		t.Errorf("typed %q, not %q", got(), want)
	}
	shells[0].cut(session.ErrLinkLost)
	d.shows("ant is out of the broadcast")
	d.after("3", "B")
	d.types("y")
	if want := []string{"ls-l", "x", "ls-ly"}; !slices.Equal(got(), want) {
		t.Errorf("after its end typed %q, not %q", got(), want)
	}
}

func TestManyTabsKeepTheActiveOneInSight(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 80, 24)
	d.fakePane("ant")
	for range 11 {
		d.after("t")
		d.until("dialled", func() bool { return d.m.panes.current().state == paneFailed })
	}
	d.shows("[12 ant failed]", "‹")
	d.after("1")
	d.shows("[1 ant]", "›")
	_, spans := d.m.tabsView(80)
	d.send(tea.MouseClickMsg{X: spans[1].from, Y: d.m.lay.tabs.y, Button: tea.MouseLeft})
	d.shows("[2 ant failed]")
}
