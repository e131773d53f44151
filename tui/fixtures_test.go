package tui

import (
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

const (
	h1 = "gpu_1x_h100_sxm5"
	h8 = "gpu_8x_h100_sxm5"
)

// box is a lease that was made some time ago.
func box(n int, slug string, s provider.Standing, old time.Duration) provider.Lease {
	l := provider.Lease{
		ID: fmt.Sprintf("cbx_%012x", n), InstanceID: fmt.Sprintf("inst_%08x", n), Slug: slug, Provider: "fal",
		Type: h1, Region: "us-west", Standing: s, Status: "ready",
		Host: fmt.Sprintf("203.0.113.%d", n), Port: 22, User: "ubuntu",
		KeyPath: fmt.Sprintf("/home/you/.config/crabbox/keys/box %d/id", n), KnownHostsPath: fmt.Sprintf("/keys/%d/known_hosts", n),
		CreatedAt: start.Add(-old), LastTouchedAt: start.Add(-time.Minute), TTL: 90 * time.Minute, Idle: 30 * time.Minute,
	}
	l.ExpiresAt = l.CreatedAt.Add(l.TTL)
	if idle := l.LastTouchedAt.Add(l.Idle); idle.Before(l.ExpiresAt) {
		l.ExpiresAt = idle
	}
	l.Cost = provider.DefaultPrices().Cost(l.Type, old)
	return l
}

func ready(n int, slug string) provider.Lease {
	return box(n, slug, provider.StandingReady, 20*time.Minute)
}

func foreign(n int) provider.Lease {
	l := provider.Lease{
		InstanceID: fmt.Sprintf("inst_%08x", n), Provider: "fal", Type: h8, Region: "eu-north", Sector: "sector_2",
		Standing: provider.StandingForeign, Status: "ready", Host: fmt.Sprintf("203.0.113.%d", n), FirstSeen: start.Add(-time.Hour),
		Creator: "somebody", Reason: "no claim of ours names this instance",
	}
	l.Cost = provider.DefaultPrices().Cost(l.Type, time.Hour)
	l.Cost.AtLeast = true
	return l
}

func with(rows ...provider.Lease) *world {
	w := newWorld()
	w.snap = provider.FleetSnapshot{Rows: rows, At: start, InventoryAt: start.Add(-3 * time.Second)}
	return w
}

// zoo has a row of every standing.
func zoo() *world {
	var rows []provider.Lease
	add := func(l provider.Lease, reason string) {
		l.Reason = reason
		rows = append(rows, l)
	}
	add(ready(1, "rapid-otter"), "")
	kept := ready(2, "blue-crab")
	kept.Keep, kept.Type, kept.Sector = true, h8, "sector_1"
	kept.Cost = provider.DefaultPrices().Cost(h8, 20*time.Minute)
	add(kept, "")
	soon := box(3, "late-heron", provider.StandingReady, 82*time.Minute)
	add(soon, "")
	add(box(4, "gone-by", provider.StandingReady, 95*time.Minute), "")
	add(box(5, "new-hare", provider.StandingAcquiring, time.Minute), "")
	unsure := box(6, "unsure-owl", provider.StandingCreateAmbiguous, 4*time.Minute)
	unsure.ReplayUntil, unsure.Replayable = unsure.CreatedAt.Add(provider.ReplayWindow), true
	add(unsure, "the create was sent and its answer was lost; u asks again with the same key")
	add(box(7, "kept-ruin", provider.StandingKeptFailed, 30*time.Minute), "SSH never came up; kept for a look, and it bills")
	add(box(8, "half-gone", provider.StandingDeleteAccepted, 50*time.Minute), "the delete was taken; its absence is not proven yet")
	add(box(9, "stopped-elk", provider.StandingStopped, 50*time.Minute), "stopped, and it still bills")
	add(box(10, "lost-lynx", provider.StandingAbsent, 50*time.Minute), "the inventory of this key lacks it")
	add(box(11, "others-ant", provider.StandingOtherKey, 50*time.Minute), "claimed with another API key")
	add(provider.Lease{ID: "cbx_broken", Standing: provider.StandingBroken, Reason: "claims/cbx_broken.json: unexpected end of JSON input"}, "claims/cbx_broken.json: unexpected end of JSON input")
	add(foreign(20), "no claim of ours names this instance")
	return with(rows...)
}
