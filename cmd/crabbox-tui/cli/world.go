package cli

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/config"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/fal"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/tui"
)

// closing bounds how long leaving may take once the screen is gone.
const closing = 10 * time.Second

// world is everything that runs behind the screens, joined. It is the one
// place that knows every package.
type world struct {
	provider   *fal.Lifecycle
	fleet      *provider.Fleet
	operations *provider.Operations
	keeper     *provider.Keeper
	dialer     *session.Dialer
	prices     provider.Prices
}

// newWorld joins the packages over a store and a way to reach boxes. Close it.
func newWorld(ctx context.Context, c config.Config, store claims.Store, dial session.DialFunc, repoRoot string, log *slog.Logger) (*world, error) {
	w := &world{dialer: &session.Dialer{Net: dial, Log: log}, prices: prices(c)}
	scope, err := fal.Scope(c.APIURL)
	if err != nil {
		return nil, usage(fmt.Errorf("the API URL cannot be used: %w", err))
	}
	w.provider, err = fal.New(fal.Options{
		BaseURL: c.APIURL,
		Key:     c.Key.Reveal(),
		Store:   store,
		Prober:  prober{&session.Prober{Dialer: w.dialer}},
		Defaults: fal.Defaults{
			Type: c.Type, Sector: c.Sector, User: c.User, WorkRoot: c.WorkRoot, Port: c.Port,
			TTL: c.TTL, Idle: c.Idle, Class: c.Class, Profile: c.Profile, Pond: c.Pond, RepoRoot: repoRoot,
		},
		Prices: w.prices,
		Log:    log,
	})
	if err != nil {
		return nil, err
	}
	w.keeper = provider.NewKeeper(w.provider, nil)
	w.operations = provider.NewOperations(w.provider, nil)
	// Whoever asks for a release: a touch must not follow a delete.
	w.operations.BeforeRelease = w.keeper.Stop
	fleet := provider.FleetOptions{
		Store: store,
		Every: c.Refresh,
		View: provider.View{
			Name: fal.Name, Scope: scope, Binding: fal.Binding(c.Key.Reveal()),
			Prices: w.prices, DefaultUser: c.User, DefaultPort: c.Port,
		},
	}
	if c.Key.Set() {
		fleet.Provider = w.provider
	}
	w.fleet = provider.NewFleet(ctx, fleet)
	return w, nil
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
func (w *world) deps(c config.Config, repoRoot string) tui.Deps {
	types := slices.Concat(fal.Types(), c.Types)
	if !slices.Contains(types, c.Type) {
		types = append(types, c.Type)
	}
	return tui.Deps{
		Fleet:      w.fleet,
		Operations: w.operations,
		Clocks:     w.provider,
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
		RepoRoot:   repoRoot,
		Version:    Version(),
	}
}

func (w *world) dial(ctx context.Context, l provider.Lease) (tui.Link, error) {
	client, err := w.dialer.Dial(ctx, session.Endpoint{
		Host: l.Host, Port: l.Port, User: l.User, KeyFile: l.KeyPath, KnownHosts: l.KnownHostsPath,
	})
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", l.Name(), err)
	}
	return client, nil
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
