package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// command makes a command that works on the person's own state.
func command(use, short, long string, args cobra.PositionalArgs, run func(cmd *cobra.Command, h *here, args []string) error) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Long: long,
		Args: func(cmd *cobra.Command, given []string) error {
			if err := args(cmd, given); err != nil {
				return usage(fmt.Errorf("%w; see %s --help", err, cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, given []string) error {
			h, err := openHere()
			if err != nil {
				return err
			}
			defer h.Close()
			return run(cmd, h, given)
		},
	}
}

// look is one look at everything. With needed, an inventory that could not be
// had is the command's error.
func (h *here) look(ctx context.Context, needed bool) (provider.FleetSnapshot, error) {
	s := provider.Look(ctx, h.fleetOptions())
	if s.ClaimsErr != nil {
		return s, fmt.Errorf("read the claims: %w", s.ClaimsErr)
	}
	if needed && s.InventoryErr != nil {
		return s, noInventory(s.InventoryErr)
	}
	return s, nil
}

func noInventory(err error) error {
	if errors.Is(err, provider.ErrNoKey) {
		return fmt.Errorf("%w: set CRABBOX_FAL_KEY or FAL_KEY", provider.ErrNoKey)
	}
	return err
}

type leaseResult struct {
	envelope
	OK    bool      `json:"ok"`
	Error string    `json:"error"`
	Lease leaseJSON `json:"lease"`
}

func newAcquire(stdio Stdio) *cobra.Command {
	var req provider.AcquireRequest
	var asJSON bool
	cmd := command("acquire", "Rent a box and wait until it can be used",
		`acquire creates a box and exits 0 when it can be used over SSH. On a failure or an
interrupt the box is rolled back, or with --keep left with a claim for "recover".
With --no-wait it exits as soon as the instance exists; "recover LEASE --resume"
waits for the rest, and until then a cleanup would delete it unless it is kept.`, cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			ctx, cancel := context.WithCancelCause(context.WithoutCancel(cmd.Context()))
			defer cancel(nil)
			cause := provider.AbandonRollback
			if req.Keep {
				cause = provider.AbandonKeep
			}
			defer context.AfterFunc(cmd.Context(), func() { cancel(cause) })()
			p := &progress{w: stdio.Err}
			row, err := h.leases.Acquire(ctx, req, p.emit)
			return h.sayLease(stdio, asJSON, "acquire", row, err)
		})
	f := cmd.Flags()
	f.StringVar(&req.Type, "type", "", "instance type (default: as configured)")
	f.StringVar(&req.Sector, "sector", "", "sector, for types that have them")
	f.StringVar(&req.Slug, "slug", "", "name of the lease (default: one is made up)")
	f.DurationVar(&req.TTL, "ttl", 0, "longest life (default: as configured)")
	f.DurationVar(&req.Idle, "idle-timeout", 0, "longest time without use (default: as configured)")
	f.BoolVar(&req.Keep, "keep", false, "nothing but a release ever deletes it, not even a failure")
	f.BoolVar(&req.NoWait, "no-wait", false, "exit as soon as the instance exists")
	f.BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// sayLease prints what an acquire or resume came to.
func (h *here) sayLease(stdio Stdio, asJSON bool, kind string, row provider.Lease, err error) error {
	if asJSON {
		r := leaseResult{envelope: head(kind), OK: err == nil, Error: text(err), Lease: toJSON(row)}
		var e *provider.Error
		if err != nil && errors.As(err, &e) {
			r.Lease.LeaseID, r.Lease.InstanceID = e.LeaseID, e.InstanceID
		}
		return errors.Join(err, printJSON(stdio.Out, r))
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(stdio.Out, "lease=%s slug=%s instance=%s state=%s\n", row.ID, row.Slug, row.InstanceID, row.Standing)
	if row.Standing == provider.StandingReady {
		fmt.Fprintf(stdio.Out, "ssh=%s@%s port=%d key=%s\n", row.User, row.Host, row.Port, row.KeyPath)
	}
	return nil
}

// named looks a lease up and refuses what makes no sense for it.
func (h *here) named(ctx context.Context, name string, what provider.Action) (provider.Lease, error) {
	if !h.config.Key.Set() {
		return provider.Lease{}, noInventory(provider.ErrNoKey)
	}
	s, err := h.look(ctx, false)
	if err != nil {
		return provider.Lease{}, err
	}
	l, err := find(s.Rows, name)
	if err != nil {
		return l, err
	}
	if err := provider.Can(what, l); err != nil {
		return l, fmt.Errorf("%s %s: %w", what, l.Name(), err)
	}
	return l, nil
}

// local looks a lease up without the provider, which keep and extend have
// nothing to ask: they work through its outages too.
func (h *here) local(ctx context.Context, name string) (provider.Lease, error) {
	o := h.fleetOptions()
	o.Provider = nil
	s := provider.Look(ctx, o)
	if s.ClaimsErr != nil {
		return provider.Lease{}, fmt.Errorf("read the claims: %w", s.ClaimsErr)
	}
	return find(s.Rows, name)
}

// settled prints the lease as it is after a change.
func (h *here) settled(ctx context.Context, stdio Stdio, asJSON bool, kind, id string) error {
	rec, err := h.store.Read(ctx, id)
	if err != nil {
		return err
	}
	v := h.view
	v.Now, v.Claims = time.Now(), claims.Listing{Records: []claims.Record{rec}}
	row := provider.Merge(v)[0]
	if asJSON {
		return printJSON(stdio.Out, leaseResult{envelope: head(kind), OK: true, Lease: toJSON(row)})
	}
	line := fmt.Sprintf("lease=%s slug=%s keep=%t ttl=%s idle-timeout=%s", row.ID, row.Slug, row.Keep, row.TTL, row.Idle)
	if !row.ExpiresAt.IsZero() {
		line += " expires=" + row.ExpiresAt.UTC().Format(time.RFC3339)
	}
	_, err = fmt.Fprintln(stdio.Out, line)
	return err
}

func newKeep(stdio Stdio) *cobra.Command {
	var off, asJSON bool
	cmd := command("keep LEASE", "Keep a lease past its deadline, or no longer",
		"A kept lease is never deleted by a cleanup or the guard. It bills until it is released.", cobra.ExactArgs(1),
		func(cmd *cobra.Command, h *here, args []string) error {
			l, err := h.local(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := h.leases.Keep(cmd.Context(), l.Ref(), !off); err != nil {
				return err
			}
			return h.settled(cmd.Context(), stdio, asJSON, "keep", l.ID)
		})
	cmd.Flags().BoolVar(&off, "off", false, "no longer keep it")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newExtend(stdio Stdio) *cobra.Command {
	var ext provider.Extension
	var asJSON bool
	cmd := command("extend LEASE", "Set the clocks of a lease",
		"--ttl counts from the lease's creation, 24 hours at most; --idle-timeout from its last use.", cobra.ExactArgs(1),
		func(cmd *cobra.Command, h *here, args []string) error {
			if ext == (provider.Extension{}) {
				return usage(errors.New("say what to set: --ttl, --idle-timeout, or both"))
			}
			l, err := h.local(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := h.leases.Extend(cmd.Context(), l.Ref(), ext); err != nil {
				return err
			}
			return h.settled(cmd.Context(), stdio, asJSON, "extend", l.ID)
		})
	cmd.Flags().DurationVar(&ext.TTL, "ttl", 0, "longest life, from creation")
	cmd.Flags().DurationVar(&ext.Idle, "idle-timeout", 0, "longest time without use")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
