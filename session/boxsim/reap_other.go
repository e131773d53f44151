//go:build !linux

package boxsim

// killAll does nothing where processes cannot be found by their environment:
// what hung-up sessions leave there ends by itself or with the person.
func killAll(string) {}
