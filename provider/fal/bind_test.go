package fal

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// sightings says when instances were first seen.
type sightings map[string]time.Time

func (s sightings) FirstSeen(_, id string) (time.Time, bool) {
	at, ok := s[id]
	return at, ok
}

func TestALostCreateIsBoundOnlyToAnInstanceThatNothingContradicts(t *testing.T) {
	const lost = "inst-lost"
	for name, tc := range map[string]struct {
		id     string
		change func(b *bench, seen sightings, rec claims.Record)
		age    time.Duration
		is     error
		says   string
	}{
		"nothing against it": {age: time.Hour},
		"first seen after":   {age: time.Hour, change: func(b *bench, seen sightings, _ claims.Record) { seen[lost] = b.clock.Now() }},
		"its nickname is that of our other box": {age: time.Hour, change: func(b *bench, _ sightings, _ claims.Record) {
			b.lease(stateReady, provider.AcquireRequest{})
			b.cloud.set(lost, "creator_user_nickname", "tester")
		}},
		"replay is possible": {age: time.Minute, is: provider.ErrInvalid, says: "can still be replayed"},
		"no such instance":   {age: time.Hour, id: "inst-none", is: provider.ErrContradicted, says: "does not see"},
		"another type": {age: time.Hour, is: provider.ErrContradicted, says: "was asked for", change: func(b *bench, _ sightings, _ claims.Record) {
			b.cloud.set(lost, "instance_type", typeEightGPUs)
		}},
		"seen before the create": {age: time.Hour, is: provider.ErrContradicted, says: "before the create began", change: func(b *bench, seen sightings, _ claims.Record) {
			seen[lost] = b.clock.Now().Add(-2 * time.Hour)
		}},
		"somebody else made it": {age: time.Hour, is: provider.ErrContradicted, says: "mallory", change: func(b *bench, _ sightings, _ claims.Record) {
			b.lease(stateReady, provider.AcquireRequest{})
			b.cloud.set(lost, "creator_user_nickname", "mallory")
		}},
		"another lease has it": {age: time.Hour, is: provider.ErrContradicted, says: "belongs to lease", change: func(b *bench, _ sightings, _ claims.Record) {
			other := b.lease(stateProvisioning, provider.AcquireRequest{})
			b.edit(other.Claim.LeaseID, func(c *claims.Claim) { c.CloudID = lost })
		}},
	} {
		t.Run(name, func(t *testing.T) {
			seen := sightings{}
			b := newBench(t, func(o *Options) { o.Sightings = seen })
			rec := b.lease(stateAmbiguous, provider.AcquireRequest{Slug: "lost-one"})
			b.cloud.seed(lost)
			b.clock.advance(tc.age)
			if tc.change != nil {
				tc.change(b, seen, rec)
			}
			id := tc.id
			if id == "" {
				id = lost
			}
			err := b.Bind(t.Context(), refOf(rec), id)
			now, readErr := b.store.Read(t.Context(), rec.Claim.LeaseID)
			if readErr != nil {
				t.Fatal(readErr)
			}
			if b.cloud.asked("DELETE")+b.cloud.asked("POST") != 0 && tc.change == nil {
				t.Errorf("a bind sent %v", b.cloud.log)
			}
			if tc.is != nil {
				e := want(t, err, tc.is)
				if !strings.Contains(e.Error(), tc.says) {
					t.Errorf("%q does not say %q", e, tc.says)
				}
				if now.Revision != rec.Revision {
					t.Error("a refused bind changed the claim")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			stateIs(t, now, stateKept)
			if now.Claim.CloudID != lost || now.Claim.Labels[labelKeep] != "true" {
				t.Errorf("claim %+v", now.Claim)
			}
			if _, err := b.Release(t.Context(), refOf(now), nil); err != nil {
				t.Errorf("release of the bound box: %v", err)
			}
		})
	}
}

func TestALeaseMovesToANewKeyOnlyWithProof(t *testing.T) {
	otherKey := func(c *claims.Claim) { c.Labels[labelBinding] = Binding("the old key") }
	for name, tc := range map[string]struct {
		state state
		hide  bool
		is    error
	}{
		"ready":        {state: stateReady},
		"kept":         {state: stateKept},
		"unseen":       {state: stateReady, hide: true, is: provider.ErrNotOwned},
		"attempted":    {state: stateDeleteAttempted, is: provider.ErrDeleting},
		"accepted":     {state: stateDeleteAccepted, is: provider.ErrDeleting},
		"lost create":  {state: stateAmbiguous, is: provider.ErrNotOwned},
		"never sent":   {state: stateCreateIntent, is: provider.ErrNotOwned},
		"contradicted": {state: stateContradiction, is: provider.ErrDeleting},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(tc.state, provider.AcquireRequest{})
			rec = b.edit(rec.Claim.LeaseID, otherKey)
			if tc.hide {
				b.cloud.mu.Lock()
				clear(b.cloud.instances)
				b.cloud.mu.Unlock()
			}
			err := b.Rebind(t.Context(), refOf(rec))
			now := b.only()
			if tc.is != nil {
				want(t, err, tc.is)
				if now.Revision != rec.Revision {
					t.Error("the claim changed")
				}
				return
			}
			if err != nil || now.Claim.Labels[labelBinding] != b.binding {
				t.Fatalf("%v, %+v", err, now.Claim.Labels)
			}
			stateIs(t, now, tc.state)
			if b.cloud.asked("GET inst") == 0 || b.cloud.asked("LIST") == 0 {
				t.Errorf("without proof: %v", b.cloud.log)
			}
		})
	}
}

