package term

import "unicode/utf8"

// enterStyle and enterText intern without collecting: in the middle of a
// resize there are cells that no screen holds.
func (t *Terminal) enterStyle(s Style, link []byte) uint16 {
	id, _ := t.tab.linkID(link)
	if n, ok := t.tab.styleID(&s, id); ok {
		return n
	}
	s = s.coarse()
	n, _ := t.tab.styleID(&s, id)
	return n
}

func (t *Terminal) enterText(b []byte) cell {
	r, n := utf8.DecodeRune(b)
	if n == len(b) {
		return cell(r)
	}
	if c, ok := t.tab.clusterID(b); ok {
		return c
	}
	return cell(r)
}

// rewrapScrollback brings the lines above the screen to another width, from
// packed form to packed form. Lines that stand alone and fit are copied.
func (t *Terminal) rewrapScrollback(cols int) {
	old := t.sb
	t.sb.chunks, t.sb.free, t.sb.lines = nil, nil, nil
	t.sb.head, t.sb.n, t.sb.first = 0, 0, 0
	t.sb.buf = nil
	w := lineWrapper{sb: &t.sb, cols: cols}
	joined := false
	done := 0 // chunks that have been read, and serve again for what is written
	for i := range old.n {
		for c := int(old.at(i).chunk - old.first); done < c; done++ {
			t.sb.free = append(t.sb.free, old.chunks[done][:0])
			old.chunks[done] = nil
		}
		line := old.line(i)
		flags := rowFlags(line[0])
		if !joined && flags&rowWrapped == 0 && len(line)-1 <= cols {
			// Not more bytes than columns, so not more columns either: no
			// character is wider than its bytes are many, but for blanks.
			if !hasBlanks(line) {
				t.sb.pushPacked(line)
				continue
			}
		}
		w.add(line, &t.classes, joined)
		if joined = flags&rowWrapped != 0; !joined {
			w.end(0)
		}
	}
	if joined {
		w.end(rowWrapped)
	}
	t.sb.buf = old.buf
	t.sb.trimFree()
}

func hasBlanks(line []byte) bool {
	for _, b := range line[1:] {
		if b == packBlank {
			return true
		}
	}
	return false
}

// lineWrapper writes packed lines of a given width.
type lineWrapper struct {
	sb   *scrollback
	cols int

	buf   []byte
	x     int
	style Style
	link  []byte
}

func (w *lineWrapper) begin(flags rowFlags) {
	w.buf = append(w.buf[:0], byte(flags))
	w.x = 0
	w.style, w.link = Style{}, w.link[:0]
}

// add appends a packed line to the one at hand; joined says that it goes on.
func (w *lineWrapper) add(line []byte, ct *classTable, joined bool) {
	if !joined {
		w.begin(rowFlags(line[0]) &^ rowWrapped)
	}
	p := newPackReader(line, ct)
	for p.next() {
		if p.spacer || p.width > w.cols {
			continue
		}
		if p.blank {
			for n := p.width; n > 0; {
				if w.x == w.cols {
					w.newLine()
				}
				k := min(n, w.cols-w.x)
				w.put(&p, k)
				n -= k
			}
			continue
		}
		if w.x+p.width > w.cols {
			w.newLine()
		}
		w.put(&p, p.width)
	}
	if p.fill {
		w.buf = appendPackedStyle(append(w.buf, packFill), &p.style)
	}
}

func (w *lineWrapper) newLine() {
	if w.x < w.cols {
		w.buf = append(w.buf, packBlank, 0)
	}
	w.end(rowWrapped)
	w.begin(0)
}

func (w *lineWrapper) end(flags rowFlags) {
	w.buf[0] |= byte(flags)
	w.sb.pushPacked(w.buf)
}
