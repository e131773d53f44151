package session

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// Winsock reports numbers of its own, which syscall's names do not match.
var (
	errnoUnreachable = []syscall.Errno{windows.WSAETIMEDOUT, windows.WSAEHOSTUNREACH, windows.WSAENETUNREACH, windows.WSAEHOSTDOWN}
	errnoCut         = []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAETIMEDOUT, windows.WSAESHUTDOWN}
)
