package term

import (
	"fmt"
	"strings"
	"testing"
)

// lineWith is the number of the newest line that contains text.
func lineWith(t *testing.T, term *Terminal, text string) uint64 {
	t.Helper()
	for y := term.rows - 1; y >= -term.ScrollbackLen(); y-- {
		if strings.Contains(string(term.AppendText(nil, y)), text) {
			return term.LineOf(y)
		}
	}
	t.Fatalf("%q is nowhere", text)
	return 0
}

// textOf is the text of a numbered line; false when it is gone.
func textOf(term *Terminal, line uint64) (string, bool) {
	y, ok := term.RowOf(line)
	if !ok {
		return "", false
	}
	return string(term.AppendText(nil, y)), true
}

func TestALineKeepsItsNumberUntilItIsDropped(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		size [2]int
		in   string
	}{
		{"while output scrolls it up", Options{}, [2]int{20, 4}, strings.Repeat("\r\nmore", 100)},
		{"while lines before it are dropped", Options{ScrollbackLines: 30}, [2]int{20, 4}, strings.Repeat("\r\nmore", 20)},
		{"when the screen is cleared", Options{}, [2]int{20, 4}, "\x1b[2J\x1b[Hnew"},
		{"when the lines above the screen are forgotten", Options{}, [2]int{20, 4}, "\r\nx\x1b[3J"},
		{"in a region at the top", Options{}, [2]int{20, 6}, "\x1b[1;4r\x1b[4;1H" + strings.Repeat("\r\nmore", 10)},
		{"while the alternate screen is shown", Options{}, [2]int{20, 4}, "\x1b[?1049hfull\r\n\n\n\n\n\n\x1b[?1049l"},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := New(c.size[0], c.size[1], c.o)
			_, _ = term.Write([]byte("one\r\ntwo\r\nthree\r\nmarked"))
			line := lineWith(t, term, "marked")
			_, _ = term.Write([]byte(c.in))
			if got, ok := textOf(term, line); !ok || got != "marked" {
				t.Errorf("line %d is %q, %v", line, got, ok)
			}
			checkInvariants(t, term)
		})
	}
}

func TestALineThatIsGoneIsKnownToBe(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
		do   func(*Terminal)
	}{
		{"dropped from the scrollback", Options{ScrollbackLines: 10}, func(t *Terminal) { _, _ = t.Write([]byte(strings.Repeat("\r\n", 50))) }},
		{"never kept in one", Options{ScrollbackLines: -1}, func(t *Terminal) { _, _ = t.Write([]byte(strings.Repeat("\r\n", 50))) }},
		{"forgotten with it", Options{}, func(t *Terminal) { _, _ = t.Write([]byte("\r\n\r\n\r\n\r\n\x1b[3J")) }},
		{"reset", Options{}, func(t *Terminal) { _, _ = t.Write([]byte("\x1bc")) }},
		{"narrower", Options{}, func(t *Terminal) { t.Resize(10, 4) }},
		{"wider", Options{}, func(t *Terminal) { t.Resize(30, 4) }},
		{"behind the alternate screen", Options{}, func(t *Terminal) { _, _ = t.Write([]byte("\x1b[?1049h")) }},
		{"after a fault", Options{}, func(t *Terminal) { t.gen++; t.renew() }},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := New(20, 4, c.o)
			_, _ = term.Write([]byte("one\r\nmarked\r\n"))
			line := lineWith(t, term, "marked")
			c.do(term)
			if got, ok := textOf(term, line); ok {
				t.Errorf("line %d is still there as %q", line, got)
			}
		})
	}
}

func TestAChangeOfHeightKeepsNumbers(t *testing.T) {
	term := New(20, 6, Options{})
	for i := range 20 {
		_, _ = fmt.Fprintf(term, "line %d\r\n", i)
	}
	line := lineWith(t, term, "line 17")
	for _, rows := range []int{3, 12, 1, 30, 6} {
		term.Resize(20, rows)
		if got, ok := textOf(term, line); !ok || got != "line 17" {
			t.Errorf("%d rows: line %d is %q, %v", rows, line, got, ok)
		}
	}
}

// The alternate screen is another program's each time: what was selected there
// is not taken for the next one's text.
func TestLinesOfTheAlternateScreen(t *testing.T) {
	term := screenOf(20, 4, "\x1b[?1049hone\r\ntwo\r\nthree\r\nmarked")
	line := lineWith(t, term, "marked")
	_, _ = term.Write([]byte("\r\nmore"))
	if got, ok := textOf(term, line); !ok || got != "marked" {
		t.Errorf("scrolled: %q, %v", got, ok)
	}
	_, _ = term.Write([]byte("\x1b[?1049l"))
	if _, ok := textOf(term, line); ok {
		t.Error("it is on the primary screen")
	}
	_, _ = term.Write([]byte("\x1b[?1049h"))
	if _, ok := textOf(term, line); ok {
		t.Error("it is on the next alternate screen")
	}
}

// A place is found again after the width has changed, however the text was cut.
func TestAPlaceSurvivesAReflow(t *testing.T) {
	term := New(30, 5, Options{})
	for i := range 40 {
		_, _ = fmt.Fprintf(term, "%d 日本語 %s*%d\r\n", i, strings.Repeat("word ", i%9), i)
	}
	_, _ = term.Write([]byte("$ "))
	var places []Place
	for _, p := range stars(term) {
		pl, ok := term.Place(p)
		if !ok {
			t.Fatalf("%+v has no place", p)
		}
		places = append(places, pl)
	}
	if len(places) != 40 {
		t.Fatalf("%d places", len(places))
	}
	for _, size := range [][2]int{{11, 5}, {80, 5}, {7, 20}, {30, 5}, {200, 50}} {
		term.Resize(size[0], size[1])
		found := stars(term)
		if len(found) != len(places) {
			t.Fatalf("%v: %d stars", size, len(found))
		}
		for i, want := range found {
			if p, ok := term.PointAt(places[i]); !ok || p != want {
				t.Errorf("%v: star %d is at %+v, found at %+v, %v", size, i, want, p, ok)
			}
		}
	}
	if p, ok := term.PointAt(Place{lines: -1000}); ok {
		t.Errorf("a place above everything is at %+v", p)
	}
	if p, ok := term.PointAt(Place{lines: 1000}); ok {
		t.Errorf("a place below everything is at %+v", p)
	}
}

// cellAt is a cell of row y, which is as for AppendRow.
func (t *Terminal) cellAt(x, y int) Cell {
	if y < 0 {
		return t.ScrollbackCell(x, y+t.ScrollbackLen())
	}
	return t.Cell(x, y)
}

// stars is where asterisks are, oldest first.
func stars(term *Terminal) []Point {
	var out []Point
	for y := -term.ScrollbackLen(); y < term.rows; y++ {
		for x := range term.cols {
			if term.cellAt(x, y).Text == "*" {
				out = append(out, Point{term.LineOf(y), x})
			}
		}
	}
	return out
}
