package fal

import (
	"strings"

	"github.com/openclaw/crabbox-tui/claims"
)

// Labels that drive the lifecycle.
const (
	labelRecovery       = "recovery"
	labelState          = "state"
	labelKeep           = "keep"
	labelLease          = "lease"
	labelCreateStarted  = "create_started_at"
	labelCreatedAt      = "created_at"
	labelTouchedAt      = "last_touched_at"
	labelExpiresAt      = "expires_at"
	labelTTL            = "ttl_secs"
	labelIdle           = "idle_timeout"
	labelIdleSecs       = "idle_timeout_secs"
	labelServerType     = "server_type"
	labelSector         = "sector"
	labelWorkRoot       = "work_root"
	labelInstance       = "fal_instance_id"
	labelBinding        = "fal_credential_binding"
	labelRequest        = "fal_create_request_binding"
	labelAttempt        = "fal_create_attempt"
	labelLifetime       = "fal_acquire_lifetime"
	labelDeleteAttempt  = "fal_delete_attempt"
	labelDeleteAccepted = "fal_delete_accepted"
	labelDeleteConfirm  = "fal_delete_confirmed"
)

// state is how far a claim's life has got. Those of an acquire are the words
// that crabbox writes into the recovery label.
type state string

const (
	stateNone            state = "no claim"
	stateCreateIntent    state = "create-intent"
	stateInflight        state = "ambiguous-create-inflight"
	stateAmbiguous       state = "ambiguous-create"
	stateRejected        state = "create-rejected"
	stateProvisioning    state = "provisioning"
	stateReady           state = "ready"
	stateKept            state = "keep-failed-acquire"
	stateRollback        state = "rollback-cleanup"
	stateDeleteAttempted state = "delete-attempted"
	stateDeleteAccepted  state = "delete-accepted"
	stateDeleteConfirmed state = "delete-confirmed"
	// stateUnfamiliar: it names an instance, and a recovery that this program
	// does not know. It can be deleted, and nothing else.
	stateUnfamiliar state = "unfamiliar"
	// stateContradiction: its labels contradict each other. A person has to look.
	stateContradiction state = "contradictory"
)

// stateOf reads the state of a fal claim. It is total: what makes no sense has
// a state of its own, from which nothing is done.
func stateOf(c claims.Claim) state {
	if deletionBegun(c) {
		return deletionState(c)
	}
	hasInstance := c.CloudID != ""
	switch s := state(strings.TrimSpace(c.Labels[labelRecovery])); {
	case s == "" && hasInstance:
		return stateReady
	case s.oneOf(stateCreateIntent, stateInflight, stateAmbiguous, stateRejected) && !hasInstance:
		return s
	case s.oneOf(stateProvisioning, stateKept, stateRollback) && hasInstance:
		return s
	case hasInstance:
		return stateUnfamiliar
	}
	return stateContradiction
}

// deletionBegun says whether any delete label stands, whatever is in it.
func deletionBegun(c claims.Claim) bool {
	for _, k := range []string{labelDeleteAttempt, labelDeleteAccepted, labelDeleteConfirm} {
		if _, ok := c.Labels[k]; ok {
			return true
		}
	}
	return false
}

// deletionState believes delete labels only if they are about this instance
// and complete: accepted implies attempted, confirmed implies both. A proof
// about another instance proves nothing.
func deletionState(c claims.Claim) state {
	names := func(key string) (present, right bool) {
		v, ok := c.Labels[key]
		return ok, ok && c.CloudID != "" && v == c.CloudID
	}
	attempt, attemptRight := names(labelDeleteAttempt)
	accepted, acceptedRight := names(labelDeleteAccepted)
	confirmed, confirmedRight := names(labelDeleteConfirm)
	switch {
	case attempt != attemptRight || accepted != acceptedRight || confirmed != confirmedRight,
		!attempt, confirmed && !accepted:
		return stateContradiction
	case confirmed:
		return stateDeleteConfirmed
	case accepted:
		return stateDeleteAccepted
	}
	return stateDeleteAttempted
}

// needsLifetime says whether an operation on the claim has to make sure, by
// the acquire lock, that no acquire of it is alive.
func needsLifetime(c claims.Claim) bool {
	if deletionBegun(c) {
		return false
	}
	return c.Labels[labelLifetime] == "1" ||
		stateOf(c).oneOf(stateCreateIntent, stateInflight, stateAmbiguous, stateProvisioning)
}
