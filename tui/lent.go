package tui

import (
	"io"
	"os/exec"
)

// lent is a program that has the terminal to itself for a while; Bubble Tea
// steps aside for it.
type lent struct {
	*exec.Cmd
	lend func() (back func())
}

func (l lent) SetStdin(r io.Reader)  { l.Stdin = r }
func (l lent) SetStdout(w io.Writer) { l.Stdout = w }
func (l lent) SetStderr(w io.Writer) { l.Stderr = w }

// Run runs it. An interrupt from the keyboard goes to all programs of the
// terminal, and is this one's meanwhile.
func (l lent) Run() error {
	if l.lend != nil {
		defer l.lend()()
	}
	return l.Cmd.Run()
}
