package boxsim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	"golang.org/x/crypto/ssh"
)

// Phase is how far a box has booted.
type Phase int

const (
	PhaseNoListener Phase = iota // connection refused
	PhaseSilent                  // accepts, sends no banner
	PhaseNoKey                   // full SSH, but the key is not installed yet
	PhaseUp
)

// Fault is a way of failing, on top of the phase.
type Fault int

const (
	FaultNone       Fault = iota
	FaultRefuse           // stop listening; open connections stay
	FaultBlackhole        // open connections go silent, new ones hang
	FaultDrop             // cut open connections once, then be well
	FaultNewHostKey       // show another host key from now on
)

// Options of a Host.
type Options struct {
	// Dir holds the boxes' homes; it must exist and is the caller's to remove.
	Dir string
	// Port on which every box listens on its own address; 0: one free port,
	// chosen once, for all.
	Port int
	// SSHD makes boxes real OpenSSH servers where sshd is installed.
	SSHD bool
	// User that people log in as; empty: "ubuntu", or one's own name with SSHD.
	User string
	Log  *slog.Logger // nil: discard
}

// Host boots boxes. Close it: all boxes end with all their processes. Safe for
// concurrent use.
type Host struct {
	dir    string
	port   int
	user   string
	log    *slog.Logger
	sshd   *openSSH // nil: boxes are served by this process
	shared net.Listener
	// ownAddresses: each box has an address of its own.
	ownAddresses bool

	mu    sync.Mutex
	boxes map[string]*Box // by id
	next  [3]byte         // the address to try next, after 127
	ended bool
}

// hasOwnAddresses: all of 127.0.0.0/8 is on the loopback device by itself on
// Linux alone.
const hasOwnAddresses = runtime.GOOS == "linux"

// NewHost prepares a Host. With SSHD it fails if there is no sshd.
func NewHost(o Options) (*Host, error) {
	h := &Host{
		dir: o.Dir, port: o.Port, user: o.User, log: o.Log, ownAddresses: hasOwnAddresses,
		boxes: map[string]*Box{},
		// A start of one's own keeps two simulators on a machine apart.
		next: [3]byte{byte(64 + rand.IntN(128)), byte(rand.IntN(256)), byte(1 + rand.IntN(200))},
	}
	if h.log == nil {
		h.log = slog.New(slog.DiscardHandler)
	}
	if o.SSHD {
		var err error
		if h.sshd, err = findOpenSSH(); err != nil {
			return nil, err
		}
		me, err := user.Current()
		if err != nil {
			return nil, fmt.Errorf("who am I: %w", err)
		}
		if h.user == "" {
			h.user = filepath.Base(me.Username)
		}
	}
	if h.user == "" {
		h.user = "ubuntu"
	}
	if err := h.listen(); err != nil {
		return nil, err
	}
	return h, nil
}

// listen opens the listener that all boxes share, or, where each has its own
// address, keeps a port that was chosen from being chosen by others.
func (h *Host) listen() error {
	if h.ownAddresses && h.port != 0 {
		return nil
	}
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(h.port)))
	if err != nil {
		return fmt.Errorf("find a port for the boxes: %w", err)
	}
	h.shared = l
	h.port = l.Addr().(*net.TCPAddr).Port
	if !h.ownAddresses {
		key, err := newHostKey()
		if err != nil {
			l.Close()
			return err
		}
		go h.acceptShared(l, key)
	}
	return nil
}

// Port and User are those that clients must use.
func (h *Host) Port() int    { return h.port }
func (h *Host) User() string { return h.user }

// Boot starts a box that takes the given public key (authorized_keys format),
// in PhaseNoListener. gpus is how many nvidia-smi shows. On Linux each box has
// an address of its own in 127.0.0.0/8; elsewhere all share 127.0.0.1, the key
// tells them apart, and a box that is not up yet refuses its key.
func (h *Host) Boot(_ context.Context, id, publicKey string, gpus int) (*Box, error) {
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(publicKey))
	if err != nil {
		return nil, fmt.Errorf("boot box %s: its key: %w", id, err)
	}
	b := &Box{id: id, host: h, key: key, authorized: publicKey, wires: map[*wire]bool{}}
	if b.hostKey, err = newHostKey(); err != nil {
		return nil, fmt.Errorf("boot box %s: %w", id, err)
	}
	if err := b.furnish(gpus); err != nil {
		return nil, fmt.Errorf("boot box %s: %w", id, err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ended {
		return nil, errors.New("the host has ended")
	}
	if h.boxes[id] != nil {
		return nil, fmt.Errorf("boot box %s: it is there already", id)
	}
	if b.ip, err = h.address(); err != nil {
		return nil, fmt.Errorf("boot box %s: %w", id, err)
	}
	h.boxes[id] = b
	return b, nil
}

// address finds one on which nobody listens.
func (h *Host) address() (string, error) {
	if !h.ownAddresses {
		return "127.0.0.1", nil
	}
	var last error
	for range 64 {
		ip := net.IPv4(127, h.next[0], h.next[1], h.next[2]).String()
		if h.next[2]++; h.next[2] == 255 {
			h.next[2] = 1
			h.next[1]++
		}
		l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(h.port)))
		if err == nil {
			l.Close()
			return ip, nil
		}
		last = err
	}
	return "", fmt.Errorf("no loopback address is free on port %d: %w", h.port, last)
}

// Owns says whether an address (host:port) is one of this Host's boxes: a
// demo's dialer refuses every other.
func (h *Host) Owns(address string) bool {
	host, port, err := net.SplitHostPort(address)
	if err != nil || port != strconv.Itoa(h.port) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.boxes {
		if b.ip == host {
			return true
		}
	}
	return false
}

// Close ends all boxes and their processes.
func (h *Host) Close() error {
	h.mu.Lock()
	h.ended = true
	boxes := make([]*Box, 0, len(h.boxes))
	for _, b := range h.boxes {
		boxes = append(boxes, b)
	}
	h.mu.Unlock()
	var errs []error
	for _, b := range boxes {
		errs = append(errs, b.Close())
	}
	if h.shared != nil {
		h.shared.Close()
	}
	return errors.Join(errs...)
}

func (h *Host) forget(b *Box) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.boxes, b.id)
}

// byKey finds the box that takes a key, where the key is all there is to go by.
func (h *Host) byKey(key ssh.PublicKey) *Box {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, b := range h.boxes {
		if sameKey(b.key, key) {
			return b
		}
	}
	return nil
}

func sameKey(a, b ssh.PublicKey) bool { return string(a.Marshal()) == string(b.Marshal()) }

// executable finds a program also where daemons are kept.
func executable(name string, folders ...string) string {
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), folders...) {
		path := filepath.Join(dir, name)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path
		}
	}
	return ""
}
