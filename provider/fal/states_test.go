package fal

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// allStates are all states that a claim can be in.
var allStates = []state{
	stateCreateIntent, stateInflight, stateAmbiguous, stateRejected, stateProvisioning, stateReady, stateKept, stateRollback,
	stateDeleteAttempted, stateDeleteAccepted, stateDeleteConfirmed, stateUnfamiliar, stateContradiction,
}

// pathTo is how a lease gets into a state.
var pathTo = map[state][]event{
	stateCreateIntent:    {},
	stateInflight:        {evSend},
	stateAmbiguous:       {evSend, evLost},
	stateRejected:        {evSend, evRejected},
	stateProvisioning:    {evSend, evAnswered},
	stateReady:           {evSend, evAnswered, evReady},
	stateKept:            {evSend, evAnswered, evKeepIt},
	stateRollback:        {evSend, evAnswered, evRollBack},
	stateDeleteAttempted: {evSend, evAnswered, evReady, evDelete},
	stateDeleteAccepted:  {evSend, evAnswered, evReady, evDelete, evAccepted},
	stateDeleteConfirmed: {evSend, evAnswered, evReady, evDelete, evAccepted, evAbsent},
	stateUnfamiliar:      {evSend, evAnswered},
	stateContradiction:   {evSend, evAnswered, evReady, evDelete},
}

// lease makes a lease in a state, as if its program had died there: nobody
// holds a lock. Where a create was sent, its instance exists.
func (b *bench) lease(s state, req provider.AcquireRequest) claims.Record {
	b.t.Helper()
	ctx := b.t.Context()
	must := func(err error) {
		b.t.Helper()
		if err != nil {
			b.t.Fatalf("make a lease that is %s: %v", s, err)
		}
	}
	tm, err := b.asked(req)
	must(err)
	tm.leaseID, err = claims.NewLeaseID()
	must(err)
	g := b.guard(tm.leaseID)
	defer g.close()
	rec, key, err := b.intend(ctx, g, &tm, req.Slug)
	must(err)
	must(g.lock(ctx, claims.LockOperation))
	var inst provider.Instance
	for _, ev := range pathTo[s] {
		rec, err = b.apply(ctx, g, rec, ev, change{terms: tm, attempt: "cbx_0123456789ab", instance: inst, port: 22}, false)
		must(err)
		if ev == evSend && s != stateRejected {
			body, err := createBody(tm.instanceType, tm.sector, key.Public)
			must(err)
			inst, err = b.client.create(ctx, tm.leaseID, body)
			must(err)
		}
	}
	if s == stateDeleteAccepted || s == stateDeleteConfirmed {
		must(b.client.delete(ctx, inst.ID))
	}
	switch s {
	case stateUnfamiliar:
		rec = b.edit(tm.leaseID, func(c *claims.Claim) { c.Labels[labelRecovery] = "something-new" })
	case stateContradiction:
		rec = b.edit(tm.leaseID, func(c *claims.Claim) { c.Labels[labelDeleteConfirm] = "inst-9999" })
	}
	stateIs(b.t, rec, s)
	b.cloud.mu.Lock()
	b.cloud.log = nil
	b.cloud.mu.Unlock()
	return rec
}

func TestTheTableHasEachEventOfAStateOnceAndEveryStateCanEnd(t *testing.T) {
	type row struct {
		from state
		ev   event
	}
	seen := map[row]bool{}
	leads := map[state][]state{}
	for _, tr := range transitions {
		if tr.writes == "" || tr.allows == "" || (tr.edit == nil) != (tr.to == stateNone) {
			t.Errorf("%s is incomplete", tr.event)
		}
		for _, from := range tr.from {
			if seen[row{from, tr.event}] {
				t.Errorf("%s from %s is there twice", tr.event, from)
			}
			seen[row{from, tr.event}] = true
			leads[from] = append(leads[from], tr.to)
		}
	}
	var ends func(state, map[state]bool) bool
	ends = func(s state, on map[state]bool) bool {
		if s == stateNone {
			return true
		}
		if on[s] {
			return false
		}
		on = maps.Clone(on)
		on[s] = true
		return slices.ContainsFunc(leads[s], func(to state) bool { return ends(to, on) })
	}
	for _, s := range allStates {
		if got := ends(s, map[state]bool{}); got != (s != stateContradiction) {
			t.Errorf("%s can end: %t", s, got)
		}
	}
}

func TestADeleteIsForetoldAndConfirmedOnlyThroughItsOwnRows(t *testing.T) {
	for _, tr := range transitions {
		if tr.to == stateNone && slices.ContainsFunc(tr.from, func(s state) bool {
			return !s.oneOf(stateCreateIntent, stateRejected, stateDeleteConfirmed)
		}) {
			t.Errorf("%s forgets a lease whose box may exist", tr.event)
		}
		if tr.to == stateDeleteAccepted && !slices.Equal(tr.from, []state{stateDeleteAttempted}) {
			t.Errorf("%s accepts a delete that was not foretold", tr.event)
		}
	}
}

