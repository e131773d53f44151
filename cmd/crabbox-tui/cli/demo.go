package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/config"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/fal"
	"github.com/openclaw/crabbox-tui/session"
)

func newDemo(stdio Stdio) *cobra.Command {
	boot := 4 * time.Second
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Try everything with simulated boxes; costs nothing, touches nothing of yours",
		Long: `demo opens the screens on a simulated account: boxes boot in a few seconds, and the
shell in them is one of this machine, in a throw-away home. Claims and keys live in
a temporary folder that is removed at the end.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkTerminal(stdio); err != nil {
				return err
			}
			return runDemo(cmd.Context(), stdio, boot)
		},
	}
	cmd.Flags().DurationVar(&boot, "boot", boot, "time from create to usable")
	return cmd
}

func runDemo(ctx context.Context, stdio Stdio, boot time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "crabbox-demo-")
	if err != nil {
		return fmt.Errorf("make the demo's folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))

	sim, err := newSimulation(simulationOptions{listen: "127.0.0.1:0", log: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sim.Close()) }()

	store, err := claims.Open(claims.Roots{State: filepath.Join(dir, "state"), Keys: filepath.Join(dir, "testboxes")})
	if err != nil {
		return err
	}
	c := demoConfig(sim)
	if err := furnish(ctx, c, sim, store); err != nil {
		return err
	}
	sim.server.SetBoot(boot)
	b, err := newBase(c, store, onlySimulated(sim), dir, filepath.Join(dir, "home"), log)
	if err != nil {
		return err
	}
	w := newWorld(ctx, b)
	defer func() { err = errors.Join(err, w.Close()) }()
	deps := w.deps(dir)
	deps.Banner = "demo"
	deps.PaneNote = "local shell"
	return runScreen(ctx, deps, stdio, log)
}

func demoConfig(sim *simulation) config.Config {
	c := config.Default()
	c.APIURL = sim.origin + "/v1"
	c.Key = config.NewSecret(sim.key)
	c.User = sim.host.User()
	c.Port = sim.host.Port()
	c.Refresh = 2 * time.Second
	return c
}

// onlySimulated refuses to connect anywhere but to a box of the simulation.
func onlySimulated(sim *simulation) session.DialFunc {
	var d net.Dialer
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if !sim.host.Owns(address) {
			return nil, fmt.Errorf("%s is not a simulated box; the demo connects to nothing else", address)
		}
		return d.DialContext(ctx, network, address)
	}
}

// demoAge is how long the demo's own box has been running when it begins.
const demoAge = 47 * time.Minute

// furnish makes the two boxes that are there already: somebody else's, and one
// of ours, acquired like any other with the clock set back. It counts on boxes
// that boot at once.
func furnish(ctx context.Context, c config.Config, sim *simulation, store claims.Store) error {
	if _, err := sim.server.Seed(ctx, "gpu_8x_h100_sxm5", "eu-north", "sector_2", "rosa", ""); err != nil {
		return err
	}
	earlier, err := fal.New(fal.Options{
		BaseURL:  c.APIURL,
		Key:      c.Key.Reveal(),
		Store:    store,
		Prober:   prober{&session.Prober{Dialer: &session.Dialer{Net: onlySimulated(sim)}}},
		Defaults: fal.Defaults{User: c.User, Port: c.Port},
		Now:      func() time.Time { return time.Now().Add(-demoAge) },
	})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	_, err = earlier.Acquire(ctx, provider.AcquireRequest{Slug: "amber-crab", TTL: 4 * time.Hour, Idle: 2 * time.Hour}, nil)
	return err
}
