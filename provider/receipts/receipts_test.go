package receipts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

var at = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

func receipt(lease string, evidence int) provider.Receipt {
	r := provider.Receipt{
		LeaseID: lease, InstanceID: "inst-1", Slug: "amber-crab", Type: "gpu_1x_h100_sxm5", CreatedAt: at, ReleasedAt: at.Add(time.Hour),
		Cost: provider.Cost{PerHour: 1.89, SoFar: 1.894, Known: true}, Unknown: []string{"what was billed"},
	}
	for range evidence {
		r.Evidence = append(r.Evidence, provider.Evidence{At: at, Step: provider.StepAbsentGet, Note: "get answered 404"})
	}
	return r
}

func TestAReceiptIsKeptAndReadBack(t *testing.T) {
	b := Open(filepath.Join(t.TempDir(), "receipts"))
	if all, err := b.List(); err != nil || len(all) != 0 {
		t.Fatalf("an empty book: %v, %v", all, err)
	}
	if err := b.Keep(t.Context(), receipt("cbx_000000000001", 3)); err != nil {
		t.Fatal(err)
	}
	later := receipt("cbx_000000000002", 3)
	later.ReleasedAt = at.Add(2 * time.Hour)
	if err := b.Keep(t.Context(), later); err != nil {
		t.Fatal(err)
	}
	all, err := b.List()
	if err != nil || len(all) != 2 || all[0].LeaseID != later.LeaseID || *all[1].Cost != 1.89 || len(all[1].Evidence) != 3 {
		t.Fatalf("%+v, %v", all, err)
	}
	for _, part := range []string{"cbx_000000000002", "inst-1", "about $1.89", "get answered 404", "what was billed"} {
		if !strings.Contains(all[0].String(), part) {
			t.Errorf("the text lacks %q:\n%s", part, all[0])
		}
	}
}

func TestAReceiptWithLessEvidenceDoesNotReplaceOneWithMore(t *testing.T) {
	b := Open(t.TempDir())
	for _, n := range []int{3, 1} {
		if err := b.Keep(t.Context(), receipt("cbx_000000000001", n)); err != nil {
			t.Fatal(err)
		}
	}
	all, _ := b.List()
	if len(all) != 1 || len(all[0].Evidence) != 3 {
		t.Errorf("%+v", all)
	}
}

func TestABrokenReceiptHidesNoOther(t *testing.T) {
	dir := t.TempDir()
	b := Open(dir)
	if err := b.Keep(t.Context(), receipt("cbx_000000000001", 3)); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cbx_000000000009.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	all, err := b.List()
	if err == nil || !strings.Contains(err.Error(), "cbx_000000000009") || len(all) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestALeaseIDThatIsAPathIsRefused(t *testing.T) {
	if err := Open(t.TempDir()).Keep(t.Context(), receipt("../x", 1)); err == nil {
		t.Error("it was kept")
	}
}
