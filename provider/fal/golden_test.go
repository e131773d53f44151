package fal

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// The files in testdata/golden are what crabbox itself wrote in each state,
// with the public key that it sent.

// goldenCase is one lease of crabbox's: what it was asked for, and what then
// happened to it.
type goldenCase struct {
	file, id, slug string
	started        int64  // create_started_at
	claimed, used  string // claimedAt, lastUsedAt
	keep           bool
	ttl, idle      time.Duration
	attempt        string
	instance       provider.Instance
	events         []event
}

var goldenCases = []goldenCase{
	{
		file: "create-intent.handcrafted", id: "cbx_0123456789ab", slug: "intentbox", started: 1795474795,
		claimed: "2026-11-23T22:46:54Z",
	},
	{
		file: "ambiguous-create-inflight", id: "cbx_d2997bfeca5d", slug: "inflbox", started: 1795474017,
		claimed: "2026-11-23T22:46:57Z", keep: true, attempt: "cbx_49f07bdedbc2", events: []event{evSend},
	},
	{
		file: "ambiguous-create", id: "cbx_66bacb96d850", slug: "ambbox", started: 1795474014,
		claimed: "2026-11-23T22:46:54Z", keep: true, attempt: "cbx_5e3e6c0d08b0", events: []event{evSend, evLost},
	},
	{
		file: "provisioning", id: "cbx_346b3934d09f", slug: "my-prov-box", started: 1795474008,
		claimed: "2026-11-23T22:46:48Z", attempt: "cbx_9ff557233f53",
		instance: provider.Instance{ID: "inst-739721"}, events: []event{evSend, evAnswered},
	},
	{
		file: "kept-failed-acquire", id: "cbx_dbd7e92493ef", slug: "keptbox", started: 1795474014,
		claimed: "2026-11-23T22:46:54Z", keep: true, attempt: "cbx_000000000000",
		instance: provider.Instance{ID: "inst-739722"}, events: []event{evSend, evAnswered, evKeepIt},
	},
	{
		file: "ready", id: "cbx_77456b8f12a9", slug: "violet-lobster", started: 1795473892,
		claimed: "2026-11-23T22:44:52Z", used: "2026-11-23T22:44:58Z", keep: true, attempt: "cbx_000000000000",
		instance: goldenInstance("inst-0001"), events: []event{evSend, evAnswered, evReady},
	},
	{
		file: "delete-accepted", id: "cbx_b78419996ea9", slug: "delbox", started: 1795474064,
		claimed: "2026-11-23T22:47:44Z", used: "2026-11-23T22:47:47Z", ttl: 2 * time.Hour, idle: 20 * time.Minute, attempt: "cbx_000000000000",
		instance: goldenInstance("inst-739725"), events: []event{evSend, evAnswered, evReady, evDelete, evAccepted},
	},
}

func goldenInstance(id string) provider.Instance {
	return provider.Instance{ID: id, Type: typeOneGPU, Region: "us-test", Status: "ready", IP: "127.0.0.1", Creator: "tester"}
}

func TestEveryStateIsWrittenAsCrabboxWritesIt(t *testing.T) {
	for _, gc := range goldenCases {
		t.Run(gc.file, func(t *testing.T) {
			wantBytes, err := os.ReadFile(filepath.Join("testdata", "golden", gc.file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t)
			b.replay(gc)
			got, err := os.ReadFile(filepath.Join(b.roots.State, "claims", gc.id+".json"))
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, wantBytes) {
				t.Errorf("claim differs; ours:\n%s\ncrabbox's:\n%s", got, wantBytes)
			}
		})
	}
}

// replay makes a golden lease's life happen through the transitions.
func (b *bench) replay(gc goldenCase) claims.Record {
	t := b.t
	t.Helper()
	at := func(s string) {
		when, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.mu.Lock()
		b.clock.now = when
		b.clock.mu.Unlock()
	}
	public := ""
	if data, err := os.ReadFile(filepath.Join("testdata", "golden", gc.file+".pub")); err == nil {
		public = strings.TrimSpace(string(data))
	}
	tm, err := b.asked(provider.AcquireRequest{Keep: gc.keep, TTL: gc.ttl, Idle: gc.idle})
	if err != nil {
		t.Fatal(err)
	}
	tm.leaseID, tm.slug, tm.started = gc.id, gc.slug, time.Unix(gc.started, 0)
	tm.scope, tm.binding = claims.Scope("http://127.0.0.1:18777/v1"), Binding("test")
	tm.request = claims.RequestBinding(tm.instanceType, tm.sector, public)
	g := b.guard(gc.id)
	defer g.close()
	for _, kind := range []claims.Lock{claims.LockAcquire, claims.LockSlug, claims.LockOperation} {
		if err := g.lock(t.Context(), kind); err != nil {
			t.Fatal(err)
		}
	}
	at(gc.claimed)
	rec, err := b.apply(t.Context(), g, claims.Record{}, evIntend, change{terms: tm}, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range gc.events {
		if ev == evReady && gc.used != "" {
			at(gc.used)
		}
		ch := change{terms: tm, attempt: gc.attempt, instance: gc.instance, port: 22}
		if rec, err = b.apply(t.Context(), g, rec, ev, ch, false); err != nil {
			t.Fatalf("%s: %v", ev, err)
		}
	}
	return rec
}

func TestAConfirmedDeletionHasTheLabelsThatCrabboxAccepts(t *testing.T) {
	b := newBench(t)
	gc := goldenCases[len(goldenCases)-1]
	gc.events = append(append([]event{}, gc.events...), evAbsent)
	rec := b.replay(gc)
	data, err := os.ReadFile("testdata/golden/delete-confirmed.handcrafted.json")
	if err != nil {
		t.Fatal(err)
	}
	golden, err := claims.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if !rec.Claim.Equal(golden) {
		t.Errorf("ours %+v\ncrabbox's %+v", rec.Claim, golden)
	}
}

func TestEveryGoldenClaimIsReadAsTheStateOfItsName(t *testing.T) {
	for file, want := range map[string]state{
		"create-intent.handcrafted": stateCreateIntent, "ambiguous-create-inflight": stateInflight, "ambiguous-create": stateAmbiguous,
		"provisioning": stateProvisioning, "kept-failed-acquire": stateKept, "ready": stateReady,
		"delete-accepted": stateDeleteAccepted, "delete-confirmed.handcrafted": stateDeleteConfirmed,
	} {
		data, err := os.ReadFile(filepath.Join("testdata", "golden", file+".json"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := claims.Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if got := stateOf(c); got != want {
			t.Errorf("%s is read as %s", file, got)
		}
	}
}

func TestTermsComeBackFromTheirClaim(t *testing.T) {
	b := newBench(t, func(o *Options) {
		o.Defaults = Defaults{Type: typeEightGPUs, Sector: "sector_2", User: "root", Port: 2222, Class: "other", TTL: time.Hour, Idle: time.Minute}
	})
	gc := goldenCases[3]
	var before terms
	{
		o := newBench(t)
		rec := o.replay(gc)
		before = o.termsOf(rec.Claim)
		after := b.termsOf(rec.Claim)
		// The user stands in ready claims only.
		after.user = before.user
		if before != after {
			t.Errorf("the terms of a claim depend on who reads them:\n%+v\n%+v", before, after)
		}
	}
	if before.ttl != 90*time.Minute || before.idle != 30*time.Minute || before.slug != gc.slug || before.started.Unix() != gc.started || before.keep {
		t.Errorf("terms are %+v", before)
	}
}
