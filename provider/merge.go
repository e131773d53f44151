package provider

import (
	"cmp"
	"fmt"
	"slices"
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
	// ClaimsErr is set when the claims could not be listed; Claims is then the
	// last good data, and a foreign instance may well be ours.
	ClaimsErr error
	// Keys has the key pair of each lease that has one.
	Keys map[string]claims.Key
	// Busy names leases whose acquire lock is held by somebody now.
	Busy map[string]bool
	// FirstSeen says when an instance was first seen; may be nil.
	FirstSeen map[string]time.Time
	// Unclaimed says when the claim that named an instance was seen to be
	// gone; may be nil. Until a newer inventory arrives nobody can tell
	// whether the instance went with it.
	Unclaimed map[string]time.Time
	Prices    Prices
	// DefaultUser and DefaultPort serve leases whose claim names none.
	DefaultUser string
	// DefaultKey is the private key for leases of other providers that have
	// none of their own; its known_hosts lies beside it.
	DefaultKey  string
	DefaultPort int
}

// Merge makes the rows of a fleet. It is pure, total and stable: every claim
// and every instance is in exactly one row, none is dropped whatever is in it,
// and equal input gives equal output, in whatever order it comes. Owned rows
// come first, by creation and then lease id; then claims of other endpoints
// and providers, then broken ones, then foreign instances by id.
//
// An instance belongs to a claim if the claim is of this provider and scope
// and names its id, and for no other reason. Where two claims name one
// instance, the healthier one gets it; both say so.
func Merge(v View) []Lease {
	m := merger{View: v, instances: instances(v.Inventory)}
	m.claimants = m.claimantsByInstance()
	rows := make([]row, 0, len(v.Claims.Records)+len(v.Claims.Broken)+len(m.instances))
	for _, rec := range v.Claims.Records {
		rows = append(rows, m.claimRow(rec))
	}
	for _, b := range v.Claims.Broken {
		rows = append(rows, row{rankBroken, brokenLease(b)})
	}
	for _, i := range m.instances {
		if i.ID == "" || len(m.claimants[i.ID]) == 0 {
			rows = append(rows, row{rankForeign, m.foreignLease(i)})
		}
	}
	slices.SortFunc(rows, compareRows)
	leases := make([]Lease, len(rows))
	for i, r := range rows {
		leases[i] = r.lease
	}
	return leases
}

// merger is a View with what is worked out of it once.
type merger struct {
	View
	instances []Instance
	byID      map[string]Instance
	claimants map[string][]claims.Record // by raw instance id, the rightful one first
}

type rank int

const (
	rankOwned rank = iota
	rankElsewhere
	rankBroken
	rankForeign
)

type row struct {
	rank  rank
	lease Lease
}

// instances returns the inventory in order, each id once: a list that shifts
// between two pages can show a box twice. Instances without an id are all kept.
func instances(inv *Inventory) []Instance {
	if inv == nil {
		return nil
	}
	all := slices.Clone(inv.Instances)
	slices.SortFunc(all, compareInstances)
	return slices.CompactFunc(all, func(a, b Instance) bool { return a.ID == b.ID && a.ID != "" })
}

// claimantsByInstance finds the claims that name each instance, seen or not.
func (m *merger) claimantsByInstance() map[string][]claims.Record {
	m.byID = make(map[string]Instance, len(m.instances))
	for _, i := range m.instances {
		m.byID[i.ID] = i
	}
	by := make(map[string][]claims.Record)
	for _, rec := range m.Claims.Records {
		if c := rec.Claim; c.CloudID != "" && m.mine(c) {
			by[c.CloudID] = append(by[c.CloudID], rec)
		}
	}
	for _, recs := range by {
		slices.SortFunc(recs, func(a, b claims.Record) int {
			return cmp.Or(
				cmp.Compare(sickness(a.Claim), sickness(b.Claim)),
				compareTimes(createdAt(a.Claim), createdAt(b.Claim)),
				cmp.Compare(a.Claim.LeaseID, b.Claim.LeaseID),
				cmp.Compare(a.Revision, b.Revision),
			)
		})
	}
	return by
}

