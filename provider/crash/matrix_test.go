//go:build unix

package crash

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestMain(m *testing.M) {
	if os.Getenv("CRASH_OPERATION") != "" {
		os.Exit(child())
	}
	goleak.VerifyTestMain(m)
}

// child is the program that is killed: one operation, in a process of its own.
// It prints the points that it passed when it lives to its end.
func child() int {
	op := operations[os.Getenv("CRASH_OPERATION")]
	end, _ := strconv.Atoi(os.Getenv("CRASH_AT"))
	pts := &points{at: func(n int, _ string) {
		if n != end {
			return
		}
		if os.Getenv("CRASH_PAUSE") != "" {
			fmt.Println("paused")
			select {}
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}}
	p, err := newProgram(programOptions{
		url: os.Getenv("CRASH_URL"), points: pts, mutant: os.Getenv("CRASH_MUTANT"), probe: op.probe,
		roots: claims.Roots{State: os.Getenv("CRASH_STATE"), Keys: os.Getenv("CRASH_KEYS")},
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 3
	}
	// How it ends is for the disk and the books to say.
	err = op.run(context.Background(), p, os.Getenv("CRASH_LEASE"), os.Getenv("CRASH_HOME"))
	if os.Getenv("CRASH_DEBUG") != "" {
		fmt.Fprintln(os.Stderr, "end:", err)
	}
	for _, name := range pts.names {
		fmt.Println(name)
	}
	return 0
}

// run is one cell of the matrix: an operation, a fault, and where it ends.
type run struct {
	operation, fault, mutant string
	at                       int // 0: it lives to its end
	name                     string
	pause                    bool
}

func (r run) String() string {
	return fmt.Sprintf("%s | %s | %d", r.operation, cmp.Or(r.fault, "no fault"), r.at)
}

// play plays a cell and returns the points that it passed if it lived, and
// what did not hold.
func (r run) play(dir string) (names, bad []string, err error) {
	op := operations[r.operation]
	s, err := newStage(dir, nil)
	if err != nil {
		return nil, nil, err
	}
	defer s.close()
	ctx := context.Background()
	lease := ""
	if op.prepare != nil {
		before, err := newProgram(programOptions{url: s.api.URL, roots: s.roots})
		if err != nil {
			return nil, nil, err
		}
		if strings.Contains(r.operation, "lost") || r.operation == "replay" {
			for _, f := range []string{"create drop-after", "create drop-after", "create drop-after", "create drop-after"} {
				s.cloud.Inject(faults[f][0])
			}
		}
		lease, err = op.prepare(ctx, before)
		before.close()
		if err != nil {
			return nil, nil, fmt.Errorf("prepare %s: %w", r.operation, err)
		}
	}
	for _, f := range faults[r.fault] {
		s.cloud.Inject(f)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GOMAXPROCS=2", "GOGC=off", "CRASH_OPERATION="+r.operation, "CRASH_AT="+strconv.Itoa(r.at), "CRASH_URL="+s.api.URL,
		"CRASH_STATE="+s.roots.State, "CRASH_KEYS="+s.roots.Keys, "CRASH_HOME="+s.home, "CRASH_LEASE="+lease, "CRASH_MUTANT="+r.mutant)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if r.pause {
		cmd.Env = append(cmd.Env, "CRASH_PAUSE=1")
		bad, err = s.alongside(ctx, cmd)
	} else {
		var out []byte
		out, err = cmd.Output()
		names = strings.Split(strings.TrimSpace(string(out)), "\n")
	}
	var exit *exec.ExitError
	if killed := errors.As(err, &exit) && exit.ExitCode() == -1; err != nil && !killed {
		return nil, nil, fmt.Errorf("%s: %w\n%s", r, err, &stderr)
	}
	bad = append(bad, s.checkNow()...)
	return names, append(bad, s.recover(ctx, r.at%2 == 0)...), nil
}

// patience is how long a program beside one that stands still waits for a lock
// that it will not get.
const patience = 60 * time.Millisecond

// alongside lets another program clean up while the first stands still, then
// kills it. What is being acquired is not another program's to delete.
func (s *stage) alongside(ctx context.Context, cmd *exec.Cmd) (bad []string, err error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); line != "paused\n" {
		_, _ = io.Copy(io.Discard, out)
		return nil, cmd.Wait()
	}
	p, err := newProgram(programOptions{url: s.api.URL, roots: s.roots})
	if err != nil {
		return nil, err
	}
	defer p.close()
	listing, err := p.store.List(ctx)
	if err != nil {
		return nil, err
	}
	brief, cancel := context.WithTimeout(ctx, patience)
	_, _ = p.Cleanup(brief, false, nil)
	cancel()
	for _, rec := range listing.Records {
		ready := rec.Claim.Labels["recovery"] == ""
		if _, err := p.store.Read(ctx, rec.Claim.LeaseID); err != nil && !ready {
			bad = append(bad, "a cleanup removed a lease that is being acquired")
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		_, err := p.Release(ctx, provider.Ref{LeaseID: rec.Claim.LeaseID}, nil)
		cancel()
		if err == nil && !ready {
			bad = append(bad, "a release ended a lease that is being acquired")
		}
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	return bad, nil
}

// playAll plays cells on all processors and returns the failures.
func playAll(t *testing.T, cells []run) map[string][]string {
	t.Helper()
	failures := map[string][]string{}
	var mu sync.Mutex
	var next atomic.Int64
	var all sync.WaitGroup
	root := t.TempDir()
	for range max(2, 2*numCPU()) {
		all.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(cells) {
					return
				}
				dir := filepath.Join(root, strconv.Itoa(i))
				_, bad, err := cells[i].play(dir)
				if err != nil {
					bad = append(bad, err.Error())
				}
				_ = os.RemoveAll(dir)
				if len(bad) > 0 {
					mu.Lock()
					failures[cells[i].String()] = bad
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return failures
}

// enumerate asks the program itself where it can be ended.
func enumerate(t *testing.T, operation, fault, mutant string) []run {
	t.Helper()
	r := run{operation: operation, fault: fault, mutant: mutant}
	names, bad, err := r.play(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if len(bad) > 0 && mutant == "" {
		t.Errorf("%s, to its end: %s", r, strings.Join(bad, "; "))
	}
	var cells []run
	for n, name := range names {
		r.at, r.name = n+1, name
		cells = append(cells, r)
	}
	return cells
}

// resting are the points at which a program holds no claim's own lock: beside
// one that stands still inside a write, another can only wait.
func resting(cells []run) (some []run) {
	for _, r := range cells {
		if strings.HasPrefix(r.name, "about to") || strings.HasPrefix(r.name, "answered") || strings.Contains(r.name, "lock ") {
			r.pause = true
			some = append(some, r)
		}
	}
	return some
}

// TestNoCrashLosesABox kills every operation at every point, under every fault.
func TestNoCrashLosesABox(t *testing.T) {
	var cells []run
	for _, operation := range slices.Sorted(maps.Keys(operations)) {
		n := 0
		for _, fault := range operations[operation].faults {
			found := enumerate(t, operation, fault, "")
			n += len(found)
			cells = append(cells, thinned(found)...)
		}
		t.Logf("%-26s %3d faults, %5d points", operation, len(operations[operation].faults), n)
	}
	failures := playAll(t, cells)
	t.Logf("%d points were crashed at; %d failures", len(cells), len(failures))
	for _, cell := range slices.Sorted(maps.Keys(failures)) {
		t.Errorf("%s: %s", cell, strings.Join(failures[cell], "; "))
	}
}

// TestAnAcquireThatIsAliveIsNobodyElsesToEnd stops an acquire at every point
// and lets another program clean up and release beside it.
func TestAnAcquireThatIsAliveIsNobodyElsesToEnd(t *testing.T) {
	cells := resting(enumerate(t, "acquire", "", ""))
	t.Logf("%d points were stood still at", len(cells))
	for cell, bad := range playAll(t, cells) {
		t.Errorf("%s: %s", cell, strings.Join(bad, "; "))
	}
}

// TestEachMutantTurnsTheMatrixRed breaks the lifecycle in one way after the
// other. A mutant that goes unnoticed means that the matrix looks away.
func TestEachMutantTurnsTheMatrixRed(t *testing.T) {
	for _, tc := range []struct {
		mutant, operation, fault string
		pause                    bool
	}{
		{"write-after-send", "acquire", "", false},
		{"write-after-send", "release", "", false},
		{"skip-second-get", "release", "flicker", false},
		{"no-acquire-lock", "acquire", "", true},
		{"claim-before-key", "release", "", false},
		{"fresh-key-a-post", "acquire", "create drop-after", false},
	} {
		t.Run(tc.mutant+", "+tc.operation, func(t *testing.T) {
			end := run{operation: tc.operation, fault: tc.fault, mutant: tc.mutant}
			if _, bad, err := end.play(t.TempDir()); err != nil {
				t.Fatal(err)
			} else if len(bad) > 0 && !tc.pause {
				t.Logf("red at its end: %s", bad[0])
				return
			}
			cells := enumerate(t, tc.operation, tc.fault, tc.mutant)
			if tc.pause {
				cells = resting(cells)
			}
			for _, r := range cells {
				_, bad, err := r.play(t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				if len(bad) > 0 {
					t.Logf("red at %s: %s", r.name, bad[0])
					return
				}
			}
			t.Errorf("%s: nothing noticed that %s", tc.mutant, mutants[tc.mutant].what)
		})
	}
}
