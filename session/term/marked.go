package term

// MarkKind is why cells are marked when a row is drawn.
type MarkKind uint8

// The kinds of marks, which look different without any colour. Where marks
// overlap, the greatest kind shows.
const (
	MarkMatch    MarkKind = iota + 1 // inverse and underlined
	MarkSelected                     // inverse
	MarkCurrent                      // the match that is gone to: inverse, bold, underlined twice
)

// Mark is a run of cells of one row that are drawn otherwise: the columns From
// to To-1. A wide character is marked if its left half is.
type Mark struct {
	From, To int
	Kind     MarkKind
}

// AppendMarkedRow is AppendRow with marks, in any order. What is inverse
// already is turned back, so that a mark shows on it too.
func (t *Terminal) AppendMarkedRow(dst []byte, y int, marks []Mark) []byte {
	w := rowWriter{t: t, dst: dst, lastText: -1, recolor: t.colors.changed(), drawn: true}
	if y < -t.ScrollbackLen() || y >= t.rows {
		w.pad(t.cols, &Style{})
		return w.finish()
	}
	w.setStyle(&Style{})
	m := marker{w: &w}
	for _, k := range marks {
		for x := max(k.From, 0); x < min(k.To, t.cols); x++ {
			m.kinds[x] = max(m.kinds[x], k.Kind)
		}
	}
	p := newPackReader(t.packedRow(y, true), &t.classes)
	var link []byte
	for p.next() && w.x+p.width <= t.cols {
		if string(link) != string(p.link) {
			link = p.link
			w.setLink(string(link))
		}
		if p.blank {
			m.pad(w.x+p.width, &p.style)
			continue
		}
		style := m.kinds[w.x].style(p.style)
		w.setStyle(&style)
		w.put(p.text, p.width)
	}
	if p.fill {
		m.pad(t.cols, &p.style)
	}
	m.pad(t.cols, &Style{})
	return w.finish()
}

// marker draws blanks with marks; kinds has that of each column.
type marker struct {
	w     *rowWriter
	kinds [maxCols]MarkKind
}

// pad writes blanks up to column x.
func (m *marker) pad(x int, s *Style) {
	for m.w.x < x {
		end := m.w.x + 1
		for end < x && m.kinds[end] == m.kinds[end-1] {
			end++
		}
		style := m.kinds[end-1].style(*s)
		m.w.pad(end, &style)
	}
}

func (k MarkKind) style(s Style) Style {
	if k == 0 {
		return s
	}
	s.Attrs = (s.Attrs ^ AttrInverse) &^ AttrHidden
	switch k {
	case MarkMatch:
		s.Underline, s.UnderlineColor = UnderlineSingle, DefaultColor
	case MarkCurrent:
		s.Attrs |= AttrBold
		s.Underline, s.UnderlineColor = UnderlineDouble, DefaultColor
	}
	return s
}
