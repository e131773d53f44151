package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/config"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/fal"
	"github.com/openclaw/crabbox-tui/provider/ledger"
	"github.com/openclaw/crabbox-tui/provider/receipts"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/session/term"
	"github.com/openclaw/crabbox-tui/tui"
)

// closing bounds how long leaving may take once the screen is gone.
const closing = 10 * time.Second

// base is what commands and screens both stand on. It runs nothing.
type base struct {
	config   config.Config
	store    *claims.FileStore
	leases   *fal.Lifecycle
	dialer   *session.Dialer
	prices   provider.Prices
	ledger   *ledger.Ledger // nil if it could not be read
	receipts *receipts.Book
	view     provider.View
	home     string // this program's own state folder
	log      *slog.Logger
}

// newBase joins the packages over a store and a way to reach boxes. home is
// where receipts and ledger are kept.
func newBase(c config.Config, store *claims.FileStore, dial session.DialFunc, repoRoot, home string, log *slog.Logger) (*base, error) {
	b := &base{
		config: c, store: store, dialer: &session.Dialer{Net: dial, Log: log}, prices: prices(c),
		receipts: receipts.Open(filepath.Join(home, "receipts")), home: home, log: log,
	}
	scope, err := fal.Scope(c.APIURL)
	if err != nil {
		return nil, usage(fmt.Errorf("the API URL cannot be used: %w", err))
	}
	options := fal.Options{
		BaseURL: c.APIURL,
		Key:     c.Key.Reveal(),
		Store:   store,
		Prober:  prober{&session.Prober{Dialer: b.dialer}},
		Defaults: fal.Defaults{
			Type: c.Type, Sector: c.Sector, User: c.User, WorkRoot: c.WorkRoot, Port: c.Port,
			TTL: c.TTL, Idle: c.Idle, Class: c.Class, Profile: c.Profile, Pond: c.Pond, RepoRoot: repoRoot,
		},
		Prices:   b.prices,
		Log:      log,
		Receipts: b.receipts,
	}
	// Without its ledger the program is less wise, and still useful.
	if b.ledger, err = ledger.Open(filepath.Join(home, "ledger.json")); err != nil {
		log.Error("ledger", "error", err)
		b.ledger = nil
	} else {
		options.Sightings = b.ledger
	}
	if b.leases, err = fal.New(options); err != nil {
		return nil, err
	}
	b.view = provider.View{
		Name: fal.Name, Scope: scope, Binding: fal.Binding(c.Key.Reveal()),
		Prices: b.prices, DefaultUser: c.User, DefaultPort: c.Port, DefaultKey: config.Home(c.SSHKey),
	}
	return b, nil
}

// fleetOptions are for a fleet that is watched, or for one look at it.
func (b *base) fleetOptions() provider.FleetOptions {
	o := provider.FleetOptions{Store: b.store, Every: b.config.Refresh, View: b.view}
	if b.ledger != nil {
		o.Ledger = b.ledger
	}
	if b.config.Key.Set() {
		o.Provider = b.leases
	}
	return o
}

// world is what runs behind the screens.
type world struct {
	*base
	fleet      *provider.Fleet
	operations *provider.Operations
	keeper     *provider.Keeper
}

// newWorld starts it. Close it.
func newWorld(ctx context.Context, b *base) *world {
	w := &world{base: b, keeper: provider.NewKeeper(b.leases, nil), operations: provider.NewOperations(b.leases, nil)}
	// Whoever asks for a release: a touch must not follow a delete.
	w.operations.BeforeRelease = w.keeper.Stop
	w.fleet = provider.NewFleet(ctx, b.fleetOptions())
	return w
}

// Close ends what runs, leaving every claim as it stands.
func (w *world) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closing)
	defer cancel()
	err := errors.Join(w.operations.Close(ctx), w.keeper.Close(ctx))
	w.fleet.Close()
	return err
}

// deps hands the world to the screens.
func (w *world) deps(repoRoot string) tui.Deps {
	c := w.config
	types := slices.Concat(fal.Types(), c.Types)
	if !slices.Contains(types, c.Type) {
		types = append(types, c.Type)
	}
	desk := desktop{os: runtime.GOOS, getenv: os.Getenv}
	return tui.Deps{
		Fleet:      w.fleet,
		Operations: w.operations,
		Clocks:     w.leases,
		Repairs:    w.leases,
		Hold:       func(l provider.Lease) tui.Hold { return w.keeper.Hold(l) },
		StopHold:   w.keeper.Stop,
		Dial:       w.dial,
		Prices:     w.prices,
		Defaults: provider.AcquireRequest{
			Type: c.Type, Sector: c.Sector, TTL: c.TTL, Idle: c.Idle,
		},
		Types:      slices.Compact(types),
		Sectors:    fal.Sectors(),
		HasSectors: fal.HasSectors,
		Prefix:     c.Prefix,
		Theme:      c.Theme,
		Pane: term.Options{
			ScrollbackLines: c.Scrollback, ScrollbackBytes: c.PaneMemory / 2, MemoryCeiling: c.PaneMemory,
		},
		Clipboard:  desk.Clipboard,
		OpenLink:   desk.OpenLink,
		Lend:       lend,
		Recordings: filepath.Join(w.home, "recordings"),
		Editor:     cmp.Or(os.Getenv("VISUAL"), os.Getenv("EDITOR")),
		Pager:      os.Getenv("PAGER"),
		RepoRoot:   repoRoot,
		Version:    Version(),
	}
}

func (w *world) dial(ctx context.Context, l provider.Lease) (tui.Link, error) {
	client, err := w.dialer.Dial(ctx, endpoint(w.config, l))
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", l.Name(), err)
	}
	return multiplex.Link{Client: client}, nil
}

// endpoint is where a lease's box is and what logs in there; its programs may use
// an agent if the configuration names the lease.
func endpoint(c config.Config, l provider.Lease) session.Endpoint {
	e := session.Endpoint{
		Host: l.Host, Port: l.Port, User: l.User, KeyFile: l.KeyPath, KnownHosts: l.KnownHostsPath,
	}
	if c.Agent {
		e.Agent = c.AgentSocket
	}
	if slices.Contains(c.ForwardAgent, l.ID) || l.Slug != "" && slices.Contains(c.ForwardAgent, l.Slug) {
		e.Lend = c.AgentSocket
	}
	return e
}

// prices lays the configured table over the built-in one.
func prices(c config.Config) provider.Prices {
	p := provider.DefaultPrices()
	if len(c.Prices) > 0 {
		merged := make(map[string]float64, len(p.PerHour)+len(c.Prices))
		for t, dollars := range p.PerHour {
			merged[t] = dollars
		}
		for t, dollars := range c.Prices {
			merged[t] = dollars
		}
		p.PerHour = merged
		if c.PricesDate != "" {
			p.Dated = c.PricesDate
		}
	}
	p.WholeHours = c.WholeHours
	return p
}
