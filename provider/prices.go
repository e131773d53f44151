package provider

import (
	"math"
	"time"
)

// Prices estimates what boxes cost. The zero value knows no price.
type Prices struct {
	PerHour    map[string]float64 // dollars an hour by instance type
	Dated      string             // when the table was made, "2026-09"
	WholeHours bool               // bill each started hour in full
}

// perGPUHour is the public list's rate for an H100, in dollars.
const perGPUHour = 1.89

// DefaultPrices is the built-in table. The caller may change the map.
func DefaultPrices() Prices {
	return Prices{
		PerHour: map[string]float64{
			"gpu_1x_h100_sxm5": perGPUHour,
			"gpu_8x_h100_sxm5": 8 * perGPUHour,
		},
		Dated: "2026-09",
	}
}

// Cost returns the estimate for a box of a type that has run for d. A negative
// d counts as none: clocks of two machines differ. A price that is no sensible
// number counts as unknown.
func (p Prices) Cost(instanceType string, d time.Duration) Cost {
	perHour, ok := p.PerHour[instanceType]
	if !ok || math.IsNaN(perHour) || math.IsInf(perHour, 0) || perHour < 0 {
		return Cost{}
	}
	hours := max(d, 0).Hours()
	if p.WholeHours {
		hours = math.Ceil(hours)
	}
	return Cost{PerHour: perHour, SoFar: hours * perHour, Known: true}
}

// CostAt estimates what the lease has cost by now. It is zero where no box is
// known to run up cost (see Bills). A screen calls it at draw time, so that
// the figure moves between refreshes.
func (p Prices) CostAt(l Lease, now time.Time) Cost {
	if !l.Bills() {
		return Cost{}
	}
	since, atLeast := l.CreatedAt, false
	if since.IsZero() {
		since, atLeast = l.FirstSeen, true
	}
	var d time.Duration
	if !since.IsZero() {
		d = now.Sub(since)
	}
	c := p.Cost(l.Type, d)
	c.AtLeast = c.Known && atLeast
	return c
}
