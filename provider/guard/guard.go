// Package guard releases leases at their deadline while nobody looks. It
// touches nothing else: not what is kept, not what is not ready, not what
// another key made, and nothing at all while it is in doubt. One guard runs in
// a folder at a time.
package guard

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Schema names the shape of the guard's status file.
const Schema = "crabbox-tui/guard/v1"

// ErrRunning says that a guard runs in the folder already.
var ErrRunning = errors.New("a guard is running already")

const (
	// longestNap is how long a guard looks away at most: a deadline that
	// another program moved is noticed by the watch, and a clock that jumped
	// by this.
	longestNap = 30 * time.Second
	// jump is how much the wall clock may run away from the monotonic one
	// between two looks before everything known counts as old.
	jump = time.Minute
	// maxSkew is how far this machine's clock may be from the provider's.
	maxSkew   = 2 * time.Minute
	slowest   = 5 * time.Minute
	releasing = 5 * time.Minute
	asking    = time.Minute
)

// Leases is what a guard asks of the lifecycle; *fal.Lifecycle satisfies it.
type Leases interface {
	Inventory(ctx context.Context) (provider.Inventory, error)
	// Deadline says when Expire may act on a claim, and whether it ever may.
	Deadline(c claims.Claim) (provider.Deadline, bool)
	Expire(ctx context.Context, ref provider.Ref, emit func(provider.Event)) (provider.Verdict, error)
	// Skew is how far the clock here is ahead of the provider's; false while
	// that is not known.
	Skew() (time.Duration, bool)
}

// Claims is where leases are read from.
type Claims interface {
	List(ctx context.Context) (claims.Listing, error)
	Watch(ctx context.Context) (<-chan struct{}, error)
}

// Options of Run. Zero fields mean the default in brackets.
type Options struct {
	Dir     string // for the lock and the status file
	Claims  Claims
	Leases  Leases
	Scope   string
	Version string
	Now     func() time.Time // the wall clock [time.Now]
	Nap     time.Duration    // the longest look away [30s]
	Log     *slog.Logger
	Started func() // called once when the guard has its lock; may be nil
}

// Status is what a guard says of itself, and what it leaves behind.
type Status struct {
	Schema  string    `json:"schema"`
	PID     int       `json:"pid"`
	Version string    `json:"version"`
	Scope   string    `json:"scope"`
	Started time.Time `json:"started"`
	Looked  time.Time `json:"looked"`
	// Watching are the leases that it will release, and when.
	Watching []Watched `json:"watching"`
	// Doubt is why it does not act now; empty while it would.
	Doubt string `json:"doubt,omitempty"`
	// Acted is what it did, oldest first; bounded.
	Acted []Act     `json:"acted"`
	Ended time.Time `json:"ended,omitzero"`
	Why   string    `json:"why,omitempty"` // it ended
	// Begun are the leases whose deletion this guard, or one before it, began.
	Begun []string `json:"begun,omitempty"`

	// Running says whether its process lives; it is not in the file.
	Running bool `json:"-"`
}

// Watched is a lease with its deadline.
type Watched struct {
	LeaseID    string    `json:"lease_id"`
	InstanceID string    `json:"instance_id"`
	Name       string    `json:"name"`
	Deadline   time.Time `json:"deadline"`
}

// Act is one lease that was released, or that could not be.
type Act struct {
	At         time.Time `json:"at"`
	LeaseID    string    `json:"lease_id"`
	InstanceID string    `json:"instance_id"`
	Name       string    `json:"name"`
	Released   bool      `json:"released"`
	Note       string    `json:"note"`
}

const maxActs = 200

func lockPath(dir string) string   { return filepath.Join(dir, "guard.lock") }
func statusPath(dir string) string { return filepath.Join(dir, "guard.json") }

// guard is one run.
type guard struct {
	o        Options
	status   Status
	failures int
}

