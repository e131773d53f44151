package fal

import (
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

// The words of crabbox's cleanup for its decisions.
const (
	skipKeep         = "keep=true"
	skipLegacy       = "legacy_recovery_pending"
	skipAcquiring    = "acquire-in-progress"
	skipBinding      = "credential_binding_mismatch"
	skipPending      = "recovery_pending"
	skipAbsence      = "provider_absence_not_account_bound"
	dueConfirmed     = "deletion-confirmed"
	dueAmbiguous     = "recover_ambiguous_create"
	doneAmbiguous    = "recovered_ambiguous_create"
	staleAfterExpiry = 12 * time.Hour
)

// expired judges the labels of a lease that has an instance, as crabbox does:
// whether it is due, and why or why not.
func expired(c claims.Claim, now time.Time) (bool, string) {
	if c.Labels == nil {
		return false, "missing labels"
	}
	if kept(c) {
		return false, skipKeep
	}
	expiry, ok := c.LabelTime(labelExpiresAt)
	if !ok {
		expiry, ok = c.LabelTime("ttl")
	}
	s := strings.ToLower(c.Labels[labelState])
	said := "state=" + s
	switch s {
	case "running", "provisioning":
		if ok && now.After(expiry.Add(staleAfterExpiry)) {
			return true, "stale " + said
		}
		return false, said
	case "leased", "ready", "active":
		if ok && now.After(expiry) {
			return true, "expired " + said
		}
		return false, said
	case "failed", "released", "expired":
		return true, said
	}
	switch {
	case !ok:
		return false, "missing expires_at"
	case now.Before(expiry):
		return false, "not expired"
	}
	return true, "expired"
}

// forced says whether cleanup acts whatever keep and clocks say: a deletion was
// decided before, or there is nothing to keep.
func forced(c claims.Claim) bool {
	return deletionBegun(c) || strings.TrimSpace(c.Labels[labelRecovery]) == string(stateRollback) ||
		strings.TrimSpace(c.Labels[labelRecovery]) == string(stateRejected)
}

// legacy says whether an acquire that did not finish was begun by a crabbox
// without the acquire lock: then nobody can tell whether it is alive.
func legacy(c claims.Claim) bool {
	switch state(strings.TrimSpace(c.Labels[labelRecovery])) {
	case stateCreateIntent, stateAmbiguous, stateInflight, stateProvisioning:
		return c.Labels[labelLifetime] != "1"
	}
	return false
}