func TestExpireReleasesNothingButAnExpiredReadyLeaseThatIsNotKept(t *testing.T) {
	for name, tc := range map[string]struct {
		state state
		keep  bool
		age   time.Duration
		edit  func(*claims.Claim)
		due   bool
	}{
		"expired":       {state: stateReady, age: time.Hour, due: true},
		"not yet":       {state: stateReady, age: time.Minute},
		"kept":          {state: stateReady, age: time.Hour, keep: true},
		"another key":   {state: stateReady, age: time.Hour, edit: func(c *claims.Claim) { c.Labels[labelBinding] = "x" }},
		"provisioning":  {state: stateProvisioning, age: time.Hour},
		"kept failed":   {state: stateKept, age: time.Hour},
		"rollback":      {state: stateRollback, age: time.Hour},
		"lost create":   {state: stateAmbiguous, age: time.Hour},
		"taken up":      {state: stateDeleteAttempted, age: time.Hour, due: true},
		"proven gone":   {state: stateDeleteConfirmed, age: time.Hour},
		"contradictory": {state: stateContradiction, age: time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(tc.state, provider.AcquireRequest{Keep: tc.keep})
			if tc.edit != nil {
				rec = b.edit(rec.Claim.LeaseID, tc.edit)
			}
			b.clock.advance(tc.age)
			v, err := b.Expire(t.Context(), refOf(rec), nil)
			if err != nil || v.Delete != tc.due {
				t.Fatalf("%+v, %v", v, err)
			}
			if tc.due {
				b.nothingLeft()
				return
			}
			if v.Reason == "" || b.only().Revision != rec.Revision || b.cloud.asked("DELETE") != 0 {
				t.Errorf("%+v, log %v", v, b.cloud.log)
			}
		})
	}
}

func TestAnAcquireThatIsNotWaitedForLeavesAClaimToResume(t *testing.T) {
	b := newBench(t)
	row, err := b.Acquire(t.Context(), provider.AcquireRequest{NoWait: true}, nil)
	if err != nil || row.InstanceID == "" {
		t.Fatalf("%+v, %v", row, err)
	}
	stateIs(t, b.only(), stateProvisioning)
	if _, err := b.Resume(t.Context(), row.Ref(), nil); err != nil {
		t.Fatal(err)
	}
	stateIs(t, b.only(), stateReady)
}

// drawer keeps receipts, and looks at the claim when it does.
type drawer struct {
	mu   sync.Mutex
	all  []provider.Receipt
	when func()
}

func (d *drawer) Keep(_ context.Context, r provider.Receipt) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, r)
	if d.when != nil {
		d.when()
	}
	return nil
}

func TestAReceiptIsKeptBeforeItsClaimGoes(t *testing.T) {
	kept := &drawer{}
	b := newBench(t, func(o *Options) { o.Receipts = kept })
	rec := b.lease(stateReady, provider.AcquireRequest{})
	kept.when = func() { stateIs(t, b.only(), stateDeleteConfirmed) }
	if _, err := b.Release(t.Context(), refOf(rec), nil); err != nil {
		t.Fatal(err)
	}
	if len(kept.all) != 1 || len(kept.all[0].Evidence) != 4 || kept.all[0].InstanceID != rec.Claim.CloudID || len(kept.all[0].Unknown) == 0 {
		t.Errorf("kept %+v", kept.all)
	}
}
