package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/guard"
	"github.com/openclaw/crabbox-tui/provider/ledger"
	"github.com/openclaw/crabbox-tui/provider/receipts"
)

func newStatus(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("status [LEASE]", "Say what runs, what it costs, and who watches it",
		`status sums up the fleet and the guard. With a lease it says everything about that one.`, cobra.MaximumNArgs(1),
		func(cmd *cobra.Command, h *here, args []string) error {
			s, err := h.look(cmd.Context(), false)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				l, err := find(s.Rows, args[0])
				if err != nil {
					return err
				}
				return h.statusOf(stdio, asJSON, l)
			}
			return h.status(stdio, asJSON, s)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func (h *here) statusOf(stdio Stdio, asJSON bool, l provider.Lease) error {
	if asJSON {
		return printJSON(stdio.Out, leaseResult{envelope: head("lease"), OK: true, Lease: toJSON(l)})
	}
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(stdio.Out, "%-10s %s\n", name, value)
		}
	}
	at := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.UTC().Format(time.RFC3339)
	}
	line("name", l.Name())
	line("lease", l.ID)
	line("instance", l.InstanceID)
	line("standing", l.Standing.String())
	line("status", l.Status)
	line("why", l.Reason)
	line("type", l.Type)
	line("place", strings.TrimSpace(l.Region+" "+l.Sector))
	line("creator", l.Creator)
	if l.Host != "" {
		line("ssh", fmt.Sprintf("%s@%s port %d", l.User, l.Host, l.Port))
	}
	line("created", at(l.CreatedAt))
	line("last used", at(l.LastTouchedAt))
	line("deadline", at(l.ExpiresAt))
	if l.ID != "" {
		line("keep", fmt.Sprint(l.Keep))
	}
	line("cost", dollars(l.Cost))
	line("can", strings.Join(actions(l), ", "))
	return nil
}

type statusJSON struct {
	envelope
	At             time.Time `json:"at"`
	InventoryError string    `json:"inventory_error"`
	Bills          int       `json:"bills"`
	Owned          int       `json:"owned"`
	Foreign        int       `json:"foreign"`
	Unfinished     int       `json:"unfinished"`
	Broken         int       `json:"broken"`
	PerHour        float64   `json:"estimated_usd_per_hour"`
	Guard          guardJSON `json:"guard"`
}

type guardJSON struct {
	Running bool         `json:"running"`
	Status  guard.Status `json:"last"`
}

func (h *here) status(stdio Stdio, asJSON bool, s provider.FleetSnapshot) error {
	j := statusJSON{envelope: head("status"), At: s.At.UTC(), InventoryError: text(s.InventoryErr)}
	for _, l := range s.Rows {
		switch {
		case l.Standing == provider.StandingForeign:
			j.Foreign++
		case l.Standing == provider.StandingBroken:
			j.Broken++
		case owned(l):
			j.Owned++
		}
		if l.Unfinished() {
			j.Unfinished++
		}
		if l.Bills() && l.Standing != provider.StandingForeign {
			j.Bills++
			j.PerHour += l.Cost.PerHour
		}
	}
	g, err := guard.Look(h.home)
	if err != nil {
		return err
	}
	j.Guard = guardJSON{Running: g.Running, Status: g}
	if asJSON {
		return printJSON(stdio.Out, j)
	}
	fmt.Fprintf(stdio.Out, "ours: %d, of which %d bill, about $%.2f an hour; %d foreign, %d unfinished, %d broken\n", j.Owned, j.Bills, j.PerHour, j.Foreign, j.Unfinished, j.Broken)
	fmt.Fprintln(stdio.Out, guardLine(g))
	if s.InventoryErr != nil {
		fmt.Fprintln(stdio.Err, "the provider could not be asked: "+s.InventoryErr.Error())
	}
	return nil
}

