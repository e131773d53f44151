package provider

import "context"

// Address is where a lease's sshd is, and what to log in with.
type Address struct {
	Host           string
	Port           int
	User           string
	KeyPath        string
	KnownHostsPath string
}

// Prober finds out whether a box can be used over SSH. It is declared here and
// satisfied in cmd by an adapter over package session.
type Prober interface {
	// Probe walks StepTCP to StepBootstrap on the address, trying the ports in
	// order of preference, until the ready command succeeds, and returns the
	// port that did. It reports each change of a step through emit (Step,
	// Phase, Reason, Detail, Attempt and RetryIn set). It returns an error
	// when ctx ends or when waiting is pointless, as with a changed host key.
	Probe(ctx context.Context, a Address, ports []int, emit func(Event)) (port int, err error)
}
