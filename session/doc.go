// Package session opens SSH connections to boxes: dialling with a context and
// deadlines of its own, host keys pinned in the lease's known_hosts, the
// readiness probe, keepalive that finds a dead link, and interactive shells.
//
// It knows endpoints, not leases, and bytes, not screens.
//
// x/crypto/ssh can wait for ever on a dead peer in its handshake, in requests
// and in Wait; what unblocks it is closing the net.Conn under it. So this
// package dials the net.Conn itself, guards every step with a deadline, and
// closes the net.Conn on expiry.
package session
