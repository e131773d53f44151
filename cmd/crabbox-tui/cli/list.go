package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider"
)

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
