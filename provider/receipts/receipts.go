// Package receipts keeps the proofs that boxes are gone, one file a lease, so
// that a person can show later what was returned, when, and on what evidence.
package receipts

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Schema names the shape of a receipt file.
const Schema = "crabbox-tui/receipt/v1"

// most bounds how many are kept; the oldest go first.
const most = 5000

// Receipt is a receipt as it is kept and printed.
type Receipt struct {
	Schema      string     `json:"schema"`
	LeaseID     string     `json:"lease_id"`
	InstanceID  string     `json:"instance_id"`
	Slug        string     `json:"slug,omitempty"`
	Type        string     `json:"instance_type,omitempty"`
	Scope       string     `json:"scope,omitempty"`
	CreatedAt   *time.Time `json:"created_at,omitempty"`
	ReleasedAt  time.Time  `json:"released_at"`
	Cost        *float64   `json:"estimated_cost_usd,omitempty"`
	PerHour     *float64   `json:"estimated_usd_per_hour,omitempty"`
	AlreadyGone bool       `json:"already_gone"`
	Evidence    []Evidence `json:"evidence"`
	Unknown     []string   `json:"unknown"`
}

// Evidence is one answer that the proof rests on.
type Evidence struct {
	At   time.Time `json:"at"`
	Step string    `json:"step"`
	Note string    `json:"note"`
}

// Of makes the kept form of a receipt.
func Of(r provider.Receipt) Receipt {
	kept := Receipt{
		Schema: Schema, LeaseID: r.LeaseID, InstanceID: r.InstanceID, Slug: r.Slug, Type: r.Type, Scope: r.Scope,
		ReleasedAt: r.ReleasedAt.UTC(), AlreadyGone: r.AlreadyGone, Evidence: []Evidence{}, Unknown: r.Unknown,
	}
	if kept.Unknown == nil {
		kept.Unknown = []string{}
	}
	if !r.CreatedAt.IsZero() {
		at := r.CreatedAt.UTC()
		kept.CreatedAt = &at
	}
	if r.Cost.Known {
		cost, perHour := cents(r.Cost.SoFar), r.Cost.PerHour
		kept.Cost, kept.PerHour = &cost, &perHour
	}
	for _, e := range r.Evidence {
		kept.Evidence = append(kept.Evidence, Evidence{At: e.At.UTC(), Step: e.Step.String(), Note: e.Note})
	}
	return kept
}

func cents(dollars float64) float64 { return float64(int64(dollars*100+0.5)) / 100 }

// String is the receipt for a person.
func (r Receipt) String() string {
	var b strings.Builder
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-10s %s\n", name, value)
		}
	}
	line("lease", r.LeaseID)
	line("slug", r.Slug)
	line("instance", r.InstanceID)
	line("type", r.Type)
	line("endpoint", strings.TrimPrefix(r.Scope, "endpoint:"))
	if r.CreatedAt != nil {
		line("created", r.CreatedAt.Format(time.RFC3339))
	}
	line("released", r.ReleasedAt.Format(time.RFC3339))
	if r.Cost != nil {
		line("cost", fmt.Sprintf("about $%.2f, at $%.2f an hour", *r.Cost, *r.PerHour))
	}
	if r.AlreadyGone {
		line("note", "it was gone already when its release began")
	}
	for _, e := range r.Evidence {
		line("evidence", e.At.Format(time.RFC3339)+"  "+e.Note)
	}
	for _, u := range r.Unknown {
		line("not known", u)
	}
	return b.String()
}

// Book is a folder of receipts. It is safe for concurrent use, also by several
// processes.
type Book struct{ dir string }

// Open returns the book in a folder, which is made when the first receipt is kept.
func Open(dir string) *Book { return &Book{dir} }

// Keep keeps a receipt. One that is there with more evidence stays: a release
// that was taken up again knows less than the one that proved the absence.
func (b *Book) Keep(ctx context.Context, r provider.Receipt) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if !claims.ValidID(r.LeaseID) {
		return fmt.Errorf("keep the receipt of lease %q: %w", r.LeaseID, claims.ErrInvalidID)
	}
	kept := Of(r)
	if old, err := b.read(r.LeaseID + ".json"); err == nil && old.InstanceID == kept.InstanceID && len(old.Evidence) >= len(kept.Evidence) {
		return nil
	}
	data, err := json.MarshalIndent(kept, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the receipt of lease %s: %w", r.LeaseID, err)
	}
	if err := claims.WriteFile(filepath.Join(b.dir, r.LeaseID+".json"), append(data, '\n')); err != nil {
		return fmt.Errorf("keep the receipt of lease %s: %w", r.LeaseID, err)
	}
	b.prune()
	return nil
}

// List returns all receipts, the newest first. What cannot be read is in the
// error, and hides none of the others.
func (b *Book) List() ([]Receipt, error) {
	entries, err := os.ReadDir(b.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list receipts: %w", err)
	}
	var all []Receipt
	var bad []error
	for _, e := range entries {
		if e.IsDir() || filepath.Ext(e.Name()) != ".json" {
			continue
		}
		r, err := b.read(e.Name())
		if err != nil {
			bad = append(bad, err)
			continue
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Receipt) int {
		return cmp.Or(b.ReleasedAt.Compare(a.ReleasedAt), cmp.Compare(a.LeaseID, b.LeaseID))
	})
	return all, errors.Join(bad...)
}

func (b *Book) read(name string) (Receipt, error) {
	var r Receipt
	data, err := os.ReadFile(filepath.Join(b.dir, name))
	if err != nil {
		return r, fmt.Errorf("read receipt %s: %w", name, err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("read receipt %s: %w", name, err)
	}
	if r.Schema != Schema {
		return r, fmt.Errorf("read receipt %s: its schema is %q, and this program knows %s", name, provider.Clean(r.Schema, 64), Schema)
	}
	return r, nil
}

// prune keeps the folder bounded. It looks into files only when there are too many.
func (b *Book) prune() {
	entries, err := os.ReadDir(b.dir)
	if err != nil || len(entries) <= most {
		return
	}
	all, _ := b.List()
	for _, r := range all[min(most, len(all)):] {
		_ = os.Remove(filepath.Join(b.dir, r.LeaseID+".json"))
	}
}
