package tui

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/provider"
)

// clip shortens s to w cells, with an ellipsis where something is lost.
func clip(s string, w int) string {
	if w <= 0 {
		return ""
	}
	return ansi.Truncate(s, w, "…")
}

// fit makes s exactly w cells wide.
func fit(s string, w int) string {
	s = clip(s, w)
	if n := w - ansi.StringWidth(s); n > 0 {
		s += strings.Repeat(" ", n)
	}
	return s
}

// fitRight is fit with s at the right.
func fitRight(s string, w int) string {
	s = clip(s, w)
	if n := w - ansi.StringWidth(s); n > 0 {
		s = strings.Repeat(" ", n) + s
	}
	return s
}

// spread puts left and right at the two ends of w cells; left gives way.
func spread(left, right string, w int) string {
	rw := ansi.StringWidth(right)
	if rw >= w {
		return fit(right, w)
	}
	return fit(left, w-rw) + right
}

// wrap breaks s into lines of at most w cells.
func wrap(s string, w int) []string {
	if w <= 0 || s == "" {
		return nil
	}
	return strings.Split(ansi.Wrap(s, w, ""), "\n")
}

// duration is d in two units at most: 42s, 9m 05s, 1h 23m, 3d 4h.
func duration(d time.Duration) string {
	if d < 0 {
		d = 0
	}
	d = d.Truncate(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm %02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh %02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd %dh", int(d.Hours())/24, int(d.Hours())%24)
}

// coarse is d without seconds where there are minutes.
func coarse(d time.Duration) string {
	if d >= time.Minute && d < time.Hour {
		return fmt.Sprintf("%dm", int(d.Minutes()))
	}
	return duration(d)
}

// setting is a configured duration as a person would type it: 1h30m, 45m.
func setting(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// dollars rounds half a cent up, as people do: 1.5 h at 1.89 are 2.84.
func dollars(x float64) string { return fmt.Sprintf("$%.2f", math.Floor(x*100+0.5+1e-6)/100) }

// money is an amount in dollars, marked as the estimate or lower bound it is.
func money(c provider.Cost) string {
	switch {
	case !c.Known:
		return "—"
	case c.AtLeast:
		return "≥" + dollars(c.SoFar)
	}
	return "~" + dollars(c.SoFar)
}

// rate is what an hour costs.
func rate(c provider.Cost) string {
	if !c.Known {
		return "—"
	}
	return dollars(c.PerHour) + "/h"
}

// shortType makes 8xH100 of gpu_8x_h100_sxm5; other names stay as they are.
func shortType(t string) string {
	parts := strings.Split(t, "_")
	if len(parts) < 3 || parts[0] != "gpu" || !strings.HasSuffix(parts[1], "x") {
		return t
	}
	return parts[1] + strings.ToUpper(parts[2])
}

// clockName names a deadline of a lease.
type clockName string

const (
	clockTTL  clockName = "ttl"
	clockIdle clockName = "idle"
)

// deadline returns when a lease's nearer clock runs out, and which that is;
// zero where no clock is known.
func deadline(l provider.Lease) (time.Time, clockName) {
	if l.ExpiresAt.IsZero() {
		return time.Time{}, ""
	}
	if l.TTL > 0 && !l.CreatedAt.IsZero() && !l.CreatedAt.Add(l.TTL).After(l.ExpiresAt) {
		return l.ExpiresAt, clockTTL
	}
	if l.Idle > 0 {
		return l.ExpiresAt, clockIdle
	}
	return l.ExpiresAt, clockTTL
}

// timeLeft is the cell for it: "1h 23m ttl", "9m 42s idle", "expired".
func timeLeft(l provider.Lease, now time.Time) string {
	if until := l.ReplayUntil; !until.IsZero() {
		if left := until.Sub(now); left > 0 {
			return duration(left) + " replay"
		}
		return "no replay"
	}
	at, which := deadline(l)
	if at.IsZero() {
		return "—"
	}
	left := at.Sub(now)
	if left <= 0 {
		return "expired"
	}
	if left > 10*time.Minute {
		return coarse(left) + " " + string(which)
	}
	return duration(left) + " " + string(which)
}

// age is how long the box exists: by its claim, or since it was first seen.
func age(l provider.Lease, now time.Time) string {
	switch {
	case !l.CreatedAt.IsZero():
		return coarse(now.Sub(l.CreatedAt))
	case !l.FirstSeen.IsZero():
		return "≥" + coarse(now.Sub(l.FirstSeen))
	}
	return "—"
}

// costNow advances a lease's cost to now: rows are merged every few seconds,
// the clock on screen ticks each second.
func costNow(l provider.Lease, prices provider.Prices, now time.Time) provider.Cost {
	since := l.CreatedAt
	if since.IsZero() {
		since = l.FirstSeen
	}
	if !l.Cost.Known || since.IsZero() || now.Before(since) || !billing(l) {
		return l.Cost
	}
	c := prices.Cost(l.Type, now.Sub(since))
	if !c.Known {
		return l.Cost
	}
	c.AtLeast = l.Cost.AtLeast
	return c
}

// billing says whether a row costs money now, or may: on doubt it does.
func billing(l provider.Lease) bool {
	switch l.Standing {
	case provider.StandingCreateIntent, provider.StandingCreateRejected,
		provider.StandingDeleteConfirmed, provider.StandingAbsent,
		provider.StandingOtherProvider, provider.StandingOtherEndpoint, provider.StandingBroken:
		return false
	}
	return true
}

// owner says whose a row is.
type owner int

const (
	ownerMine    owner = iota
	ownerForeign       // an instance without a claim
	ownerOther         // claimed here, for another key, endpoint or provider
)

func ownerOf(l provider.Lease) owner {
	switch l.Standing {
	case provider.StandingForeign:
		return ownerForeign
	case provider.StandingOtherKey, provider.StandingOtherEndpoint, provider.StandingOtherProvider:
		return ownerOther
	}
	return ownerMine
}

func (o owner) mark() string { return [...]string{"◆", "◇", "◈"}[o] }

// tone is how good or bad something is, for its colour.
type tone int

const (
	toneNone tone = iota
	toneGood
	toneWarn
	toneBad
	toneMuted
)

// standingLook is the symbol, the words and the tone of a standing.
func standingLook(s provider.Standing) (symbol, words string, t tone) {
	switch s {
	case provider.StandingReady:
		return "●", "ready", toneGood
	case provider.StandingStarting:
		return "◐", "starting", toneWarn
	case provider.StandingAcquiring:
		return "◐", "acquiring", toneWarn
	case provider.StandingCreateIntent:
		return "○", "not created", toneMuted
	case provider.StandingCreateInflight:
		return "?", "create unsure", toneBad
	case provider.StandingCreateAmbiguous:
		return "?", "create unsure", toneBad
	case provider.StandingCreateRejected:
		return "✕", "refused", toneBad
	case provider.StandingKeptFailed:
		return "!", "failed, kept", toneBad
	case provider.StandingRollback:
		return "!", "roll back", toneBad
	case provider.StandingDeleting:
		return "◌", "deleting", toneWarn
	case provider.StandingDeleteAccepted:
		return "◌", "deleting", toneWarn
	case provider.StandingDeleteConfirmed:
		return "◌", "deleted", toneMuted
	case provider.StandingStopped:
		return "■", "stopped, bills", toneBad
	case provider.StandingAbsent:
		return "✕", "not there", toneBad
	case provider.StandingUnverified:
		return "?", "unverified", toneWarn
	case provider.StandingOtherKey:
		return "·", "other key", toneMuted
	case provider.StandingOtherEndpoint:
		return "·", "other endpoint", toneMuted
	case provider.StandingOtherProvider:
		return "·", "other provider", toneMuted
	case provider.StandingForeign:
		return "·", "read-only", toneMuted
	case provider.StandingBroken:
		return "!", "broken claim", toneBad
	}
	return "?", "unknown", toneWarn
}

// stepName is a rung in a few words.
func stepName(s provider.Step) string {
	switch s {
	case provider.StepCreate:
		return "create"
	case provider.StepProvision:
		return "provisioned"
	case provider.StepAddress:
		return "has an address"
	case provider.StepTCP:
		return "port answers"
	case provider.StepBanner:
		return "speaks SSH"
	case provider.StepHostKey:
		return "host key"
	case provider.StepAuth:
		return "takes our key"
	case provider.StepBootstrap:
		return "ready to work"
	case provider.StepDelete:
		return "delete accepted"
	case provider.StepAbsentGet:
		return "get says gone"
	case provider.StepAbsentList:
		return "not in the list"
	case provider.StepAbsentGetAgain:
		return "get says gone again"
	case provider.StepForget:
		return "key and claim removed"
	}
	return "step"
}