// Run guards until no lease is left on which it may ever act (nil), or ctx
// ends (its cause). It returns ErrRunning where another one does.
func Run(ctx context.Context, o Options) error {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Nap <= 0 {
		o.Nap = longestNap
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return fmt.Errorf("make the guard's folder: %w", err)
	}
	lock := flock.New(lockPath(o.Dir), flock.SetPermissions(0o600))
	switch ok, err := lock.TryLock(); {
	case err != nil:
		return fmt.Errorf("lock the guard's folder: %w", err)
	case !ok:
		return ErrRunning
	}
	defer lock.Close()
	g := &guard{o: o, status: Status{
		Schema: Schema, PID: os.Getpid(), Version: o.Version, Scope: o.Scope, Started: o.Now().UTC(), Watching: []Watched{}, Acted: []Act{},
	}}
	if before, err := read(o.Dir); err == nil {
		g.status.Begun = before.Begun
	}
	if err := g.write(); err != nil {
		return err
	}
	if o.Started != nil {
		o.Started()
	}
	o.Log.Info("guard started", "pid", g.status.PID)
	err := g.run(ctx)
	g.status.Ended, g.status.Watching = o.Now().UTC(), []Watched{}
	g.status.Why = "no lease is left that it may release"
	if err != nil {
		g.status.Why = provider.Clean(err.Error(), 500)
	}
	o.Log.Info("guard ended", "why", g.status.Why)
	return errors.Join(err, g.write())
}

func (g *guard) run(ctx context.Context) error {
	changed, err := g.o.Claims.Watch(ctx)
	if err != nil {
		g.o.Log.Warn("claims are not watched, only looked at again and again", "error", err)
	}
	fresh := false // an inventory was had since the clock last ran steadily
	for {
		before, steady := g.o.Now(), time.Now()
		next, more, err := g.look(ctx, &fresh)
		if err != nil {
			return err
		}
		if !more {
			return nil
		}
		nap := time.NewTimer(max(min(g.o.Nap, next.Sub(g.o.Now())), 0))
		select {
		case <-ctx.Done():
			nap.Stop()
			return context.Cause(ctx)
		case _, open := <-changed:
			if !open {
				changed = nil
			}
		case <-nap.C:
		}
		nap.Stop()
		if ran, was := g.o.Now().Round(0).Sub(before.Round(0)), time.Since(steady); (ran - was).Abs() > jump {
			g.o.Log.Warn("the clock jumped; everything is looked at anew", "by", (ran - was).Round(time.Second))
			fresh = false
		}
	}
}

// look reads the claims and releases what is due. It returns when to look
// again, and whether there is anything to look for.
func (g *guard) look(ctx context.Context, fresh *bool) (next time.Time, more bool, err error) {
	now := g.o.Now()
	listing, err := g.o.Claims.List(ctx)
	if err != nil {
		g.doubt(fmt.Errorf("the claims could not be read: %w", err))
		return now.Add(g.backOff()), true, nil
	}
	deadlines, pending := g.deadlines(listing)
	g.status.Looked, g.status.Watching = now.UTC(), []Watched{}
	for _, d := range deadlines {
		g.status.Watching = append(g.status.Watching, Watched{d.Ref.LeaseID, d.Ref.InstanceID, d.Name, d.At.UTC()})
	}
	if len(deadlines) == 0 {
		return now.Add(g.o.Nap), pending, g.write()
	}
	if first := deadlines[0].At; now.Before(first) {
		g.status.Doubt = ""
		return first, true, g.write()
	}
	if err := g.sure(ctx); err != nil {
		*fresh = false
		g.doubt(err)
		return now.Add(g.backOff()), true, ctxErr(ctx)
	}
	if !*fresh {
		// What was known is from before a jump, or from before the start:
		// claims are read again with the inventory at hand.
		*fresh = true
		return now, true, nil
	}
	for _, d := range deadlines {
		if ctx.Err() != nil {
			return now, false, context.Cause(ctx)
		}
		if !g.o.Now().Before(d.At) {
			g.release(ctx, d)
		}
	}
	if g.failures > 0 {
		return now.Add(g.backOff()), true, g.write()
	}
	return now, true, g.write()
}

func ctxErr(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// deadlines returns what the guard may release, the first one first, and
// whether more may come: what is being acquired can become ready.
func (g *guard) deadlines(listing claims.Listing) (due []provider.Deadline, pending bool) {
	for _, rec := range listing.Records {
		d, ok := g.o.Leases.Deadline(rec.Claim)
		switch {
		case !ok:
		case d.Deleting && !slices.Contains(g.status.Begun, d.Ref.LeaseID):
			// Somebody else's deletion is somebody else's to end.
		case d.At.IsZero():
			pending = true
		default:
			due = append(due, d)
		}
	}
	slices.SortFunc(due, func(a, b provider.Deadline) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref.LeaseID, b.Ref.LeaseID))
	})
	return due, pending
}

