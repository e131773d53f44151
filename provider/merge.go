package provider

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

// View is what Merge needs to know beside inventory and claims.
type View struct {
	Now     time.Time
	Name    string // the provider's name in claims, for example "fal"
	Scope   string // provider scope of the configured endpoint
	Binding string // credential binding of the key in use; empty without a key
	// Inventory is the last whole one; nil if there never was one.
	Inventory *Inventory
	// InventoryErr is set when the newest attempt failed; Inventory is then
	// the last good data.
	InventoryErr error
	Claims       claims.Listing
	// Keys has the key pair of each lease that has one.
	Keys map[string]claims.Key
	// Busy names leases whose acquire lock is held by somebody now.
	Busy map[string]bool
	// FirstSeen says when an instance was first seen; may be nil.
	FirstSeen map[string]time.Time
	Prices    Prices
	// DefaultUser and DefaultPort serve leases whose claim names none.
	DefaultUser string
	DefaultPort int
}

// Merge makes the rows of a fleet. It is pure, total and stable: every claim
// and every instance is in exactly one row, none is dropped whatever is in it,
// and equal input gives equal output. Owned rows come first, then foreign ones.
func Merge(v View) []Lease {
	instances := map[string]Instance{}
	if v.Inventory != nil {
		for _, i := range v.Inventory.Instances {
			instances[i.ID] = i
		}
	}
	claimed := map[string]string{} // instance id to the first lease that claims it
	var rows []Lease
	for _, rec := range v.Claims.Records {
		c := rec.Claim
		l := v.fromClaim(c)
		l.Revision = string(rec.Revision)
		if v.ours(c) && c.CloudID != "" {
			i, seen := instances[c.CloudID]
			if seen {
				l = withInstance(l, i)
			}
			l.FirstSeen = v.FirstSeen[c.CloudID]
			v.stand(&l, c, seen)
			if other, twice := claimed[c.CloudID]; twice {
				l.Reason = "lease " + other + " claims the same instance; releasing either deletes it for both"
			} else {
				claimed[c.CloudID] = l.ID
			}
		} else {
			v.stand(&l, c, false)
		}
		l.Cost = v.Prices.CostAt(l, v.Now)
		rows = append(rows, l)
	}
	for _, b := range v.Claims.Broken {
		rows = append(rows, Lease{
			ID: Clean(b.ID, maxID), Standing: StandingBroken,
			Reason: Clean(fmt.Sprintf("%s: %v; it was left as it is", b.Name, b.Err), maxReason),
		})
	}
	for id, i := range instances {
		if _, own := claimed[id]; !own {
			rows = append(rows, v.foreign(i))
		}
	}
	slices.SortFunc(rows, order)
	return rows
}

// ours says whether a claim belongs to the provider and endpoint in view.
func (v View) ours(c claims.Claim) bool { return c.Provider == v.Name && c.ProviderScope == v.Scope }

func order(a, b Lease) int {
	return cmp.Or(
		cmp.Compare(rank(a), rank(b)),
		a.CreatedAt.Compare(b.CreatedAt),
		cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.InstanceID, b.InstanceID),
	)
}

func rank(l Lease) int {
	switch l.Standing {
	case StandingOtherEndpoint, StandingOtherProvider:
		return 1
	case StandingBroken:
		return 2
	case StandingForeign:
		return 3
	}
	return 0
}

func (v View) foreign(i Instance) Lease {
	l := withInstance(Lease{
		Provider: v.Name, Standing: StandingForeign, FirstSeen: v.FirstSeen[i.ID],
		Reason: "no claim here: it is read-only, and nothing here can delete it",
	}, i)
	l.Cost = v.Prices.CostAt(l, v.Now)
	return l
}

// withInstance takes from the inventory what it knows better than a claim.
func withInstance(l Lease, i Instance) Lease {
	l.InstanceID = Clean(i.ID, maxID)
	l.Status = Clean(i.Status, maxWord)
	for _, f := range []struct {
		into *string
		from string
	}{{&l.Type, i.Type}, {&l.Region, i.Region}, {&l.Sector, i.Sector}, {&l.Creator, i.Creator}} {
		if f.from != "" {
			*f.into = Clean(f.from, maxWord)
		}
	}
	if l.Host == "" {
		l.Host = Clean(i.IP, maxWord)
	}
	return l
}

// fromClaim reads what a claim says by itself.
func (v View) fromClaim(c claims.Claim) Lease {
	word := func(s string) string { return Clean(s, maxWord) }
	l := Lease{
		ID: Clean(c.LeaseID, maxID), InstanceID: Clean(c.CloudID, maxID), Slug: word(c.Slug), Provider: word(c.Provider),
		Type: word(c.Labels["server_type"]), Region: word(c.Labels["region"]), Sector: word(c.Labels["sector"]),
		Creator: word(c.Labels["creator_user_nickname"]), RepoRoot: Clean(c.RepoRoot, maxPath),
		Host: word(cmp.Or(c.SSHHost, c.StaticHost)), Port: c.SSHPort,
		User: word(cmp.Or(c.StaticUser, c.Labels["ssh_user"], v.DefaultUser)),
		Keep: strings.EqualFold(strings.TrimSpace(c.Labels["keep"]), "true"),
	}
	if l.Port == 0 {
		if port, err := strconv.Atoi(cmp.Or(c.StaticPort, c.Labels["ssh_port"])); err == nil && port > 0 && port < 1<<16 {
			l.Port = port
		} else {
			l.Port = v.DefaultPort
		}
	}
	if k, ok := v.Keys[c.LeaseID]; ok {
		l.KeyPath, l.KnownHostsPath = k.PrivatePath, k.KnownHostsPath
	}
	l.CreatedAt, _ = c.LabelTime("created_at")
	l.LastTouchedAt, _ = c.LabelTime("last_touched_at")
	l.ExpiresAt, _ = c.LabelTime("expires_at")
	l.TTL, _ = c.LabelDuration("ttl_secs")
	var ok bool
	if l.Idle, ok = c.LabelDuration("idle_timeout_secs"); !ok {
		l.Idle, _ = c.LabelDuration("idle_timeout")
	}
	return l
}

