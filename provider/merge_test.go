package provider

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

const goldenScope = "endpoint:http://127.0.0.1:18777/v1"

var noon = time.Unix(1795474800, 0) // shortly after the golden claims were written

// view is a fleet of one key on the golden claims' endpoint.
func view(inventory []Instance, recs ...claims.Record) View {
	return View{
		Now: noon, Name: "fal", Scope: goldenScope, Binding: claims.CredentialBinding("test"),
		Inventory: &Inventory{Instances: inventory, At: noon}, Claims: claims.Listing{Records: recs}, Prices: DefaultPrices(),
	}
}

func goldenClaim(t *testing.T, name string) claims.Record {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata/golden", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := claims.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return claims.Record{Claim: c, Revision: "1"}
}

func TestGoldenClaimsStandWhereCrabboxLeftThem(t *testing.T) {
	for name, want := range map[string]struct {
		status   string // of the instance; empty: not in the inventory
		standing Standing
	}{
		"create-intent.handcrafted":    {"", StandingCreateIntent},
		"ambiguous-create-inflight":    {"", StandingCreateInflight},
		"ambiguous-create":             {"", StandingCreateAmbiguous},
		"provisioning":                 {"provisioning", StandingStarting},
		"kept-failed-acquire":          {"ready", StandingKeptFailed},
		"ready":                        {"ready", StandingReady},
		"delete-accepted":              {"ready", StandingDeleteAccepted},
		"delete-confirmed.handcrafted": {"", StandingDeleteConfirmed},
	} {
		rec := goldenClaim(t, name)
		var inventory []Instance
		if want.status != "" {
			inventory = []Instance{{ID: rec.Claim.CloudID, Status: want.status, IP: "127.0.0.1"}}
		}
		rows := Merge(view(inventory, rec))
		if len(rows) != 1 || rows[0].Standing != want.standing {
			t.Errorf("%s: %d rows, %v; want %v", name, len(rows), rows[0].Standing, want.standing)
		}
	}
}

func TestAReadyRowHasWhatPeopleLookFor(t *testing.T) {
	l := Merge(view([]Instance{{ID: "inst-0001", Type: "gpu_1x_h100_sxm5", Region: "eu-north", Status: "ready", IP: "127.0.0.1"}}, goldenClaim(t, "ready")))[0]
	if l.Slug != "violet-lobster" || l.Region != "eu-north" || l.Host != "127.0.0.1" || l.Port != 22 || l.User != "ubuntu" || !l.Keep ||
		l.TTL != 90*time.Minute || l.Idle != 30*time.Minute || l.CreatedAt.Unix() != 1795473892 || l.ExpiresAt.Unix() != 1795475692 {
		t.Errorf("row: %+v", l)
	}
	if hours := noon.Sub(l.CreatedAt).Hours(); !l.Cost.Known || l.Cost.AtLeast || l.Cost.SoFar != hours*1.89 {
		t.Errorf("cost: %+v", l.Cost)
	}
	if err := Can(ActionAttach, l); err != nil {
		t.Errorf("attach: %v", err)
	}
}

func TestWhereAClaimIsNotOursToActOnNothingButLookingIsOffered(t *testing.T) {
	for name, change := range map[string]func(*View){
		"another key":      func(v *View) { v.Binding = claims.CredentialBinding("other") },
		"another endpoint": func(v *View) { v.Scope = "endpoint:https://api.fal.ai/v1" },
		"another provider": func(v *View) { v.Claims.Records[0].Claim.Provider = "hetzner" },
		"no claim":         func(v *View) { v.Claims.Records = nil },
		"a broken claim": func(v *View) {
			v.Claims = claims.Listing{Broken: []claims.Broken{{ID: "cbx_1", Name: "/x/cbx_1.json", Err: errors.New("not JSON")}}}
		},
	} {
		v := view([]Instance{{ID: "inst-0001", Status: "ready", IP: "127.0.0.1"}}, goldenClaim(t, "ready"))
		change(&v)
		for _, l := range Merge(v) {
			for _, a := range []Action{ActionRelease, ActionKeep, ActionExtend, ActionResume} {
				if err := Can(a, l); err == nil {
					t.Errorf("%s: %v of %v is offered", name, a, l.Standing)
				}
			}
		}
	}
}