// mine says whether a claim is of this provider and endpoint.
func (m *merger) mine(c claims.Claim) bool {
	return c.Provider == m.Name && c.ProviderScope == m.Scope
}

// sickness orders claims on one instance: a whole one goes before one whose
// acquire did not finish, and that before one that is being deleted.
func sickness(c claims.Claim) int {
	switch {
	case deletion(c) != deleteNone:
		return 2
	case c.Labels[labelRecovery] != "":
		return 1
	}
	return 0
}

// claimRow makes the row of a claim.
func (m *merger) claimRow(rec claims.Record) row {
	c := rec.Claim
	if id := Clean(c.LeaseID, maxID); id != c.LeaseID || id == "" {
		// Cleaned, the id would name another lease than the claim does.
		return row{rankBroken, brokenLease(claims.Broken{
			Name: fmt.Sprintf("%+q", c.LeaseID),
			Err:  fmt.Errorf("its lease id has characters that cannot be shown"),
		})}
	}
	rank := rankOwned
	if !m.mine(c) {
		rank = rankElsewhere
	}
	inst, seen := m.instanceOf(rec)
	l := m.described(rec, inst, seen)
	l.Standing, l.Reason = m.standing(c, inst, seen)
	if l.Standing == StandingCreateInflight || l.Standing == StandingCreateAmbiguous {
		l.ReplayUntil = l.CreatedAt.Add(ReplayWindow)
		l.Replayable = m.Now.Before(l.ReplayUntil)
		l.Reason = lostCreate(l)
	}
	if note := m.conflict(rec); note != "" {
		if seen != m.listed(c) {
			l.Standing, l.Reason = StandingUnknown, ""
		}
		l.Reason = join(note, l.Reason)
	}
	l.Reason = Clean(l.Reason, maxReason)
	l.claimReady = m.mine(c) && c.CloudID != "" && deletion(c) == deleteNone && c.Labels[labelRecovery] == "" && m.bound(c)
	_, visible := m.byID[c.CloudID]
	l.Rebindable = l.Standing == StandingOtherKey && c.CloudID != "" && visible && deletion(c) == deleteNone && c.Labels[labelBinding] != ""
	l.Cost = m.Prices.CostAt(l, m.Now)
	return row{rank, l}
}

// instanceOf returns the instance that is the claim's, if it is to be seen and
// no other claim has the better right.
func (m *merger) instanceOf(rec claims.Record) (Instance, bool) {
	if !m.listed(rec.Claim) {
		return Instance{}, false
	}
	first := m.claimants[rec.Claim.CloudID][0]
	if first.Claim.LeaseID != rec.Claim.LeaseID || first.Revision != rec.Revision {
		return Instance{}, false
	}
	return m.byID[rec.Claim.CloudID], true
}

// listed says whether the inventory has the instance that a claim of ours names.
func (m *merger) listed(c claims.Claim) bool {
	if c.CloudID == "" || !m.mine(c) {
		return false
	}
	_, ok := m.byID[c.CloudID]
	return ok
}

// conflict says which other claims name the same instance; empty if none does.
func (m *merger) conflict(rec claims.Record) string {
	if rec.Claim.CloudID == "" || !m.mine(rec.Claim) {
		return ""
	}
	var others []string
	for _, other := range m.claimants[rec.Claim.CloudID] {
		if other.Claim.LeaseID != rec.Claim.LeaseID {
			others = append(others, Clean(other.Claim.LeaseID, maxWord))
		}
	}
	if len(others) == 0 {
		return ""
	}
	return fmt.Sprintf("Lease %s names the same instance: releasing either deletes it for both.", strings.Join(others, ", "))
}

// foreignLease makes the row of an instance that no claim of ours names.
func (m *merger) foreignLease(i Instance) Lease {
	l := Lease{
		InstanceID: Clean(i.ID, maxID),
		Provider:   Clean(m.Name, maxWord),
		Type:       Clean(i.Type, maxWord),
		Region:     Clean(i.Region, maxWord),
		Sector:     Clean(i.Sector, maxWord),
		Creator:    Clean(i.Creator, maxWord),
		Status:     Clean(i.Status, maxWord),
		Host:       host(i.IP),
		Port:       port(m.DefaultPort),
		FirstSeen:  m.FirstSeen[i.ID],
		Standing:   StandingForeign,
	}
	l.Reason = Clean(m.foreignReason(i), maxReason)
	l.Cost = m.Prices.CostAt(l, m.Now)
	return l
}

