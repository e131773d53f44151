package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/receipts"
)

func newRecover(stdio Stdio) *cobra.Command {
	var resume, release, rebind, asJSON bool
	var bind string
	cmd := command("recover [LEASE]", "List what is unfinished, and finish it",
		`Without a lease, recover lists what was begun and not ended, by whatever program, and
what can be done about it. With one, it does what is asked: --resume takes an acquire
or a lost create up again, --release ends it, --bind gives a lost create the instance
that you found to be its own, --rebind moves a lease to the key in use.`, cobra.MaximumNArgs(1),
		func(cmd *cobra.Command, h *here, args []string) error {
			chosen := 0
			for _, on := range []bool{resume, release, rebind, bind != ""} {
				if on {
					chosen++
				}
			}
			switch {
			case chosen > 1:
				return usage(errors.New("choose one of --resume, --release, --bind and --rebind"))
			case chosen == 1 && len(args) == 0:
				return usage(errors.New("say on which lease"))
			case len(args) == 0:
				return h.unfinished(cmd.Context(), stdio, asJSON, "")
			case chosen == 0:
				return h.unfinished(cmd.Context(), stdio, asJSON, args[0])
			}
			return h.recover(cmd.Context(), stdio, asJSON, args[0], resume, release, rebind, bind)
		})
	cmd.Flags().BoolVar(&resume, "resume", false, "take it up where it stands, replaying a lost create")
	cmd.Flags().BoolVar(&release, "release", false, "end it: delete the box and prove that it is gone")
	cmd.Flags().BoolVar(&rebind, "rebind", false, "move it to the API key in use")
	cmd.Flags().StringVar(&bind, "bind", "", "give its lost create the instance with this id")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (h *here) recover(ctx context.Context, stdio Stdio, asJSON bool, name string, resume, release, rebind bool, bind string) error {
	what := provider.ActionBind
	switch {
	case resume:
		what = provider.ActionResume
	case release:
		what = provider.ActionRelease
	case rebind:
		what = provider.ActionRebind
	}
	l, err := h.named(ctx, name, what)
	if err != nil {
		return err
	}
	p := &progress{w: stdio.Err}
	switch what {
	case provider.ActionResume:
		row, err := h.leases.Resume(ctx, l.Ref(), p.emit)
		return h.sayLease(stdio, asJSON, "resume", row, err)
	case provider.ActionRelease:
		r, err := h.leases.Release(ctx, l.Ref(), p.emit)
		if err != nil {
			return err
		}
		return sayReceipt(stdio, asJSON, receipts.Of(r))
	case provider.ActionRebind:
		err = h.leases.Rebind(ctx, l.Ref())
	default:
		err = h.leases.Bind(ctx, l.Ref(), bind)
	}
	if err != nil {
		return err
	}
	return h.settled(ctx, stdio, asJSON, what.String(), l.ID)
}

// unfinished lists what a person has to decide about.
func (h *here) unfinished(ctx context.Context, stdio Stdio, asJSON bool, name string) error {
	s, err := h.look(ctx, false)
	if err != nil {
		return err
	}
	rows := []provider.Lease{}
	for _, l := range s.Rows {
		if name == "" && (l.Unfinished() || provider.Can(provider.ActionRebind, l) == nil) {
			rows = append(rows, l)
		}
	}
	if name != "" {
		l, err := find(s.Rows, name)
		if err != nil {
			return err
		}
		rows = append(rows, l)
	}
	s.Rows = rows
	if asJSON {
		return printJSON(stdio.Out, h.listJSON("recover", s))
	}
	if len(rows) == 0 {
		fmt.Fprintln(stdio.Err, "nothing is unfinished")
	}
	for _, l := range rows {
		when := "at a time that its claim does not tell"
		if !l.CreatedAt.IsZero() {
			when = "begun " + ago(time.Since(l.CreatedAt)) + " ago"
		}
		fmt.Fprintf(stdio.Out, "%s (%s): %s, %s\n", l.Name(), l.ID, l.Standing, when)
		if l.Reason != "" {
			fmt.Fprintln(stdio.Out, "  "+l.Reason)
		}
		for _, a := range []provider.Action{provider.ActionResume, provider.ActionRelease, provider.ActionBind, provider.ActionRebind} {
			if provider.Can(a, l) != nil {
				continue
			}
			flag := "--" + a.String()
			if a == provider.ActionBind {
				flag += " INSTANCE"
			}
			fmt.Fprintf(stdio.Out, "  crabbox-tui recover %s %s\n", l.ID, flag)
		}
	}
	return nil
}
