// Package cli is the command line: it reads flags, joins the packages to a
// working program, and turns errors into exit codes. It holds no behaviour of
// its own: what a command does, the screens do by the same code.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/spf13/cobra"
)

// Stdio is where a command reads and writes. In and Out are files because the
// screens need a terminal.
type Stdio struct {
	In  *os.File
	Out *os.File
	Err io.Writer
}

// Exit codes are crabbox's.
const (
	exitOK    = 0
	exitError = 1
	exitUsage = 2
)

// usageError is the person's to mend: bad flags, bad configuration, no terminal.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// Main runs the command line and returns its exit code. An interrupt, a
// termination or a hang-up ends the context that every command runs under.
func Main(args []string, io Stdio) int {
	ctx, stop := signal.NotifyContext(context.Background(), endingSignals...)
	defer stop()

	root := newRoot(io)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(io.Err, "crabbox-tui: "+err.Error())
	var u *usageError
	if errors.As(err, &u) {
		return exitUsage
	}
	return exitError
}

func newRoot(io Stdio) *cobra.Command {
	root := &cobra.Command{
		Use:   "crabbox-tui",
		Short: "Rent GPU boxes, watch what they cost, work inside them, give them back",
		Long: `crabbox-tui shows your GPU boxes on one screen: what fal's Compute API has, merged
with the claims that crabbox and this program keep. Set CRABBOX_FAL_KEY or FAL_KEY
to use an account; "crabbox-tui demo" shows all of it with simulated boxes.`,
		Args:          noArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return runReal(cmd.Context(), io)
		},
	}
	root.SetIn(io.In)
	root.SetOut(io.Out)
	root.SetErr(io.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(newDemo(io), newSim(io), newVersion(io))
	return root
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Errorf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
}
