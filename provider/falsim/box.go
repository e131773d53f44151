package falsim

import (
	"context"
	"time"
)

// BoxPhase is how far a box's sshd is; the Booter acts it out.
type BoxPhase int

// The phases of an sshd, in the order in which a booting box goes through them.
const (
	BoxNoListener BoxPhase = iota // connections are refused
	BoxSilent                     // it accepts and says nothing
	BoxNoKey                      // it speaks SSH and does not know the key yet
	BoxUp
)

// Booter starts the boxes behind instances. Satisfied in cmd over boxsim; nil
// means instances with an address and nothing behind it.
type Booter interface {
	// Boot starts a box that takes a public key (authorized_keys format), in
	// BoxNoListener. It is called on the goroutine of the request, which is
	// answered when it returns; ctx ends with the instance.
	Boot(ctx context.Context, id, publicKey string, gpus int) (Box, error)
}

// Box is the machine behind an instance. Its methods are called from several
// goroutines.
type Box interface {
	IP() string
	SetPhase(BoxPhase) error
	// SetFault takes a box fault's name from a scenario: "refuse",
	// "blackhole", "drop", "new-host-key", "none".
	SetFault(name string) error
	// CloseAfter cuts each connection once it has sent so many bytes; 0: never.
	CloseAfter(bytes int)
	// Delay is added to everything that the box sends.
	Delay(d time.Duration)
	Close() error
}
