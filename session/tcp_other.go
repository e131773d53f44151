//go:build !linux

package session

import (
	"net"
	"time"
)

// limitUnacked does nothing here: only Linux has TCP_USER_TIMEOUT. The
// keepalive of the SSH connection finds a dead link on every system.
func limitUnacked(*net.TCPConn, time.Duration) error { return nil }
