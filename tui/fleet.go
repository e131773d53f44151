package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

// row is one line of the fleet: a lease, or an operation that has no lease to
// be seen yet (or any more).
type row struct {
	key   string
	lease *provider.Lease
	op    *provider.Progress
}

func (r row) name() string {
	if r.lease != nil {
		return r.lease.Name()
	}
	if r.op.Slug != "" {
		return clean(r.op.Slug)
	}
	return "new box"
}

// sortKey is what rows are sorted by.
type sortKey int

const (
	sortFleet sortKey = iota // as merged: ours first
	sortName
	sortLeft
	sortCost
	sortAge
	sortKeys
)

func (s sortKey) String() string {
	return [...]string{"owner", "name", "time left", "cost", "age"}[s]
}

// fleetView is the list of boxes. The cursor is a row's key, so that it stays
// on its lease whatever comes and goes around it.
type fleetView struct {
	snap provider.FleetSnapshot
	ops  []provider.Progress
	// rows are sorted and filtered.
	rows   []row
	cursor string
	offset int // first row on screen
	sort   sortKey
	filter lineEdit
	// filtering: keys go to the filter.
	filtering bool
	// pinned is the operation shown in the detail whatever is selected, until
	// the cursor moves; 0 for none.
	pinned int
	loaded bool
}

// rebuild makes rows of the newest snapshots, and keeps the cursor.
func (f *fleetView) rebuild(now time.Time) {
	old := f.index()
	f.rows = f.rows[:0:0]
	match := strings.ToLower(strings.TrimSpace(f.filter.String()))
	for i := range f.snap.Rows {
		l := &f.snap.Rows[i]
		if match != "" && !rowMatches(*l, match) {
			continue
		}
		f.rows = append(f.rows, row{key: l.Key(), lease: l})
	}
	f.sortRows(now)
	for i := range f.ops {
		op := &f.ops[i]
		if f.showsOp(*op) {
			f.rows = append(f.rows, row{key: opKey(op.ID), op: op})
		}
	}
	if f.index() < 0 && len(f.rows) > 0 {
		f.cursor = f.rows[min(max(old, 0), len(f.rows)-1)].key
	}
}

func opKey(id int) string { return fmt.Sprintf("operation:%d", id) }

// showsOp says whether an operation needs a row of its own: an acquire whose
// claim is not in the fleet, unless all is well and over. A release that ended
// has its place in the notices.
func (f *fleetView) showsOp(op provider.Progress) bool {
	if op.Kind == provider.KindRelease || op.Done() && op.Err == nil {
		return false
	}
	if op.LeaseID == "" {
		return true
	}
	return !slices.ContainsFunc(f.snap.Rows, func(l provider.Lease) bool { return l.ID == op.LeaseID })
}

func rowMatches(l provider.Lease, match string) bool {
	_, words, _ := standingLook(l.Standing)
	for _, s := range []string{l.Slug, l.ID, l.InstanceID, l.Host, l.Type, l.Region, l.Provider, words} {
		if strings.Contains(strings.ToLower(s), match) {
			return true
		}
	}
	return false
}

func (f *fleetView) sortRows(now time.Time) {
	var by func(a, b row) int
	switch f.sort {
	case sortName:
		by = func(a, b row) int { return cmp.Compare(a.name(), b.name()) }
	case sortLeft:
		by = func(a, b row) int { return compareTimes(a.lease.ExpiresAt, b.lease.ExpiresAt) }
	case sortCost:
		by = func(a, b row) int { return cmp.Compare(b.lease.Cost.SoFar, a.lease.Cost.SoFar) }
	case sortAge:
		by = func(a, b row) int { return compareTimes(bornAt(*a.lease), bornAt(*b.lease)) }
	default:
		return
	}
	slices.SortStableFunc(f.rows, by)
}

func bornAt(l provider.Lease) time.Time {
	if l.CreatedAt.IsZero() {
		return l.FirstSeen
	}
	return l.CreatedAt
}

// compareTimes puts unknown times last.
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

// index is the place of the cursor, -1 if it is nowhere.
func (f *fleetView) index() int {
	return slices.IndexFunc(f.rows, func(r row) bool { return r.key == f.cursor })
}

