package session

import (
	"net"
	"sync/atomic"
	"time"
)

// wire is the net.Conn under an SSH connection. It remembers when it last
// heard from the far end, and looks at what is said before the SSH version
// line, which x/crypto/ssh would skip or only report as an overflow.
type wire struct {
	net.Conn
	born  time.Time
	heard atomic.Int64 // time of the last inbound byte, since born
	// greeting is read by one goroutine at a time: the handshake's, then the
	// transport's, which the handshake starts.
	greeting *greeting
}

func newWire(conn net.Conn, onBanner func()) *wire {
	return &wire{Conn: conn, born: time.Now(), greeting: &greeting{onBanner: onBanner}}
}

func (w *wire) Read(p []byte) (int, error) {
	if w.greeting != nil {
		return w.readGreeting(p)
	}
	n, err := w.Conn.Read(p)
	if n > 0 {
		w.heard.Store(int64(time.Since(w.born)))
	}
	return n, err
}

// readGreeting hands on nothing until the version line is complete.
func (w *wire) readGreeting(p []byte) (int, error) {
	g := w.greeting
	for !g.done {
		var buf [512]byte
		n, err := w.Conn.Read(buf[:])
		if n > 0 {
			w.heard.Store(int64(time.Since(w.born)))
			if bad := g.take(buf[:n]); bad != nil {
				return 0, bad
			}
		}
		if err != nil && !g.done {
			return 0, g.cut(err)
		}
	}
	n := copy(p, g.rest)
	if g.rest = g.rest[n:]; len(g.rest) == 0 {
		w.greeting = nil
	}
	return n, nil
}

// quiet is how long nothing has been heard. Time in which the machine was
// suspended does not count on systems whose monotonic clock stops then.
func (w *wire) quiet() time.Duration {
	return time.Since(w.born) - time.Duration(w.heard.Load())
}
