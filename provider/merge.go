package provider

import (
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
func Merge(v View) []Lease { panic("not implemented") }

// Can returns nil if the action makes sense for the lease as it stands, and
// otherwise an error whose text says why not.
func Can(a Action, l Lease) error { panic("not implemented") }

// Prices estimates what boxes cost. The zero value knows no price.
type Prices struct {
	PerHour    map[string]float64 // dollars an hour by instance type
	Dated      string             // when the table was made, "2026-09"
	WholeHours bool               // bill each started hour in full
}

// Cost returns the estimate for a box of a type that has run for d.
func (p Prices) Cost(instanceType string, d time.Duration) Cost { panic("not implemented") }

// DefaultPrices is the built-in table.
func DefaultPrices() Prices { panic("not implemented") }
