package boxsim

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Box is one simulated box. Safe for concurrent use.
type Box struct {
	id         string
	host       *Host
	ip         string
	key        ssh.PublicKey
	authorized string
	home       home

	mu         sync.Mutex
	hostKey    hostKey
	phase      Phase
	fault      Fault
	delay      time.Duration
	closeAfter int
	listener   net.Listener
	wires      map[*wire]bool
	ended      bool
	serving    sync.WaitGroup
}

// hostKey is a fresh key pair, also in the form that sshd reads.
type hostKey struct {
	signer ssh.Signer
	pem    []byte
}

func newHostKey() (hostKey, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return hostKey{}, fmt.Errorf("make a host key: %w", err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		return hostKey{}, fmt.Errorf("make a host key: %w", err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return hostKey{}, fmt.Errorf("make a host key: %w", err)
	}
	return hostKey{signer, pem.EncodeToMemory(block)}, nil
}

// IP is the address that the box has or will have.
func (b *Box) IP() string { return b.ip }

// Home is the folder in which its shells start.
func (b *Box) Home() string { return b.home.dir }

// SetPhase moves the box to a phase, forward or back.
func (b *Box) SetPhase(p Phase) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.phase = p
	return b.settle()
}

// SetFault makes the box fail from now on; FaultNone makes it well.
func (b *Box) SetFault(f Fault) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch f {
	case FaultDrop:
		b.cut()
		f = FaultNone
	case FaultNewHostKey:
		key, err := newHostKey()
		if err != nil {
			return err
		}
		b.hostKey = key
		if err := b.writeSSHD(); err != nil {
			return err
		}
	}
	b.fault = f
	for w := range b.wires {
		w.wake()
	}
	return b.settle()
}

// CloseAfter cuts each connection once it has sent so many bytes; 0: never.
func (b *Box) CloseAfter(bytes int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closeAfter = bytes
}

// Delay is added to everything that the box sends.
func (b *Box) Delay(d time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.delay = d
}

// settle makes the listener what phase and fault say. Called with mu held.
func (b *Box) settle() error {
	if b.ended {
		return net.ErrClosed
	}
	if err := b.writeSSHD(); err != nil {
		return err
	}
	wanted := b.phase >= PhaseSilent && b.fault != FaultRefuse && b.host.ownAddresses
	switch {
	case wanted && b.listener == nil:
		l, err := net.Listen("tcp", net.JoinHostPort(b.ip, strconv.Itoa(b.host.port)))
		if err != nil {
			return fmt.Errorf("box %s: %w", b.id, err)
		}
		b.listener = l
		b.serving.Add(1)
		go func() {
			defer b.serving.Done()
			b.accept(l)
		}()
	case !wanted && b.listener != nil:
		b.listener.Close()
		b.listener = nil
	}
	return nil
}

func (b *Box) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		w := newWire(conn)
		if !b.adopt(w) {
			conn.Close()
			continue
		}
		b.serving.Add(1)
		go func() {
			defer b.serving.Done()
			defer b.release(w)
			if b.state().phase == PhaseSilent {
				// A connection that came too early stays as it began.
				w.drain()
				return
			}
			if b.host.sshd != nil {
				b.serveOpenSSH(w)
				return
			}
			b.serve(w)
		}()
	}
}

// adopt makes a connection subject to the box's faults and end.
func (b *Box) adopt(w *wire) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ended {
		return false
	}
	w.box.Store(b)
	b.wires[w] = true
	return true
}

func (b *Box) release(w *wire) {
	w.Close()
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.wires, w)
}

// state is what a connection needs to know.
type state struct {
	phase      Phase
	fault      Fault
	delay      time.Duration
	closeAfter int
}

func (b *Box) state() state {
	b.mu.Lock()
	defer b.mu.Unlock()
	return state{b.phase, b.fault, b.delay, b.closeAfter}
}

func (b *Box) signer() ssh.Signer {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.hostKey.signer
}

// cut closes all connections. Called with mu held.
func (b *Box) cut() {
	for w := range b.wires {
		w.Close()
	}
}

// Close ends the box, its connections and its processes, and removes its home.
func (b *Box) Close() error {
	b.mu.Lock()
	if b.ended {
		b.mu.Unlock()
		return nil
	}
	b.ended = true
	if b.listener != nil {
		b.listener.Close()
	}
	b.cut()
	b.mu.Unlock()
	b.host.forget(b)
	killAll(b.home.marker())
	b.serving.Wait()
	// What was starting while the others ended.
	killAll(b.home.marker())
	if err := os.RemoveAll(b.home.root); err != nil {
		return fmt.Errorf("end box %s: %w", b.id, err)
	}
	return nil
}
