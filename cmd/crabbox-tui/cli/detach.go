package cli

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/provider/guard"
)

// guardReady is what a guard prints when it has its lock.
const guardReady = "guarding"

const guardStarts = 10 * time.Second

// startGuard leaves a guard behind: the same binary, with the same environment,
// which is where the key is, in a session of its own. It returns when the
// guard guards.
func startGuard(ctx context.Context, home string) (guard.Status, error) {
	if s, err := guard.Look(home); err != nil || s.Running {
		if err == nil {
			err = guard.ErrRunning
		}
		return s, err
	}
	self, err := os.Executable()
	if err != nil {
		return guard.Status{}, fmt.Errorf("find this program to start a guard: %w", err)
	}
	if err := os.MkdirAll(filepath.Join(home, "log"), 0o700); err != nil {
		return guard.Status{}, fmt.Errorf("start a guard: %w", err)
	}
	complaints, err := os.OpenFile(filepath.Join(home, "log", "guard.err"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return guard.Status{}, fmt.Errorf("start a guard: %w", err)
	}
	defer complaints.Close()
	cmd := exec.Command(self, "guard", "run")
	cmd.Stderr = complaints
	detach(cmd)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return guard.Status{}, fmt.Errorf("start a guard: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return guard.Status{}, fmt.Errorf("start a guard: %w", err)
	}
	said := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(out).ReadString('\n')
		said <- strings.TrimSpace(line)
	}()
	ctx, cancel := context.WithTimeout(ctx, guardStarts)
	defer cancel()
	select {
	case line := <-said:
		if line == guardReady {
			// It outlives this process; nobody waits for it.
			_ = cmd.Process.Release()
			return guard.Look(home)
		}
		err = cmd.Wait()
		why, _ := os.ReadFile(complaints.Name())
		return guard.Status{}, fmt.Errorf("the guard ended at once: %s (%w)", strings.TrimSpace(string(why)), err)
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return guard.Status{}, fmt.Errorf("the guard did not start: %w", context.Cause(ctx))
	}
}

// watchdog lets the screens look for the guard, start it and stop it.
type watchdog struct{ here *here }

func (w watchdog) Status() (bool, string, error) {
	s, err := guard.Look(w.here.home)
	return s.Running, guardLine(s), err
}

func (w watchdog) Start(ctx context.Context) (string, error) {
	if err := w.here.worthGuarding(ctx); err != nil {
		return "", err
	}
	s, err := startGuard(ctx, w.here.home)
	return guardLine(s), err
}

func (w watchdog) Stop(ctx context.Context) error { return guard.Stop(ctx, w.here.home) }
