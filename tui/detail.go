package tui

import (
	"fmt"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

// What keep means, in the words used everywhere on screen.
const (
	keptText    = "Kept: cleanup and the guard never delete it; it bills until released."
	notKeptText = "Not kept: nothing deletes it at its deadline but a cleanup, the guard or a person."
)

const labelWidth = 8

// detailView draws what is known of the selected row, or its operation's
// ladder, or both where there is room.
func (m *Model) detailView(r rect) []string {
	op, hasOp := m.fleet.operation()
	l, hasLease := m.fleet.lease()
	if hasOp && hasLease && op.LeaseID != l.ID {
		hasLease = false
	}
	switch {
	case hasOp && hasLease && r.w >= 110:
		half := r.w/2 - 1
		return sideBySide(m.ladderView(op, rect{w: half, h: r.h}), m.leaseView(l, rect{w: r.w - half - 3, h: r.h}), half, m.st.rule.Render(" │ "), r.h)
	case hasOp:
		return m.ladderView(op, r)
	case hasLease:
		return m.leaseView(l, r)
	}
	return nil
}

func sideBySide(left, right []string, w int, between string, h int) []string {
	out := make([]string, 0, h)
	for i := range min(max(len(left), len(right)), h) {
		a, b := "", ""
		if i < len(left) {
			a = left[i]
		}
		if i < len(right) {
			b = right[i]
		}
		out = append(out, fit(a, w)+between+b)
	}
	return out
}

// leaseView is everything about one lease; the lines that matter most come
// first, since what does not fit is cut.
func (m *Model) leaseView(l provider.Lease, r rect) []string {
	w := r.w - 2
	symbol, words, t := standingLook(l.Standing)
	head := " " + m.st.strong.Render(l.Name()) + "  " + m.st.tone(t).Render(symbol+" "+words)
	switch ownerOf(l) {
	case ownerForeign:
		head += m.st.muted.Render("  no claim here: read-only")
	case ownerOther:
		head += m.st.muted.Render("  claimed for somebody else: read-only")
	}
	lines := []string{fit(head, r.w)}
	for _, s := range wrap(clean(l.Reason), w) {
		lines = append(lines, " "+m.st.tone(reasonTone(t)).Render(s))
	}
	add := func(label, value string) {
		if value == "" {
			return
		}
		for i, s := range wrap(value, w-labelWidth) {
			if i > 0 {
				label = ""
			}
			lines = append(lines, " "+m.st.muted.Render(fit(label, labelWidth))+s)
		}
	}
	if l.Standing == provider.StandingBroken {
		return lines[:min(len(lines), r.h)]
	}
	add("cost", m.costLine(l))
	add("clock", clockLine(l, m.now))
	if l.Standing == provider.StandingReady && ownerOf(l) == ownerMine {
		if l.Keep {
			add("keep", keptText)
		} else {
			add("keep", notKeptText)
		}
	}
	if l.Host != "" {
		add("ssh", fmt.Sprintf("%s@%s port %d", orDash(l.User), l.Host, l.Port))
	}
	add("type", joinNonEmpty(" · ", l.Type, place(l), providerOf(l)))
	add("ids", joinNonEmpty(" · ", l.ID, l.InstanceID))
	add("creator", l.Creator)
	if l.RepoRoot != "" && m.deps.RepoRoot != "" && l.RepoRoot != m.deps.RepoRoot {
		add("repo", l.RepoRoot+" (another than here; looking and attaching are fine)")
	} else {
		add("repo", l.RepoRoot)
	}
	return lines[:min(len(lines), r.h)]
}

func reasonTone(t tone) tone {
	if t == toneBad || t == toneWarn {
		return t
	}
	return toneNone
}

func providerOf(l provider.Lease) string {
	if l.Status != "" {
		return l.Provider + " says " + l.Status
	}
	return l.Provider
}

func joinNonEmpty(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}

// costLine says what a box has cost and costs, as the estimate that it is.
func (m *Model) costLine(l provider.Lease) string {
	if !billing(l) {
		return "does not bill here"
	}
	if !l.Cost.Known {
		return "no price known for " + orDash(l.Type)
	}
	s := money(costNow(l, m.deps.Prices, m.now)) + " so far at " + rate(l.Cost) + ", estimate"
	if l.Cost.AtLeast {
		s += ", since it was first seen"
	}
	if m.deps.Prices.Dated != "" {
		s += " (prices of " + m.deps.Prices.Dated + ")"
	}
	return s
}

func clockLine(l provider.Lease, now time.Time) string {
	at, which := deadline(l)
	if at.IsZero() {
		return ""
	}
	var parts []string
	if at.After(now) {
		parts = append(parts, fmt.Sprintf("%s ends it at %s, in %s", which, at.Local().Format("15:04"), duration(at.Sub(now))))
	} else {
		parts = append(parts, fmt.Sprintf("expired %s ago (%s); it bills until released", coarse(now.Sub(at)), which))
	}
	if l.TTL > 0 {
		parts = append(parts, "TTL "+setting(l.TTL))
	}
	if l.Idle > 0 {
		parts = append(parts, "idle "+setting(l.Idle))
	}
	if !l.LastTouchedAt.IsZero() {
		parts = append(parts, "touched "+coarse(now.Sub(l.LastTouchedAt))+" ago")
	}
	return strings.Join(parts, " · ")
}