func TestAnOutageKeepsTheLastGoodDataAndAbsenceIsNotAssumed(t *testing.T) {
	v := view([]Instance{{ID: "inst-0001", Status: "ready", IP: "127.0.0.1"}}, goldenClaim(t, "ready"))
	v.InventoryErr = ErrUnreachable
	if l := Merge(v)[0]; l.Standing != StandingReady {
		t.Errorf("last good data: %v", l.Standing)
	}
	v.Inventory = &Inventory{At: noon}
	if l := Merge(v)[0]; l.Standing != StandingUnverified {
		t.Errorf("not in the last inventory, during an outage: %v", l.Standing)
	}
	v.InventoryErr = nil
	l := Merge(v)[0]
	if l.Standing != StandingAbsent || !l.Bills() {
		t.Errorf("not in a whole inventory: %v, bills %v", l.Standing, l.Bills())
	}
	if err := Can(ActionRelease, l); err != nil {
		t.Errorf("release of an absent one proves its absence: %v", err)
	}
}

func TestControlCharactersNeverReachARow(t *testing.T) {
	const evil = "a\x1b[31m\x07\u202eb\x9b2J\x00\nc"
	rec := goldenClaim(t, "ready")
	rec.Claim.Slug, rec.Claim.RepoRoot = evil, evil
	for k := range rec.Claim.Labels {
		if !strings.HasPrefix(k, "fal_") {
			rec.Claim.Labels[k] = evil
		}
	}
	v := view([]Instance{{ID: "inst-0001", Status: evil, Region: evil, Creator: evil}, {ID: evil, Type: evil, IP: evil}}, rec)
	v.Claims.Broken = []claims.Broken{{ID: evil, Name: evil, Err: errors.New(evil)}}
	for _, l := range Merge(v) {
		r := reflect.ValueOf(l)
		for i := range r.NumField() {
			if r.Field(i).Kind() == reflect.String && strings.ContainsAny(r.Field(i).String(), "\x1b\x07\u202e\u009b\x00\n") {
				t.Errorf("%s of a %v row: %q", r.Type().Field(i).Name, l.Standing, r.Field(i).String())
			}
		}
	}
}