// recoveryStandings are the words of unfinished acquires.
var recoveryStandings = map[string]Standing{
	"create-intent": StandingCreateIntent, "ambiguous-create-inflight": StandingCreateInflight,
	"ambiguous-create": StandingCreateAmbiguous, "create-rejected": StandingCreateRejected,
	"provisioning": StandingStarting, "keep-failed-acquire": StandingKeptFailed, "rollback-cleanup": StandingRollback,
}

var standingReasons = map[Standing]string{
	StandingCreateIntent:    "its acquire ended before anything was sent; resume it, or release it to clear it away",
	StandingCreateInflight:  "its acquirer died while the create was being sent; resume or release it within nine minutes of the create",
	StandingCreateAmbiguous: "the answer to its create was lost, so there may be a box; resume or release it within nine minutes of the create",
	StandingCreateRejected:  "the provider refused to create it; release it to clear it away",
	StandingStarting:        "its acquire did not finish; resume it, or release it",
	StandingKeptFailed:      "its acquire failed and it was kept; resume it, or release it",
	StandingRollback:        "its acquire failed and it is to be deleted; release it to finish that",
	StandingDeleting:        "a deletion was begun; release it to finish that",
	StandingDeleteAccepted:  "the provider took the deletion; release it to prove that it is gone",
	StandingDeleteConfirmed: "it is proven gone; release it to clear its claim away",
	StandingStopped:         "the provider stopped it, it still bills, and nothing starts it again; release it",
	StandingAbsent:          "the provider does not list it, which proves nothing yet; release it to prove that it is gone",
	StandingUnverified:      "the provider could not be asked about it",
	StandingOtherKey:        "its claim is bound to another API key; set that key to work on it",
	StandingOtherEndpoint:   "its claim belongs to another endpoint",
	StandingOtherProvider:   "made by crabbox with another provider; its idle clock runs on while a pane is open",
	StandingAcquiring:       "it is being acquired",
}

// stand decides where a claimed lease stands, and says why.
func (v View) stand(l *Lease, c claims.Claim, seen bool) {
	recovery := strings.TrimSpace(c.Labels["recovery"])
	deleting := c.Labels["fal_delete_attempt"] != "" || c.Labels["fal_delete_accepted"] != "" || c.Labels["fal_delete_confirmed"] != ""
	l.claimReady = recovery == "" && c.CloudID != "" && !deleting
	l.Standing = v.standing(*l, c, recovery, seen)
	l.Reason = standingReasons[l.Standing]
	switch {
	case l.Standing == StandingUnknown:
		l.Reason = "the provider calls it " + cmp.Or(l.Status, "nothing") + ", which this program does not know"
	case l.Standing == StandingUnverified && v.Binding == "":
		l.Reason = "no API key is set, so the provider could not be asked about it"
	case l.Standing == StandingStarting && recovery == "":
		l.Reason = "the provider says " + l.Status
	case l.Standing == StandingKeptFailed && l.Status == "ready":
		l.Reason = "its acquire failed and it was kept; the provider says ready, so resume can finish it"
	case l.Standing == StandingOtherProvider && l.Provider != "":
		l.Reason = "made by crabbox with " + l.Provider + "; its idle clock runs on while a pane is open"
	}
}

func (v View) standing(l Lease, c claims.Claim, recovery string, seen bool) Standing {
	switch {
	case c.Provider != v.Name:
		return StandingOtherProvider
	case c.ProviderScope != v.Scope:
		return StandingOtherEndpoint
	case c.Labels["fal_delete_confirmed"] != "":
		return StandingDeleteConfirmed
	case v.Binding != "" && c.Labels["fal_credential_binding"] != v.Binding:
		return StandingOtherKey
	case c.Labels["fal_delete_accepted"] != "":
		return StandingDeleteAccepted
	case c.Labels["fal_delete_attempt"] != "":
		return StandingDeleting
	case v.Busy[c.LeaseID]:
		return StandingAcquiring
	}
	unfinished, isUnfinished := recoveryStandings[recovery]
	switch {
	case isUnfinished && (c.CloudID == "" || recovery == "keep-failed-acquire" && l.Status != "stopped" || recovery == "rollback-cleanup"):
		return unfinished
	case c.CloudID == "":
		return StandingUnknown
	case !seen && (v.Inventory == nil || v.InventoryErr != nil):
		return StandingUnverified
	case !seen:
		return StandingAbsent
	case l.Status == "stopped":
		return StandingStopped
	case isUnfinished:
		return unfinished
	case l.Status == "ready":
		return StandingReady
	case l.Status == "init", l.Status == "pending", l.Status == "provisioning":
		return StandingStarting
	}
	return StandingUnknown
}
