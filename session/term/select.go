package term

// Unit is what a selection consists of.
type Unit uint8

// The units of a selection.
const (
	UnitCell   Unit = iota // single characters
	UnitWord               // words, and web addresses and paths whole
	UnitRow                // rows of the screen
	UnitLine               // lines of text, however many rows they were wrapped over
	UnitOutput             // all that a command printed, between OSC 133 marks
	UnitBlock              // the rectangle of cells between two corners
)

// Selection is the text from one point to another, both included, in either
// order, widened to whole units.
type Selection struct {
	Unit Unit
	A, B Point
	// WordChars are what words consist of besides letters, digits and
	// underscores.
	WordChars string
}

// Span returns the cells of s; for a block its first and last corner, the
// last one's column not included. ok is false when any of the text that s
// begins and ends with is gone.
func (t *Terminal) Span(s Selection) (r Range, ok bool) {
	a, b := s.A, s.B
	if b.Before(a) {
		a, b = b, a
	}
	if s.Unit == UnitBlock {
		if s.A.Col > s.B.Col {
			s.A.Col, s.B.Col = s.B.Col, s.A.Col
		}
		a.Col, b.Col = s.A.Col, s.B.Col
		_, end, ok := t.character(b)
		r = Range{a, Point{b.Line, end}}
		_, there := t.RowOf(a.Line)
		return r, ok && there
	}
	first, ok := t.Expand(s.Unit, a, s.WordChars)
	if !ok {
		return Range{}, false
	}
	last, ok := t.Expand(s.Unit, b, s.WordChars)
	return Range{first.From, last.To}, ok
}

// Expand returns the unit that p stands in. ok is false when p is gone or
// there is no such unit. A block expands to one character.
func (t *Terminal) Expand(u Unit, p Point, wordChars string) (r Range, ok bool) {
	from, to, ok := t.character(p)
	if !ok {
		return Range{}, false
	}
	y, _ := t.RowOf(p.Line)
	switch u {
	case UnitWord:
		if r, ok := t.word(y, p, wordChars); ok {
			return r, true
		}
	case UnitRow:
		return Range{Point{p.Line, 0}, Point{p.Line, t.cols}}, true
	case UnitLine:
		a, b := t.logicalLine(y, t.rows+t.ScrollbackLen())
		return Range{Point{t.LineOf(a), 0}, Point{t.LineOf(b - 1), t.cols}}, true
	case UnitOutput:
		return t.output(p.Line)
	}
	return Range{Point{p.Line, from}, Point{p.Line, to}}, true
}

// character returns the columns from to to-1 of the character at p; columns
// beyond the row count as its last one. ok is false when the line is gone.
func (t *Terminal) character(p Point) (from, to int, ok bool) {
	y, ok := t.RowOf(p.Line)
	if !ok {
		return 0, 0, false
	}
	col := clamp(p.Col, 0, t.cols-1)
	pr := newPackReader(t.packedRow(y, false), &t.classes)
	for x := 0; pr.next() && x <= col; x += pr.width {
		if !pr.blank && col < x+pr.width {
			return x, min(x+pr.width, t.cols), true
		}
	}
	return col, col + 1, true
}

// SelectText returns the text of s as it is meant: wrapped rows joined, without
// the blanks behind a line, wide characters once, the columns of a block kept.
// ok is false when any of the text is gone. For a long selection, Span and
// Snapshot.Text hold the terminal up for less long.
func (t *Terminal) SelectText(s Selection) (text string, ok bool) {
	r, ok := t.Span(s)
	if !ok {
		return "", false
	}
	return t.Snapshot(r.From.Line, r.To.Line+1).Text(r, s.Unit == UnitBlock), true
}

// Text returns the text of r, or of the block with these corners, as far as the
// snapshot has it; see SelectText.
func (s *Snapshot) Text(r Range, block bool) string {
	var out []byte
	start := 0 // of the logical line at hand
	for i := range s.Len() {
		line := s.first + uint64(i)
		if line < r.From.Line || line > r.To.Line {
			continue
		}
		if block {
			out = s.appendBlock(out, i, r.From.Col, r.To.Col)
		} else {
			a, b := 0, s.t.cols
			if line == r.From.Line {
				a = r.From.Col
			}
			if line == r.To.Line {
				b = r.To.Col
			}
			out = s.appendText(out, start, i, i+1, a, b)
		}
		if line < r.To.Line && i+1 < s.Len() && (block || !s.wrapped(i)) {
			out = append(out, '\n')
			start = len(out)
		}
	}
	return string(out)
}

// appendText appends the columns a to b-1 of the lines from to to-1, joined.
// Blanks behind dst[start] with nothing behind them are left out, unless the
// text goes on in the next line.
func (s *Snapshot) appendText(dst []byte, start, from, to, a, b int) []byte {
	for i := from; i < to; i++ {
		beyond, x := false, 0
		p := s.reader(i)
		for p.next() {
			if p.spacer {
				continue
			}
			if x >= b {
				if beyond = !p.blank && string(p.text) != " "; beyond {
					break
				}
				continue
			}
			if p.blank {
				for range min(x+p.width, b) - max(x, a) {
					dst = append(dst, ' ')
				}
			} else if x+p.width > a {
				dst = append(dst, p.text...)
			}
			x += p.width
		}
		for !beyond && !s.wrapped(i) && len(dst) > start && dst[len(dst)-1] == ' ' {
			dst = dst[:len(dst)-1]
		}
	}
	return dst
}

// appendBlock appends the columns a to b-1 of line i. A wide character that
// begins before them leaves a blank, so that what follows stays in its column;
// one that begins in the last of them is taken whole.
func (s *Snapshot) appendBlock(dst []byte, i, a, b int) []byte {
	start, x := len(dst), 0
	p := s.reader(i)
	for p.next() && x < b {
		switch end := x + p.width; {
		case end <= a:
		case p.blank || x < a:
			for range min(end, b) - max(x, a) {
				dst = append(dst, ' ')
			}
		default:
			dst = append(dst, p.text...)
		}
		x += p.width
	}
	for len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	return dst
}
