package provider

import (
	"fmt"
	"strings"

	"github.com/openclaw/crabbox-tui/claims"
)

// Labels and states of crabbox's claims that a row is read from.
const (
	labelRecovery        = "recovery"
	labelBinding         = "fal_credential_binding"
	labelDeleteAttempt   = "fal_delete_attempt"
	labelDeleteAccepted  = "fal_delete_accepted"
	labelDeleteConfirmed = "fal_delete_confirmed"
	labelServerType      = "server_type"

	recoveryIntent       = "create-intent"
	recoveryInflight     = "ambiguous-create-inflight"
	recoveryAmbiguous    = "ambiguous-create"
	recoveryRejected     = "create-rejected"
	recoveryProvisioning = "provisioning"
	recoveryKept         = "keep-failed-acquire"
	recoveryRollback     = "rollback-cleanup"
)

// deleteStage is how far the deletion is that a claim writes down.
type deleteStage int

const (
	deleteNone deleteStage = iota
	deleteAttempted
	deleteAccepted
	deleteConfirmed
	deleteContradictory
)

// deletion reads the delete labels. Each holds the instance id, and a later
// one implies the earlier; anything else is a contradiction, which must never
// pass for a confirmation: that would forget a box on nobody's evidence.
func deletion(c claims.Claim) deleteStage {
	stages := [...]string{labelDeleteAttempt, labelDeleteAccepted, labelDeleteConfirmed}
	stage, ended := deleteNone, false
	for i, label := range stages {
		value := c.Labels[label]
		switch {
		case value == "":
			ended = true
		case ended || value != c.CloudID:
			return deleteContradictory
		default:
			stage = deleteStage(i + 1)
		}
	}
	return stage
}

// acquiring says whether an acquire that is alive would have the claim in this
// recovery state, or a resume take it up from there.
func acquiring(recovery string) bool {
	switch recovery {
	case recoveryIntent, recoveryInflight, recoveryAmbiguous, recoveryProvisioning, recoveryKept:
		return true
	}
	return false
}

// bound says whether a claim is bound to the key in use. Without a key nobody
// can tell, and a row then shows what the claim says.
func (m *merger) bound(c claims.Claim) bool {
	return m.Binding == "" || c.Labels[labelBinding] == m.Binding
}

// standing derives where a lease is in its life, and says it in words. The
// order is that of what would go wrong: a claim that is not ours to act on is
// never judged by its labels, and a deletion that began outweighs everything
// that came before it.
func (m *merger) standing(c claims.Claim, inst Instance, seen bool) (Standing, string) {
	if c.Provider != m.Name {
		return StandingOtherProvider, otherProvider(c)
	}
	if c.ProviderScope != m.Scope {
		return StandingOtherEndpoint, fmt.Sprintf("It was made through %s; set that endpoint to work on it.", scopeName(c.ProviderScope))
	}
	stage := deletion(c)
	// What is proven needs no key any more: only local state is left.
	if stage == deleteConfirmed {
		if seen {
			return StandingDeleteConfirmed, "The claim says that it is gone, but the inventory still has it: refresh, and if it stays look at the provider's own page."
		}
		return StandingDeleteConfirmed, "It is gone for certain; release it once more to clear its key and claim away."
	}
	if !m.bound(c) {
		return StandingOtherKey, otherKey(c, stage, seen)
	}
	switch stage {
	case deleteAttempted:
		return StandingDeleting, "A delete was sent or was about to be; release it again to finish."
	case deleteAccepted:
		return StandingDeleteAccepted, "The provider took the delete, but its absence is not proven; release it again to prove it."
	case deleteContradictory:
		return StandingDeleting, "Its delete labels contradict each other, so nothing is taken as proven; release it again, and look at the provider's own page."
	}
	if recovery := c.Labels[labelRecovery]; recovery != "" {
		return m.recovering(c, recovery, inst, seen)
	}
	return m.living(c, inst, seen)
}

// recovering judges a claim whose acquire did not come to its end.
func (m *merger) recovering(c claims.Claim, recovery string, inst Instance, seen bool) (Standing, string) {
	if acquiring(recovery) && m.Busy[c.LeaseID] {
		return StandingAcquiring, "Somebody is acquiring it now, here or in another program."
	}
	switch recovery {
	case recoveryIntent:
		return StandingCreateIntent, "Its create was never sent, so there is no box; resume it, or release it to clear it away."
	case recoveryInflight:
		return StandingCreateInflight, ""
	case recoveryAmbiguous:
		return StandingCreateAmbiguous, ""
	case recoveryRejected:
		return StandingCreateRejected, "The provider refused the create, so there is no box; release it to clear it away."
	case recoveryRollback:
		return StandingRollback, "Its acquire failed and its box is to be deleted; release it to finish that."
	case recoveryProvisioning, recoveryKept:
	default:
		return StandingUnknown, fmt.Sprintf("Its claim is in the state %q, which this program does not know.", Clean(recovery, maxWord))
	}
	if c.CloudID == "" {
		return StandingUnknown, "Its claim says that it has a box and does not name one; release it, and look at the provider's own page."
	}
	if standing, reason := m.unseen(c, seen); standing != StandingReady && (standing == StandingAbsent || recovery != recoveryKept) {
		return standing, reason
	}
	if seen && status(inst) == statusStopped {
		return StandingStopped, stopped
	}
	ready := seen && status(inst) == statusReady
	switch {
	case recovery == recoveryKept && ready:
		return StandingKeptFailed, "Its acquire failed and it was kept; the box is ready now, and resuming can finish it."
	case recovery == recoveryKept:
		return StandingKeptFailed, "Its acquire failed and its box was kept, so it bills; resume it or release it."
	case ready:
		return StandingStarting, "Its box is ready, but the acquire did not finish; resume it or release it."
	}
	return StandingStarting, fmt.Sprintf("Its acquire did not finish, and the provider says %s; resume it or release it.", Clean(status(inst), maxWord))
}

