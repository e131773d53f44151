package claims

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
)

func TestAnAuditFindsWhatIsWrongAndChangesNothing(t *testing.T) {
	s := newStore(t)
	s.create(t, leaseA)
	for _, id := range []string{leaseA, leaseB} {
		if _, err := s.CreateKey(t.Context(), id, newPair(t, id)); err != nil {
			t.Fatal(err)
		}
	}
	if runtime.GOOS != "windows" {
		for path, mode := range map[string]os.FileMode{s.claims: 0o755, s.keyPaths(leaseA).PrivatePath: 0o644} {
			if err := os.Chmod(path, mode); err != nil {
				t.Fatal(err)
			}
		}
	}
	unlock, err := s.Lock(t.Context(), LockOperation, leaseA)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	a, err := s.Audit(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a.OrphanedKeys, []string{filepath.Join(s.keys, leaseB)}) {
		t.Errorf("orphaned keys %q", a.OrphanedKeys)
	}
	if runtime.GOOS != "windows" && (!a.Folders[0].Loose || a.Folders[1].Loose || len(a.LooseKeys) != 1) {
		t.Errorf("%+v", a)
	}
	if !a.HeldUnknown && (len(a.Held) != 1 || a.Held[0].Name != leaseA+".fal-operation.lock" || a.Held[0].PID != os.Getpid()) {
		t.Errorf("held %+v", a.Held)
	}
}

func TestAnAuditOfNothingIsNoProblem(t *testing.T) {
	a, err := newStore(t).Audit(t.Context())
	if err != nil || len(a.OrphanedKeys) != 0 || !a.Folders[0].Missing {
		t.Errorf("%+v, %v", a, err)
	}
}
