package main

import (
	"fmt"

	"github.com/openclaw/crabbox-tui/session/term"
)

// grid is the printed shape.
type grid struct {
	Cols       int      `json:"cols"`
	Rows       int      `json:"rows"`
	Alt        bool     `json:"alt"`
	Cursor     cursor   `json:"cursor"`
	Title      string   `json:"title"`
	Modes      []int    `json:"modes"` // DEC private modes that are set
	Replies    []byte   `json:"replies"`
	Cells      [][]cell `json:"cells"`
	Scrollback [][]cell `json:"scrollback"` // the oldest line first
}

type cursor struct {
	X       int    `json:"x"`
	Y       int    `json:"y"`
	Visible bool   `json:"visible"`
	Shape   string `json:"shape"`
}

// cell has no text and no width in the right half of a wide character.
type cell struct {
	Text           string   `json:"t"`
	Width          int      `json:"w"`
	Fg             string   `json:"fg"`
	Bg             string   `json:"bg"`
	UnderlineColor string   `json:"ul"`
	Attrs          []string `json:"a"`
	Link           string   `json:"link"`
}

var shapes = map[term.CursorShape]string{
	term.CursorBlock: "block", term.CursorUnderline: "underline", term.CursorBar: "bar",
}

func dump(t *term.Terminal, replies []byte) grid {
	cols, rows := t.Size()
	at := t.Cursor()
	g := grid{
		Cols: cols, Rows: rows, Alt: t.Modes().AltScreen, Title: t.Title(),
		Cursor: cursor{at.X, at.Y, at.Visible, shapes[at.Shape]},
		Modes:  append([]int{}, t.PrivateModes()...), Replies: append([]byte{}, replies...),
		Cells: make([][]cell, rows), Scrollback: make([][]cell, t.ScrollbackLen()),
	}
	line := func(get func(x int) term.Cell) []cell {
		out := make([]cell, cols)
		for x := range out {
			out[x] = cellOf(get(x))
		}
		return out
	}
	for y := range g.Cells {
		g.Cells[y] = line(func(x int) term.Cell { return t.Cell(x, y) })
	}
	for i := range g.Scrollback {
		g.Scrollback[i] = line(func(x int) term.Cell { return t.ScrollbackCell(x, i) })
	}
	return g
}

// attributes in the order in which they are printed.
var attributes = []struct {
	attr term.Attr
	name string
}{
	{term.AttrBold, "bold"}, {term.AttrFaint, "faint"}, {term.AttrItalic, "italic"}, {term.AttrBlink, "blink"},
	{term.AttrInverse, "inverse"}, {term.AttrHidden, "hidden"}, {term.AttrStrike, "strike"}, {term.AttrOverline, "overline"},
}

var underlines = map[term.Underline]string{
	term.UnderlineSingle: "underline", term.UnderlineDouble: "double-underline", term.UnderlineCurly: "curly-underline",
	term.UnderlineDotted: "dotted-underline", term.UnderlineDashed: "dashed-underline",
}

func cellOf(c term.Cell) cell {
	out := cell{
		Text: c.Text, Width: c.Width, Fg: color(c.Style.Fg), Bg: color(c.Style.Bg),
		Attrs: []string{}, Link: c.Link,
	}
	if c.Style.UnderlineColor != term.DefaultColor {
		out.UnderlineColor = color(c.Style.UnderlineColor)
	}
	for _, a := range attributes {
		if c.Style.Attrs&a.attr != 0 {
			out.Attrs = append(out.Attrs, a.name)
		}
	}
	if u := underlines[c.Style.Underline]; u != "" {
		out.Attrs = append(out.Attrs, u)
	}
	return out
}

func color(c term.Color) string {
	if i, ok := c.Index(); ok {
		return fmt.Sprintf("idx:%d", i)
	}
	if r, g, b, ok := c.RGB(); ok {
		return fmt.Sprintf("#%02x%02x%02x", r, g, b)
	}
	return "default"
}
