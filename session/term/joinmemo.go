package term

// joinMemo remembers what came of joining a character to another, so that the
// same clusters over and over are not put together and measured each time. It
// holds as long as the numbers of clusters do, and goes with their table.
type joinMemo [1 << joinMemoBits]joinResult

const joinMemoBits = 10

type joinResult struct {
	before cell // the glyph that stood there
	joined rune // what came; 0: the entry is empty
	// after is the glyph that both make, joinNone if they stay apart, or before
	// if the second is dropped.
	after cell
}

const (
	joinNone   cell = 0
	joinFailed cell = ^cell(0)
)

// slot is the one place where the result may be.
func (m *joinMemo) slot(before cell, r rune) *joinResult {
	h := (uint64(before)<<21 ^ uint64(r)) * 0x9e3779b97f4a7c15
	return &m[h>>(64-joinMemoBits)]
}
