package fal

import (
	"maps"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestATouchMovesTheIdleClockAndNothingElse(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{TTL: time.Hour, Idle: 20 * time.Minute})
	b.edit(rec.Claim.LeaseID, func(c *claims.Claim) { c.Labels["region"] = "us-west" })
	before := b.only().Claim
	b.clock.advance(10 * time.Minute)
	if err := b.Touch(t.Context(), refOf(rec)); err != nil {
		t.Fatal(err)
	}
	after := b.only().Claim
	now := b.clock.Now()
	want := maps.Clone(before.Labels)
	want[labelTouchedAt] = unixSeconds(now)
	want[labelExpiresAt] = unixSeconds(now.Add(20 * time.Minute))
	if !maps.Equal(after.Labels, want) {
		t.Errorf("labels %v\nwant   %v", after.Labels, want)
	}
	after.Labels = before.Labels
	if !after.Equal(before) {
		t.Errorf("claim %+v\nwas   %+v", after, before)
	}
	// The TTL bounds it.
	b.clock.advance(45 * time.Minute)
	if err := b.Touch(t.Context(), refOf(rec)); err != nil {
		t.Fatal(err)
	}
	if at, _ := b.only().Claim.LabelTime(labelExpiresAt); !at.Equal(now.Add(-10 * time.Minute).Add(time.Hour)) {
		t.Errorf("it expires at %v", at)
	}
	if b.cloud.asked("") != 0 {
		t.Errorf("a touch asked the provider: %v", b.cloud.log)
	}
}

func TestATouchWritesLabelsAsCrabboxDoesButBreaksNone(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateKept, provider.AcquireRequest{})
	request := rec.Claim.Labels[labelRequest]
	b.edit(rec.Claim.LeaseID, func(c *claims.Claim) {
		maps.Copy(c.Labels, map[string]string{
			"mine": "a value: with ünicode", "blank": " ", labelAttempt: "cbx_1", labelSector: "", labelWorkRoot: "/home/x y",
			labelCreatedAt: "nonsense", labelTTL: "2h", labelIdleSecs: "", labelIdle: "15m",
		})
		delete(c.Labels, labelLifetime)
	})
	if err := b.Touch(t.Context(), refOf(rec)); err != nil {
		t.Fatal(err)
	}
	got := b.only().Claim.Labels
	for k, want := range map[string]string{
		"mine": "a_value__with__nicode", labelRequest: request, labelAttempt: "cbx_1", labelSector: "", labelWorkRoot: "/home/x y",
		labelCreateStarted: rec.Claim.Labels[labelCreateStarted], labelRecovery: string(stateKept), labelTTL: "7200", labelIdle: "900",
		labelIdleSecs: "900", labelCreatedAt: unixSeconds(b.clock.Now()), labelLifetime: "", labelInstance: "inst-0001",
	} {
		if v, ok := got[k]; !ok || v != want {
			t.Errorf("%s is %q, want %q", k, v, want)
		}
	}
	if v, ok := got["blank"]; ok {
		t.Errorf("a blank label became %q", v)
	}
	stateIs(t, b.only(), stateKept)
}

func TestClocksAreRefusedWhereTheyMeanNothing(t *testing.T) {
	b := newBench(t)
	for _, s := range allStates {
		rec := b.lease(s, provider.AcquireRequest{})
		var sentinel error
		switch {
		case s == stateReady:
		case deletionBegun(rec.Claim), s == stateRollback:
			sentinel = provider.ErrDeleting
		default:
			sentinel = provider.ErrNotReady
		}
		ref := refOf(rec)
		for name, err := range map[string]error{
			"keep": b.Keep(t.Context(), ref, true), "extend": b.Extend(t.Context(), ref, provider.Extension{Idle: time.Hour}),
		} {
			if sentinel == nil {
				if err != nil {
					t.Errorf("%s of %s: %v", name, s, err)
				}
				continue
			}
			want(t, err, sentinel)
		}
		touched := b.Touch(t.Context(), ref)
		switch s {
		case stateKept, stateReady:
			if touched != nil {
				t.Errorf("touch of %s: %v", s, touched)
			}
		default:
			want(t, touched, sentinel)
		}
		if now, err := b.store.Read(t.Context(), ref.LeaseID); err != nil || sentinel != nil && s != stateKept && now.Revision != rec.Revision {
			t.Errorf("%s was changed", s)
		}
	}
	want(t, b.Touch(t.Context(), provider.Ref{LeaseID: "cbx_000000000000"}), provider.ErrNoClaim)
}

