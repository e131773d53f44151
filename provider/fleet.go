package provider

import (
	"context"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

// FleetSnapshot is the fleet as last known.
type FleetSnapshot struct {
	Rows []Lease
	// At is when Rows were merged, InventoryAt when the inventory behind them
	// arrived (zero: never).
	At          time.Time
	InventoryAt time.Time
	// InventoryErr is why the inventory is older than it should be; nil when
	// the newest attempt succeeded. ErrNoKey where there is no key.
	InventoryErr error
	ClaimsErr    error
	Refreshing   bool
	// RetryAt is when the next inventory is due.
	RetryAt time.Time
}

// FleetOptions configures a Fleet. Zero fields mean the default in brackets.
type FleetOptions struct {
	// Provider is asked for the inventory; nil where there is no key.
	Provider Inventorier
	Store    claims.Store
	Every    time.Duration // between inventories [10s]; backs off on errors
	Relist   time.Duration // safety re-list of claims [30s]; negative: off
	Now      func() time.Time
	// View is the base of each merge: name, scope, binding, prices, defaults.
	View View
}

// Inventorier lists instances; see Provider.Inventory.
type Inventorier interface {
	Inventory(ctx context.Context) (Inventory, error)
}

// Fleet keeps the merged rows up to date: it watches the claims, asks for the
// inventory again and again, and keeps the last good data through outages.
// All methods are safe for concurrent use and none waits for disk or network.
type Fleet struct{}

// NewFleet starts watching. Close it.
func NewFleet(ctx context.Context, o FleetOptions) *Fleet { panic("not implemented") }

// Snapshot returns the newest rows; the slice is the caller's.
func (f *Fleet) Snapshot() FleetSnapshot { panic("not implemented") }

// Wake has one slot and gets a value when there is a newer snapshot.
func (f *Fleet) Wake() <-chan struct{} { panic("not implemented") }

// Refresh asks for claims and inventory now, unless a rate limit forbids it.
func (f *Fleet) Refresh() { panic("not implemented") }

// Close stops and returns when nothing of the Fleet runs any more.
func (f *Fleet) Close() { panic("not implemented") }
