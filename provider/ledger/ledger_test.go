package ledger

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

var start = time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)

const scope = "endpoint:https://api.fal.ai/v1"

func sighting(after time.Duration, ids ...string) provider.Sighting {
	s := provider.Sighting{At: start.Add(after), Scope: scope, Key: "abc", Claimed: map[string]string{}, Deleting: map[string]bool{}}
	for _, id := range ids {
		s.Instances = append(s.Instances, provider.Instance{ID: id, Type: "gpu", Creator: "rosa"})
	}
	return s
}

func open(t *testing.T, path string) *Ledger {
	t.Helper()
	l, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func observe(t *testing.T, l *Ledger, s provider.Sighting) []provider.Happening {
	t.Helper()
	h, err := l.Observe(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAnInstanceIsRememberedFromItsFirstSight(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	l := open(t, path)
	observe(t, l, sighting(0, "a"))
	observe(t, l, sighting(time.Hour, "a", "b"))
	// Another process sees what this one wrote.
	again := open(t, path)
	for id, want := range map[string]time.Time{"a": start, "b": start.Add(time.Hour)} {
		if at, ok := again.FirstSeen(scope, id); !ok || !at.Equal(want) {
			t.Errorf("%s: %v %t", id, at, ok)
		}
	}
	if _, ok := again.FirstSeen("endpoint:elsewhere", "a"); ok {
		t.Error("another endpoint's instance passes for this one's")
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

func TestWhatNobodyHereMadeOrDeletedIsNoticedOnce(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.json"))
	if h := observe(t, l, sighting(0, "old", "ours", "ending")); len(h) != 0 {
		t.Errorf("the first inventory: %v", h)
	}
	claimed := func(s provider.Sighting) provider.Sighting {
		s.Claimed["ours"], s.Claimed["ending"], s.Claimed["made"] = "cbx_1", "cbx_2", "cbx_3"
		s.Deleting["ending"] = true
		return s
	}
	h := observe(t, l, claimed(sighting(time.Minute, "old", "made", "new")))
	if len(h) != 2 || h[0].Kind != provider.HappenedUnmade || h[0].InstanceID != "new" || h[1].Kind != provider.HappenedVanished || h[1].InstanceID != "ours" || h[1].LeaseID != "cbx_1" {
		t.Errorf("%+v", h)
	}
	if h := observe(t, l, claimed(sighting(2*time.Minute, "old", "made", "new"))); len(h) != 0 {
		t.Errorf("again: %v", h)
	}
}

func TestWhatAnotherKeySeesDoesNotVanish(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.json"))
	observe(t, l, sighting(0, "a"))
	s := sighting(time.Minute)
	s.Key, s.Claimed["a"] = "other", "cbx_1"
	if h := observe(t, l, s); len(h) != 0 {
		t.Errorf("%v", h)
	}
	if e := l.Entries(); len(e) != 1 || !e[0].Gone.IsZero() {
		t.Errorf("%+v", e)
	}
}

func TestALedgerIsBoundedAndKeepsWhatIsThere(t *testing.T) {
	l := open(t, filepath.Join(t.TempDir(), "ledger.json"))
	var ids []string
	for i := range most + 50 {
		ids = append(ids, fmt.Sprintf("old-%05d", i))
	}
	observe(t, l, sighting(0, ids...))
	observe(t, l, sighting(time.Hour, "new"))
	if n := len(l.Entries()); n != most {
		t.Errorf("%d entries", n)
	}
	if _, ok := l.FirstSeen(scope, "new"); !ok {
		t.Error("the one that is there was dropped")
	}
}

func TestALedgerThatCannotBeReadIsNotWrittenOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.json")
	if err := os.WriteFile(path, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(path)
	if err == nil {
		t.Fatal("it was read")
	}
	if _, err := l.Observe(t.Context(), sighting(0, "a")); err == nil {
		t.Error("it was written")
	}
	if data, _ := os.ReadFile(path); string(data) != "nonsense" {
		t.Errorf("now %q", data)
	}
}
