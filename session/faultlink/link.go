// Package faultlink stands between a client and a box, for tests, and fails as
// networks do: it cuts, delays, swallows and goes away. It forwards TCP on
// loopback and knows nothing of what passes through.
package faultlink

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// Link forwards connections from an address of its own to a box. Its methods are
// safe for concurrent use.
type Link struct {
	target  string
	address string
	taken   atomic.Int64
	running sync.WaitGroup
	done    chan struct{}

	mu       sync.Mutex // guards the following
	listener net.Listener
	conns    map[*net.TCPConn]bool
	gate     chan struct{} // closed while bytes pass
	delay    time.Duration
}

// New listens on a port of 127.0.0.1 and forwards to target, a host and port.
func New(target string) (*Link, error) {
	l := &Link{target: target, done: make(chan struct{}), conns: map[*net.TCPConn]bool{}, gate: make(chan struct{})}
	close(l.gate)
	return l, l.listen("127.0.0.1:0")
}

func (l *Link) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listener, l.address = listener, listener.Addr().String()
	l.running.Go(func() { l.accept(listener) })
	return nil
}

// Port is the port that clients dial on 127.0.0.1. It stays for the Link's life.
func (l *Link) Port() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.listener.Addr().(*net.TCPAddr).Port
}

// Taken is how many connections were accepted so far.
func (l *Link) Taken() int { return int(l.taken.Load()) }

func (l *Link) accept(listener net.Listener) {
	for {
		c, err := listener.Accept()
		if err != nil {
			return
		}
		l.taken.Add(1)
		l.running.Go(func() { l.forward(c.(*net.TCPConn)) })
	}
}

func (l *Link) forward(client *net.TCPConn) {
	defer l.drop(client)
	if !l.keep(client) || !l.pass() {
		return
	}
	c, err := net.Dial("tcp", l.target)
	if err != nil {
		return
	}
	box := c.(*net.TCPConn)
	defer l.drop(box)
	if !l.keep(box) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { l.pump(box, client) })
	both.Go(func() { l.pump(client, box) })
	both.Wait()
}

// keep notes a connection for Cut and Close; false after Close.
func (l *Link) keep(c *net.TCPConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.conns[c] = true
	select {
	case <-l.done:
		return false
	default:
		return true
	}
}

func (l *Link) drop(c *net.TCPConn) {
	_ = c.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, c)
}

// pump forwards one way, and then the end.
func (l *Link) pump(to, from *net.TCPConn) {
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if !l.pass() {
			return
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			_ = to.Close()
			_ = from.Close()
			return
		}
	}
}

// pass waits until bytes may pass; false once the Link is closed.
func (l *Link) pass() bool {
	l.mu.Lock()
	gate, delay := l.gate, l.delay
	l.mu.Unlock()
	late := time.NewTimer(delay)
	defer late.Stop()
	select {
	case <-late.C:
	case <-l.done:
		return false
	}
	select {
	case <-gate:
		return true
	case <-l.done:
		return false
	}
}

// Cut ends every connection, on both sides: with a reset, or in order.
func (l *Link) Cut(reset bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.conns {
		if reset {
			_ = c.SetLinger(0) // one that is closed needs no reset
		}
		_ = c.Close()
	}
}

// Delay holds every piece back for d, each way.
func (l *Link) Delay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = d
}

// Swallow lets nothing pass, either way, and accepts connections all the same;
// Heal ends that. Nothing is lost of what is still wanted then: a sender repeats
// it.
func (l *Link) Swallow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gate = make(chan struct{})
}

// Heal lets everything pass again, at once.
func (l *Link) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = 0
	select {
	case <-l.gate:
	default:
		close(l.gate)
	}
}

// Unbind ends every connection and refuses new ones until Bind.
func (l *Link) Unbind() {
	l.mu.Lock()
	l.listener.Close()
	l.mu.Unlock()
	l.Cut(true)
}

// Bind listens on the same port again.
func (l *Link) Bind() error {
	l.mu.Lock()
	address := l.address
	l.mu.Unlock()
	return l.listen(address)
}

// Close ends everything and waits for it.
func (l *Link) Close() error {
	l.mu.Lock()
	select {
	case <-l.done:
		l.mu.Unlock()
		return errors.New("closed twice")
	default:
	}
	close(l.done)
	l.listener.Close()
	l.mu.Unlock()
	l.Cut(true)
	l.running.Wait()
	return nil
}