// selected returns the row under the cursor.
func (f *fleetView) selected() (row, bool) {
	if i := f.index(); i >= 0 {
		return f.rows[i], true
	}
	return row{}, false
}

// lease returns the lease under the cursor.
func (f *fleetView) lease() (provider.Lease, bool) {
	if r, ok := f.selected(); ok && r.lease != nil {
		return *r.lease, true
	}
	return provider.Lease{}, false
}

// find returns the newest state of a lease by its key.
func (f *fleetView) find(key string) (provider.Lease, bool) {
	for _, l := range f.snap.Rows {
		if l.Key() == key {
			return l, true
		}
	}
	return provider.Lease{}, false
}

// move puts the cursor n rows further.
func (f *fleetView) move(n int) { f.goTo(f.index() + n) }

func (f *fleetView) goTo(i int) {
	if len(f.rows) == 0 {
		return
	}
	key := f.rows[min(max(i, 0), len(f.rows)-1)].key
	if key != f.cursor {
		f.pinned = 0
	}
	f.cursor = key
}

// scrollTo keeps the cursor within h visible rows.
func (f *fleetView) scrollTo(h int) {
	i := max(f.index(), 0)
	f.offset = min(f.offset, i)
	if h > 0 {
		f.offset = max(f.offset, i-h+1)
	}
	f.offset = max(min(f.offset, len(f.rows)-h), 0)
}

// operation is what the detail shows: the pinned one, else the newest of the
// selected row that runs or failed.
func (f *fleetView) operation() (provider.Progress, bool) {
	if op, ok := f.op(f.pinned); ok {
		return op, true
	}
	r, ok := f.selected()
	if !ok {
		return provider.Progress{}, false
	}
	if r.op != nil {
		return *r.op, true
	}
	for _, op := range slices.Backward(f.ops) {
		if op.LeaseID != "" && op.LeaseID == r.lease.ID && (!op.Done() || op.Err != nil) {
			return op, true
		}
	}
	return provider.Progress{}, false
}

func (f *fleetView) op(id int) (provider.Progress, bool) {
	if id != 0 {
		for _, op := range f.ops {
			if op.ID == id {
				return op, true
			}
		}
	}
	return provider.Progress{}, false
}

// running returns the operations under way.
func (f *fleetView) running() []provider.Progress {
	var out []provider.Progress
	for _, op := range f.ops {
		if !op.Done() {
			out = append(out, op)
		}
	}
	return out
}

// billing returns the boxes that cost money, or may, and are ours to end.
func (f *fleetView) billing() []provider.Lease {
	var out []provider.Lease
	for _, l := range f.snap.Rows {
		if ownerOf(l) != ownerForeign && billing(l) {
			out = append(out, l)
		}
	}
	return out
}

// totals sums what is on screen.
type totals struct {
	boxes, foreign int
	perHour, soFar float64
	unpriced       int // boxes whose price is not known
	atLeast        bool
}

func (f *fleetView) totals(prices provider.Prices, now time.Time) totals {
	var t totals
	for _, l := range f.snap.Rows {
		if !billing(l) {
			continue
		}
		t.boxes++
		if ownerOf(l) == ownerForeign {
			t.foreign++
		}
		c := costNow(l, prices, now)
		if !c.Known {
			t.unpriced++
			continue
		}
		t.perHour += c.PerHour
		t.soFar += c.SoFar
		t.atLeast = t.atLeast || c.AtLeast
	}
	return t
}

func (t totals) String() string {
	boxes := fmt.Sprintf("%d boxes", t.boxes)
	if t.boxes == 1 {
		boxes = "1 box"
	}
	if t.foreign > 0 {
		boxes += fmt.Sprintf(" (%d foreign)", t.foreign)
	}
	return boxes
}

func (t totals) rate() string {
	s := dollars(t.perHour) + "/h"
	if t.unpriced > 0 {
		s += fmt.Sprintf(" + %d unpriced", t.unpriced)
	}
	return s
}

func (t totals) sum() string {
	mark := "~"
	if t.atLeast || t.unpriced > 0 {
		mark = "≥"
	}
	return mark + dollars(t.soFar)
}
