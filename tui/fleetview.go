package tui

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/provider"
)

const (
	cursorMark = "▌"
	noMark     = " "
)

// listView draws headings and rows in r.
func (m *Model) listView(r rect) []string {
	f := &m.fleet
	if len(f.rows) == 0 {
		return m.emptyView(r)
	}
	ctx := cellContext{now: m.now, prices: m.deps.Prices, panes: m.panes.count, mark: m.panes.markOf, narrow: r.w < narrowList, wide: r.w >= wideList}
	cols := pickColumns(r.w-2, f.rows, ctx)
	lines := []string{m.headings(cols, r.w, ctx.gap())}
	visible := r.h - 1
	for i := f.offset; i < len(f.rows) && i < f.offset+visible; i++ {
		lines = append(lines, m.rowView(f.rows[i], cols, r.w, ctx))
	}
	if below := len(f.rows) - f.offset - visible; below > 0 && visible > 1 {
		lines[len(lines)-1] = fit(m.st.muted.Render(fmt.Sprintf("  … %d more below", below+1)), r.w)
	}
	return lines
}

func (m *Model) headings(cols []placed, w, gap int) string {
	var b strings.Builder
	b.WriteString("  ")
	for i, c := range cols {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", gap))
		}
		if c.right {
			b.WriteString(fitRight(c.title, c.w))
		} else {
			b.WriteString(fit(c.title, c.w))
		}
	}
	return fit(m.st.heading.Render(b.String()), w)
}

func (m *Model) rowView(r row, cols []placed, w int, ctx cellContext) string {
	selected := r.key == m.fleet.cursor
	var b strings.Builder
	for i, c := range cols {
		if i > 0 {
			b.WriteString(strings.Repeat(" ", ctx.gap()))
		}
		it := c.cell(r, ctx)
		text := fit(it.text, c.w)
		if c.right {
			text = fitRight(it.text, c.w)
		}
		if selected {
			b.WriteString(text)
		} else {
			b.WriteString(m.st.tone(it.tone).Render(text))
		}
	}
	if !selected {
		return fit(noMark+" "+b.String(), w)
	}
	mark := m.st.accent.Render(cursorMark)
	if m.focus == focusPane {
		mark = m.st.muted.Render(cursorMark)
	}
	return mark + m.st.selected.Render(fit(" "+b.String(), w-1))
}

// emptyView is the list without rows: what to do first, or why there is
// nothing to see.
func (m *Model) emptyView(r rect) []string {
	var text []string
	switch {
	case m.fleet.filter.String() != "":
		text = []string{"No box matches “" + m.fleet.filter.String() + "”.", "", "Esc clears the filter."}
	case m.deps.NoKey != "":
		text = strings.Split(m.deps.NoKey, "\n")
	case !m.fleet.loaded || m.fleet.snap.InventoryAt.IsZero() && m.fleet.snap.InventoryErr == nil:
		text = []string{"Looking for boxes…"}
	case m.fleet.snap.InventoryErr != nil:
		text = []string{"No claims here, and the provider's own list is not to be had.", "", "Boxes may exist that cannot be seen now."}
	default:
		text = []string{
			"No boxes. Nothing is billing.", "",
			"a   rent one: shows what it costs before it asks for anything",
			"?   all keys",
		}
	}
	lines := []string{""}
	for _, t := range text {
		for _, l := range append(wrap(t, r.w-4), "")[:max(len(wrap(t, r.w-4)), 1)] {
			lines = append(lines, fit("  "+l, r.w))
		}
	}
	return lines[:min(len(lines), max(r.h, 0))]
}

// headerView is the program's line: name, totals, freshness.
func (m *Model) headerView(w int) string {
	t := m.fleet.totals(m.deps.Prices, m.now)
	left := " " + m.st.accent.Render("crabbox")
	if m.deps.Banner != "" {
		left += " " + m.st.warn.Render(clean(m.deps.Banner))
	}
	parts := []string{t.String()}
	if t.boxes > 0 {
		parts = append(parts, m.st.strong.Render(t.rate()), t.sum()+" so far")
	}
	fresh := m.freshness()
	right := strings.Join(append(parts, fresh), m.st.muted.Render(" · ")) + " "
	if ansi.StringWidth(left)+ansi.StringWidth(right)+2 > w {
		right = strings.Join(parts, m.st.muted.Render(" · ")) + " "
	}
	return spread(left, right, w)
}

// freshness says how old the data are.
func (m *Model) freshness() string {
	s := m.fleet.snap
	switch {
	case s.InventoryErr != nil && !s.InventoryAt.IsZero():
		return m.st.bad.Render("! stale, " + coarse(m.now.Sub(s.InventoryAt)) + " old")
	case s.InventoryErr != nil:
		return m.st.bad.Render("! never listed")
	case s.InventoryAt.IsZero():
		return m.st.muted.Render("loading")
	}
	return m.st.muted.Render(coarse(m.now.Sub(s.InventoryAt)) + " ago")
}

// noteView is what is wrong with the data, in words; "" if nothing is.
func (m *Model) noteView() string {
	s := m.fleet.snap
	var parts []string
	if s.InventoryErr != nil {
		parts = append(parts, inventoryTrouble(s, m.now))
	}
	if s.ClaimsErr != nil {
		parts = append(parts, "claims cannot be read: "+clean(s.ClaimsErr.Error()))
	}
	return strings.Join(parts, "; ")
}

// inventoryTrouble says why the provider's list is old, and how old.
func inventoryTrouble(s provider.FleetSnapshot, now time.Time) string {
	var why string
	err := s.InventoryErr
	retry := ""
	if wait := s.RetryAt.Sub(now); wait > 0 {
		retry = ", next try in " + duration(wait)
	}
	switch {
	case errors.Is(err, provider.ErrNoKey):
		return "no API key: only local claims are shown"
	case errors.Is(err, provider.ErrUnauthorized):
		why = "the API key is refused (401)"
	case errors.Is(err, provider.ErrForbidden):
		why = "the API key may not use Compute (403)"
	case errors.Is(err, provider.ErrRateLimited):
		why = "rate limited (429)" + retry
	case errors.Is(err, provider.ErrUnreachable):
		why = "the provider cannot be reached" + retry
	default:
		why = clean(err.Error()) + retry
	}
	if s.InventoryAt.IsZero() {
		return why + "; nothing was ever listed"
	}
	return why + "; rows are from " + coarse(now.Sub(s.InventoryAt)) + " ago, nothing is lost"
}

// stripView is the fleet in one line, above a pane that takes the screen.
func (m *Model) stripView(w int) string {
	t := m.fleet.totals(m.deps.Prices, m.now)
	right := t.String()
	if t.boxes > 0 {
		right += m.st.muted.Render(" · ") + m.st.strong.Render(t.rate())
	}
	left := " " + m.st.accent.Render("crabbox")
	if p := m.panes.current(); p != nil {
		if l, ok := m.fleet.find(p.key); ok {
			left += "  " + l.Name() + "  " + m.st.muted.Render(timeLeft(l, m.now)) + "  " + m.st.muted.Render(money(costNow(l, m.deps.Prices, m.now)))
		}
	}
	return spread(left, right+" ", w)
}