// TestEveryClaimAndInstanceIsInExactlyOneRow holds for whatever there is, in
// whatever order it comes.
func TestEveryClaimAndInstanceIsInExactlyOneRow(t *testing.T) {
	pick := func(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }
	for seed := range uint64(2000) {
		r := rand.New(rand.NewPCG(seed, 1))
		v := View{Now: noon, Name: "fal", Scope: "s", Binding: pick(r, "", "k"), Prices: DefaultPrices()}
		if r.IntN(4) > 0 {
			v.Inventory = &Inventory{At: noon}
			for i := range r.IntN(6) {
				v.Inventory.Instances = append(v.Inventory.Instances, Instance{ID: fmt.Sprint("i", i), Status: pick(r, "ready", "stopped", "", "odd", "init")})
			}
		}
		if r.IntN(3) == 0 {
			v.InventoryErr = ErrUnreachable
		}
		for i := range r.IntN(6) {
			c := claims.Claim{LeaseID: fmt.Sprint("cbx_", i), Provider: pick(r, "fal", "fal", "other", ""), ProviderScope: pick(r, "s", "s", "t"), CloudID: pick(r, "", "i0", "i1", "i2", "i9"),
				Labels: map[string]string{"recovery": pick(r, "", "", "provisioning", "ambiguous-create", "keep-failed-acquire", "junk"), "fal_credential_binding": pick(r, "k", "j", "")}}
			if r.IntN(4) == 0 {
				c.Labels[pick(r, "fal_delete_attempt", "fal_delete_accepted", "fal_delete_confirmed")] = pick(r, "i0", c.CloudID)
			}
			v.Claims.Records = append(v.Claims.Records, claims.Record{Claim: c, Revision: claims.Revision(fmt.Sprint(i))})
		}
		for i := range r.IntN(3) {
			v.Claims.Broken = append(v.Claims.Broken, claims.Broken{ID: fmt.Sprint("cbx_b", i), Name: fmt.Sprint("/b", i)})
		}
		rows := Merge(v)
		leases, foreign, owned := map[string]int{}, map[string]int{}, map[string]bool{}
		for _, l := range rows {
			if l.ID != "" {
				leases[l.ID]++
			} else {
				foreign[l.InstanceID]++
			}
		}
		for _, rec := range v.Claims.Records {
			if leases[rec.Claim.LeaseID] != 1 {
				t.Fatalf("seed %d: lease %s is in %d rows", seed, rec.Claim.LeaseID, leases[rec.Claim.LeaseID])
			}
			if rec.Claim.Provider == v.Name && rec.Claim.ProviderScope == v.Scope {
				owned[rec.Claim.CloudID] = true
			}
		}
		total := len(v.Claims.Records) + len(v.Claims.Broken)
		if v.Inventory != nil {
			for _, i := range v.Inventory.Instances {
				want := 1
				if owned[i.ID] {
					want = 0
				}
				total += want
				if foreign[i.ID] != want {
					t.Fatalf("seed %d: instance %s is in %d foreign rows, want %d", seed, i.ID, foreign[i.ID], want)
				}
			}
		}
		if len(rows) != total {
			t.Fatalf("seed %d: %d rows, want %d", seed, len(rows), total)
		}
		r.Shuffle(len(v.Claims.Records), func(i, j int) {
			v.Claims.Records[i], v.Claims.Records[j] = v.Claims.Records[j], v.Claims.Records[i]
		})
		if v.Inventory != nil {
			slices.Reverse(v.Inventory.Instances)
		}
		if again := Merge(v); !reflect.DeepEqual(rows, again) {
			t.Fatalf("seed %d: another order of input gave other rows", seed)
		}
	}
}

func TestCleanKeepsTextAndDropsWhatCommandsATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain":              "plain",
		"Grüße 👩‍🚀":          "Grüße 👩‍🚀",
		"a\x1b[31mb":         "a[31mb",
		"a\x9b31mb\xff":      "a31mb",
		"a\r\n\tb":           "a b",
		"\u202eevil\u2066":   "evil",
		"123456789012345678": "12345678901234…",
	} {
		if got := Clean(in, 15); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
		if once := Clean(in, 15); Clean(once, 15) != once {
			t.Errorf("cleaning %q twice is not cleaning once", in)
		}
	}
}

func TestALeaseOfAnotherProviderUsesTheConfiguredKeyWhereItHasNone(t *testing.T) {
	c := claims.Claim{LeaseID: "cbx_000000000001", Provider: "hetzner", Slug: "far", StaticHost: "192.0.2.7", StaticPort: "2200", StaticUser: "root"}
	v := View{Name: "fal", Scope: "x", DefaultKey: "/home/you/.ssh/id", Claims: claims.Listing{Records: []claims.Record{{Claim: c}}}}
	l := Merge(v)[0]
	if l.Standing != StandingOtherProvider || l.Host != "192.0.2.7" || l.Port != 2200 || l.User != "root" || l.KeyPath != "/home/you/.ssh/id" || l.KnownHostsPath != "/home/you/.ssh/known_hosts" {
		t.Errorf("%+v", l)
	}
	for _, a := range Actions {
		if err := Can(a, l); (err == nil) != (a == ActionAttach) {
			t.Errorf("%s: %v", a, err)
		}
	}
	v.Keys = map[string]claims.Key{c.LeaseID: {PrivatePath: "/keys/own", KnownHostsPath: "/keys/known_hosts"}}
	if l := Merge(v)[0]; l.KeyPath != "/keys/own" || l.KnownHostsPath != "/keys/known_hosts" {
		t.Errorf("its own key is not used: %+v", l)
	}
}
