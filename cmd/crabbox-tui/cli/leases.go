package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/receipts"
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

func newList(stdio Stdio) *cobra.Command {
	var asJSON, compat bool
	cmd := command("list", "List leases and instances",
		`list merges what the provider has with the local claims, as the screen does. It
exits 0 only if the provider could be asked; "claims" needs no provider.`, cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			if compat {
				if !asJSON {
					return usage(errors.New("--compat is a shape of --json; give both"))
				}
				return h.listCompat(cmd.Context(), stdio)
			}
			s, err := h.look(cmd.Context(), false)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(stdio.Out, h.listJSON("list", s))
			} else {
				err = printRows(stdio, s.Rows)
				for _, happened := range s.Happenings {
					fmt.Fprintln(stdio.Err, happened)
				}
			}
			if err == nil && s.InventoryErr != nil {
				err = noInventory(s.InventoryErr)
			}
			return err
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().BoolVar(&compat, "compat", false, "with --json: the shape of crabbox list --json")
	return cmd
}

type listJSON struct {
	envelope
	At             time.Time   `json:"at"`
	InventoryAt    *time.Time  `json:"inventory_at"`
	InventoryError string      `json:"inventory_error"`
	Leases         []leaseJSON `json:"leases"`
	Happenings     []string    `json:"happenings"`
}

func (h *here) listJSON(kind string, s provider.FleetSnapshot) listJSON {
	j := listJSON{envelope: head(kind), At: s.At.UTC(), InventoryAt: moment(s.InventoryAt), InventoryError: text(s.InventoryErr), Leases: []leaseJSON{}, Happenings: []string{}}
	for _, happened := range s.Happenings {
		j.Happenings = append(j.Happenings, happened.String())
	}
	for _, l := range s.Rows {
		j.Leases = append(j.Leases, toJSON(l))
	}
	return j
}

// listCompat prints what crabbox would, byte for byte.
func (h *here) listCompat(ctx context.Context, stdio Stdio) error {
	listing, err := h.store.List(ctx)
	if err != nil {
		return err
	}
	inventory, inventoryErr := h.leases.Inventory(ctx)
	data, err := json.Marshal(h.leases.CrabboxList(listing, inventory, inventoryErr))
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(stdio.Out, "%s\n", data); err != nil {
		return err
	}
	if inventoryErr != nil {
		return noInventory(inventoryErr)
	}
	return nil
}

func printRows(stdio Stdio, rows []provider.Lease) error {
	if len(rows) == 0 {
		fmt.Fprintln(stdio.Err, "no boxes and no claims")
		return nil
	}
	now := time.Now()
	var lines [][]string
	for _, l := range rows {
		age, left, keep := "", "", ""
		if since := l.CreatedAt; !since.IsZero() {
			age = ago(now.Sub(since))
		} else if !l.FirstSeen.IsZero() {
			age = ">" + ago(now.Sub(l.FirstSeen))
		}
		if !l.ExpiresAt.IsZero() {
			if left = ago(l.ExpiresAt.Sub(now)); l.ExpiresAt.Before(now) {
				left = "over"
			}
		}
		if l.Keep {
			keep = "keep"
		}
		perHour := ""
		if l.Cost.Known {
			perHour = fmt.Sprintf("%.2f", l.Cost.PerHour)
		}
		lines = append(lines, []string{l.Name(), l.Standing.String(), l.Type, l.Region, l.Host, age, left, keep, dollars(l.Cost), perHour, l.ID, l.InstanceID})
	}
	if err := table(stdio.Out, []string{"NAME", "STANDING", "TYPE", "REGION", "ADDRESS", "AGE", "LEFT", "KEEP", "COST", "$/H", "LEASE", "INSTANCE"}, lines); err != nil {
		return err
	}
	for _, l := range rows {
		if l.Reason != "" {
			fmt.Fprintf(stdio.Err, "%s: %s\n", l.Name(), l.Reason)
		}
	}
	return nil
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
