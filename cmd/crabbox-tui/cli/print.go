package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

// schema names the shape of everything that --json prints. A key is never
// removed and never changes its meaning under one name; docs/commands.md has
// them all.
const schema = "crabbox-tui/v1"

// envelope is around everything that --json prints.
type envelope struct {
	Schema string `json:"schema"`
	Kind   string `json:"kind"`
}

func head(kind string) envelope { return envelope{schema, kind} }

// printJSON prints a value as JSON, indented.
func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// leaseJSON is a row. Times are RFC 3339 in UTC, or null; durations seconds.
type leaseJSON struct {
	LeaseID     string     `json:"lease_id"`
	InstanceID  string     `json:"instance_id"`
	Slug        string     `json:"slug"`
	Provider    string     `json:"provider"`
	Type        string     `json:"instance_type"`
	Region      string     `json:"region"`
	Sector      string     `json:"sector"`
	Creator     string     `json:"creator"`
	Standing    string     `json:"standing"`
	Status      string     `json:"status"`
	Reason      string     `json:"reason"`
	Owned       bool       `json:"owned"`
	Bills       bool       `json:"bills"`
	Unfinished  bool       `json:"unfinished"`
	Actions     []string   `json:"actions"`
	Host        string     `json:"ssh_host"`
	Port        int        `json:"ssh_port"`
	User        string     `json:"ssh_user"`
	KeyPath     string     `json:"ssh_key_path"`
	KnownHosts  string     `json:"known_hosts_path"`
	Keep        bool       `json:"keep"`
	CreatedAt   *time.Time `json:"created_at"`
	FirstSeen   *time.Time `json:"first_seen"`
	TouchedAt   *time.Time `json:"last_touched_at"`
	ExpiresAt   *time.Time `json:"expires_at"`
	ReplayUntil *time.Time `json:"replay_until"`
	TTL         int64      `json:"ttl_seconds"`
	Idle        int64      `json:"idle_timeout_seconds"`
	CostUSD     *float64   `json:"estimated_cost_usd"`
	AtLeast     bool       `json:"cost_is_lower_bound"`
	PerHour     *float64   `json:"estimated_usd_per_hour"`
	RepoRoot    string     `json:"repo_root"`
	Place       string     `json:"place"`
}

func toJSON(l provider.Lease) leaseJSON {
	j := leaseJSON{
		LeaseID: l.ID, InstanceID: l.InstanceID, Slug: l.Slug, Provider: l.Provider, Type: l.Type, Region: l.Region, Sector: l.Sector,
		Creator: l.Creator, Standing: l.Standing.String(), Status: l.Status, Reason: l.Reason, Owned: owned(l), Bills: l.Bills(),
		Unfinished: l.Unfinished(), Actions: actions(l),
		Host: l.Host, Port: l.Port, User: l.User, KeyPath: l.KeyPath, KnownHosts: l.KnownHostsPath, Keep: l.Keep,
		CreatedAt: moment(l.CreatedAt), FirstSeen: moment(l.FirstSeen), TouchedAt: moment(l.LastTouchedAt), ExpiresAt: moment(l.ExpiresAt),
		ReplayUntil: moment(l.ReplayUntil), TTL: int64(l.TTL / time.Second), Idle: int64(l.Idle / time.Second), AtLeast: l.Cost.AtLeast,
		RepoRoot: l.RepoRoot, Place: l.Place,
	}
	if l.Cost.Known {
		so, per := math.Round(l.Cost.SoFar*100)/100, l.Cost.PerHour
		j.CostUSD, j.PerHour = &so, &per
	}
	return j
}

// owned says whether a claim that this key may act on is behind a row.
func owned(l provider.Lease) bool {
	switch l.Standing {
	case provider.StandingForeign, provider.StandingBroken, provider.StandingOtherKey, provider.StandingOtherEndpoint, provider.StandingOtherProvider:
		return false
	}
	return l.ID != ""
}

func actions(l provider.Lease) []string {
	can := []string{}
	for _, a := range provider.Actions {
		if provider.Can(a, l) == nil {
			can = append(can, a.String())
		}
	}
	return can
}

func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

// table prints rows with aligned columns; an empty table prints nothing.
func table(w io.Writer, header []string, rows [][]string) error {
	if len(rows) == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		for i, cell := range row {
			if cell == "" {
				row[i] = "-"
			}
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// ago is an age or a time left in its two largest units.
func ago(d time.Duration) string {
	d = d.Abs()
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

func dollars(c provider.Cost) string {
	if !c.Known {
		return ""
	}
	s := fmt.Sprintf("~$%.2f", c.SoFar)
	if c.AtLeast {
		s = ">" + s[1:]
	}
	return s
}

// progress prints a line a state of a long operation.
type progress struct {
	w    io.Writer
	last string
}

func (p *progress) emit(e provider.Event) {
	var what string
	switch e.Phase {
	case provider.PhaseDone:
		what = "done"
	case provider.PhaseFailed:
		what = "failed: " + text(e.Err)
	case provider.PhaseWaiting:
		what = "waiting: " + e.Reason.String()
	case provider.PhaseActive:
		what = "..."
	}
	name := e.Slug
	if name == "" {
		name = e.LeaseID
	}
	detail := ""
	if e.Detail != "" {
		detail = " (" + e.Detail + ")"
	}
	line := fmt.Sprintf("%s: %s %s%s", name, e.Step, what, detail)
	if line != p.last {
		fmt.Fprintln(p.w, line)
	}
	p.last = line
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
