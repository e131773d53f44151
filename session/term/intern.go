package term

import "unicode/utf8"

// Bounds of what a remote end can make us remember for the screens.
const (
	minStyles       = 1 << 6
	maxStyles       = 1 << 15
	maxClusters     = 1 << 15
	maxClusterBytes = 32
	maxClusterRunes = 8
	maxLinks        = 1 << 12
	maxLinkBytes    = 2048
	maxLinksTotal   = 1 << 20
)

// tables holds what cells refer to by number. Entry 0 of styles is the default
// style and of links no link.
type tables struct {
	styles    []penStyle
	styleKeys []styleKey // of the same
	styleIdx  []uint16   // open addressing over styles; 0 is empty

	clusters   []clusterText
	clusterIdx []uint16 // open addressing over clusters, number+1; 0 is empty
	joins      joinMemo

	links      []string
	linkIdx    map[string]uint16
	linksTotal int

	credit int // bytes of input that may pay for a collection, see earned
}

type clusterText struct {
	n uint8
	b [maxClusterBytes]byte
}

func (c *clusterText) bytes() []byte { return c.b[:c.n] }

// newTables makes tables with room for so many styles, a power of two.
func newTables(styles int) tables {
	return tables{
		styles:     make([]penStyle, 1, styles),
		styleKeys:  make([]styleKey, 1, styles),
		styleIdx:   make([]uint16, 4*styles),
		clusterIdx: make([]uint16, 256),
		links:      make([]string, 1, 8),
	}
}

func (tb *tables) style(c cell) *penStyle { return &tb.styles[c.style()] }

func (tb *tables) linkText(id uint16) string { return tb.links[id] }

// appendText appends what cell c shows; a blank for an erased one.
func (tb *tables) appendText(dst []byte, c cell) []byte {
	if c&cellCluster != 0 {
		return append(dst, tb.clusters[c&cellRuneMask].bytes()...)
	}
	r := rune(c & cellRuneMask)
	if r == 0 {
		return append(dst, ' ')
	}
	if r < utf8.RuneSelf {
		return append(dst, byte(r))
	}
	return utf8.AppendRune(dst, r)
}

// styleID finds or enters a style with a link; false when the table is full.
func (tb *tables) styleID(s *Style, link uint16) (uint16, bool) {
	key := keyOf(s, link)
	if key == (styleKey{}) {
		return 0, true
	}
	mask := uint32(len(tb.styleIdx) - 1)
	i := key.hash() & mask
	for tb.styleIdx[i] != 0 {
		if id := tb.styleIdx[i]; tb.styleKeys[id] == key {
			return id, true
		}
		i = (i + 1) & mask
	}
	if len(tb.styles) >= maxStyles {
		return 0, false
	}
	id := uint16(len(tb.styles))
	tb.styles = append(tb.styles, penStyle{*s, link})
	tb.styleKeys = append(tb.styleKeys, key)
	if len(tb.styles)*2 > len(tb.styleIdx) {
		tb.rehashStyles(len(tb.styleIdx) * 2)
	} else {
		tb.styleIdx[i] = id
	}
	return id, true
}

func (tb *tables) rehashStyles(size int) {
	if size == len(tb.styleIdx) {
		clear(tb.styleIdx)
	} else {
		tb.styleIdx = make([]uint16, size)
	}
	mask := uint32(size - 1)
	for id := 1; id < len(tb.styles); id++ {
		i := tb.styleKeys[id].hash() & mask
		for tb.styleIdx[i] != 0 {
			i = (i + 1) & mask
		}
		tb.styleIdx[i] = uint16(id)
	}
}

func hashBytes(b []byte) uint32 {
	h := uint64(14695981039346656037)
	for _, c := range b {
		h = (h ^ uint64(c)) * 1099511628211
	}
	return uint32(h ^ h>>32)
}

// clusterID finds or enters the cluster b; false when the table is full.
func (tb *tables) clusterID(b []byte) (cell, bool) {
	mask := uint32(len(tb.clusterIdx) - 1)
	i := hashBytes(b) & mask
	for tb.clusterIdx[i] != 0 {
		id := tb.clusterIdx[i] - 1
		if string(tb.clusters[id].bytes()) == string(b) {
			return cellCluster | cell(id), true
		}
		i = (i + 1) & mask
	}
	if len(tb.clusters) >= maxClusters {
		return 0, false
	}
	var ct clusterText
	ct.n = uint8(copy(ct.b[:], b))
	tb.clusters = append(tb.clusters, ct)
	id := len(tb.clusters) - 1
	if len(tb.clusters)*2 > len(tb.clusterIdx) {
		tb.rehashClusters(len(tb.clusterIdx) * 2)
	} else {
		tb.clusterIdx[i] = uint16(id + 1)
	}
	return cellCluster | cell(id), true
}

func (tb *tables) rehashClusters(size int) {
	if size == len(tb.clusterIdx) {
		clear(tb.clusterIdx)
	} else {
		tb.clusterIdx = make([]uint16, size)
	}
	mask := uint32(size - 1)
	for id := range tb.clusters {
		i := hashBytes(tb.clusters[id].bytes()) & mask
		for tb.clusterIdx[i] != 0 {
			i = (i + 1) & mask
		}
		tb.clusterIdx[i] = uint16(id + 1)
	}
}

// linkID finds or enters the target u; false when the table is full.
func (tb *tables) linkID(u []byte) (uint16, bool) {
	if len(u) == 0 {
		return 0, true
	}
	if id, ok := tb.linkIdx[string(u)]; ok {
		return id, true
	}
	if len(tb.links) >= maxLinks || tb.linksTotal+len(u) > maxLinksTotal {
		return 0, false
	}
	if tb.linkIdx == nil {
		tb.linkIdx = make(map[string]uint16)
	}
	s := string(u)
	id := uint16(len(tb.links))
	tb.links = append(tb.links, s)
	tb.linkIdx[s] = id
	tb.linksTotal += len(s)
	return id, true
}
