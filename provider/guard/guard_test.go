package guard

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("GUARD_TEST_DIR"); dir != "" {
		// Another process with a guard that has nothing to do but wait.
		_ = Run(context.Background(), Options{Dir: dir, Claims: &shelf{ids: []string{"cbx_1"}}, Leases: &lessor{at: time.Now().Add(time.Hour)},
			Started: func() { os.Stdout.WriteString("started\n") }})
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

// shelf holds claims.
type shelf struct {
	mu  sync.Mutex
	ids []string
	err error
}

func (s *shelf) List(context.Context) (claims.Listing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l claims.Listing
	for _, id := range s.ids {
		l.Records = append(l.Records, claims.Record{Claim: claims.Claim{LeaseID: id}})
	}
	return l, s.err
}

func (s *shelf) Watch(ctx context.Context) (<-chan struct{}, error) {
	c := make(chan struct{})
	context.AfterFunc(ctx, func() { close(c) })
	return c, nil
}

func (s *shelf) drop(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var left []string
	for _, other := range s.ids {
		if other != id {
			left = append(left, other)
		}
	}
	s.ids = left
}

// lessor is the lifecycle as a test says.
type lessor struct {
	at       time.Time
	deleting bool
	skew     time.Duration
	expire   func(provider.Ref) (provider.Verdict, error)

	mu       sync.Mutex
	asked    int
	outage   func(n int) error
	released []string
}

func (l *lessor) Inventory(context.Context) (provider.Inventory, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if l.outage != nil {
		return provider.Inventory{}, l.outage(l.asked)
	}
	return provider.Inventory{}, nil
}

func (l *lessor) Deadline(c claims.Claim) (provider.Deadline, bool) {
	return provider.Deadline{Ref: provider.Ref{LeaseID: c.LeaseID}, Name: c.LeaseID, At: l.at, Deleting: l.deleting}, true
}

func (l *lessor) Expire(_ context.Context, ref provider.Ref, _ func(provider.Event)) (provider.Verdict, error) {
	l.mu.Lock()
	l.released = append(l.released, ref.LeaseID)
	l.mu.Unlock()
	return l.expire(ref)
}

func (l *lessor) Skew() (time.Duration, bool) { return l.skew, true }

func TestAGuardReleasesWhatIsDueAndEnds(t *testing.T) {
	s := &shelf{ids: []string{"cbx_1", "cbx_2"}}
	l := &lessor{at: time.Now().Add(30 * time.Millisecond)}
	l.expire = func(ref provider.Ref) (provider.Verdict, error) {
		s.drop(ref.LeaseID)
		return provider.Verdict{Delete: true, Reason: "expired state=ready"}, nil
	}
	dir := t.TempDir()
	if err := Run(t.Context(), Options{Dir: dir, Claims: s, Leases: l}); err != nil {
		t.Fatal(err)
	}
	st, err := Look(dir)
	if err != nil || st.Running || len(st.Acted) != 2 || !st.Acted[0].Released || st.Ended.IsZero() || len(st.Begun) != 0 {
		t.Errorf("%+v, %v", st, err)
	}
	if l.asked == 0 {
		t.Error("it released without asking the provider first")
	}
}

func TestAGuardInDoubtReleasesNothing(t *testing.T) {
	for name, tc := range map[string]struct {
		shelf  *shelf
		lessor *lessor
	}{
		"an outage":           {&shelf{ids: []string{"cbx_1"}}, &lessor{outage: func(int) error { return provider.ErrUnreachable }}},
		"a wrong clock":       {&shelf{ids: []string{"cbx_1"}}, &lessor{skew: time.Hour}},
		"claims not readable": {&shelf{ids: []string{"cbx_1"}, err: errors.New("no")}, &lessor{}},
		"another's deletion":  {&shelf{ids: []string{"cbx_1"}}, &lessor{deleting: true}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond)
			defer cancel()
			tc.lessor.at = time.Now().Add(-time.Minute)
			tc.lessor.expire = func(provider.Ref) (provider.Verdict, error) {
				t.Error("it acted")
				return provider.Verdict{}, nil
			}
			_ = Run(ctx, Options{Dir: t.TempDir(), Claims: tc.shelf, Leases: tc.lessor, Nap: 5 * time.Millisecond})
		})
	}
}

func TestAfterAJumpOfTheClockEverythingIsLookedAtBeforeADecision(t *testing.T) {
	s := &shelf{ids: []string{"cbx_1"}}
	var mu sync.Mutex
	now := time.Now()
	l := &lessor{at: now.Add(time.Hour)}
	asleep := true
	l.expire = func(ref provider.Ref) (provider.Verdict, error) {
		if l.asked < 2 {
			t.Errorf("it acted after %d inventories", l.asked)
		}
		s.drop(ref.LeaseID)
		return provider.Verdict{Delete: true}, nil
	}
	err := Run(t.Context(), Options{Dir: t.TempDir(), Claims: s, Leases: l, Nap: time.Millisecond, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if asleep {
			asleep = false
			return now
		}
		return now.Add(2 * time.Hour)
	}})
	if err != nil || len(l.released) != 1 {
		t.Errorf("%v, released %v", err, l.released)
	}
}

func TestADeletionThatAGuardBeganIsEndedByTheNextOne(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{ids: []string{"cbx_1"}}
	l := &lessor{at: time.Now().Add(-time.Minute)}
	ctx, cancel := context.WithCancel(t.Context())
	l.expire = func(provider.Ref) (provider.Verdict, error) {
		cancel()
		return provider.Verdict{}, errors.New("cut off")
	}
	_ = Run(ctx, Options{Dir: dir, Claims: s, Leases: l})
	if st, _ := Look(dir); len(st.Begun) != 1 {
		t.Fatalf("%+v", st)
	}
	l.deleting = true
	l.expire = func(ref provider.Ref) (provider.Verdict, error) {
		s.drop(ref.LeaseID)
		return provider.Verdict{Delete: true}, nil
	}
	if err := Run(t.Context(), Options{Dir: dir, Claims: s, Leases: l}); err != nil || len(s.ids) != 0 {
		t.Errorf("%v, left %v", err, s.ids)
	}
}

func TestOneGuardAFolderAndItCanBeStopped(t *testing.T) {
	dir := t.TempDir()
	if st, err := Look(dir); err != nil || st.Running {
		t.Fatalf("%+v, %v", st, err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "GUARD_TEST_DIR="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 8)); err != nil {
		t.Fatal(err)
	}
	if err := Run(t.Context(), Options{Dir: dir, Claims: &shelf{}, Leases: &lessor{}}); !errors.Is(err, ErrRunning) {
		t.Errorf("a second one: %v", err)
	}
	st, err := Look(dir)
	if err != nil || !st.Running || st.PID != cmd.Process.Pid {
		t.Errorf("%+v, %v", st, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := Stop(ctx, dir); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	if st, err := Look(dir); err != nil || st.Running {
		t.Errorf("%+v, %v", st, err)
	}
	if err := Stop(ctx, filepath.Join(dir, "none")); err != nil {
		t.Errorf("nothing to stop: %v", err)
	}
}
