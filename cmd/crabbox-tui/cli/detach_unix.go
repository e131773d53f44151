//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// detach keeps the end of a terminal from ending the process.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
