package term

// Snapshot is the text of some lines as they were when it was taken. It refers
// to nothing of the terminal, so that writing it out takes as long as it takes.
// It is safe for use by one goroutine at a time.
type Snapshot struct {
	first uint64 // the number of the first line
	buf   []byte // the lines packed
	ends  []uint32
	// t has the width of the terminal and nothing on its screen.
	t *Terminal
}

// maxScreenLinks bounds how much of the links of a screen is copied: each cell
// may have another, and each of them be long.
const maxScreenLinks = 1 << 20

// Snapshot copies the lines from to to-1, as far as there are such. It takes
// as long as copying their bytes, at most some milliseconds for the largest
// scrollback there is.
func (t *Terminal) Snapshot(from, to uint64) *Snapshot {
	from, to = max(from, t.FirstLine()), min(to, t.EndLine())
	s := &Snapshot{first: from, t: &Terminal{cols: t.cols}}
	if from >= to {
		return s
	}
	y, _ := t.RowOf(from)
	s.take(t, y, y+int(to-from))
	return s
}

// History is a snapshot of everything that was written: the scrollback and the
// screen down to its last text. It is that of the primary screen, whichever is
// shown.
func (t *Terminal) History() *Snapshot {
	if t.scr == t.primary {
		return t.Snapshot(t.FirstLine(), t.LineOf(t.lastText())+1)
	}
	alt, y := t.scr, t.y
	t.scr, t.y = t.primary, t.primary.saved.y
	defer func() { t.scr, t.y = alt, y }()
	return t.History()
}

func (s *Snapshot) take(t *Terminal, from, to int) {
	size := 0
	for y := from; y < min(to, 0); y++ {
		size += len(t.packedRow(y, false))
	}
	s.buf = make([]byte, 0, size+max(0, to)*t.cols)
	s.ends = make([]uint32, 0, to-from)
	for y := from; y < to; y++ {
		s.buf = append(s.buf, t.packedRow(y, len(s.buf) < size+maxScreenLinks)...)
		s.ends = append(s.ends, uint32(len(s.buf)))
	}
}

// Len is the number of lines.
func (s *Snapshot) Len() int { return len(s.ends) }

// line returns line i packed.
func (s *Snapshot) line(i int) []byte {
	at := uint32(0)
	if i > 0 {
		at = s.ends[i-1]
	}
	return s.buf[at:s.ends[i]]
}

func (s *Snapshot) wrapped(i int) bool { return rowFlags(s.line(i)[0])&rowWrapped != 0 }

// reader is a packReader over line i.
func (s *Snapshot) reader(i int) packReader { return newPackReader(s.line(i), &s.t.classes) }
