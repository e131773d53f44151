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