// lostCreate says what a create without an answer means for the row, and what
// to check by hand once it cannot be replayed.
func lostCreate(l Lease) string {
	what := "Nobody knows whether its create made a box, and one may be billing"
	if l.Standing == StandingCreateInflight {
		what = "Its create was cut off while it was sent, so there may be a box that bills"
	}
	if l.Replayable {
		return what + "; until " + l.ReplayUntil.Local().Format("15:04:05") + " resuming it asks again with the same key, which cannot make a second one, and releasing it ends whatever there is."
	}
	kind := l.Type
	if l.Sector != "" {
		kind += " in " + l.Sector
	}
	return what + "; its create can no longer be replayed safely. Look on the provider's own page for a " + kind +
		" made just after " + l.CreatedAt.Local().Format("2006-01-02 15:04:05") + ": if there is one, bind it here by its id or delete it there; the claim stays until then."
}

// What the provider calls the states of an instance.
const (
	statusReady        = "ready"
	statusInit         = "init"
	statusPending      = "pending"
	statusProvisioning = "provisioning"
	statusStopped      = "stopped"

	stopped = "The provider says stopped; it still exists and bills, and nothing starts it again, so release it."
)

func status(i Instance) string {
	s := strings.ToLower(strings.TrimSpace(i.Status))
	if s == "" {
		return "unknown"
	}
	return s
}

// living judges a claim that was made ready by what the provider says now.
func (m *merger) living(c claims.Claim, inst Instance, seen bool) (Standing, string) {
	if c.CloudID == "" {
		return StandingUnknown, "Its claim names no instance and no unfinished create; look at the provider's own page before you release it."
	}
	if standing, reason := m.unseen(c, seen); standing != StandingReady {
		return standing, reason
	}
	switch s := status(inst); s {
	case statusReady:
		if ip := host(inst.IP); ip != "" && c.SSHHost != "" && ip != host(c.SSHHost) {
			return StandingReady, fmt.Sprintf("The provider now gives the address %s, and the claim still has another one.", ip)
		}
		return StandingReady, ""
	case statusInit, statusPending, statusProvisioning:
		return StandingStarting, fmt.Sprintf("The provider says %s; it was ready before.", s)
	case statusStopped:
		return StandingStopped, stopped
	default:
		return StandingUnknown, fmt.Sprintf("The provider reports the status %q, which says nothing about whether it can be used.", Clean(s, maxWord))
	}
}

// unseen judges a claim whose instance is not in the inventory, or returns
// StandingReady where it is.
func (m *merger) unseen(c claims.Claim, seen bool) (Standing, string) {
	switch {
	case seen:
		return StandingReady, ""
	case m.Inventory == nil && m.InventoryErr != nil:
		return StandingUnverified, fmt.Sprintf("The provider could not be asked about it (%s).", errorText(m.InventoryErr))
	case m.Inventory == nil:
		return StandingUnverified, "The provider has not been asked about it yet."
	case m.InventoryErr != nil:
		return StandingUnverified, fmt.Sprintf("It was not in the last inventory, and the provider could not be asked again (%s).", errorText(m.InventoryErr))
	case m.newerThanInventory(c):
		return StandingUnverified, "It is newer than the last inventory; the next one tells."
	}
	return StandingAbsent, "Its key does not see it any more; release it to prove that it is gone and to forget it."
}

// newerThanInventory says whether the claim was written after the inventory
// was taken, or in the same second, so that the inventory proves nothing.
func (m *merger) newerThanInventory(c claims.Claim) bool {
	used := claimTime(c.LastUsedAt)
	return !used.IsZero() && !used.After(m.Now) && !used.Before(m.Inventory.At.Truncate(claimSecond))
}

// errorText is an error's text for use inside a sentence.
func errorText(err error) string { return Clean(err.Error(), maxWord) }

func otherProvider(c claims.Claim) string {
	name := Clean(c.Provider, maxWord)
	if name == "" {
		name = "a provider that its claim does not name"
	}
	return fmt.Sprintf("Made with %s: it can be looked at here and nothing else, and its idle clock runs on; use crabbox for the rest.", name)
}

func otherKeyNext(c claims.Claim, stage deleteStage, seen bool) string {
	if stage == deleteNone && seen && c.Labels[labelBinding] != "" {
		return "; set the key that it was made with, or move it to this key."
	}
	return "; set the key that it was made with to work on it."
}

func otherKey(c claims.Claim, stage deleteStage, seen bool) string {
	what := "Its claim is bound to another API key"
	if c.Labels[labelBinding] == "" {
		what = "Its claim names no API key"
	}
	if stage != deleteNone {
		what += ", and its deletion has begun"
	}
	if seen {
		what += ", though this key sees its box"
	}
	return what + otherKeyNext(c, stage, seen)
}

func scopeName(scope string) string {
	if name := Clean(strings.TrimPrefix(scope, "endpoint:"), maxWord); name != "" {
		return name
	}
	return "an endpoint that its claim does not name"
}
