package fal

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestALeaseIsJudgedByItsLabelsAsCrabboxJudgesIt(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return unixSeconds(now.Add(d)) }
	for _, tc := range []struct {
		labels map[string]string
		due    bool
		why    string
	}{
		{nil, false, "missing labels"},
		{map[string]string{"keep": "TRUE", "state": "failed"}, false, "keep=true"},
		{map[string]string{"state": "running", "expires_at": at(-11 * time.Hour)}, false, "state=running"},
		{map[string]string{"state": "Provisioning", "expires_at": at(-13 * time.Hour)}, true, "stale state=provisioning"},
		{map[string]string{"state": "running"}, false, "state=running"},
		{map[string]string{"state": "ready", "expires_at": at(time.Second)}, false, "state=ready"},
		{map[string]string{"state": "READY", "expires_at": at(-time.Second)}, true, "expired state=ready"},
		{map[string]string{"state": "leased", "expires_at": "nonsense", "ttl": at(-time.Second)}, true, "expired state=leased"},
		{map[string]string{"state": "active"}, false, "state=active"},
		{map[string]string{"state": "failed", "expires_at": at(time.Hour)}, true, "state=failed"},
		{map[string]string{"state": "released"}, true, "state=released"},
		{map[string]string{"state": "expired"}, true, "state=expired"},
		{map[string]string{"state": "stopped"}, false, "missing expires_at"},
		{map[string]string{"state": "stopped", "expires_at": at(time.Second)}, false, "not expired"},
		{map[string]string{"state": "stopped", "expires_at": at(0)}, true, "expired"},
		{map[string]string{"expires_at": now.Add(-time.Minute).Format(time.RFC3339Nano)}, true, "expired"},
	} {
		due, why := expired(claims.Claim{Labels: tc.labels}, now)
		if due != tc.due || why != tc.why {
			t.Errorf("%v: %t %q, want %t %q", tc.labels, due, why, tc.due, tc.why)
		}
	}
}

// cleaned runs a cleanup over one lease and returns its verdict.
func (b *bench) cleaned(dryRun bool) provider.Verdict {
	b.t.Helper()
	verdicts, err := b.Cleanup(b.t.Context(), dryRun, b.events.emit)
	if len(verdicts) != 1 {
		b.t.Fatalf("verdicts %+v, %v", verdicts, err)
	}
	if (err != nil) != (verdicts[0].Err != nil) {
		b.t.Errorf("error %v, verdict %+v", err, verdicts[0])
	}
	return verdicts[0]
}