func (m *merger) foreignReason(i Instance) string {
	if gone, ok := m.Unclaimed[i.ID]; ok && m.Inventory != nil && !gone.Before(m.Inventory.At) {
		return "Its claim is gone since the inventory was taken; the next one tells whether the box is too."
	}
	const readOnly = "No claim here names it, so it is only shown; whoever created it must delete it."
	if m.ClaimsErr != nil {
		return join("The claims could not be read, so it may be yours.", "It is only shown until they can be.")
	}
	if lost := m.lostCreate(i); lost != "" {
		return join(fmt.Sprintf("It may be the box of lease %s, whose create was not answered: resume or release that lease to find out.", lost), readOnly)
	}
	if len(m.Claims.Broken) > 0 {
		return join("A claim that cannot be read may be its: repair that first.", readOnly)
	}
	return readOnly
}

// lostCreate returns a lease whose create may have made the instance without
// anybody having learned of it; empty if there is none.
func (m *merger) lostCreate(i Instance) string {
	var ids []string
	for _, rec := range m.Claims.Records {
		c := rec.Claim
		if !m.mine(c) || c.CloudID != "" || c.Labels[labelServerType] != i.Type {
			continue
		}
		if seen := m.FirstSeen[i.ID]; !seen.IsZero() && seen.Before(createdAt(c)) {
			continue
		}
		switch c.Labels[labelRecovery] {
		case recoveryInflight, recoveryAmbiguous:
			ids = append(ids, Clean(c.LeaseID, maxWord))
		}
	}
	slices.Sort(ids)
	return strings.Join(ids, " or ")
}

// brokenLease makes the row of something that stands where a claim should.
func brokenLease(b claims.Broken) Lease {
	what := "it cannot be read as a claim"
	if b.Err != nil {
		what = b.Err.Error()
	}
	l := Lease{
		ID:       Clean(b.ID, maxID),
		Place:    Clean(b.Name, maxPath),
		Standing: StandingBroken,
	}
	if l.Place == "" {
		l.Place = fmt.Sprintf("%+q", b.ID)
	}
	l.Reason = Clean(fmt.Sprintf("%s: %s. It was left as it is and may stand for a box that bills: repair it, and until then crabbox lists nothing.",
		l.Place, strings.TrimSuffix(what, ".")), maxReason)
	return l
}

// join makes one text of sentences, leaving out empty ones.
func join(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

func compareInstances(a, b Instance) int {
	return cmp.Or(
		cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.Status, b.Status),
		cmp.Compare(a.IP, b.IP),
		cmp.Compare(a.Type, b.Type),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Sector, b.Sector),
		cmp.Compare(a.Creator, b.Creator),
	)
}

func compareRows(a, b row) int {
	c := cmp.Compare(a.rank, b.rank)
	if a.rank == rankOwned && c == 0 {
		c = compareTimes(a.lease.CreatedAt, b.lease.CreatedAt)
	}
	if c = cmp.Or(c,
		cmp.Compare(a.lease.ID, b.lease.ID),
		cmp.Compare(a.lease.InstanceID, b.lease.InstanceID),
		cmp.Compare(a.lease.Place, b.lease.Place),
		cmp.Compare(a.lease.Revision, b.lease.Revision),
	); c != 0 || a.lease == b.lease {
		return c
	}
	// Rows that agree in all that names them, as instances without an id do,
	// still need one order.
	return cmp.Compare(fmt.Sprintf("%+v", a.lease), fmt.Sprintf("%+v", b.lease))
}

// compareTimes orders times, unknown ones last.
func compareTimes(a, b time.Time) int {
	switch {
	case a.IsZero() && b.IsZero():
		return 0
	case a.IsZero():
		return 1
	case b.IsZero():
		return -1
	}
	return a.Compare(b)
}