func TestKeepAndExtendWriteTheLabelsThatCrabboxReads(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{TTL: time.Hour, Idle: 20 * time.Minute})
	ref, began := refOf(rec), b.clock.Now()
	b.clock.advance(5 * time.Minute)
	for _, keep := range []bool{true, false} {
		if err := b.Keep(t.Context(), ref, keep); err != nil {
			t.Fatal(err)
		}
		if got := b.only().Claim.Labels[labelKeep]; got != strconv.FormatBool(keep) {
			t.Errorf("keep is %q", got)
		}
	}
	if err := b.Extend(t.Context(), ref, provider.Extension{TTL: 3 * time.Hour, Idle: 2 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	c := b.only().Claim
	if c.Labels[labelTTL] != "10800" || c.Labels[labelIdle] != "7200" || c.Labels[labelIdleSecs] != "7200" || c.IdleTimeoutSecs != 7200 {
		t.Errorf("claim %+v", c)
	}
	if at, _ := c.LabelTime(labelExpiresAt); !at.Equal(began.Add(2 * time.Hour)) {
		t.Errorf("it expires at %v", at)
	}
	if err := b.Extend(t.Context(), ref, provider.Extension{TTL: time.Hour}); err != nil {
		t.Fatal(err)
	}
	c = b.only().Claim
	if at, _ := c.LabelTime(labelExpiresAt); !at.Equal(began.Add(time.Hour)) || c.IdleTimeoutSecs != 7200 {
		t.Errorf("it expires at %v, idle %d", at, c.IdleTimeoutSecs)
	}
	for name, ext := range map[string]provider.Extension{
		"nothing": {}, "too long": {TTL: 24*time.Hour + time.Second}, "negative": {TTL: -1}, "over already": {TTL: 4 * time.Minute},
		"idle too long": {Idle: 25 * time.Hour}, "idle negative": {Idle: -time.Hour}, "half": {TTL: 2 * time.Hour, Idle: time.Millisecond},
	} {
		revision := b.only().Revision
		if err := b.Extend(t.Context(), ref, ext); err == nil {
			t.Errorf("%s: extended", name)
		} else {
			want(t, err, provider.ErrInvalid)
		}
		if b.only().Revision != revision {
			t.Errorf("%s: the claim changed", name)
		}
	}
}

func TestChangesFromTwoProgramsAtOnceAreAllWritten(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	ref := refOf(rec)
	other := b.another()
	b.clock.advance(time.Minute)
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() {
			if err := b.Touch(t.Context(), ref); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Go(func() {
		if err := other.Keep(t.Context(), ref, true); err != nil {
			t.Error(err)
		}
	})
	wg.Go(func() {
		if err := other.Extend(t.Context(), ref, provider.Extension{TTL: 5 * time.Hour}); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	c := b.only().Claim
	if !kept(c) || c.Labels[labelTTL] != "18000" || c.Labels[labelTouchedAt] != unixSeconds(b.clock.Now()) {
		t.Errorf("labels %v", c.Labels)
	}
}

func TestAResumeIsRefusedWhereThereIsNothingToResume(t *testing.T) {
	for s, sentinel := range map[state]error{
		stateRejected: provider.ErrRejected, stateRollback: provider.ErrDeleting, stateDeleteAttempted: provider.ErrDeleting,
		stateDeleteAccepted: provider.ErrDeleting, stateDeleteConfirmed: provider.ErrDeleting,
		stateUnfamiliar: provider.ErrInvalid, stateContradiction: provider.ErrInvalid,
	} {
		b := newBench(t)
		rec := b.lease(s, provider.AcquireRequest{})
		_, err := b.Resume(t.Context(), refOf(rec), nil)
		want(t, err, sentinel)
		if b.only().Revision != rec.Revision || b.cloud.asked("") != 0 {
			t.Errorf("%s: something was done", s)
		}
	}
}

func TestAResumeFromEveryStateOfAnAcquireEndsWithOneReadyBox(t *testing.T) {
	for _, s := range []state{stateCreateIntent, stateInflight, stateAmbiguous, stateProvisioning, stateKept, stateReady} {
		t.Run(string(s), func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(s, provider.AcquireRequest{TTL: 3 * time.Hour, Idle: 40 * time.Minute, Slug: "mine"})
			b.clock.advance(2 * time.Minute)
			lease, err := b.another(func(o *Options) { o.Defaults.TTL = time.Hour }).Resume(t.Context(), refOf(rec), b.events.emit)
			if err != nil {
				t.Fatal(err)
			}
			now := b.only()
			stateIs(t, now, stateReady)
			if lease.Standing != provider.StandingReady || b.cloud.left() != 1 || now.Claim.Slug != "mine" ||
				now.Claim.Labels[labelTTL] != "10800" || now.Claim.IdleTimeoutSecs != 2400 {
				t.Errorf("lease %+v\nclaim %+v", lease, now.Claim)
			}
			if s == stateKept != kept(now.Claim) {
				t.Errorf("keep is %t", kept(now.Claim))
			}
			if s == stateReady && now.Revision != rec.Revision {
				t.Error("a claim that is right was written")
			}
		})
	}
}

func TestACreateThatWasNeverSentIsSentByAResumeHoursLater(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateCreateIntent, provider.AcquireRequest{})
	b.clock.advance(5 * time.Hour)
	if _, err := b.Resume(t.Context(), refOf(rec), nil); err != nil {
		t.Fatal(err)
	}
	if at, _ := b.only().Claim.LabelTime(labelCreatedAt); !at.Equal(b.clock.Now()) {
		t.Errorf("it is as old as the intent: %v", at)
	}
}

func TestAReadyLeaseIsNotRolledBackByAResumeThatFails(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.cloud.set(rec.Claim.CloudID, "status", "stopped")
	_, err := b.Resume(t.Context(), refOf(rec), nil)
	e := want(t, err, provider.ErrNotReady)
	if !strings.Contains(e.State, "stays ready") || b.only().Revision != rec.Revision || b.cloud.asked("DELETE") != 0 {
		t.Errorf("error %v, log %v", err, b.cloud.log)
	}
}

func TestAResumeMovesAReadyClaimToTheAddressWhereItsBoxIs(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.cloud.set(rec.Claim.CloudID, "ip", "127.0.0.44")
	if _, err := b.Resume(t.Context(), refOf(rec), nil); err != nil {
		t.Fatal(err)
	}
	c := b.only().Claim
	if c.SSHHost != "127.0.0.44" || c.Labels["ssh_host"] != "127.0.0.44" || c.Labels[labelExpiresAt] != rec.Claim.Labels[labelExpiresAt] {
		t.Errorf("claim %+v", c)
	}
}
