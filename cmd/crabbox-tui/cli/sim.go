package cli

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openclaw/crabbox-tui/provider/falsim"
	"github.com/openclaw/crabbox-tui/session/boxsim"
)

// simulation is fal Compute and its boxes on loopback.
type simulation struct {
	host   *boxsim.Host
	server *falsim.Server
	http   *http.Server
	origin string // http://127.0.0.1:port
	key    string
	dir    string
}

type simulationOptions struct {
	listen   string
	sshPort  int
	scenario *falsim.Scenario
	boot     time.Duration
	sshd     bool
	log      *slog.Logger
}

// newSimulation starts one below a folder of its own, which Close removes with
// everything that runs in it.
func newSimulation(o simulationOptions) (_ *simulation, err error) {
	s := &simulation{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.dir, err = os.MkdirTemp("", "crabbox-sim-"); err != nil {
		return s, fmt.Errorf("make a folder for the boxes: %w", err)
	}
	if s.host, err = boxsim.NewHost(boxsim.Options{Dir: s.dir, Port: o.sshPort, SSHD: o.sshd, Log: o.log}); err != nil {
		return s, fmt.Errorf("prepare the boxes: %w", err)
	}
	secret := make([]byte, 16)
	rand.Read(secret)
	s.key = "sim-" + hex.EncodeToString(secret)
	s.server, err = falsim.New(falsim.Options{
		Key: s.key, Boot: o.boot, Scenario: o.scenario, Booter: booter{s.host}, Log: o.log,
	})
	if err != nil {
		return s, fmt.Errorf("prepare the API: %w", err)
	}
	listener, err := net.Listen("tcp", o.listen)
	if err != nil {
		return s, fmt.Errorf("listen for the API: %w", err)
	}
	if tcp, ok := listener.Addr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		listener.Close()
		return s, usage(fmt.Errorf("--listen %s: the simulator starts shells for whoever asks, so it listens on a loopback address only", o.listen))
	}
	s.origin = "http://" + listener.Addr().String()
	s.http = &http.Server{Handler: s.server, ReadHeaderTimeout: 10 * time.Second, ErrorLog: slog.NewLogLogger(o.log.Handler(), slog.LevelWarn)}
	go func() {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			o.log.Error("the API ended", "err", err)
		}
	}()
	return s, nil
}

// Close ends the API, then the boxes with all their processes.
func (s *simulation) Close() error {
	var errs []error
	if s.http != nil {
		errs = append(errs, s.http.Close())
	}
	if s.server != nil {
		errs = append(errs, s.server.Close())
	}
	if s.host != nil {
		errs = append(errs, s.host.Close())
	}
	if s.dir != "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// exports are the shell lines that point a client at the simulation.
func (s *simulation) exports() string {
	lines := []string{
		"export CRABBOX_PROVIDER=fal",
		"export CRABBOX_FAL_API_URL=" + quote(s.origin+"/v1"),
		"export CRABBOX_FAL_KEY=" + quote(s.key),
		"export CRABBOX_FAL_USER=" + quote(s.host.User()),
	}
	if s.host.Port() != 22 {
		lines = append(lines, fmt.Sprintf("export CRABBOX_SSH_PORT=%d", s.host.Port()))
	}
	lines = append(lines, "export SIM_BOOKS_URL="+quote(s.origin+"/sim/books"))
	return strings.Join(lines, "\n") + "\n"
}

// quote makes a word that any POSIX shell reads back as s.
func quote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func newSim(stdio Stdio) *cobra.Command {
	o := simulationOptions{listen: "127.0.0.1:0"}
	var scenario string
	cmd := &cobra.Command{
		Use:   "sim",
		Short: "Simulate fal Compute and its boxes on this machine",
		Long: `sim runs a simulator of fal's Compute API on loopback, with boxes that can be reached
over SSH, until it is interrupted. It prints shell exports that point any client
(this program, crabbox, curl) at it, then a line "ready". SIM_BOOKS_URL has, as
JSON, every request it got and every instance it made.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if scenario != "" {
				text, err := os.ReadFile(scenario)
				if err != nil {
					return usage(fmt.Errorf("read the scenario: %w", err))
				}
				if o.scenario, err = falsim.ParseScenario(scenario, text); err != nil {
					return usage(err)
				}
			}
			o.log = slog.New(slog.NewTextHandler(stdio.Err, &slog.HandlerOptions{Level: slog.LevelWarn}))
			return runSim(cmd.Context(), o, stdio.Out)
		},
	}
	cmd.Flags().StringVar(&o.listen, "listen", o.listen, "loopback `address` of the API")
	cmd.Flags().IntVar(&o.sshPort, "ssh-port", 0, "`port` of every box's sshd (default: one that is free)")
	cmd.Flags().StringVar(&scenario, "scenario", "", "YAML `file` of faults and durations")
	cmd.Flags().DurationVar(&o.boot, "boot", 3*time.Second, "time from create to usable")
	cmd.Flags().BoolVar(&o.sshd, "sshd", false, "boot OpenSSH servers instead of simulated ones")
	return cmd
}

func runSim(ctx context.Context, o simulationOptions, out io.Writer) error {
	s, err := newSimulation(o)
	if err != nil {
		return err
	}
	if _, err = io.WriteString(out, s.exports()+"ready\n"); err == nil {
		<-ctx.Done()
	}
	return errors.Join(err, s.Close())
}
