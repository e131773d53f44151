package term

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Golden screens are kept in files: what the program says of its version, then
// each screen under its name.

// updateEnv names the variable that has golden screens written anew.
const updateEnv = "TERM_UPDATE"

// versionOf runs a command and returns the first line that it prints.
func versionOf(t *testing.T, command ...string) string {
	t.Helper()
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skipf("no %s on this host", command[0])
	}
	first, _, _ := strings.Cut(string(out), "\n")
	return strings.TrimSpace(first)
}

// readScreens returns the screens of a file by name. The test is skipped where
// the program has another version than they are of.
func readScreens(t *testing.T, file string, version ...string) map[string]string {
	t.Helper()
	have := versionOf(t, version...)
	parts := strings.Split("\n"+string(readData(t, file)), "\n== ")
	if want := strings.TrimSpace(parts[0]); have != want {
		t.Skipf("the golden screens are those of %q; here is %q", want, have)
	}
	screens := make(map[string]string)
	for _, p := range parts[1:] {
		name, screen, _ := strings.Cut(p, "\n")
		screens[name] = strings.TrimSpace(screen)
	}
	return screens
}

func writeScreens(t *testing.T, file, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lineDiff lists the lines that only one of a and b has.
func lineDiff(a, b string) string {
	in := func(list []string) map[string]bool {
		m := make(map[string]bool)
		for _, l := range list {
			m[l] = true
		}
		return m
	}
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	var out strings.Builder
	for _, l := range as {
		if !in(bs)[l] {
			fmt.Fprintf(&out, "-%s\n", l)
		}
	}
	for _, l := range bs {
		if !in(as)[l] {
			fmt.Fprintf(&out, "+%s\n", l)
		}
	}
	return out.String()
}