func TestCleanupDecidesEachStateAsTheContractSays(t *testing.T) {
	for name, tc := range map[string]struct {
		state  state
		keep   bool
		age    time.Duration
		edit   func(*claims.Claim)
		due    bool
		reason string
		posts  int
	}{
		"intent":               {state: stateCreateIntent, due: true, reason: "create-intent"},
		"intent, keep":         {state: stateCreateIntent, keep: true, reason: "keep=true"},
		"inflight":             {state: stateInflight, due: true, reason: "recovered_ambiguous_create", posts: 1},
		"ambiguous":            {state: stateAmbiguous, due: true, reason: "recovered_ambiguous_create", posts: 1},
		"ambiguous, keep":      {state: stateAmbiguous, keep: true, reason: "keep=true"},
		"rejected":             {state: stateRejected, keep: true, due: true, reason: "create-rejected"},
		"provisioning":         {state: stateProvisioning, due: true},
		"provisioning, keep":   {state: stateProvisioning, keep: true, reason: "keep=true"},
		"provisioning, legacy": {state: stateProvisioning, edit: func(c *claims.Claim) { delete(c.Labels, labelLifetime) }, reason: "legacy_recovery_pending"},
		"ready":                {state: stateReady, reason: "state=ready"},
		"ready, expired":       {state: stateReady, age: time.Hour, due: true, reason: "expired state=ready"},
		"ready, keep":          {state: stateReady, age: 48 * time.Hour, keep: true, reason: "keep=true"},
		"kept":                 {state: stateKept, age: 48 * time.Hour, reason: "keep=true"},
		"rollback":             {state: stateRollback, due: true},
		"rollback, keep":       {state: stateRollback, edit: func(c *claims.Claim) { c.Labels[labelKeep] = "true" }, due: true},
		"attempted, keep":      {state: stateDeleteAttempted, keep: true, due: true},
		"accepted, keep":       {state: stateDeleteAccepted, keep: true, due: true},
		"confirmed, keep":      {state: stateDeleteConfirmed, keep: true, due: true, reason: "deletion-confirmed"},
		"confirmed, other key": {state: stateDeleteConfirmed, edit: func(c *claims.Claim) { c.Labels[labelBinding] = "x" }, due: true, reason: "deletion-confirmed"},
		"other key, proven":    {state: stateReady, age: time.Hour, edit: func(c *claims.Claim) { c.Labels[labelBinding] = "x" }, due: true, reason: "expired state=ready"},
		"other key, unseen": {state: stateReady, age: time.Hour, edit: func(c *claims.Claim) {
			c.Labels[labelBinding], c.CloudID = "x", "inst-other"
			delete(c.Labels, labelInstance)
		}, reason: "credential_binding_mismatch"},
		"other key, deleting": {state: stateDeleteAttempted, age: time.Hour, edit: func(c *claims.Claim) { c.Labels[labelBinding] = "x" }, reason: "credential_binding_mismatch"},
		"nameless rollback":   {state: stateRollback, edit: func(c *claims.Claim) { c.CloudID = "" }, reason: "recovery_pending"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			rec := b.lease(tc.state, provider.AcquireRequest{Keep: tc.keep})
			if tc.edit != nil {
				rec = b.edit(rec.Claim.LeaseID, tc.edit)
			}
			b.clock.advance(tc.age)
			dry := b.cleaned(true)
			dryReason := strings.Replace(tc.reason, "recovered_", "recover_", 1)
			wantDry := tc.due && tc.state != stateDeleteAccepted
			if dry.Delete != wantDry || wantDry && dry.Reason != dryReason || !tc.due && dry.Reason != tc.reason {
				t.Errorf("dry run: %+v", dry)
			}
			if b.only().Revision != rec.Revision || b.cloud.asked("DELETE")+b.cloud.asked("POST") != 0 {
				t.Error("a dry run changed something")
			}
			v := b.cleaned(false)
			if v.Delete != tc.due || v.Reason != tc.reason || v.Err != nil {
				t.Errorf("verdict %+v", v)
			}
			if b.cloud.asked("POST") != tc.posts {
				t.Errorf("log %v", b.cloud.log)
			}
			if tc.due {
				b.nothingLeft()
			} else if b.only().Revision != rec.Revision || b.cloud.asked("DELETE") != 0 {
				t.Error("a lease that is not due was changed")
			}
		})
	}
}

func TestCleanupLeavesALivingAcquireAlone(t *testing.T) {
	for _, s := range []state{stateCreateIntent, stateInflight, stateProvisioning, stateReady} {
		b := newBench(t)
		rec := b.lease(s, provider.AcquireRequest{})
		unlock, err := b.store.Lock(t.Context(), claims.LockAcquire, rec.Claim.LeaseID)
		if err != nil {
			t.Fatal(err)
		}
		b.clock.advance(time.Minute)
		if v := b.cleaned(false); v.Delete || v.Reason != "acquire-in-progress" {
			t.Errorf("%s: %+v", s, v)
		}
		unlock()
	}
}

func TestAKeepThatComesBetweenJudgementAndDeletionWins(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.clock.advance(time.Hour)
	other := b.another()
	b.cloud.onRequest(func(_ http.ResponseWriter, _ *http.Request, what string, after bool) bool {
		if strings.HasPrefix(what, "GET") && !after {
			if err := other.Keep(t.Context(), refOf(rec), true); err != nil {
				t.Error(err)
			}
		}
		return false
	})
	v := b.cleaned(false)
	want(t, v.Err, provider.ErrConflict)
	if b.cloud.asked("DELETE") != 0 || b.cloud.left() != 1 {
		t.Errorf("log %v", b.cloud.log)
	}
	stateIs(t, b.only(), stateReady)
}

func TestALostCreateOutsideItsWindowIsAnErrorOfCleanupAndKept(t *testing.T) {
	b := newBench(t)
	rec := b.lease(stateAmbiguous, provider.AcquireRequest{})
	b.clock.advance(replayWindow)
	v := b.cleaned(false)
	want(t, v.Err, provider.ErrWindowOver)
	if v.Delete || b.only().Revision != rec.Revision || b.cloud.asked("") != 0 {
		t.Errorf("verdict %+v, log %v", v, b.cloud.log)
	}
}

func TestAnAbsenceThatCannotBeProvenIsSkipped(t *testing.T) {
	b := newBench(t, func(o *Options) { o.AbsentWithin = 20 * time.Millisecond })
	rec := b.lease(stateReady, provider.AcquireRequest{})
	b.clock.advance(time.Hour)
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, _ bool) bool {
		return strings.HasPrefix(what, "GET") && say(w, 404, "")
	})
	for _, dryRun := range []bool{true, false} {
		if v := b.cleaned(dryRun); v.Delete || v.Reason != "provider_absence_not_account_bound" || v.Err != nil {
			t.Errorf("verdict %+v", v)
		}
	}
	if b.only().Revision != rec.Revision || b.cloud.asked("DELETE") != 0 {
		t.Errorf("log %v", b.cloud.log)
	}
}

