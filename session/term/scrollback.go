package term

// scrollback keeps lines that left the screen, packed (pack.go), in chunks of
// memory that are used in turn; the oldest give way. It refers to no table of
// the terminal.
type scrollback struct {
	chunkSize int
	maxChunks int
	maxLines  int

	chunks [][]byte // the used ones, oldest first; lines go into the last
	free   [][]byte
	first  uint32 // number of chunks[0], counted from the beginning

	lines []packedLine // a ring
	head  int          // the oldest
	n     int

	buf []byte // where a line is packed

	dropped uint64 // lines that were pushed once and are gone, see Terminal.FirstLine
}

// packedLine says where a line is.
type packedLine struct {
	chunk    uint32 // counted from the beginning
	off, len uint32
}

const (
	maxChunkSize    = 64 << 10
	minChunkSize    = 512
	packedLineBytes = 12
)

func (sb *scrollback) init(bytes, lines int) {
	*sb = scrollback{dropped: sb.dropped + uint64(sb.n)}
	sb.setBudget(bytes, lines)
}

// setBudget sets the bounds; what is beyond them is dropped with the next line.
func (sb *scrollback) setBudget(bytes, lines int) {
	sb.maxLines = max(0, min(lines, bytes/(4*packedLineBytes)))
	bytes -= sb.maxLines * packedLineBytes
	if sb.chunkSize == 0 {
		sb.chunkSize = clamp(bytes/4, minChunkSize, maxChunkSize)
	}
	if sb.maxChunks = bytes / sb.chunkSize; sb.maxChunks < 2 {
		sb.maxLines = 0
		sb.clear()
	}
	for len(sb.chunks) > sb.maxChunks {
		sb.dropOldest()
	}
	sb.trimFree()
}

func (sb *scrollback) len() int { return sb.n }

// clear forgets all lines and gives their memory back, but for a little, so
// that clearing again and again costs nothing.
func (sb *scrollback) clear() {
	sb.free = append(sb.free, sb.chunks...)
	if len(sb.free) > 0 {
		sb.free = [][]byte{sb.free[0][:0]}
	}
	sb.first += uint32(len(sb.chunks))
	sb.dropped += uint64(sb.n)
	sb.chunks = nil
	if len(sb.lines) > 64 {
		sb.lines = nil
	}
	sb.head, sb.n = 0, 0
}

// trimFree lets go of unused chunks beyond the bound.
func (sb *scrollback) trimFree() {
	for n := len(sb.free); n > 0 && n+len(sb.chunks) > sb.maxChunks; n-- {
		sb.free[n-1] = nil
		sb.free = sb.free[:n-1]
	}
}

func (sb *scrollback) at(i int) packedLine { return sb.lines[(sb.head+i)%len(sb.lines)] }

// line returns line i packed; 0 is the oldest.
func (sb *scrollback) line(i int) []byte {
	l := sb.at(i)
	return sb.chunks[l.chunk-sb.first][l.off : l.off+l.len]
}

func (sb *scrollback) flags(i int) rowFlags { return rowFlags(sb.line(i)[0]) }

// push packs r as the newest line.
func (sb *scrollback) push(tb *tables, r *row) {
	if sb.maxLines == 0 {
		sb.dropped++
		return
	}
	sb.buf = packRow(sb.buf[:0], tb, r, true)
	if len(sb.buf) > sb.chunkSize {
		sb.buf = packRow(sb.buf[:0], tb, r, false)
	}
	sb.pushPacked(sb.buf)
}

// pushPacked enters a packed line; one too big for a chunk becomes empty.
func (sb *scrollback) pushPacked(b []byte) {
	if sb.maxLines == 0 {
		return
	}
	if len(b) > sb.chunkSize {
		b = b[:1]
	}
	for sb.n >= sb.maxLines {
		sb.dropOldest()
	}
	last := len(sb.chunks) - 1
	if last < 0 || len(sb.chunks[last])+len(b) > sb.chunkSize {
		sb.addChunk()
		last = len(sb.chunks) - 1
	}
	if sb.n == len(sb.lines) {
		sb.growLines()
	}
	c := sb.chunks[last]
	sb.lines[(sb.head+sb.n)%len(sb.lines)] = packedLine{sb.first + uint32(last), uint32(len(c)), uint32(len(b))}
	sb.chunks[last] = append(c, b...)
	sb.n++
}

func (sb *scrollback) addChunk() {
	for len(sb.chunks) >= sb.maxChunks {
		sb.dropOldest()
	}
	var c []byte
	if n := len(sb.free); n > 0 {
		c, sb.free = sb.free[n-1], sb.free[:n-1]
	} else {
		c = make([]byte, 0, sb.chunkSize)
	}
	sb.chunks = append(sb.chunks, c)
}

func (sb *scrollback) growLines() {
	lines := make([]packedLine, clamp(2*len(sb.lines), 64, sb.maxLines))
	for i := range sb.n {
		lines[i] = sb.at(i)
	}
	sb.lines, sb.head = lines, 0
}

// dropOldest forgets a line, and the chunk with it if it was the last there.
func (sb *scrollback) dropOldest() {
	if sb.n == 0 {
		if len(sb.chunks) > 0 {
			sb.dropChunk()
		}
		return
	}
	sb.head = (sb.head + 1) % len(sb.lines)
	sb.n--
	sb.dropped++
	for len(sb.chunks) > 1 && (sb.n == 0 || sb.at(0).chunk != sb.first) {
		sb.dropChunk()
	}
}

func (sb *scrollback) dropChunk() {
	sb.free = append(sb.free, sb.chunks[0][:0])
	copy(sb.chunks, sb.chunks[1:])
	sb.chunks[len(sb.chunks)-1] = nil
	sb.chunks = sb.chunks[:len(sb.chunks)-1]
	sb.first++
}

// dropNewest takes back the newest line, as when the screen grows.
func (sb *scrollback) dropNewest() {
	l := sb.at(sb.n - 1)
	sb.n--
	i := int(l.chunk - sb.first)
	sb.chunks[i] = sb.chunks[i][:l.off]
	for len(sb.chunks) > i+1 {
		sb.chunks = sb.chunks[:len(sb.chunks)-1]
	}
}
