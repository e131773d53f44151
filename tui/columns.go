package tui

import (
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/provider"
)

// cell is the text of one place in the list, with its tone.
type cell struct {
	text string
	tone tone
}

// column is one of the fleet's columns. Where the width does not suffice, the
// columns of the highest rank go first.
type column struct {
	title string
	rank  int
	right bool
	flex  bool // takes what is left over, and gives way first
	cell  func(r row, c cellContext) cell
}

// cellContext is what cells need beside the row.
type cellContext struct {
	now    time.Time
	prices provider.Prices
	panes  func(leaseKey string) int
	mark   func(leaseKey string) tabMark
	// narrow: the list is a column beside a pane, and cells are brief.
	narrow bool
	// wide: there is room for types in full.
	wide bool
}

// narrowList is the width under which the list is brief, wideList from which
// it is full.
const (
	narrowList = 60
	wideList   = 140
)

func (c cellContext) gap() int {
	if c.narrow {
		return 1
	}
	return 2
}

const (
	nameMin = 8
	nameMax = 41
)

var fleetColumns = []column{
	{title: "", rank: 0, cell: markCell},
	{title: "NAME", rank: 1, flex: true, cell: func(r row, _ cellContext) cell { return cell{r.name(), toneNone} }},
	{title: "STANDING", rank: 2, cell: standingCell},
	{title: "LEFT", rank: 3, cell: leftCell},
	{title: "TYPE", rank: 6, cell: leaseCell(typeCell)},
	{title: "IP", rank: 8, cell: leaseCell(func(l provider.Lease, _ cellContext) cell { return cell{orDash(l.Host), toneNone} })},
	{title: "WHERE", rank: 10, cell: leaseCell(func(l provider.Lease, _ cellContext) cell { return cell{orDash(place(l)), toneMuted} })},
	{title: "AGE", rank: 9, right: true, cell: leaseCell(func(l provider.Lease, c cellContext) cell { return cell{age(l, c.now), toneMuted} })},
	{title: "KEEP", rank: 7, cell: leaseCell(keepCell)},
	{title: "SO FAR", rank: 5, right: true, cell: leaseCell(func(l provider.Lease, c cellContext) cell {
		return cell{money(costNow(l, c.prices, c.now)), toneNone}
	})},
	{title: "RATE", rank: 4, right: true, cell: leaseCell(func(l provider.Lease, _ cellContext) cell {
		if !billing(l) {
			return cell{"—", toneMuted}
		}
		return cell{rate(l.Cost), toneNone}
	})},
}

// leaseCell is a cell that rows without a lease leave blank.
func leaseCell(f func(provider.Lease, cellContext) cell) func(row, cellContext) cell {
	return func(r row, c cellContext) cell {
		if r.lease == nil {
			return cell{"", toneNone}
		}
		return f(*r.lease, c)
	}
}

func orDash(s string) string {
	if s == "" {
		return "—"
	}
	return s
}

func place(l provider.Lease) string {
	if l.Sector != "" && l.Region != "" {
		return l.Region + "/" + l.Sector
	}
	return l.Region + l.Sector
}

func markCell(r row, _ cellContext) cell {
	if r.lease == nil {
		return cell{ownerMine.mark(), toneMuted}
	}
	if o := ownerOf(*r.lease); o != ownerMine {
		return cell{o.mark(), toneMuted}
	}
	return cell{ownerMine.mark(), toneNone}
}

func standingCell(r row, c cellContext) cell {
	if r.lease == nil {
		if r.op.Done() {
			return cell{"✕ failed", toneBad}
		}
		return cell{"◐ acquiring", toneWarn}
	}
	symbol, words, t := standingLook(r.lease.Standing)
	if c.narrow {
		words, _, _ = strings.Cut(words, ",")
	}
	text := symbol + " " + words
	if n := c.panes(r.key); n > 0 && r.lease.Standing == provider.StandingReady {
		text += " " + [...]string{"▸", "+", "!"}[c.mark(r.key)]
	}
	return cell{text, t}
}

func leftCell(r row, c cellContext) cell {
	if r.lease == nil {
		return cell{"", toneNone}
	}
	at, _ := deadline(*r.lease)
	left := at.Sub(c.now)
	t := toneNone
	switch {
	case at.IsZero():
		t = toneMuted
	case left <= 2*time.Minute:
		t = toneBad
	case left <= 10*time.Minute:
		t = toneWarn
	}
	text := timeLeft(*r.lease, c.now)
	if c.narrow {
		text = strings.TrimSuffix(strings.TrimSuffix(text, " "+string(clockIdle)), " "+string(clockTTL))
	}
	return cell{text, t}
}

func typeCell(l provider.Lease, c cellContext) cell {
	if c.wide {
		return cell{l.Type, toneNone}
	}
	return cell{shortType(l.Type), toneNone}
}

func keepCell(l provider.Lease, _ cellContext) cell {
	if l.Keep {
		return cell{"keep", toneWarn}
	}
	return cell{"", toneNone}
}

// placed is a column with its width.
type placed struct {
	column
	w int
}

// pickColumns chooses the columns that fit w cells, best ranks first, with the
// widths that their cells need; the name takes what is left.
func pickColumns(w int, rows []row, c cellContext) []placed {
	all := make([]placed, len(fleetColumns))
	for i, col := range fleetColumns {
		natural := 0
		for _, r := range rows {
			natural = max(natural, ansi.StringWidth(col.cell(r, c).text))
		}
		// A column that says nothing of any row is not there.
		if natural > 0 {
			natural = max(natural, ansi.StringWidth(col.title))
		}
		if col.flex {
			natural = min(max(natural, nameMin), nameMax)
		}
		all[i] = placed{col, natural}
	}
	byRank := make([]int, len(all))
	for i := range all {
		byRank[i] = i
	}
	slices.SortFunc(byRank, func(a, b int) int { return all[a].rank - all[b].rank })
	columnGap := c.gap()
	used, chosen, flexible := -columnGap, make([]bool, len(all)), 0
	for _, i := range byRank {
		need := all[i].w + columnGap
		if all[i].w == 0 {
			continue
		}
		// The name may shrink to its minimum for the columns that matter most.
		if over := used + need - w; over > 0 {
			if all[i].rank > 3 || over > flexible {
				break
			}
			for j := range all {
				if all[j].flex {
					all[j].w -= over
				}
			}
			flexible -= over
			used -= over
		}
		chosen[i] = true
		used += need
		if all[i].flex {
			flexible = all[i].w - nameMin
		}
	}
	var out []placed
	for i := range all {
		if chosen[i] {
			out = append(out, all[i])
		}
	}
	return out
}
