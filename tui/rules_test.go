package tui

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func sources(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources: %v", err)
	}
	out := map[string]string{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[f] = string(b)
	}
	return out
}

// There is one Bubble Tea model, and its Update routes and no more.
func TestOneUpdate(t *testing.T) {
	var found []string
	for name, src := range sources(t) {
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			n := fset.Position(fn.End()).Line - fset.Position(fn.Pos()).Line
			if fn.Recv != nil && fn.Name.Name == "Update" {
				found = append(found, name)
			}
			if n > 70 {
				t.Errorf("%s: %s has %d lines", name, fn.Name.Name, n)
			}
		}
		if n := strings.Count(src, "\n"); n > 400 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
	if len(found) != 1 || found[0] != "update.go" {
		t.Errorf("Update methods in %q", found)
	}
}

// Colours are named in one file, so that a theme is one place to read.
func TestColoursAreInStyles(t *testing.T) {
	literal := regexp.MustCompile(`#[0-9A-Fa-f]{6}\b|lipgloss\.Color\(|\\x1b\[[0-9;]*[34][0-9]`)
	styled := false
	for name, src := range sources(t) {
		hit := literal.FindString(src)
		if name == "styles.go" {
			styled = hit != ""
			continue
		}
		if hit != "" {
			t.Errorf("%s: %s", name, hit)
		}
	}
	if !styled {
		t.Error("the pattern finds nothing in styles.go either")
	}
}

// Only commands touch the world: nothing else calls into the parts of Deps
// that do.
func TestOnlyCommandsCallDeps(t *testing.T) {
	call := regexp.MustCompile(`\.(Fleet|Operations|Clocks)\.\w+\(|\.(Dial|Hold|StopHold|Clipboard|OpenLink)\(`)
	commands := map[string]bool{}
	for name, src := range sources(t) {
		hit := call.FindString(src)
		if name == "commands.go" || name == "desktop.go" {
			commands[name] = hit != ""
			continue
		}
		if hit != "" {
			t.Errorf("%s: %s", name, hit)
		}
	}
	if !commands["commands.go"] || !commands["desktop.go"] {
		t.Error("the pattern finds nothing in commands.go and desktop.go either")
	}
}

// A key means one thing in a view, and each binding has its help.
func TestKeyTable(t *testing.T) {
	seen := map[keyView]map[string]string{}
	for _, b := range bindings {
		if b.help == "" || b.label == "" || b.act == actNone || len(b.keys) == 0 {
			t.Errorf("incomplete: %+v", b)
		}
		if seen[b.view] == nil {
			seen[b.view] = map[string]string{}
		}
		for _, k := range b.keys {
			if other, twice := seen[b.view][k]; twice {
				t.Errorf("%q is both %q and %q", k, other, b.help)
			}
			seen[b.view][k] = b.help
		}
	}
}

// The help shows every binding there is.
func TestHelpIsTheTable(t *testing.T) {
	h := newHelp(focusFleet)
	text := strings.Join(h.lines(newStyles("none", true), "ctrl+]", "", 80), "\n")
	for _, b := range bindings {
		if !strings.Contains(text, b.help) {
			t.Errorf("help lacks %q", b.help)
		}
	}
}
