package term

// ScrollbackCell is Cell for line i above the screen; 0 is the oldest.
func (t *Terminal) ScrollbackCell(x, i int) Cell {
	if i < 0 || i >= t.ScrollbackLen() || x < 0 || x >= t.cols {
		return blankCell
	}
	p := newPackReader(t.sb.line(i), &t.classes)
	at := 0
	for p.next() {
		if at += p.width; x >= at {
			continue
		}
		c := Cell{Width: 1, Text: " ", Style: p.style, Link: string(p.link)}
		if !p.blank {
			c.Text, c.Width = string(p.text), p.width
			if x > at-p.width {
				c.Text, c.Width = "", 0
			}
		}
		return c
	}
	if p.fill {
		return Cell{Text: " ", Width: 1, Style: p.style}
	}
	return blankCell
}

// AppendText appends the text of row y, which is as for AppendRow, for copying
// and searching: without styles, without the blanks behind the text, and
// without the place that a wide character left at the end of a row. The text
// of a row that RowWrapped goes on in the next one.
func (t *Terminal) AppendText(dst []byte, y int) []byte {
	start := len(dst)
	n := t.ScrollbackLen()
	wrapped := t.RowWrapped(y)
	switch {
	case y < -n || y >= t.rows:
	case y < 0:
		p := newPackReader(t.sb.line(n+y), &t.classes)
		for p.next() {
			switch {
			case p.spacer:
			case p.blank:
				for range p.width {
					dst = append(dst, ' ')
				}
			default:
				dst = append(dst, p.text...)
			}
		}
	default:
		for _, c := range t.scr.row(y).cells {
			if !c.isCont() && c&cellSpacer == 0 {
				dst = t.tab.appendText(dst, c)
			}
		}
	}
	for !wrapped && len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
