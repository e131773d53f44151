package crash

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openclaw/crabbox-tui/claims"
)

// disk is a file layer that knows what would be there after the power failed:
// of a file's content what was synced, of a folder's entries what was there
// when the folder was synced. It writes to the real disk as well, so that the
// program sees what it wrote.
type disk struct {
	claims.Files
	root string

	mu      sync.Mutex
	n       int
	cut     int // the power fails after so many effects; 0: never
	names   []string
	now     map[string]*node // what the program sees
	durable map[string]*node
	// lies is a mutant: it says that it synced, and did not.
	lies string
}

type node struct {
	folder        bool
	data, durable []byte
}

var errPower = errors.New("the power failed")

func newDisk(root string) *disk {
	base := &node{folder: true}
	return &disk{Files: claims.SystemFiles{}, root: root, now: map[string]*node{root: base}, durable: map[string]*node{root: base}}
}

// effect counts an effect, and refuses it once the power is off. Called with
// mu held.
func (d *disk) effect(name string) error {
	if d.off() {
		return errPower
	}
	d.n++
	d.names = append(d.names, name)
	return nil
}

func (d *disk) off() bool { return d.cut > 0 && d.n >= d.cut }

func (d *disk) powerless() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.off()
}

func (d *disk) MkdirAll(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.now[path] != nil {
		return nil
	}
	if err := d.effect("make " + what(path)); err != nil {
		return err
	}
	for p := path; p != d.root && len(p) > len(d.root); p = filepath.Dir(p) {
		if d.now[p] == nil {
			d.now[p] = &node{folder: true}
		}
	}
	return d.Files.MkdirAll(path)
}

func (d *disk) Write(f *os.File, data []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.effect("write " + what(f.Name())); err != nil {
		return err
	}
	d.now[f.Name()] = &node{data: slices.Clone(data)}
	return d.Files.Write(f, data)
}

func (d *disk) Sync(f *os.File) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.effect("sync " + what(f.Name())); err != nil {
		return err
	}
	if n := d.now[f.Name()]; n != nil && d.lies != "file" {
		n.durable = n.data
	}
	return nil
}

func (d *disk) SyncDir(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	path = filepath.Clean(path)
	if d.now[path] == nil {
		// A folder above the test's own.
		return d.Files.SyncDir(path)
	}
	if err := d.effect("sync folder " + what(path)); err != nil {
		return err
	}
	if d.lies == "folder" {
		return nil
	}
	maps.DeleteFunc(d.durable, func(p string, _ *node) bool {
		return p != path && under(p, path) && d.now[child1(p, path)] == nil
	})
	for p, n := range d.now {
		if filepath.Dir(p) == path && p != path {
			d.durable[p] = n
		}
	}
	return nil
}

// under says whether p lies somewhere below dir; child1 is the entry of dir
// that it lies under.
func under(p, dir string) bool { return strings.HasPrefix(p, dir+string(filepath.Separator)) }

func child1(p, dir string) string {
	rest := strings.TrimPrefix(p, dir+string(filepath.Separator))
	first, _, _ := strings.Cut(rest, string(filepath.Separator))
	return filepath.Join(dir, first)
}

func (d *disk) Rename(from, to string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.effect("rename " + what(to)); err != nil {
		return err
	}
	d.now[to] = d.now[from]
	delete(d.now, from)
	return d.Files.Rename(from, to)
}

func (d *disk) Remove(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.effect("remove " + what(path)); err != nil {
		return err
	}
	delete(d.now, path)
	return d.Files.Remove(path)
}

func (d *disk) RemoveAll(path string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.effect("remove " + what(path)); err != nil {
		return err
	}
	maps.DeleteFunc(d.now, func(p string, _ *node) bool { return p == path || under(p, path) })
	return d.Files.RemoveAll(path)
}

