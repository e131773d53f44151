package term

// Interning with collection: when a table is full, the entries that no cell of
// a live screen refers to are dropped and the cells renumbered. A collection
// looks at every cell, so it must be earned by as many bytes of input as that
// takes; until then a full table degrades what it is asked for.

// earned reports whether a collection may run. Every refused attempt stands
// for at least four bytes of input.
func (t *Terminal) earned() bool {
	// At least so much that no two collections fall into one control sequence,
	// which may hold the number of a cluster meanwhile.
	cost := max(t.cols*t.rows*2, 1<<12)
	t.tab.credit += 4
	if t.tab.credit < cost {
		return false
	}
	t.tab.credit = 0
	return true
}

// internStyle returns the number of a style with a link, or of something near it.
func (t *Terminal) internStyle(s *Style, link uint16) uint16 {
	if id, ok := t.tab.styleID(s, link); ok {
		return id
	}
	if t.earned() {
		link = t.collect(link)
		if id, ok := t.tab.styleID(s, link); ok {
			return id
		}
	}
	c := s.coarse()
	if id, ok := t.tab.styleID(&c, link); ok {
		return id
	}
	return 0
}

// internCluster returns the content of a cell that shows the cluster b; what
// cannot be entered shows its first rune only.
func (t *Terminal) internCluster(b []byte, base cell) cell {
	if c, ok := t.tab.clusterID(b); ok {
		return c
	}
	if t.earned() {
		t.collect(0)
		if c, ok := t.tab.clusterID(b); ok {
			return c
		}
	}
	return base & cellContent
}

func (t *Terminal) internLink(u []byte) uint16 {
	if id, ok := t.tab.linkID(u); ok {
		return id
	}
	if t.earned() {
		t.collect(0)
		if id, ok := t.tab.linkID(u); ok {
			return id
		}
	}
	return 0
}

// collect drops every style, cluster and link that nothing refers to. It keeps
// the link held, and returns its new number.
func (t *Terminal) collect(held uint16) uint16 {
	old := t.tab
	styleMap := make([]uint16, len(old.styles))
	clusterMap := make([]uint16, len(old.clusters))
	linkMap := make([]uint16, len(old.links))
	// What filled the table once is likely to fill it again.
	nt := newTables(max(minStyles, len(old.styleIdx)/4))
	nt.credit = old.credit

	link := func(id uint16) uint16 {
		if id == 0 {
			return 0
		}
		if linkMap[id] == 0 {
			linkMap[id], _ = nt.linkID([]byte(old.links[id]))
		}
		return linkMap[id]
	}
	remap := func(c cell) cell {
		if id := c.style(); id != 0 {
			if styleMap[id] == 0 {
				p := old.styles[id]
				styleMap[id], _ = nt.styleID(&p.Style, link(p.link))
			}
			c = c&^cellStyleMask | cell(styleMap[id])<<cellStyleShift
		}
		if c&cellCluster != 0 {
			id := c & cellRuneMask
			if clusterMap[id] == 0 {
				n, _ := nt.clusterID(old.clusters[id].bytes())
				clusterMap[id] = uint16(n&cellRuneMask) + 1
			}
			c = c&^cellRuneMask | cell(clusterMap[id]-1)
		}
		return c
	}
	for _, s := range []*screen{t.primary, t.alt} {
		if s == nil {
			continue
		}
		for i := range s.rows {
			r := &s.rows[i]
			for x, c := range r.cells[:r.hi] {
				r.cells[x] = remap(c)
			}
			if f := remap(r.fill); f != r.fill {
				fillCells(r.cells[r.hi:], f)
				r.fill = f
			}
		}
	}
	t.last = remap(t.last)
	t.penLink = link(t.penLink)
	held = link(held)
	t.tab = nt
	t.penStale, t.eraseOld = true, true
	return held
}
