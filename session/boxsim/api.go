// Package boxsim boots simulated boxes: SSH servers on loopback TCP that a
// client cannot tell from a rented box by what it speaks. A box runs the
// person's shell on a PTY with a HOME of its own and a scripted nvidia-smi on
// its PATH, serves exec, sftp, direct-tcpip and window changes, and can be
// made to fail in the ways that real boxes do.
package boxsim

import (
	"context"
	"log/slog"
	"time"
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

// Host boots boxes. Close it: all boxes end with all their processes.
type Host struct{}

// Options of a Host.
type Options struct {
	// Dir holds the boxes' homes; it must exist and is the caller's to remove.
	Dir string
	// Port on which every box listens on its own address; 0: one free port,
	// chosen once, for all.
	Port int
	// SSHD makes boxes real OpenSSH servers where sshd is installed.
	SSHD bool
	// User that people log in as; empty: "ubuntu", or one's own name with SSHD without root.
	User string
	Log  *slog.Logger
}

// NewHost prepares a Host. With SSHD it fails if there is no sshd.
func NewHost(o Options) (*Host, error) { panic("not implemented") }

// Port and User are those that clients must use.
func (h *Host) Port() int    { panic("not implemented") }
func (h *Host) User() string { panic("not implemented") }

// Box is one simulated box.
type Box struct{}

// Boot starts a box that takes the given public key (authorized_keys format),
// in PhaseNoListener. gpus is how many nvidia-smi shows. On Linux each box has
// an address of its own in 127.0.0.0/8; elsewhere all share 127.0.0.1 and the
// key tells them apart.
func (h *Host) Boot(ctx context.Context, id, publicKey string, gpus int) (*Box, error) {
	panic("not implemented")
}

// Owns says whether an address (host:port) is one of this Host's boxes: a
// demo's dialer refuses every other.
func (h *Host) Owns(address string) bool { panic("not implemented") }

// Close ends all boxes and their processes.
func (h *Host) Close() error { panic("not implemented") }

func (b *Box) IP() string             { panic("not implemented") }
func (b *Box) Home() string           { panic("not implemented") }
func (b *Box) SetPhase(p Phase) error { panic("not implemented") }
func (b *Box) SetFault(f Fault) error { panic("not implemented") }
func (b *Box) CloseAfter(bytes int)   { panic("not implemented") } // cut each connection once it has sent so many bytes; 0: never
func (b *Box) Delay(d time.Duration)  { panic("not implemented") } // added to every byte that the box sends
func (b *Box) Close() error           { panic("not implemented") }