func guardLine(g guard.Status) string {
	if !g.Running {
		return "no guard runs: at their deadlines leases go on billing until somebody releases them"
	}
	line := fmt.Sprintf("a guard runs (process %d), which watches %s", g.PID, count(len(g.Watching), "lease"))
	if len(g.Watching) > 0 {
		line += fmt.Sprintf("; next: %s at %s", g.Watching[0].Name, g.Watching[0].Deadline.Format(time.RFC3339))
	}
	if g.Doubt != "" {
		line += "; it does not act now: " + g.Doubt
	}
	return line
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

type claimJSON struct {
	leaseJSON
	Recovery string `json:"recovery"`
	Bound    bool   `json:"bound_to_this_key"`
}

func newClaims(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("claims", "List the local claims; needs no key and no network", "", cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			ctx := cmd.Context()
			listing, err := h.store.List(ctx)
			if err != nil {
				return err
			}
			v := h.view
			v.Now, v.Claims, v.InventoryErr = time.Now(), listing, errors.New("not asked")
			byID := map[string]claims.Claim{}
			for _, rec := range listing.Records {
				byID[rec.Claim.LeaseID] = rec.Claim
			}
			rows := provider.Merge(v)
			if !asJSON {
				return printClaims(stdio, rows, byID)
			}
			j := struct {
				envelope
				Claims []claimJSON `json:"claims"`
			}{head("claims"), []claimJSON{}}
			for _, l := range rows {
				c := byID[l.ID]
				j.Claims = append(j.Claims, claimJSON{toJSON(l), provider.Clean(c.Labels["recovery"], 64), h.config.Key.Set() && c.Labels["fal_credential_binding"] == v.Binding})
			}
			return printJSON(stdio.Out, j)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printClaims(stdio Stdio, rows []provider.Lease, byID map[string]claims.Claim) error {
	if len(rows) == 0 {
		fmt.Fprintln(stdio.Err, "no claims")
	}
	var lines [][]string
	for _, l := range rows {
		state := provider.Clean(byID[l.ID].Labels["recovery"], 64)
		if state == "" && l.Standing != provider.StandingUnverified {
			state = l.Standing.String()
		}
		lines = append(lines, []string{l.Name(), l.Provider, state, l.ID, l.InstanceID, l.Host, l.RepoRoot})
	}
	if err := table(stdio.Out, []string{"NAME", "PROVIDER", "STATE", "LEASE", "INSTANCE", "ADDRESS", "REPO"}, lines); err != nil {
		return err
	}
	for _, l := range rows {
		if l.Standing == provider.StandingBroken {
			fmt.Fprintln(stdio.Err, l.Reason)
		}
	}
	return nil
}

func newReceipts(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("receipts [LEASE]", "List the proofs of what was released", "", cobra.MaximumNArgs(1),
		func(_ *cobra.Command, h *here, args []string) error {
			all, listErr := h.receipts.List()
			if len(args) == 1 {
				var found []receipts.Receipt
				for _, r := range all {
					if r.LeaseID == args[0] || r.InstanceID == args[0] || r.Slug == args[0] {
						found = append(found, r)
					}
				}
				if len(found) == 0 {
					return errors.Join(fmt.Errorf("%w: there is no receipt of %q", provider.ErrNoClaim, provider.Clean(args[0], 64)), listErr)
				}
				all = found
			}
			if asJSON {
				j := struct {
					envelope
					Receipts []receipts.Receipt `json:"receipts"`
				}{head("receipts"), append([]receipts.Receipt{}, all...)}
				return errors.Join(printJSON(stdio.Out, j), listErr)
			}
			if len(args) == 1 {
				for _, r := range all {
					fmt.Fprintln(stdio.Out, r)
				}
				return listErr
			}
			var lines [][]string
			for _, r := range all {
				cost := ""
				if r.Cost != nil {
					cost = fmt.Sprintf("~$%.2f", *r.Cost)
				}
				lines = append(lines, []string{r.ReleasedAt.Local().Format("2006-01-02 15:04"), r.Slug, r.Type, cost, r.LeaseID, r.InstanceID})
			}
			if len(lines) == 0 {
				fmt.Fprintln(stdio.Err, "no receipts")
			}
			return errors.Join(table(stdio.Out, []string{"RELEASED", "NAME", "TYPE", "COST", "LEASE", "INSTANCE"}, lines), listErr)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newLedger(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("ledger", "List every instance that was ever seen", "", cobra.NoArgs,
		func(cmd *cobra.Command, h *here, _ []string) error {
			if h.ledger == nil {
				_, err := ledger.Open(h.home + "/ledger.json")
				return err
			}
			entries := h.ledger.Entries()
			if asJSON {
				return printJSON(stdio.Out, struct {
					envelope
					Entries []ledger.Entry `json:"entries"`
				}{head("ledger"), append([]ledger.Entry{}, entries...)})
			}
			if len(entries) == 0 {
				fmt.Fprintln(stdio.Err, "no instance was seen yet")
			}
			var lines [][]string
			for _, e := range entries {
				state := "there"
				if !e.Gone.IsZero() {
					state = "gone"
				}
				lines = append(lines, []string{e.InstanceID, state, e.FirstSeen.Local().Format("2006-01-02 15:04"), e.LastSeen.Local().Format("2006-01-02 15:04"),
					e.Type, e.Creator, e.LeaseID, strings.TrimPrefix(e.Scope, "endpoint:"), e.Key})
			}
			return table(stdio.Out, []string{"INSTANCE", "STATE", "FIRST SEEN", "LAST SEEN", "TYPE", "CREATOR", "LEASE", "ENDPOINT", "KEY"}, lines)
		})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func newGuard(stdio Stdio) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "guard",
		Short: "Release leases at their deadline while nobody looks",
		Long: `A guard is a small process that touches nothing but leases whose deadline is over and
that are not kept: it releases them by cleanup's own rules, and ends when there is
nothing left that it might release. It acts on nothing while it is in doubt.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newGuardRun(stdio), newGuardStart(stdio), newGuardStop(stdio), newGuardStatus(stdio))
	return cmd
}

func newGuardRun(stdio Stdio) *cobra.Command {
	return command("run", "Guard in the foreground", "", cobra.NoArgs, func(cmd *cobra.Command, h *here, _ []string) error {
		if !h.config.Key.Set() {
			return noInventory(provider.ErrNoKey)
		}
		log, logFile, err := openLogNamed(h.home+"/log", "guard.log", h.config.Key.Reveal())
		if err != nil {
			return err
		}
		defer logFile.Close()
		err = guard.Run(cmd.Context(), guard.Options{
			Dir: h.home, Claims: h.store, Leases: h.leases, Scope: h.view.Scope, Version: Version(), Log: log,
			Started: func() { fmt.Fprintln(stdio.Out, guardReady) },
		})
		if errors.Is(err, guard.ErrRunning) {
			return &tagged{err, provider.ErrInProgress}
		}
		if cmd.Context().Err() != nil {
			return nil
		}
		return err
	})
}

func newGuardStart(stdio Stdio) *cobra.Command {
	return command("start", "Leave a guard in the background", "", cobra.NoArgs, func(cmd *cobra.Command, h *here, _ []string) error {
		if !h.config.Key.Set() {
			return noInventory(provider.ErrNoKey)
		}
		if err := h.worthGuarding(cmd.Context()); err != nil {
			return err
		}
		s, err := startGuard(cmd.Context(), h.home)
		if errors.Is(err, guard.ErrRunning) {
			return &tagged{err, provider.ErrInProgress}
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(stdio.Out, guardLine(s))
		return err
	})
}

// worthGuarding refuses a guard that would end at once.
func (h *here) worthGuarding(ctx context.Context) error {
	listing, err := h.store.List(ctx)
	if err != nil {
		return err
	}
	for _, rec := range listing.Records {
		if d, ok := h.leases.Deadline(rec.Claim); ok && !d.Deleting {
			return nil
		}
	}
	return &tagged{errors.New("there is no lease that a guard would release: none of this key is running and not kept"), provider.ErrNoClaim}
}

func newGuardStop(stdio Stdio) *cobra.Command {
	return command("stop", "End the guard", "", cobra.NoArgs, func(cmd *cobra.Command, h *here, _ []string) error {
		ctx, cancel := context.WithTimeout(cmd.Context(), closing)
		defer cancel()
		if err := guard.Stop(ctx, h.home); err != nil {
			return err
		}
		_, err := fmt.Fprintln(stdio.Out, "no guard runs")
		return err
	})
}

func newGuardStatus(stdio Stdio) *cobra.Command {
	var asJSON bool
	cmd := command("status", "Say what the guard watches and what it did", "", cobra.NoArgs, func(_ *cobra.Command, h *here, _ []string) error {
		s, err := guard.Look(h.home)
		if err != nil {
			return err
		}
		if asJSON {
			return printJSON(stdio.Out, struct {
				envelope
				guardJSON
			}{head("guard"), guardJSON{Running: s.Running, Status: s}})
		}
		fmt.Fprintln(stdio.Out, guardLine(s))
		for _, w := range s.Watching {
			fmt.Fprintf(stdio.Out, "watches %s (%s), deadline %s\n", w.Name, w.LeaseID, w.Deadline.Format(time.RFC3339))
		}
		for _, a := range s.Acted {
			did := "released"
			if !a.Released {
				did = "left"
			}
			fmt.Fprintf(stdio.Out, "%s  %s %s (%s): %s\n", a.At.Format(time.RFC3339), did, a.Name, a.LeaseID, a.Note)
		}
		return nil
	})
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// tagged keeps the text of an error and says which sentinel it is as well.
type tagged struct{ err, is error }

func (t *tagged) Error() string   { return t.err.Error() }
func (t *tagged) Unwrap() []error { return []error{t.is, t.err} }
