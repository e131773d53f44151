package boxsim

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// wire is a connection to a box, with the box's faults on it.
type wire struct {
	net.Conn
	box  atomic.Pointer[Box] // nil until it is known whose connection it is
	sent atomic.Int64

	mu     sync.Mutex
	change chan struct{} // closed when a fault changed, or the wire closed
	closed bool
}

func newWire(conn net.Conn) *wire { return &wire{Conn: conn, change: make(chan struct{})} }

// wake makes what waits look at the box's faults again.
func (w *wire) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		close(w.change)
		w.change = make(chan struct{})
	}
}

func (w *wire) Close() error {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.change)
	}
	w.mu.Unlock()
	return w.Conn.Close()
}

// pass waits while the box is a black hole.
func (w *wire) pass() (state, error) {
	for {
		b := w.box.Load()
		if b == nil {
			return state{phase: PhaseUp}, nil
		}
		w.mu.Lock()
		change, closed := w.change, w.closed
		w.mu.Unlock()
		if closed {
			return state{}, net.ErrClosed
		}
		s := b.state()
		if s.fault != FaultBlackhole {
			return s, nil
		}
		<-change
	}
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	if _, lost := w.pass(); lost != nil {
		return 0, lost
	}
	return n, err
}

func (w *wire) Write(p []byte) (int, error) {
	s, err := w.pass()
	if err != nil {
		return 0, err
	}
	if s.delay > 0 {
		time.Sleep(s.delay)
	}
	if most := int64(s.closeAfter); most > 0 {
		if left := most - w.sent.Load(); left < int64(len(p)) {
			n, _ := w.Conn.Write(p[:max(left, 0)])
			w.Close()
			return n, net.ErrClosed
		}
	}
	n, err := w.Conn.Write(p)
	w.sent.Add(int64(n))
	return n, err
}

// drain reads and forgets until the other side, or the box, closes.
func (w *wire) drain() { _, _ = io.Copy(io.Discard, w) }
