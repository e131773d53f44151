//go:build unix

package boxsim

import (
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// socketPair returns two ends of a stream, the second one for a child.
func socketPair() (net.Conn, *os.File, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	defer ours.Close()
	conn, err := net.FileConn(ours)
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return conn, theirs, nil
}

// relay copies between a wire and its sshd until either ends.
func (b *Box) relay(w *wire, sshd net.Conn) {
	var wg sync.WaitGroup
	wg.Add(2)
	go func() {
		defer wg.Done()
		_, _ = io.Copy(w, sshd)
		w.Close()
	}()
	go func() {
		defer wg.Done()
		_, _ = io.Copy(sshd, w)
		sshd.Close()
	}()
	wg.Wait()
}
