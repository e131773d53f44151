package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// tab is one or more panes that are on screen together.
type tab struct {
	root  *node
	focus *onePane // of its panes, the one that has the keyboard
	name  string   // given by a person; else ""
}

// label is what the tab is called.
func (t *tab) label() string {
	if t.name != "" {
		return t.name
	}
	return t.focus.lease.Name()
}

// tabOf is the index of a pane's tab.
func (s *paneSet) tabOf(p *onePane) int {
	return slices.IndexFunc(s.tabs, func(t *tab) bool { return t.root.leaf(p) != nil })
}

// tab is the one on screen, nil if there is none.
func (s *paneSet) tab() *tab {
	if s.active < len(s.tabs) {
		return s.tabs[s.active]
	}
	return nil
}

// goTo gives a pane the keyboard, and its tab the screen.
func (s *paneSet) goTo(p *onePane) {
	if i := s.tabOf(p); i >= 0 {
		s.active = i
		s.tabs[i].focus = p
		s.lay(s.at)
	}
}

// lay gives the panes their places in r. Hidden tabs get theirs too, so that
// going to one does not redraw it under the reader's eyes. Panes that another
// one hides by its zoom stay as they are.
func (s *paneSet) lay(r rect) {
	if p := s.current(); p != s.now {
		if s.now != nil {
			s.before = s.now
		}
		s.now = p
	}
	if !r.empty() {
		s.at = r
	}
	for i, t := range s.tabs {
		on := i == s.active && !r.empty()
		if s.zoom || t.root.pane != nil {
			for _, p := range t.root.panes() {
				p.visible = on && p == t.focus
			}
			t.focus.fit(rect{}, s.at)
			continue
		}
		t.root.place(s.at, func(p *onePane, at rect) {
			p.visible = on && at.h > 1 && at.w > 0
			p.fit(rect{at.x, at.y, at.w, 1}, rect{at.x, at.y + 1, at.w, at.h - 1})
		})
	}
	s.refresh()
}

// fit gives a pane its place on screen.
func (p *onePane) fit(title, screen rect) {
	p.title, p.screen = title, screen
	if !screen.empty() {
		p.eng.Resize(screen.w, screen.h)
	}
}

// paneAt is the pane on screen at a cell, nil if there is none.
func (s *paneSet) paneAt(x, y int) *onePane {
	i := slices.IndexFunc(s.all, func(p *onePane) bool {
		return p.visible && (p.screen.has(x, y) || p.title.has(x, y))
	})
	if i < 0 {
		return nil
	}
	return s.all[i]
}

// dividerAt is the divider on screen at a cell.
func (s *paneSet) dividerAt(x, y int) (*node, rect) {
	if t := s.tab(); t != nil && !s.zoom {
		return t.root.dividerAt(s.at, x, y)
	}
	return nil, rect{}
}

// split opens one more shell of a lease beside or below the active pane; false
// if there is no room for it.
func (s *paneSet) split(l provider.Lease, stacked bool, now time.Time) (tea.Cmd, bool) {
	p, t := s.current(), s.tab()
	s.zoom = false
	s.lay(s.at)
	if stacked && p.screen.h+p.title.h < 2*leastRows || !stacked && p.screen.w < 2*leastCols+1 {
		return nil, false
	}
	q := s.make(l, now)
	t.root.leaf(p).split(q, stacked)
	t.focus = q
	s.lay(s.at)
	return s.start(q, now), true
}

// pick makes the tab at index i the active one.
func (s *paneSet) pick(i int) {
	if i >= 0 && i < len(s.tabs) {
		s.active = i
		s.lay(s.at)
	}
}

// turn goes to the next pane, or to the one before: of this tab, then of the
// next one.
func (s *paneSet) turn(n int) {
	var all []*onePane
	for _, t := range s.tabs {
		all = append(all, t.root.panes()...)
	}
	if i := slices.Index(all, s.current()); i >= 0 {
		s.goTo(all[(i+n+len(all))%len(all)])
	}
}

// goBack goes to the pane that had the keyboard before.
func (s *paneSet) goBack() bool {
	if s.before == nil || s.tabOf(s.before) < 0 {
		return false
	}
	s.goTo(s.before)
	return true
}

// goBeside goes to the pane next to this one; false if there is none.
func (s *paneSet) goBeside(dx, dy int) bool {
	p := s.current()
	if s.zoom {
		return false
	}
	q := s.tab().root.neighbour(s.at, p, dx, dy)
	if q == nil {
		return false
	}
	s.goTo(q)
	return true
}

// swap changes places with the pane before or after in the tab; false if the
// tab has no other.
func (s *paneSet) swap(n int) bool {
	p, t := s.current(), s.tab()
	in := t.root.panes()
	if len(in) < 2 {
		return false
	}
	q := in[(slices.Index(in, p)+n+len(in))%len(in)]
	a, b := t.root.leaf(p), t.root.leaf(q)
	a.pane, b.pane = q, p
	s.lay(s.at)
	return true
}

// moveTab moves the tab by one place.
func (s *paneSet) moveTab(n int) bool {
	to := s.active + n
	if to < 0 || to >= len(s.tabs) {
		return false
	}
	s.tabs[s.active], s.tabs[to] = s.tabs[to], s.tabs[s.active]
	s.active = to
	return true
}

// breakOut moves the pane to a tab of its own; false if it has one.
func (s *paneSet) breakOut() bool {
	p, t := s.current(), s.tab()
	if t.root.pane != nil {
		return false
	}
	s.take(p)
	s.active++
	s.tabs = slices.Insert(s.tabs, s.active, &tab{root: &node{pane: p}, focus: p})
	s.lay(s.at)
	return true
}

// gather moves the pane into the tab before its own, beside the pane that has
// the keyboard there, along that pane's longer side.
func (s *paneSet) gather() bool {
	p := s.current()
	if s.active == 0 {
		return false
	}
	to := s.tabs[s.active-1]
	s.take(p)
	q := to.focus
	// A cell is about twice as high as it is wide.
	to.root.leaf(q).split(p, q.screen.w < 2*q.screen.h)
	s.zoom = false
	s.goTo(p)
	return true
}

// take takes a pane out of its tab, and the tab away if nothing is left of it.
func (s *paneSet) take(p *onePane) {
	i := s.tabOf(p)
	if i < 0 {
		return
	}
	t := s.tabs[i]
	in := t.root.panes()
	at := slices.Index(in, p)
	if t.root = t.root.without(p); t.root == nil {
		s.tabs = slices.Delete(s.tabs, i, i+1)
		if s.active > i || s.active == len(s.tabs) {
			s.active = max(s.active-1, 0)
		}
		return
	}
	if t.focus != p {
		return
	}
	t.focus = in[max(at-1, 0)]
	if at == 0 {
		t.focus = in[1]
	}
	if s.before != nil && t.root.leaf(s.before) != nil {
		t.focus = s.before
	}
}
