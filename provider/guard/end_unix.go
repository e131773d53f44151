//go:build unix

package guard

import (
	"os"
	"syscall"
)

func end(p *os.Process) error { return p.Signal(syscall.SIGTERM) }
