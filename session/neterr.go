package session

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"syscall"
)

// dialReason sorts the failure of a TCP connect.
func dialReason(err error) Reason {
	var timeout net.Error
	switch {
	case isErrno(err, errnoUnreachable), errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return ReasonTimeout
	default:
		return ReasonRefused
	}
}

// isCut says whether an error is the connection's end and not something that
// was said over it.
func isCut(err error) bool {
	var op net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, io.ErrClosedPipe) ||
		isErrno(err, errnoCut) || errors.As(err, &op)
}

func isErrno(err error, of []syscall.Errno) bool {
	var no syscall.Errno
	return errors.As(err, &no) && slices.Contains(of, no)
}
