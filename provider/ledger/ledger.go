// Package ledger remembers every instance that was ever seen: when first and
// last, through which endpoint and key, and whose it was. Foreign boxes get a
// least age and a least cost from it, and what nobody here expected is noticed.
package ledger

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Schema names the shape of the ledger's file.
const Schema = "crabbox-tui/ledger/v1"

const (
	// most bounds the ledger; what was not seen for longest goes first.
	most = 10_000
	// writeEvery is how often the file is rewritten when nothing changed but
	// the time at which everything was last seen.
	writeEvery = time.Minute
	lockWithin = 5 * time.Second
)

// Entry is what is remembered of one instance.
type Entry struct {
	InstanceID string    `json:"instance_id"`
	Scope      string    `json:"scope"`
	Key        string    `json:"key"` // of the API key's binding, enough to tell keys apart
	FirstSeen  time.Time `json:"first_seen"`
	LastSeen   time.Time `json:"last_seen"`
	// Gone is when a whole inventory first lacked it; zero while it is there.
	Gone    time.Time `json:"gone,omitzero"`
	Type    string    `json:"instance_type,omitempty"`
	Region  string    `json:"region,omitempty"`
	Sector  string    `json:"sector,omitempty"`
	Creator string    `json:"creator,omitempty"`
	// LeaseID is the last claim that named it; empty for foreign ones.
	LeaseID string `json:"lease_id,omitempty"`
}

type file struct {
	Schema  string    `json:"schema"`
	Begun   time.Time `json:"begun"`
	Entries []Entry   `json:"entries"`
}

// Ledger is the file of them. It is safe for concurrent use, and several
// processes may share the file.
type Ledger struct {
	path string

	mu      sync.Mutex
	entries map[string]Entry // by key
	begun   time.Time
	written time.Time
}

// Open reads the ledger at path. A file that cannot be read is an error, and
// is never written over; a missing one is an empty ledger.
func Open(path string) (*Ledger, error) {
	l := &Ledger{path: path}
	return l, l.load()
}

func id(scope, instanceID string) string { return scope + "\x00" + instanceID }

// load reads the file. Called with mu held, or by Open.
func (l *Ledger) load() error {
	l.entries = map[string]Entry{}
	data, err := os.ReadFile(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	var f file
	if err := json.Unmarshal(data, &f); err != nil {
		return fmt.Errorf("read the ledger %s: %w; move it away to begin a new one", l.path, err)
	}
	if f.Schema != Schema {
		return fmt.Errorf("read the ledger %s: its schema is %q, and this program knows %s", l.path, provider.Clean(f.Schema, 64), Schema)
	}
	l.begun = f.Begun
	for _, e := range f.Entries {
		l.entries[id(e.Scope, e.InstanceID)] = e
	}
	return nil
}

// Observe takes in one whole inventory and returns what nobody here expected:
// boxes that appeared without a claim, and claimed boxes that vanished. The
// first inventory of a ledger surprises nobody.
func (l *Ledger) Observe(ctx context.Context, s provider.Sighting) ([]provider.Happening, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	unlock, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := l.load(); err != nil {
		return nil, err
	}
	happened, changed := l.take(s)
	if !changed && s.At.Sub(l.written) < writeEvery && s.At.After(l.written) {
		return happened, nil
	}
	if err := l.store(); err != nil {
		return happened, err
	}
	l.written = s.At
	return happened, nil
}

// take changes the entries by one inventory.
func (l *Ledger) take(s provider.Sighting) (happened []provider.Happening, changed bool) {
	known := map[string]bool{}
	for _, e := range l.entries {
		known[e.Scope] = true
	}
	at := s.At.UTC()
	if l.begun.IsZero() {
		l.begun = at
	}
	there := map[string]bool{}
	for _, inst := range s.Instances {
		if inst.ID == "" {
			continue
		}
		there[inst.ID] = true
		k := id(s.Scope, inst.ID)
		e, old := l.entries[k]
		now := e
		if !old {
			now = Entry{InstanceID: inst.ID, Scope: s.Scope, FirstSeen: at}
			if known[s.Scope] && s.Claimed[inst.ID] == "" {
				happened = append(happened, provider.Happening{At: at, Kind: provider.HappenedUnmade, InstanceID: inst.ID, Type: inst.Type, Creator: inst.Creator})
			}
		}
		now.Key, now.LastSeen, now.Gone = s.Key, at, time.Time{}
		now.Type, now.Region, now.Sector, now.Creator = inst.Type, inst.Region, inst.Sector, inst.Creator
		now.LeaseID = cmp.Or(s.Claimed[inst.ID], e.LeaseID)
		l.entries[k] = now
		e.LastSeen = at
		changed = changed || e != now
	}
	for k, e := range l.entries {
		// Another key may not see what this one does.
		if e.Scope != s.Scope || e.Key != s.Key || there[e.InstanceID] || !e.Gone.IsZero() {
			continue
		}
		e.Gone = at
		l.entries[k] = e
		changed = true
		if s.Claimed[e.InstanceID] != "" && !s.Deleting[e.InstanceID] {
			happened = append(happened, provider.Happening{At: at, Kind: provider.HappenedVanished, InstanceID: e.InstanceID, LeaseID: s.Claimed[e.InstanceID], Type: e.Type})
		}
	}
	slices.SortFunc(happened, func(a, b provider.Happening) int { return cmp.Compare(a.InstanceID, b.InstanceID) })
	return happened, changed
}

// store writes the file, bounded.
func (l *Ledger) store() error {
	all := l.sorted()
	if len(all) > most {
		for _, e := range all[most:] {
			delete(l.entries, id(e.Scope, e.InstanceID))
		}
		all = all[:most]
	}
	data, err := json.MarshalIndent(file{Schema: Schema, Begun: l.begun, Entries: all}, "", " ")
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	if err := claims.WriteFile(l.path, append(data, '\n')); err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

// sorted returns the entries, those there first, then by when they were last seen.
func (l *Ledger) sorted() []Entry {
	return slices.SortedFunc(maps.Values(l.entries), func(a, b Entry) int {
		gone := func(e Entry) int {
			if e.Gone.IsZero() {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(gone(a), gone(b)), b.LastSeen.Compare(a.LastSeen), a.FirstSeen.Compare(b.FirstSeen),
			cmp.Compare(a.InstanceID, b.InstanceID), cmp.Compare(a.Scope, b.Scope))
	})
}

func (l *Ledger) lock(ctx context.Context) (func(), error) {
	if err := os.MkdirAll(filepath.Dir(l.path), 0o700); err != nil {
		return nil, fmt.Errorf("lock the ledger: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, lockWithin)
	defer cancel()
	f := flock.New(l.path+".lock", flock.SetPermissions(0o600))
	if _, err := f.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock the ledger: %w", err)
	}
	return func() { _ = f.Close() }, nil
}

// FirstSeen says when an instance was first seen.
func (l *Ledger) FirstSeen(scope, instanceID string) (time.Time, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[id(scope, instanceID)]
	return e.FirstSeen, ok
}

// Entries returns what is remembered: boxes that are there, then those that
// are gone, the last seen first.
func (l *Ledger) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sorted()
}