func TestNoTransitionIsMadeFromAStateThatTheTableDoesNotName(t *testing.T) {
	b := newBench(t)
	for _, s := range allStates {
		rec := b.lease(s, provider.AcquireRequest{})
		g := b.guard(rec.Claim.LeaseID)
		for _, kind := range []claims.Lock{claims.LockAcquire, claims.LockSlug, claims.LockOperation} {
			if err := g.lock(t.Context(), kind); err != nil {
				t.Fatal(err)
			}
		}
		for _, tr := range transitions {
			if s.oneOf(tr.from...) {
				continue
			}
			_, err := b.apply(t.Context(), g, rec, tr.event, change{terms: b.termsOf(rec.Claim), attempt: "cbx_1", instance: goldenInstance("inst-x")}, true)
			if !errors.Is(err, provider.ErrInvalid) {
				t.Errorf("%s from %s: %v", tr.event, s, err)
			}
			if now, err := b.store.Read(t.Context(), rec.Claim.LeaseID); err != nil || now.Revision != rec.Revision {
				t.Fatalf("%s from %s changed the claim", tr.event, s)
			}
		}
		g.close()
	}
}

func TestNoTransitionIsMadeWithoutItsLocks(t *testing.T) {
	b := newBench(t)
	for _, tr := range transitions {
		for _, missing := range tr.locks {
			rec := claims.Record{}
			if tr.from[0] != stateNone {
				rec = b.lease(tr.from[0], provider.AcquireRequest{})
			}
			g := b.guard(rec.Claim.LeaseID)
			for _, kind := range tr.locks {
				g.held[kind] = func() {}
			}
			delete(g.held, missing)
			_, err := b.apply(t.Context(), g, rec, tr.event, change{terms: terms{leaseID: "cbx_0123456789ab", slug: "x"}}, true)
			if !errors.Is(err, provider.ErrInvalid) {
				t.Errorf("%s without lock %d: %v", tr.event, missing, err)
			}
		}
	}
}

func TestLabelsThatDoNotAgreeAreNoStateToActOn(t *testing.T) {
	id := "inst-1"
	for name, tc := range map[string]struct {
		cloudID string
		labels  map[string]string
		want    state
	}{
		"nothing":                       {"", nil, stateContradiction},
		"an id":                         {id, nil, stateReady},
		"an id, blank recovery":         {id, map[string]string{labelRecovery: " "}, stateReady},
		"intent with an id":             {id, map[string]string{labelRecovery: "create-intent"}, stateUnfamiliar},
		"provisioning without":          {"", map[string]string{labelRecovery: "provisioning"}, stateContradiction},
		"unknown with":                  {id, map[string]string{labelRecovery: "resting"}, stateUnfamiliar},
		"unknown without":               {"", map[string]string{labelRecovery: "resting"}, stateContradiction},
		"attempt":                       {id, map[string]string{labelDeleteAttempt: id}, stateDeleteAttempted},
		"attempt on another":            {id, map[string]string{labelDeleteAttempt: "inst-2"}, stateContradiction},
		"empty attempt":                 {id, map[string]string{labelDeleteAttempt: ""}, stateContradiction},
		"attempt without id":            {"", map[string]string{labelDeleteAttempt: ""}, stateContradiction},
		"accepted alone":                {id, map[string]string{labelDeleteAccepted: id}, stateContradiction},
		"confirmed alone":               {id, map[string]string{labelDeleteConfirm: id}, stateContradiction},
		"confirmed, not accepted":       {id, map[string]string{labelDeleteAttempt: id, labelDeleteConfirm: id}, stateContradiction},
		"confirmed about another":       {id, map[string]string{labelDeleteAttempt: id, labelDeleteAccepted: id, labelDeleteConfirm: "inst-2"}, stateContradiction},
		"all three":                     {id, map[string]string{labelDeleteAttempt: id, labelDeleteAccepted: id, labelDeleteConfirm: id}, stateDeleteConfirmed},
		"accepted":                      {id, map[string]string{labelDeleteAttempt: id, labelDeleteAccepted: id}, stateDeleteAccepted},
		"a deletion goes over recovery": {id, map[string]string{labelDeleteAttempt: id, labelRecovery: "provisioning"}, stateDeleteAttempted},
	} {
		if got := stateOf(claims.Claim{LeaseID: "cbx_1", CloudID: tc.cloudID, Labels: tc.labels}); got != tc.want {
			t.Errorf("%s: %s, want %s", name, got, tc.want)
		}
	}
}
