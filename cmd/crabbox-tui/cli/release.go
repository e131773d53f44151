package cli

import (
	"bufio"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/receipts"
)

type releaseResult struct {
	envelope
	OK      bool              `json:"ok"`
	Error   string            `json:"error"`
	LeaseID string            `json:"lease_id"`
	Receipt *receipts.Receipt `json:"receipt"`
}

func newRelease(stdio Stdio) *cobra.Command {
	var yes, asJSON bool
	cmd := command("release LEASE", "Delete a box and prove that it is gone",
		`release exits 0 only when the box is proven gone and nothing of it is left. It can be
repeated after any interruption. A lease that was released before is no error.`, cobra.ExactArgs(1),
		func(cmd *cobra.Command, h *here, args []string) error {
			ctx := cmd.Context()
			l, err := h.named(ctx, args[0], provider.ActionRelease)
			if errors.Is(err, provider.ErrNoClaim) {
				if r, ok := h.releasedBefore(args[0]); ok {
					fmt.Fprintf(stdio.Err, "%s was released at %s\n", r.LeaseID, r.ReleasedAt.Format(time.RFC3339))
					return sayReceipt(stdio, asJSON, r)
				}
			}
			if err != nil {
				return err
			}
			if err := confirm(stdio, yes, l); err != nil {
				return err
			}
			p := &progress{w: stdio.Err}
			r, err := h.leases.Release(ctx, l.Ref(), p.emit)
			if err != nil {
				if asJSON {
					err = errors.Join(err, printJSON(stdio.Out, releaseResult{envelope: head("release"), Error: err.Error(), LeaseID: l.ID}))
				}
				return err
			}
			return sayReceipt(stdio, asJSON, receipts.Of(r))
		})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func sayReceipt(stdio Stdio, asJSON bool, r receipts.Receipt) error {
	if asJSON {
		return printJSON(stdio.Out, releaseResult{envelope: head("release"), OK: true, LeaseID: r.LeaseID, Receipt: &r})
	}
	_, err := fmt.Fprint(stdio.Out, r)
	return err
}

// releasedBefore finds the receipt of a lease that is named exactly.
func (h *here) releasedBefore(name string) (receipts.Receipt, bool) {
	all, _ := h.receipts.List()
	for _, r := range all {
		if r.LeaseID == name || r.InstanceID == name {
			return r, true
		}
	}
	return receipts.Receipt{}, false
}

// confirm asks a person, where there is one to ask.
func confirm(stdio Stdio, yes bool, l provider.Lease) error {
	if yes {
		return nil
	}
	if !term.IsTerminal(stdio.In.Fd()) {
		return usage(fmt.Errorf("release %s: there is no terminal to ask on; say --yes", l.Name()))
	}
	about := ""
	if l.Cost.Known && l.Bills() {
		about = fmt.Sprintf(", %s so far", dollars(l.Cost))
	}
	fmt.Fprintf(stdio.Err, "Release %s (%s, instance %s%s)? What is on it is lost. [y/N] ", l.Name(), l.Type, l.InstanceID, about)
	answer, _ := bufio.NewReader(stdio.In).ReadString('\n')
	if s := strings.ToLower(strings.TrimSpace(answer)); s != "y" && s != "yes" {
		return usage(errors.New("not released"))
	}
	return nil
}
