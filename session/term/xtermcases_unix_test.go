//go:build unix

package term

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// The tables of conformance against a real xterm: screen, attributes, cursor
// and answers. Where we do not follow it, the case says why, and must differ.
func TestConformanceOfXterm(t *testing.T) {
	x := startXterm(t, startXvfb(t), 10, 5)
	for _, c := range conformanceCases() {
		x.reset()
		term := New(10, 5, Options{})
		term.SetColors(0x010203, 0x111213, 0x212223)
		_, _ = term.Write([]byte(c.in))
		var faults []string
		ours, theirs := string(term.Replies()), x.ask(c.in)
		if !strings.EqualFold(ours, theirs) { // hexadecimal digits
			faults = append(faults, fmt.Sprintf("xterm answers %q, we answer %q", theirs, ours))
		}
		_, _ = term.Write([]byte("\x18\x1b[6n"))
		if ours, theirs := string(term.Replies()), x.ask("\x18\x1b[6n"); ours != theirs {
			faults = append(faults, fmt.Sprintf("xterm's cursor is at %q, ours at %q", theirs[min(2, len(theirs)):], ours[2:]))
		}
		faults = append(faults, x.differences(term)...)
		switch {
		case c.want.xterm == "" && len(faults) > 0:
			t.Errorf("%s: %q: %s", c.control, c.in, strings.Join(faults, "; "))
		case c.want.xterm != "" && len(faults) == 0:
			t.Errorf("%s: is no exception (%s): xterm does the same", c.control, c.want.xterm)
		}
	}
}

// The recordings of reference_test.go against a real xterm: their text, and all
// of the cells in which we follow xterm and not alacritty.
func TestReferenceOfXterm(t *testing.T) {
	display := startXvfb(t)
	for _, dir := range referenceDirs(t) {
		name := filepath.Base(dir)
		if name == "vttest_cursor_movement_1" {
			continue // it takes the width from 105 columns to 80, which ours leaves to the person
		}
		t.Run(name, func(t *testing.T) {
			cols, rows := referenceSize(t, dir)
			data := readData(t, filepath.Join(dir, "alacritty.recording"))
			x, term := startXterm(t, display, cols, rows), screenOf(cols, rows, string(data))
			x.ask(string(data))
			except, followed := refExceptions[name], 0
			for y, row := range x.screen() {
				for col, theirs := range row {
					ours := asXterm(term.Cell(col, y))
					if name == "underline" {
						theirs.style.Fg = ours.style.Fg // xterm takes the styles 4:n for black
					}
					if except != nil && except(col, y) {
						if followed++; !theirs.same(ours) {
							t.Errorf("row %d column %d: xterm has %v, we have %v", y, col, theirs, ours)
						}
					} else if !theirs.sameText(ours) {
						t.Errorf("row %d column %d: xterm has %v, we have %v", y, col, theirs, ours)
					}
				}
			}
			if except != nil && followed == 0 {
				t.Error("no cell is an exception")
			}
		})
	}
}

// Colours by name, and what is no name, are X11's.
func TestColorNamesOfXterm(t *testing.T) {
	x := startXterm(t, startXvfb(t), 10, 5)
	names := []string{"grey", "DarkGreen", "light blue", "nonesuch", "#12", "rgb:1/2"}
	for name := range colorNames {
		names = append(names, name)
	}
	for _, name := range names {
		in := "\x1b]11;" + name + "\a\x1b]11;?\a"
		x.reset()
		term := New(10, 5, Options{})
		term.SetColors(0x010203, 0x111213, 0x212223)
		_, _ = term.Write([]byte(in))
		if ours, theirs := string(term.Replies()), x.ask(in); strings.TrimSuffix(ours, "\x1b\\") != strings.TrimSuffix(theirs, "\a") {
			t.Errorf("%s is %q to xterm, %q to us", name, theirs, ours)
		}
	}
}
