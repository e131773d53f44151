package session

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unackedMillis is how long sent data may go without an acknowledgement. TCP's
// keepalive is silent while data is in flight, so it alone does not find a
// link that died under a key press.
const unackedMillis = 20_000

func boundUnacked(conn net.Conn) {
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	// Best effort: the keepalive of SSH stands above it.
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, unackedMillis)
	})
}