func TestOneLeasesTroubleDoesNotStopTheOthers(t *testing.T) {
	b := newBench(t)
	bad := b.lease(stateReady, provider.AcquireRequest{})
	good := b.lease(stateReady, provider.AcquireRequest{})
	b.edit(b.lease(stateReady, provider.AcquireRequest{}).Claim.LeaseID, func(c *claims.Claim) { c.Provider = "hetzner" })
	if err := os.WriteFile(filepath.Join(b.roots.State, "claims", "cbx_ffffffffffff.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.clock.advance(time.Hour)
	b.cloud.onRequest(func(w http.ResponseWriter, _ *http.Request, what string, _ bool) bool {
		return what == "DELETE "+bad.Claim.CloudID && say(w, 403, "")
	})
	verdicts, err := b.Cleanup(t.Context(), false, nil)
	if err == nil || !strings.Contains(err.Error(), "clean up fal lease "+bad.Claim.LeaseID) {
		t.Errorf("error %v", err)
	}
	got := map[string]provider.Verdict{}
	for _, v := range verdicts {
		got[v.LeaseID] = v
	}
	if len(got) != 3 || got[bad.Claim.LeaseID].Err == nil || !got[good.Claim.LeaseID].Delete || got[good.Claim.LeaseID].Err != nil ||
		!strings.HasPrefix(got["cbx_ffffffffffff"].Reason, "unreadable claim") {
		t.Errorf("verdicts %+v", verdicts)
	}
	if _, err := b.store.Read(t.Context(), good.Claim.LeaseID); err == nil {
		t.Error("the good one was not cleaned up")
	}
}

func TestDoctorFindsWhatIsWrongAndChangesNothing(t *testing.T) {
	b := newBench(t)
	b.cloud.seed("inst-foreign")
	ready := b.lease(stateReady, provider.AcquireRequest{})
	lost := b.lease(stateAmbiguous, provider.AcquireRequest{})
	half := b.lease(stateDeleteAttempted, provider.AcquireRequest{})
	odd := b.lease(stateContradiction, provider.AcquireRequest{})
	b.clock.advance(2 * time.Hour)
	if err := os.WriteFile(filepath.Join(b.roots.State, "claims", "cbx_ffffffffffff.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := tree(t, b.roots.State)
	got := map[string]provider.Finding{}
	for _, f := range b.Doctor(t.Context()) {
		if f.Severity != provider.SeverityOK && f.Advice == "" {
			t.Errorf("no advice: %+v", f)
		}
		got[f.Check] = f
	}
	for check, severity := range map[string]provider.Severity{
		"endpoint": provider.SeverityOK, "key": provider.SeverityOK, "claims": provider.SeverityOK, "inventory": provider.SeverityOK,
		"foreign": provider.SeverityWarning, "claim " + ready.Claim.LeaseID: provider.SeverityWarning, "claim " + lost.Claim.LeaseID: provider.SeverityProblem,
		"claim " + half.Claim.LeaseID: provider.SeverityWarning, "claim " + odd.Claim.LeaseID: provider.SeverityProblem,
		"claim cbx_ffffffffffff": provider.SeverityProblem,
	} {
		if f, ok := got[check]; !ok || f.Severity != severity {
			t.Errorf("%s: %+v", check, f)
		}
	}
	if after := tree(t, b.roots.State); after != before {
		t.Errorf("doctor changed files:\n%s\nwas\n%s", after, before)
	}
	if b.cloud.asked("") != 1 || b.cloud.asked("LIST") != 1 {
		t.Errorf("log %v", b.cloud.log)
	}
	refused := map[string]provider.Finding{}
	for _, f := range b.another(func(o *Options) { o.Key = "wrong" }).Doctor(t.Context()) {
		refused[f.Check] = f
	}
	if refused["inventory"].Severity != provider.SeverityProblem || !strings.Contains(refused["inventory"].Advice, "revoked") {
		t.Errorf("findings %+v", refused)
	}
	if f := b.another(func(o *Options) { o.Key = "" }).Doctor(t.Context()); f[len(f)-1].Check != "key" || f[len(f)-1].Severity != provider.SeverityProblem {
		t.Errorf("findings %+v", f)
	}
}

// tree is all files below a folder with their contents.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		out.WriteString(path + "\n" + string(data) + "\n")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}
