package tui

import "math"

// node is one pane, or two nodes beside or above each other. Its methods know
// where things are, not what is in them.
type node struct {
	pane *onePane // nil where the node is split
	a, b *node
	// stacked: a is above b; else a is at the left of b.
	stacked bool
	share   float64 // of a, from 0 to 1
}

const (
	// leastCols and leastRows are what a divider leaves each side where it can;
	// a row of them is the pane's title.
	leastCols, leastRows = 8, 3
)

// cut divides total cells by share.
func cut(total int, share float64, least int) (a, b int) {
	if total < 2*least {
		a = max(total/2, 0)
	} else {
		a = min(max(int(math.Round(share*float64(total))), least), total-least)
	}
	return a, max(total-a, 0)
}

// halves are the places of a and b in r, and of the divider: a column of its
// own between nodes that are beside each other, and the titles of b where it
// is below.
func (n *node) halves(r rect) (a, b, divider rect) {
	if n.stacked {
		h, rest := cut(r.h, n.share, leastRows)
		return rect{r.x, r.y, r.w, h}, rect{r.x, r.y + h, r.w, rest}, rect{r.x, r.y + h, r.w, 1}
	}
	w, rest := cut(r.w-1, n.share, leastCols)
	return rect{r.x, r.y, w, r.h}, rect{r.x + w + 1, r.y, rest, r.h}, rect{r.x + w, r.y, 1, r.h}
}

// place calls f with the place of each pane, title included.
func (n *node) place(r rect, f func(p *onePane, r rect)) {
	if n.pane != nil {
		f(n.pane, r)
		return
	}
	a, b, _ := n.halves(r)
	n.a.place(a, f)
	n.b.place(b, f)
}

// panes are all panes, from the top left.
func (n *node) panes() []*onePane {
	if n.pane != nil {
		return []*onePane{n.pane}
	}
	return append(n.a.panes(), n.b.panes()...)
}

// leaf is the node of a pane, nil if it is not here.
func (n *node) leaf(p *onePane) *node {
	if n.pane != nil {
		if n.pane == p {
			return n
		}
		return nil
	}
	if l := n.a.leaf(p); l != nil {
		return l
	}
	return n.b.leaf(p)
}

// split puts p beside or below the pane of a leaf.
func (n *node) split(p *onePane, stacked bool) {
	*n = node{a: &node{pane: n.pane}, b: &node{pane: p}, stacked: stacked, share: 0.5}
}

// without takes a pane out and returns what is left, nil if nothing is.
func (n *node) without(p *onePane) *node {
	if n.pane != nil {
		if n.pane == p {
			return nil
		}
		return n
	}
	n.a, n.b = n.a.without(p), n.b.without(p)
	switch {
	case n.a == nil:
		return n.b
	case n.b == nil:
		return n.a
	}
	return n
}

// dividerAt finds the divider at a cell, and the place of the node that it
// divides.
func (n *node) dividerAt(r rect, x, y int) (*node, rect) {
	if n.pane != nil || !r.has(x, y) {
		return nil, rect{}
	}
	a, b, divider := n.halves(r)
	if divider.has(x, y) {
		// Below a stack, dividers between its titles come first.
		if n.stacked {
			if d, at := n.b.dividerAt(b, x, y); d != nil && !d.stacked {
				return d, at
			}
		}
		return n, r
	}
	if d, at := n.a.dividerAt(a, x, y); d != nil {
		return d, at
	}
	return n.b.dividerAt(b, x, y)
}

// dragTo moves the node's divider to a cell of its place.
func (n *node) dragTo(r rect, x, y int) {
	if n.stacked {
		n.setCut(y-r.y, r.h, leastRows)
	} else {
		n.setCut(x-r.x, r.w-1, leastCols)
	}
}

func (n *node) setCut(at, total, least int) {
	if total >= 2*least {
		n.share = float64(min(max(at, least), total-least)) / float64(total)
	}
}

// grow moves the divider nearest to a pane by so many cells; false if there is
// none in that direction.
func (n *node) grow(r rect, p *onePane, dx, dy int) bool {
	if n.pane != nil {
		return false
	}
	a, b, _ := n.halves(r)
	if n.a.leaf(p) != nil && n.a.grow(a, p, dx, dy) || n.b.leaf(p) != nil && n.b.grow(b, p, dx, dy) {
		return true
	}
	if n.leaf(p) == nil || n.stacked != (dy != 0) {
		return false
	}
	n.dragTo(r, r.x+a.w+dx, r.y+a.h+dy)
	return true
}

// neighbour is the pane next to p in a direction, nil if there is none: of
// those that touch it, the one beside its middle.
func (n *node) neighbour(r rect, p *onePane, dx, dy int) *onePane {
	var from rect
	n.place(r, func(q *onePane, at rect) {
		if q == p {
			from = at
		}
	})
	x, y := from.x+from.w/2, from.y+from.h/2
	switch {
	case dx < 0:
		x = from.x - 2
	case dx > 0:
		x = from.x + from.w + 1
	case dy < 0:
		y = from.y - 1
	case dy > 0:
		y = from.y + from.h
	}
	var out *onePane
	n.place(r, func(q *onePane, at rect) {
		// A divider may run into the middle: it belongs to whoever is left of it.
		at.w++
		if q != p && at.has(x, y) {
			out = q
		}
	})
	return out
}
