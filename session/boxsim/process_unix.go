//go:build unix

package boxsim

import (
	"os"
	"os/exec"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// terminal is a program's PTY.
type terminal struct{ *os.File }

func (t terminal) resize(s winsize) {
	// File.Fd, which pty.Setsize uses, may not be called beside Close.
	raw, err := t.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.IoctlSetWinsize(int(fd), unix.TIOCSWINSZ, &unix.Winsize{Row: uint16(s.Rows), Col: uint16(s.Cols)})
	})
}

func startOnPTY(cmd *exec.Cmd, s winsize) (console, error) {
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: uint16(s.Rows), Cols: uint16(s.Cols)})
	if err != nil {
		return nil, err
	}
	return terminal{f}, nil
}

// ownGroup lets a hang-up reach what a program started.
func ownGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

func hangUp(p *os.Process) { _ = syscall.Kill(-p.Pid, syscall.SIGHUP) }

var signals = map[string]syscall.Signal{
	"ABRT": syscall.SIGABRT, "ALRM": syscall.SIGALRM, "FPE": syscall.SIGFPE, "HUP": syscall.SIGHUP,
	"ILL": syscall.SIGILL, "INT": syscall.SIGINT, "KILL": syscall.SIGKILL, "PIPE": syscall.SIGPIPE,
	"QUIT": syscall.SIGQUIT, "SEGV": syscall.SIGSEGV, "TERM": syscall.SIGTERM,
	"USR1": syscall.SIGUSR1, "USR2": syscall.SIGUSR2,
}

func signalByName(p *os.Process, name string) bool {
	sig, ok := signals[name]
	return ok && syscall.Kill(-p.Pid, sig) == nil
}

// endedBySignal names the signal as RFC 4254, 6.10 does.
func endedBySignal(e *exec.ExitError) (name string, dumped, ok bool) {
	status, isStatus := e.Sys().(syscall.WaitStatus)
	if !isStatus || !status.Signaled() {
		return "", false, false
	}
	for name, sig := range signals {
		if sig == status.Signal() {
			return name, status.CoreDump(), true
		}
	}
	return status.Signal().String(), status.CoreDump(), true
}

func (s *session) builtin(string) error { return exec.ErrNotFound }
