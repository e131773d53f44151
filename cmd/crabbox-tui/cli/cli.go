// Package cli is the command line: it reads flags, joins the packages to a
// working program, and turns errors into exit codes. It holds no behaviour of
// its own: what a command does, the screens do by the same code.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
)

// Stdio is where a command reads and writes. In and Out are files because the
// screens need a terminal.
type Stdio struct {
	In  *os.File
	Out *os.File
	Err io.Writer
}

// Main runs the command line and returns its exit code. Signals end the context
// that every command runs under.
func Main(args []string, io Stdio) int {
	ctx, stop := untilSignal(context.Background())
	defer stop()

	root := newRoot(io)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(io.Err, "crabbox-tui: "+err.Error())
	return exitCode(err)
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
	for _, group := range []cobra.Group{{ID: "leases", Title: "Leases:"}, {ID: "state", Title: "State:"}, {ID: "try", Title: "Try it:"}} {
		root.AddGroup(&group)
	}
	add := func(group string, commands ...*cobra.Command) {
		for _, c := range commands {
			c.GroupID = group
			root.AddCommand(c)
		}
	}
	add("leases", newList(io), newAcquire(io), newKeep(io), newExtend(io), newRelease(io), newRecover(io), newCleanup(io))
	add("state", newStatus(io), newDoctor(io), newClaims(io), newReceipts(io), newLedger(io), newGuard(io))
	add("try", newDemo(io), newSim(io))
	root.AddCommand(newVersion(io))
	return root
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return usage(fmt.Errorf("unknown command %q; see %s --help", args[0], cmd.CommandPath()))
}