// sure says why nothing can be decided now: the provider does not answer, or
// the clocks do not agree.
func (g *guard) sure(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, asking)
	defer cancel()
	if _, err := g.o.Leases.Inventory(ctx); err != nil {
		return fmt.Errorf("the provider could not be asked: %w", err)
	}
	if skew, known := g.o.Leases.Skew(); known && skew.Abs() > maxSkew {
		return fmt.Errorf("this machine's clock is %s from the provider's; no deadline is decided by it", skew.Round(time.Second))
	}
	return nil
}

func (g *guard) release(ctx context.Context, d provider.Deadline) {
	if !slices.Contains(g.status.Begun, d.Ref.LeaseID) {
		g.status.Begun = append(g.status.Begun, d.Ref.LeaseID)
		// Before the deletion: a guard that is killed in it can end it when it
		// is started again.
		if err := g.write(); err != nil {
			g.status.Begun = slices.DeleteFunc(g.status.Begun, func(id string) bool { return id == d.Ref.LeaseID })
			g.doubt(err)
			return
		}
	}
	ctx, cancel := context.WithTimeout(ctx, releasing)
	defer cancel()
	v, err := g.o.Leases.Expire(ctx, d.Ref, nil)
	act := Act{At: g.o.Now().UTC(), LeaseID: d.Ref.LeaseID, InstanceID: d.Ref.InstanceID, Name: d.Name, Released: err == nil && v.Delete, Note: v.Reason}
	if err != nil {
		g.failures++
		act.Note = provider.Clean(err.Error(), 500)
	} else {
		g.failures = 0
	}
	if act.Released || err == nil {
		g.status.Begun = slices.DeleteFunc(g.status.Begun, func(id string) bool { return id == d.Ref.LeaseID })
	}
	g.o.Log.Info("deadline", "lease", act.LeaseID, "instance", act.InstanceID, "released", act.Released, "note", act.Note)
	g.status.Acted = append(g.status.Acted, act)
	g.status.Acted = g.status.Acted[max(0, len(g.status.Acted)-maxActs):]
}

func (g *guard) doubt(err error) {
	g.failures++
	text := provider.Clean(err.Error(), 500)
	if text != g.status.Doubt {
		g.o.Log.Warn("nothing is released while this stands", "doubt", text)
	}
	g.status.Doubt = text
	if err := g.write(); err != nil {
		g.o.Log.Warn("status not written", "error", err)
	}
}

func (g *guard) backOff() time.Duration {
	d := min(time.Second<<min(g.failures, 12), slowest)
	return time.Duration(float64(d) * (0.75 + rand.Float64()/2))
}

func (g *guard) write() error {
	data, err := json.MarshalIndent(g.status, "", "  ")
	if err != nil {
		return fmt.Errorf("write the guard's status: %w", err)
	}
	if err := claims.WriteFile(statusPath(g.o.Dir), append(data, '\n')); err != nil {
		return fmt.Errorf("write the guard's status: %w", err)
	}
	return nil
}

func read(dir string) (Status, error) {
	var s Status
	data, err := os.ReadFile(statusPath(dir))
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil {
		return s, fmt.Errorf("read the guard's status: %w", err)
	}
	return s, nil
}

// Look returns what the guard of a folder says of itself, and whether it runs.
// A folder that never had one gives the zero Status.
func Look(dir string) (Status, error) {
	s, err := read(dir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	// A shared lock excludes only an exclusive one, and for this moment alone.
	lock := flock.New(lockPath(dir), flock.SetPermissions(0o600))
	if _, statErr := os.Stat(lockPath(dir)); statErr != nil {
		return s, err
	}
	ok, lockErr := lock.TryRLock()
	lock.Close()
	s.Running = lockErr == nil && !ok
	return s, errors.Join(err, lockErr)
}

// Stop ends the guard of a folder and waits for it until ctx ends. A release
// that it was in the middle of stays as its claim says. Where none runs it does
// nothing.
func Stop(ctx context.Context, dir string) error {
	s, err := Look(dir)
	if err != nil || !s.Running {
		return err
	}
	p, err := os.FindProcess(s.PID)
	if err != nil {
		return fmt.Errorf("find the guard, process %d: %w", s.PID, err)
	}
	if err := end(p); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("end the guard, process %d: %w", s.PID, err)
	}
	lock := flock.New(lockPath(dir), flock.SetPermissions(0o600))
	defer lock.Close()
	if _, err := lock.TryRLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("the guard, process %d, did not end: %w", s.PID, err)
	}
	return nil
}
