package provider

import (
	"context"
	"time"
)

// Toucher moves idle clocks; see Provider.Touch.
type Toucher interface {
	Touch(ctx context.Context, ref Ref) error
}

// Keeper touches leases for as long as somebody holds them: one heartbeat a
// lease, however many holders. It beats every third of the idle timeout, but
// no faster than 5 s and no slower than 60 s, and stops for good when a touch
// says that the lease is being deleted or is not ours.
type Keeper struct{}

// NewKeeper returns a Keeper; now may be nil.
func NewKeeper(t Toucher, now func() time.Time) *Keeper { panic("not implemented") }

// Hold starts or joins the heartbeat of a lease and returns the Hold, which
// must be released. A suspended hold (link down) does not keep the lease alive
// beyond idle/2.
func (k *Keeper) Hold(l Lease) *Hold { panic("not implemented") }

// Stop ends the heartbeat of a lease whoever holds it, and returns when no
// touch of it is under way: a release does this first.
func (k *Keeper) Stop(ctx context.Context, leaseID string) { panic("not implemented") }

// Err returns why the heartbeat of a lease last failed, or nil.
func (k *Keeper) Err(leaseID string) error { panic("not implemented") }

// Close ends all heartbeats and waits for touches under way until ctx ends.
func (k *Keeper) Close(ctx context.Context) error { panic("not implemented") }

// Hold is one holder's share in a heartbeat.
type Hold struct{}

// Suspend says that the holder's link is down since now; Resume that it is
// back. Release gives the share back; it may be called more than once.
func (h *Hold) Suspend() { panic("not implemented") }
func (h *Hold) Resume()  { panic("not implemented") }
func (h *Hold) Release() { panic("not implemented") }
