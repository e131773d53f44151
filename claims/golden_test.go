package claims

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden returns the claim files that crabbox itself wrote.
func golden(t *testing.T) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden claims: %v", err)
	}
	files := map[string][]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		files[strings.TrimSuffix(filepath.Base(p), ".json")] = data
	}
	return files
}

func TestEveryClaimOfCrabboxComesBackByteForByte(t *testing.T) {
	for name, data := range golden(t) {
		c, err := Decode(data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		back, err := c.Encode()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !bytes.Equal(back, data) {
			t.Errorf("%s changed:\n%s", name, back)
		}
	}
}

func TestBindingsAreThoseOfTheKeysBesideTheClaims(t *testing.T) {
	checked := 0
	for name, data := range golden(t) {
		c, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := CredentialBinding(" test\n"); got != c.Labels["fal_credential_binding"] {
			t.Errorf("%s: credential binding %s, the claim has %s", name, got, c.Labels["fal_credential_binding"])
		}
		want, bound := c.Labels["fal_create_request_binding"]
		if !bound {
			continue
		}
		public, err := os.ReadFile(filepath.Join("testdata/golden", name+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		if got := RequestBinding(c.Labels["server_type"], c.Labels["sector"], string(public)); got != want {
			t.Errorf("%s: request binding %s, the claim has %s", name, got, want)
		}
		checked++
	}
	if checked < 4 {
		t.Errorf("only %d request bindings were checked", checked)
	}
}

func TestScopeIsThatOfTheGoldenClaims(t *testing.T) {
	for name, data := range golden(t) {
		c, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := Scope("HTTP://user@127.0.0.1:18777/v1/?x=1#f"); got != c.ProviderScope {
			t.Errorf("%s: %q, want %q", name, got, c.ProviderScope)
		}
	}
	if got := Scope("https://API.fal.ai:443/v1"); got != "endpoint:https://api.fal.ai/v1" {
		t.Errorf("default endpoint: %q", got)
	}
}

func TestSlugsAreCrabboxs(t *testing.T) {
	if got := GeneratedSlug("cbx_77456b8f12a9"); got != "violet-lobster" {
		t.Errorf("generated %q", got)
	}
	taken := Listing{Records: []Record{{Claim: Claim{LeaseID: "cbx_000000000000", Slug: "RDY box"}}, {Claim: Claim{LeaseID: "cbx_1", Slug: "rdybox"}}}}
	got, err := AllocateSlug("rdybox", "cbx_f6612d4e6269", taken)
	if err != nil || got != "rdybox-1bcd" {
		t.Errorf("got %q, %v; want rdybox-1bcd", got, err)
	}
}