// after writes what survived to a new root. What was not synced may have
// survived as well: luck says of each entry whether it did; nil is no luck.
func (d *disk) after(root string, luck *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	tree := maps.Clone(d.durable)
	if luck != nil {
		for _, p := range slices.Sorted(maps.Keys(d.now)) {
			if tree[p] == nil && luck.IntN(2) == 0 {
				tree[p] = d.now[p]
			}
		}
		for _, p := range slices.Sorted(maps.Keys(tree)) {
			if d.now[p] == nil && p != d.root && luck.IntN(2) == 0 {
				delete(tree, p)
			}
		}
	}
	if err := os.MkdirAll(root, 0o700); err != nil {
		return err
	}
	for _, p := range slices.Sorted(maps.Keys(tree)) {
		n := tree[p]
		// What stands in a folder that is gone is gone.
		if !reachable(tree, p, d.root) || p == d.root {
			continue
		}
		to := filepath.Join(root, strings.TrimPrefix(p, d.root))
		if n.folder {
			if err := os.MkdirAll(to, 0o700); err != nil {
				return err
			}
			continue
		}
		data := n.durable
		if luck != nil && luck.IntN(2) == 0 {
			data = n.data
		}
		if err := os.WriteFile(to, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func reachable(tree map[string]*node, p, root string) bool {
	for ; p != root; p = filepath.Dir(p) {
		if tree[p] == nil || len(p) < len(root) {
			return false
		}
	}
	return true
}

// outage plays an operation until the power fails after so many effects on
// the disk, and goes on from what the disk has then. It returns how many
// effects there were, and what did not hold.
func outage(dir string, op operation, fault, lies string, cut int, luck *rand.Rand) (effects int, bad []string, err error) {
	s, err := newStage(filepath.Join(dir, "before"), nil)
	if err != nil {
		return 0, nil, err
	}
	defer s.close()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := os.MkdirAll(filepath.Join(dir, "before"), 0o700); err != nil {
		return 0, nil, err
	}
	d := newDisk(filepath.Join(dir, "before"))
	lease := ""
	if op.prepare != nil {
		before, err := newProgram(programOptions{url: s.api.URL, roots: s.roots, files: d})
		if err != nil {
			return 0, nil, err
		}
		lease, err = op.prepare(ctx, before)
		before.close()
		if err != nil {
			return 0, nil, err
		}
		d.n, d.names = 0, nil
	}
	d.lies = lies
	for _, f := range faults[fault] {
		s.cloud.Inject(f)
	}
	d.cut = cut
	pts := &points{at: func(int, string) {
		// Without power nothing is sent any more.
		if d.powerless() {
			cancel()
		}
	}}
	p, err := newProgram(programOptions{url: s.api.URL, roots: s.roots, files: d, points: pts, probe: op.probe, rt: fused{disk: d}})
	if err != nil {
		return 0, nil, err
	}
	_ = op.run(ctx, p, lease, filepath.Join(dir, "home"))
	p.close()
	if cut == 0 {
		d.cut = d.n
	}
	after := filepath.Join(dir, "after")
	if err := d.after(after, luck); err != nil {
		return d.n, nil, err
	}
	s.roots = claims.Roots{State: filepath.Join(after, "state"), Keys: filepath.Join(after, "keys")}
	bad = s.checkNow()
	return d.n, append(bad, s.recover(context.Background(), cut%2 == 0)...), nil
}

// powerOperations are those whose writes the power fails in.
var powerOperations = []string{"acquire", "acquire, keep", "rollback", "failed, kept", "release", "cleanup", "rotation"}

// TestNoPowerLossLosesABox lets the power fail after every effect on the disk,
// twice: once nothing survives that was not synced, once luck says what does.
func TestNoPowerLossLosesABox(t *testing.T) {
	var total atomic.Int64
	var all sync.WaitGroup
	slots := make(chan struct{}, 16) // most of each is waiting between tries
	for _, name := range powerOperations {
		effects, bad, err := outage(t.TempDir(), operations[name], "", "", 0, nil)
		if err != nil || len(bad) > 0 {
			t.Fatalf("%s, to its end: %v %v", name, err, bad)
		}
		for i := range thinned(make([]struct{}, effects*4)) {
			cut, seed := i/4+1, uint64(i%4)
			var luck *rand.Rand
			if seed > 0 {
				luck = rand.New(rand.NewPCG(seed, uint64(cut)))
			}
			dir := t.TempDir()
			slots <- struct{}{}
			all.Go(func() {
				defer func() { <-slots }()
				total.Add(1)
				_, bad, err := outage(dir, operations[name], "", "", cut, luck)
				if err != nil {
					bad = append(bad, err.Error())
				}
				if len(bad) > 0 {
					t.Errorf("%s, power off after effect %d, luck %d: %s", name, cut, seed, strings.Join(bad, "; "))
				}
			})
		}
	}
	all.Wait()
	t.Logf("the power failed %d times", total.Load())
}

// TestADroppedSyncTurnsThePowerLossRed: a layer that does not sync has to be noticed.
func TestADroppedSyncTurnsThePowerLossRed(t *testing.T) {
	for lies, names := range map[string][]string{"file": {"acquire", "release"}, "folder": {"acquire"}} {
		for _, name := range names {
			red := ""
			effects, _, err := outage(t.TempDir(), operations[name], "", lies, 0, nil)
			if err != nil {
				t.Fatal(err)
			}
			for cut := 0; cut < effects && red == ""; cut++ {
				_, bad, err := outage(t.TempDir(), operations[name], "", lies, cut+1, nil)
				if err != nil {
					t.Fatal(err)
				}
				if len(bad) > 0 {
					red = fmt.Sprintf("red after effect %d: %s", cut+1, bad[0])
				}
			}
			if red == "" {
				t.Errorf("nothing noticed that no %s is synced in %s", lies, name)
			}
			t.Logf("no %s synced, %s: %s", lies, name, red)
		}
	}
}
