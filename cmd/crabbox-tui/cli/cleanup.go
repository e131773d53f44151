package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider"
)

type verdictJSON struct {
	LeaseID    string `json:"lease_id"`
	InstanceID string `json:"instance_id"`
	Name       string `json:"name"`
	Delete     bool   `json:"delete"`
	Reason     string `json:"reason"`
	Error      string `json:"error"`
}

func newCleanup(stdio Stdio) *cobra.Command {
	var dryRun, asJSON bool
	cmd := command("cleanup", "Delete what is expired, abandoned or half deleted",
		`cleanup judges every claim by crabbox's own rules and prints crabbox's lines on
standard error. --dry-run is the plan: it changes nothing.`, cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			if !h.config.Key.Set() {
				return noInventory(provider.ErrNoKey)
			}
			emit := func(provider.Event) {}
			if !dryRun {
				log := h.log
				emit = func(e provider.Event) {
					log.Info("cleanup", "lease", e.LeaseID, "step", e.Step.String(), "phase", int(e.Phase), "detail", e.Detail)
				}
			}
			verdicts, err := h.leases.Cleanup(cmd.Context(), dryRun, emit)
			j := struct {
				envelope
				DryRun   bool          `json:"dry_run"`
				OK       bool          `json:"ok"`
				Verdicts []verdictJSON `json:"verdicts"`
			}{head("cleanup"), dryRun, err == nil, []verdictJSON{}}
			for _, v := range verdicts {
				if v.Err == nil {
					fmt.Fprintln(stdio.Err, crabboxLine(v))
				}
				j.Verdicts = append(j.Verdicts, verdictJSON{v.LeaseID, v.InstanceID, v.Name, v.Delete, v.Reason, text(v.Err)})
			}
			if asJSON {
				err = errors.Join(err, printJSON(stdio.Out, j))
			}
			if err != nil && len(verdicts) > 0 {
				// Joined errors are crabbox's exit 1, whatever each one is.
				return &joinedError{err}
			}
			return err
		})
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON on standard output as well")
	return cmd
}

// joinedError hides what its parts are, so that exitCode says 1.
type joinedError struct{ err error }

func (e *joinedError) Error() string { return e.err.Error() }

// crabboxLine is what crabbox prints for a verdict.
func crabboxLine(v provider.Verdict) string {
	id := v.InstanceID
	if id == "" {
		id = "0"
	}
	if !v.Delete {
		return fmt.Sprintf("skip server id=%s name=%s reason=%s", id, v.Name, v.Reason)
	}
	line := fmt.Sprintf("delete server id=%s name=%s", id, v.Name)
	if isCrabboxReason(v.Reason) {
		line += " reason=" + v.Reason
	}
	return line
}

// isCrabboxReason: crabbox says nothing more of a plain delete.
func isCrabboxReason(reason string) bool {
	switch reason {
	case "deletion-confirmed", "create-intent", "create-rejected", "recover_ambiguous_create", "recovered_ambiguous_create":
		return true
	}
	return false
}
