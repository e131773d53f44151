package term

// Link is something in the text that leads somewhere.
type Link struct {
	// Target is where to: graphic ASCII, other characters escaped, at most
	// 2048 bytes. Show it before it is opened: the remote chose it.
	Target string
	Range  Range // the cells of it
	// Explicit: the target was given by OSC 8, so the text may say another.
	Explicit bool
}

// LinkAt returns the link at p: the OSC 8 target of its cell, or a web or mail
// address in the text, over wrapped rows too.
func (t *Terminal) LinkAt(p Point) (l Link, ok bool) {
	y, ok := t.RowOf(p.Line)
	if !ok {
		return Link{}, false
	}
	if l, ok := t.explicitLink(y, p); ok {
		return l, true
	}
	lt := t.around(y)
	off, ok := lt.offset(p)
	if !ok {
		return Link{}, false
	}
	a, b, ok := urlAt(lt.buf, off)
	if !ok {
		return Link{}, false
	}
	target := cleanLink(nil, lt.buf[a:b])
	return Link{Target: string(target), Range: lt.cells(a, b)}, len(target) > 0
}

// explicitLink returns the OSC 8 link at column p.Col of row y, with the cells
// beside it that have the same target.
func (t *Terminal) explicitLink(y int, p Point) (Link, bool) {
	target, a, b := t.linkRun(y, p.Col)
	if target == "" {
		return Link{}, false
	}
	from, to := t.logicalLine(y, max(1, wordReach/t.cols))
	r := Range{Point{p.Line, a}, Point{p.Line, b}}
	for up := y - 1; up >= from && r.From.Col == 0; up-- {
		u, a, end := t.linkRun(up, t.cols-1)
		if u == "" { // a wide character may have left the last column free
			u, a, end = t.linkRun(up, t.cols-2)
		}
		if u != target || end < t.cols-1 {
			break
		}
		r.From = Point{t.LineOf(up), a}
	}
	for down := y + 1; down < to && r.To.Col >= t.cols-1; down++ {
		u, _, end := t.linkRun(down, 0)
		if u != target {
			break
		}
		r.To = Point{t.LineOf(down), end}
	}
	return Link{Target: target, Range: r, Explicit: true}, true
}

// linkRun returns the OSC 8 target at a column of row y, and the columns from
// a to b-1 around it that have the same.
func (t *Terminal) linkRun(y, col int) (target string, a, b int) {
	p := newPackReader(t.packedRow(y, true), &t.classes)
	x, start := 0, 0
	var link []byte
	for p.next() {
		if string(p.link) != string(link) {
			if x > col {
				break
			}
			link, start = p.link, x
		}
		x += p.width
	}
	if col < start || col >= x {
		return "", 0, 0
	}
	return string(link), start, min(x, t.cols)
}
