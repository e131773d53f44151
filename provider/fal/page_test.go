package fal

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/openclaw/crabbox-tui/claims"
)

var update = flag.Bool("update", false, "write the generated part of docs/lifecycle.md anew")

const (
	pageBegin = "<!-- generated from provider/fal/transitions.go: go test ./provider/fal -run Page -update -->\n"
	pageEnd   = "<!-- end of what is generated -->\n"
)

var pageLocks = map[claims.Lock]string{claims.LockAcquire: "acquire", claims.LockOperation: "operation", claims.LockSlug: "slug"}

// table is the transition table as the page shows it.
func table() string {
	var b strings.Builder
	b.WriteString("| event | from | to | under the locks | what is written first | what may be done then |\n|---|---|---|---|---|---|\n")
	for _, t := range transitions {
		var from, locks []string
		for _, s := range t.from {
			from = append(from, string(s))
		}
		for _, l := range t.locks {
			locks = append(locks, pageLocks[l])
		}
		if len(locks) == 0 {
			locks = []string{"none but the claim's own"}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", t.event, strings.Join(from, ", "), t.to, strings.Join(locks, ", "), t.writes, t.allows)
	}
	return b.String()
}

func TestTheLifecyclePageShowsTheTable(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "lifecycle.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begun := strings.Cut(string(text), pageBegin)
	_, after, ended := strings.Cut(rest, pageEnd)
	if !begun || !ended {
		t.Fatal("docs/lifecycle.md has lost its marks")
	}
	want := before + pageBegin + table() + pageEnd + after
	if want == string(text) {
		return
	}
	if !*update {
		t.Fatal("docs/lifecycle.md shows another table than the code has; run with -update")
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOnlyTheTableChangesClaims: whatever writes a claim of a lease goes
// through apply, which looks the event up.
func TestOnlyTheTableChangesClaims(t *testing.T) {
	writes := regexp.MustCompile(`store\.(Create|Replace|Remove)\(`)
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	above, err := filepath.Glob(filepath.Join("..", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, path := range append(sources, above...) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		n := len(writes.FindAllString(string(text), -1))
		if found += n; n > 0 && path != "guard.go" {
			t.Errorf("%s changes a claim behind the table's back", path)
		}
	}
	if found != 3 {
		t.Errorf("%d writes in guard.go, want a create, a replace and a remove", found)
	}
}
