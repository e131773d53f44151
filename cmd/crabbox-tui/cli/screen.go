package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/config"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/tui"
	"github.com/openclaw/crabbox-tui/tui/direct"
)

// framesPerSecond is the most that Bubble Tea draws. Its flush waits for a
// tick, so the rate is also what a key waits for on its way to the screen.
const framesPerSecond = 120

// runReal opens the fleet of the configured account.
func runReal(ctx context.Context, stdio Stdio) error {
	if err := checkTerminal(stdio); err != nil {
		return err
	}
	h, err := openHere()
	if err != nil {
		return err
	}
	defer h.Close()
	w := newWorld(ctx, h.base)
	deps := w.deps(h.repoRoot)
	if !h.config.Key.Set() {
		deps.NoKey = `No API key: set CRABBOX_FAL_KEY or FAL_KEY to an admin key with compute permission. To look around first: crabbox-tui demo`
	}
	deps.Guard, deps.TakeUp = watchdog{h}, true
	err = runScreen(ctx, deps, stdio, h.log)
	return errors.Join(err, w.Close())
}

// here is the person's own state and configuration, opened.
type here struct {
	*base
	repoRoot string
	places   config.Places
	logFile  io.Closer
}

// openHere reads the configuration and opens the shared state. Close it.
func openHere() (*here, error) {
	dir, err := os.Getwd()
	if err != nil {
		dir = ""
	}
	places, err := config.FromEnvironment(os.Getenv, dir)
	if err != nil {
		return nil, usage(err)
	}
	c, err := config.Load(places)
	if err != nil {
		return nil, usage(err)
	}
	log, logFile, err := openLog(filepath.Join(places.Home, "log"), c.Key.Reveal())
	if err != nil {
		return nil, err
	}
	log.Info("started", "version", Version(), "api", c.APIURL, "key set", c.Key.Set(), "key", c.Key)
	for _, w := range c.Warnings {
		log.Warn("configuration", "warning", w)
	}
	h := &here{places: places, logFile: logFile, repoRoot: config.RepoRoot(dir)}
	store, err := claims.Open(claims.Roots{State: places.State, Keys: places.Keys})
	if err == nil {
		h.base, err = newBase(c, store, nil, h.repoRoot, places.Home, log)
	} else {
		err = fmt.Errorf("open the claims that are shared with crabbox: %w", err)
	}
	if err != nil {
		return nil, errors.Join(err, logFile.Close())
	}
	return h, nil
}

// Close closes the log.
func (h *here) Close() { _ = h.logFile.Close() }

// checkTerminal refuses what the screens cannot be drawn on.
func checkTerminal(stdio Stdio) error {
	switch {
	case !term.IsTerminal(stdio.In.Fd()) || !term.IsTerminal(stdio.Out.Fd()):
		return usage(errors.New("needs a terminal on standard input and output; it cannot be piped or redirected"))
	case os.Getenv("TERM") == "dumb":
		return usage(errors.New(`needs a terminal that can move the cursor, and TERM is "dumb"; run it in a terminal emulator`))
	}
	return nil
}

// runScreen shows the screens until the person quits or ctx ends, and says
// afterwards what goes on billing.
func runScreen(ctx context.Context, deps tui.Deps, stdio Stdio, log *slog.Logger) error {
	screen := direct.New(stdio.Out)
	deps.Ahead = screen
	model := tui.New(deps)
	err := runModel(ctx, model, stdio.In, screen, log)
	model.Close()
	sayBilling(stdio.Out, model.Billing())
	return err
}

// runModel runs a model on the terminal, which is as it was before when this
// returns, whatever happens.
func runModel(ctx context.Context, model tea.Model, in io.Reader, out io.Writer, log *slog.Logger) error {
	guard := &guarded{model: model, log: log}
	program := tea.NewProgram(guard,
		tea.WithContext(ctx),
		tea.WithInput(in),
		tea.WithOutput(out),
		tea.WithFPS(framesPerSecond),
		tea.WithoutSignalHandler(),
	)
	guard.quit = program.Quit
	_, err := program.Run()
	switch {
	case guard.failure != nil:
		return guard.failure
	case errors.Is(err, tea.ErrProgramKilled) && ctx.Err() != nil:
		return nil
	}
	return err
}

// sayBilling lists the boxes that outlive the program.
func sayBilling(out io.Writer, leases []provider.Lease) {
	if len(leases) == 0 {
		return
	}
	fmt.Fprintln(out, "Still running, and billing until released:")
	for _, l := range leases {
		line := fmt.Sprintf("  %-24s %-20s", l.Name(), l.Type)
		if l.Cost.Known {
			line += fmt.Sprintf("  about $%.2f/h", l.Cost.PerHour)
		}
		if l.Keep {
			line += "  kept"
		} else if !l.ExpiresAt.IsZero() {
			line += "  until " + l.ExpiresAt.Local().Format("15:04")
		}
		fmt.Fprintln(out, line)
	}
}
