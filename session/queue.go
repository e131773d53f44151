package session

import "sync"

// MaxInput is how many bytes of input a Shell holds for a remote that does not
// read them, and so the most that one Write can take.
const MaxInput = 256 << 10

// inputPiece is how much is handed to the transport at once: the largest
// packet of an SSH channel.
const inputPiece = 32 << 10

// inputQueue is a bounded queue of bytes with one reader. What the reader has
// taken counts until it says that it is sent.
type inputQueue struct {
	wake chan struct{} // one slot

	mu     sync.Mutex // guards the following
	waits  []byte
	taken  int
	refuse error // why nothing more is taken
}

func newInputQueue() *inputQueue { return &inputQueue{wake: make(chan struct{}, 1)} }

// put takes all of p or nothing.
func (q *inputQueue) put(p []byte) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuse != nil {
		return 0, q.refuse
	}
	if len(q.waits)+q.taken+len(p) > MaxInput {
		return 0, ErrBusy
	}
	q.waits = append(q.waits, p...)
	select {
	case q.wake <- struct{}{}:
	default:
	}
	return len(p), nil
}

// take returns all that waits, using spare's memory for what comes next.
func (q *inputQueue) take(spare []byte) []byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	b := q.waits
	q.waits = spare[:0]
	q.taken = len(b)
	return b
}

func (q *inputQueue) sent(n int) {
	q.mu.Lock()
	q.taken -= n
	q.mu.Unlock()
}

// shut makes every later put fail with err; the first err stays.
func (q *inputQueue) shut(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuse == nil {
		q.refuse = err
	}
	q.waits = nil
}
