package fal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// TestTheListIsCrabboxsByteForByte holds it against what crabbox printed for
// the same claim.
func TestTheListIsCrabboxsByteForByte(t *testing.T) {
	want, err := os.ReadFile(filepath.Join("testdata", "golden", "ready.list.json.txt"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "golden", "ready.json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := claims.Decode(text)
	if err != nil {
		t.Fatal(err)
	}
	l := &Lifecycle{scope: c.ProviderScope, binding: c.Labels[labelBinding]}
	listing := claims.Listing{Records: []claims.Record{{Claim: c}}}
	seen := provider.Inventory{Instances: []provider.Instance{{
		ID: c.CloudID, Type: "gpu_1x_h100_sxm5", Region: "us-test", Status: "ready", IP: "127.0.0.1", Creator: "tester",
	}}}
	l.defaults, _ = Defaults{}.filled()
	got, err := json.Marshal(l.CrabboxList(listing, seen, nil))
	if err != nil || string(got) != strings.TrimSpace(string(want)) {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}

	for name, tc := range map[string]struct {
		binding string
		seen    provider.Inventory
		err     error
		status  string
	}{
		"another key": {"x", seen, nil, "credential-binding-mismatch"},
		"gone":        {l.binding, provider.Inventory{}, nil, "provider-absence-unverified"},
		"an outage":   {l.binding, provider.Inventory{}, provider.ErrUnreachable, "provider-verification-unavailable"},
	} {
		other := &Lifecycle{scope: l.scope, binding: tc.binding, defaults: l.defaults}
		if items := other.CrabboxList(listing, tc.seen, tc.err); len(items) != 1 || items[0].Status != tc.status {
			t.Errorf("%s: %+v", name, items)
		}
	}
	if items := (&Lifecycle{scope: "endpoint:elsewhere"}).CrabboxList(listing, seen, nil); len(items) != 0 {
		t.Errorf("another endpoint's: %+v", items)
	}
}
