package cli

import (
	"os/exec"
	"syscall"
)

const detachedProcess = 0x8

// detach keeps the end of a console from ending the process.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: detachedProcess | syscall.CREATE_NEW_PROCESS_GROUP}
}
