package term

import (
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The recordings of alacritty's reference tests: bytes that a program wrote
// and the grid that alacritty held after them, compared cell by cell, text and
// attributes. testdata/alacritty-ref/README.md says where they are from.

type refColor struct {
	Named   string
	Indexed *uint8
	Spec    *struct{ R, G, B uint8 }
}

type refCell struct {
	C      string
	Fg, Bg refColor
	Flags  string
	Extra  *struct {
		Zerowidth      []string
		UnderlineColor *refColor `json:"underline_color"`
		Hyperlink      *struct{ Inner struct{ ID, URI string } }
	}
}

type refGrid struct {
	Raw struct {
		Inner []struct{ Inner []refCell }
		Zero  int
	}
	Columns, Lines int
}

// refExceptions are the cells where alacritty and xterm differ and we follow
// xterm, by case. What is right there is tested elsewhere, by name.
var refExceptions = map[string]func(x, y int) bool{
	// DECALN puts the cursor into the corner (TestDECALN), so that the prompt
	// that follows stands in another row.
	"decaln_reset": func(_, y int) bool { return y == 1 || y == 4 },
	// DECSED and DECSEL erase what DECSCA does not protect
	// (TestSelectiveErase); alacritty knows none of them.
	"selective_erasure": func(x, _ int) bool { return x == 0 || x == 2 },
	// SGR 21 is a double underline (TestSGR), not the end of bold.
	"underline": func(_, y int) bool { return y == 7 },
}

func TestAlacrittyReference(t *testing.T) {
	for _, dir := range referenceDirs(t) {
		t.Run(filepath.Base(dir), func(t *testing.T) { compareReference(t, dir) })
	}
}

// referenceDirs are the folders of the recordings: the kept ones, or those
// below the folder that TERM_REFERENCE names.
func referenceDirs(t *testing.T) []string {
	t.Helper()
	root := cmp.Or(os.Getenv("TERM_REFERENCE"), "testdata/alacritty-ref")
	files, err := filepath.Glob(filepath.Join(root, "*", "size.json"))
	if err != nil || len(files) < 28 {
		t.Fatalf("found %d recordings in %s: %v", len(files), root, err)
	}
	for i, f := range files {
		files[i] = filepath.Dir(f)
	}
	return files
}

func referenceSize(t *testing.T, dir string) (cols, rows int) {
	t.Helper()
	var size struct {
		Columns int
		Lines   int `json:"screen_lines"`
	}
	readJSON(t, filepath.Join(dir, "size.json"), &size)
	return size.Columns, size.Lines
}

func compareReference(t *testing.T, dir string) {
	var config struct {
		History int `json:"history_size"`
	}
	var grid refGrid
	cols, rows := referenceSize(t, dir)
	readJSON(t, filepath.Join(dir, "config.json"), &config)
	readJSON(t, filepath.Join(dir, "grid.json"), &grid)
	lines := config.History
	if lines == 0 {
		lines = -1
	}
	term := New(cols, rows, Options{ScrollbackLines: lines})
	feedChunks(term, readData(t, filepath.Join(dir, "alacritty.recording")), 1000)

	raw := grid.Raw
	above := term.ScrollbackLen()
	if most := len(raw.Inner) - grid.Lines; above > most {
		t.Fatalf("scrollback has %d lines, want at most %d", above, most)
	}
	bad := 0
	for y := grid.Lines - len(raw.Inner); y < rows; y++ {
		row := raw.Inner[(raw.Zero+grid.Lines-1-y)%len(raw.Inner)].Inner
		if y < -above {
			// Alacritty holds room for history that has not been used yet.
			for x, c := range row {
				if c.C != " " {
					t.Errorf("column %d row %d: the scrollback lacks %q", x, y, c.C)
				}
			}
			continue
		}
		for x, want := range row {
			if except := refExceptions[filepath.Base(dir)]; except != nil && except(x, y) {
				continue
			}
			got := term.Cell(x, y)
			if y < 0 {
				got = term.ScrollbackCell(x, above+y)
			}
			if diff := diffCell(got, want); diff != "" {
				if bad++; bad <= 10 {
					t.Errorf("column %d row %d: %s", x, y, diff)
				}
			}
		}
	}
	if bad > 10 {
		t.Errorf("and %d more cells", bad-10)
	}
}

func diffCell(got Cell, want refCell) string {
	text := want.C
	if text == "\t" {
		text = " "
	}
	flags := map[string]bool{}
	for f := range strings.SplitSeq(want.Flags, " | ") {
		flags[f] = true
	}
	if flags["WIDE_CHAR_SPACER"] {
		text = ""
	}
	style := Style{Fg: want.Fg.color(), Bg: want.Bg.color()}
	link := ""
	if e := want.Extra; e != nil {
		text += strings.Join(e.Zerowidth, "")
		if e.UnderlineColor != nil {
			style.UnderlineColor = e.UnderlineColor.color()
		}
		if e.Hyperlink != nil {
			link = e.Hyperlink.Inner.URI
		}
	}
	for name, attr := range map[string]Attr{
		"BOLD": AttrBold, "DIM": AttrFaint, "ITALIC": AttrItalic, "INVERSE": AttrInverse,
		"HIDDEN": AttrHidden, "STRIKEOUT": AttrStrike,
	} {
		if flags[name] {
			style.Attrs |= attr
		}
	}
	for name, u := range map[string]Underline{
		"UNDERLINE": UnderlineSingle, "DOUBLE_UNDERLINE": UnderlineDouble, "UNDERCURL": UnderlineCurly,
		"DOTTED_UNDERLINE": UnderlineDotted, "DASHED_UNDERLINE": UnderlineDashed,
	} {
		if flags[name] {
			style.Underline = u
		}
	}
	if got.Text != text || got.Style != style || got.Link != link {
		return fmt.Sprintf("%q %+v %q, want %q %+v %q", got.Text, got.Style, got.Link, text, style, link)
	}
	return ""
}

func (c refColor) color() Color {
	switch {
	case c.Indexed != nil:
		return Indexed(*c.Indexed)
	case c.Spec != nil:
		return RGB(c.Spec.R, c.Spec.G, c.Spec.B)
	}
	names := []string{"Black", "Red", "Green", "Yellow", "Blue", "Magenta", "Cyan", "White"}
	for i, n := range names {
		switch c.Named {
		case n:
			return Indexed(uint8(i))
		case "Bright" + n:
			return Indexed(uint8(i + 8))
		}
	}
	return DefaultColor
}

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	if err := json.Unmarshal(readData(t, path), v); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// readData reads a file, unpacked if only its .gz is there.
func readData(t testing.TB, path string) []byte {
	t.Helper()
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		path += ".gz"
		f, err = os.Open(path)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(path, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func feedChunks(term *Terminal, b []byte, size int) {
	for len(b) > 0 {
		n := min(size, len(b))
		_, _ = term.Write(b[:n])
		b = b[n:]
	}
}
