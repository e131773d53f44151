package claims

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/crypto/ssh"
)

func TestMain(m *testing.M) {
	if act := os.Getenv("CLAIMS_TEST_ACT"); act != "" {
		os.Exit(child(act))
	}
	goleak.VerifyTestMain(m)
}

// child is what this test binary does as another process.
func child(act string) int {
	s, err := Open(Roots{State: os.Getenv("CLAIMS_TEST_STATE"), Keys: os.Getenv("CLAIMS_TEST_KEYS")})
	if err != nil {
		return 1
	}
	ctx := context.Background()
	switch act {
	case "replace": // once, from the revision given
		c := claim(leaseA)
		c.Slug = fmt.Sprint("by-", os.Getpid())
		_, err := s.Replace(ctx, Revision(os.Getenv("CLAIMS_TEST_REV")), c)
		var conflict *ConflictError
		switch {
		case err == nil:
			fmt.Println("won")
		case errors.As(err, &conflict):
			fmt.Println("lost")
		default:
			fmt.Println(err)
		}
	case "hold": // the operation lock, until killed
		if _, err := s.Lock(ctx, LockOperation, leaseA); err != nil {
			return 1
		}
		fmt.Println("held")
		select {}
	case "create":
		if _, err := s.Create(ctx, claim(leaseB)); err != nil {
			return 1
		}
	}
	return 0
}

const (
	leaseA = "cbx_aaaaaaaaaaaa"
	leaseB = "cbx_bbbbbbbbbbbb"
)

func claim(id string) Claim {
	return Claim{LeaseID: id, Slug: "a", Provider: "fal", Labels: map[string]string{"keep": "false"}}
}

type testStore struct {
	*FileStore
	roots Roots
}

func newStore(t testing.TB) testStore {
	t.Helper()
	dir := t.TempDir()
	roots := Roots{State: filepath.Join(dir, "state"), Keys: filepath.Join(dir, "keys")}
	s, err := Open(roots)
	if err != nil {
		t.Fatal(err)
	}
	return testStore{s, roots}
}

// other prepares another process on the same store.
func (s testStore) other(t testing.TB, act string, env ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "CLAIMS_TEST_ACT="+act, "CLAIMS_TEST_STATE="+s.roots.State, "CLAIMS_TEST_KEYS="+s.roots.Keys)
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

func (s testStore) create(t testing.TB, id string) Record {
	t.Helper()
	rec, err := s.Create(t.Context(), claim(id))
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestAClaimIsCreatedOnceReplacedFromItsRevisionAndRemoved(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	first := s.create(t, leaseA)
	var conflict *ConflictError
	if _, err := s.Create(ctx, claim(leaseA)); !errors.As(err, &conflict) || conflict.Current.Revision != first.Revision {
		t.Fatalf("second create: %v", err)
	}
	next := first.Claim.Clone()
	next.Labels["keep"] = "true"
	second, err := s.Replace(ctx, first.Revision, next)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(ctx, first.Revision, next); !errors.As(err, &conflict) || conflict.Current.Claim.Labels["keep"] != "true" {
		t.Errorf("replace from an old revision: %v", err)
	}
	if err := s.Remove(ctx, leaseA, first.Revision); !errors.As(err, &conflict) {
		t.Errorf("remove at an old revision: %v", err)
	}
	read, err := s.Read(ctx, leaseA)
	if err != nil || read.Revision != second.Revision {
		t.Fatalf("read: %v", err)
	}
	if err := s.Remove(ctx, leaseA, read.Revision); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(ctx, leaseA); !errors.Is(err, ErrNotExist) {
		t.Errorf("read of a removed claim: %v", err)
	}
	if err := s.Remove(ctx, leaseA, read.Revision); !errors.As(err, &conflict) || conflict.Current != nil {
		t.Errorf("second remove: %v", err)
	}
}

func TestEqualClaimsHaveEqualRevisionsWhateverTheFileLooksLike(t *testing.T) {
	s := newStore(t)
	rec := s.create(t, leaseA)
	reformatted := `{"labels":{"keep":"false"},"slug":"a","provider":"fal","leaseID":"` + leaseA + `","later":{"x":[1]},"repoRoot":"","claimedAt":"","lastUsedAt":""}`
	if err := os.WriteFile(s.path(leaseA), []byte(reformatted), 0o600); err != nil {
		t.Fatal(err)
	}
	now, err := s.Read(t.Context(), leaseA)
	if err != nil || now.Revision != rec.Revision {
		t.Errorf("revision moved with the layout: %v", err)
	}
	empty := rec.Claim.Clone()
	empty.CacheVolumes = []string{}
	if revisionOf(empty) == rec.Revision {
		t.Error("an empty list is another claim than none, to crabbox")
	}
	if _, err := s.Replace(t.Context(), now.Revision, rec.Claim); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(s.path(leaseA))
	if err != nil || !strings.HasSuffix(string(text), "  \"later\": {\n    \"x\": [\n      1\n    ]\n  }\n}\n") {
		t.Errorf("what is not known here was lost: %s", text)
	}
}

func TestOfManyProcessesOneReplacesARevision(t *testing.T) {
	s := newStore(t)
	rec := s.create(t, leaseA)
	var mu sync.Mutex
	var results []string
	var wg sync.WaitGroup
	for range 8 {
		cmd := s.other(t, "replace", "CLAIMS_TEST_REV="+string(rec.Revision))
		wg.Add(1)
		go func() {
			defer wg.Done()
			out, err := cmd.Output()
			mu.Lock()
			defer mu.Unlock()
			results = append(results, strings.TrimSpace(string(out)))
			if err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	slices.Sort(results)
	if want := append(slices.Repeat([]string{"lost"}, 7), "won"); !slices.Equal(results, want) {
		t.Errorf("results: %q", results)
	}
}

func TestALockIsHeldAgainstOthersAndFreedByDeath(t *testing.T) {
	s := newStore(t)
	cmd := s.other(t, "hold")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 5)
	if _, err := out.Read(buf); err != nil {
		t.Fatal(err)
	}
	if _, err := s.TryLock(t.Context(), LockOperation, leaseA); !errors.Is(err, ErrLocked) {
		t.Errorf("try of a lock that another process holds: %v", err)
	}
	if unlock, err := s.TryLock(t.Context(), LockAcquire, leaseA); err != nil {
		t.Errorf("the other kind of lock: %v", err)
	} else {
		unlock()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 80*time.Millisecond)
	defer cancel()
	if _, err := s.Lock(ctx, LockOperation, leaseA); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("lock: %v", err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	unlock, err := s.Lock(t.Context(), LockOperation, leaseA)
	if err != nil {
		t.Fatalf("the lock of a dead process: %v", err)
	}
	if _, err := s.TryLock(t.Context(), LockOperation, leaseA); !errors.Is(err, ErrLocked) {
		t.Errorf("try of a lock held here: %v", err)
	}
	unlock()
	unlock()
	again, err := s.TryLock(t.Context(), LockOperation, leaseA)
	if err != nil {
		t.Fatal(err)
	}
	again()
}

func TestABrokenClaimHidesNoneAndIsLeftAsItIs(t *testing.T) {
	s := newStore(t)
	s.create(t, leaseA)
	broken := map[string]string{
		leaseB:             "{ not json",
		"cbx_cccccccccccc": `{"leaseID":"` + leaseA + `","repoRoot":"","claimedAt":"","lastUsedAt":""}`,
		"cbx_dddddddddddd": `{"repoRoot":""}`,
		"cbx_eeeeeeeeeeee": `[]`,
		"cbx_ffffffffffff": strings.Repeat(" ", MaxClaimBytes+1),
	}
	for id, text := range broken {
		if err := os.WriteFile(s.path(id), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"a.json.deleted", ".x.json.tmp-1", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(s.claims, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(s.claims, "dir.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := s.List(t.Context())
	if err != nil || len(l.Records) != 1 || len(l.Broken) != len(broken) {
		t.Fatalf("%d claims, %d broken, %v", len(l.Records), len(l.Broken), err)
	}
	for _, b := range l.Broken {
		var be *BrokenError
		if _, err := s.Create(t.Context(), claim(b.ID)); !errors.As(err, &be) {
			t.Errorf("%s: create over it: %v", b.ID, err)
		}
		if err := s.Remove(t.Context(), b.ID, ""); !errors.As(err, &be) {
			t.Errorf("%s: remove: %v", b.ID, err)
		}
		if text, err := os.ReadFile(s.path(b.ID)); err != nil || string(text) != broken[b.ID] {
			t.Errorf("%s was changed", b.ID)
		}
	}
}

func TestAChangeByAnotherProcessIsSeenWithoutPolling(t *testing.T) {
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	changed, err := s.Watch(ctx)
	if err != nil {
		t.Fatal(err)
	}
	<-changed // watching has begun
	if out, err := s.other(t, "create").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for {
		select {
		case <-changed:
		case <-time.After(10 * time.Second):
			t.Fatal("the change was never seen")
		}
		if _, err := s.Read(t.Context(), leaseB); err == nil {
			break
		}
	}
	cancel()
	for range changed {
	}
}

func TestFoldersAndFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes mean something else there")
	}
	s := newStore(t)
	s.create(t, leaseA)
	key, err := s.CreateKey(t.Context(), leaseA, newPair(t, leaseA))
	if err != nil {
		t.Fatal(err)
	}
	unlock, err := s.Lock(t.Context(), LockSlug, "")
	if err != nil {
		t.Fatal(err)
	}
	unlock()
	for path, want := range map[string]os.FileMode{
		s.claims: 0o700, s.locks: 0o700, s.keyFolder(leaseA): 0o700, s.path(leaseA): 0o600,
		key.PrivatePath: 0o600, key.PublicPath: 0o644,
		filepath.Join(s.locks, leaseA+".json.lock"): 0o600, filepath.Join(s.locks, "fal-slug-allocation.lock"): 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v; want %v", path, info.Mode().Perm(), err, want)
		}
	}
}

func newPair(t *testing.T, id string) KeyPair {
	t.Helper()
	pair, err := NewKeyPair(id)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func TestSweepTakesWhatKilledWritersLeftAndNothingElse(t *testing.T) {
	s := newStore(t)
	rec := s.create(t, leaseA)
	left := filepath.Join(s.claims, "."+leaseB+".json.tmp-123")
	busy := filepath.Join(s.claims, "."+leaseA+".json.tmp-123")
	for _, path := range []string{left, busy} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	unlock, err := s.lockClaim(t.Context(), leaseA)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	if err := s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("litter is left: %v", err)
	}
	if _, err := os.Stat(busy); err != nil {
		t.Errorf("a write under way lost its file: %v", err)
	}
	if now, err := s.Read(t.Context(), leaseA); err != nil || now.Revision != rec.Revision {
		t.Errorf("the claim: %v", err)
	}
}

func TestAKeyPairIsMadeOnceAndGoesWithItsClaim(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	rec := s.create(t, leaseA)
	key, err := s.CreateKey(ctx, leaseA, newPair(t, leaseA))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(key.Public, "ssh-ed25519 ") || !strings.HasSuffix(key.Public, " crabbox "+leaseA) {
		t.Errorf("public key %q", key.Public)
	}
	text, err := os.ReadFile(key.PrivatePath)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil || !strings.HasPrefix(key.Public, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey())))) {
		t.Errorf("the halves do not belong together: %v", err)
	}
	if _, err := s.CreateKey(ctx, leaseA, newPair(t, leaseA)); err == nil {
		t.Error("a second key took the place of the first")
	}
	if again, err := s.Key(ctx, leaseA); err != nil || again != key {
		t.Errorf("the key changed: %v", err)
	}
	if path, err := exec.LookPath("ssh-keygen"); err == nil {
		out, err := exec.Command(path, "-y", "-f", key.PrivatePath).CombinedOutput()
		if err != nil || !strings.HasPrefix(key.Public, strings.Join(strings.Fields(string(out))[:2], " ")) {
			t.Errorf("ssh-keygen reads it as %s, %v", out, err)
		}
	}
	if err := s.Remove(ctx, leaseA, rec.Revision); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(s.keyFolder(leaseA)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the key folder is left: %v", err)
	}
}

// hookedFiles tells of each effect before it happens, and can refuse it.
type hookedFiles struct {
	Files
	before func(effect string) error
}

func (h hookedFiles) Write(f *os.File, data []byte) error {
	if err := h.before("write"); err != nil {
		return err
	}
	return h.Files.Write(f, data)
}

func (h hookedFiles) Sync(f *os.File) error {
	if err := h.before("sync"); err != nil {
		return err
	}
	return h.Files.Sync(f)
}

func (h hookedFiles) SyncDir(path string) error {
	if err := h.before("sync folder"); err != nil {
		return err
	}
	return h.Files.SyncDir(path)
}

func (h hookedFiles) Rename(from, to string) error {
	if err := h.before("rename"); err != nil {
		return err
	}
	return h.Files.Rename(from, to)
}

func (h hookedFiles) Remove(path string) error {
	if err := h.before("remove"); err != nil {
		return err
	}
	return h.Files.Remove(path)
}

// TestAWriteIsDurableBeforeItIsSeen records the order of effects.
func TestAWriteIsDurableBeforeItIsSeen(t *testing.T) {
	s := newStore(t)
	rec := s.create(t, leaseA)
	var order []string
	s.files = hookedFiles{Files: SystemFiles{}, before: func(effect string) error {
		order = append(order, effect)
		return nil
	}}
	next := rec.Claim.Clone()
	next.Slug = "b"
	rec, err := s.Replace(t.Context(), rec.Revision, next)
	if err != nil || !slices.Equal(order, []string{"write", "sync", "rename", "sync folder"}) {
		t.Errorf("replace: %q, %v", order, err)
	}
	order = nil
	if err := s.Remove(t.Context(), leaseA, rec.Revision); err != nil || !slices.Equal(order[len(order)-2:], []string{"remove", "sync folder"}) {
		t.Errorf("remove: %q, %v", order, err)
	}
}

func TestAFailedWriteLeavesTheOldClaimAndNoLitter(t *testing.T) {
	for _, at := range []string{"write", "sync", "rename"} {
		t.Run(at, func(t *testing.T) {
			s := newStore(t)
			rec := s.create(t, leaseA)
			full := errors.New("no space left")
			s.files = hookedFiles{Files: SystemFiles{}, before: func(effect string) error {
				if effect == at {
					return full
				}
				return nil
			}}
			next := rec.Claim.Clone()
			next.Slug = "b"
			if _, err := s.Replace(t.Context(), rec.Revision, next); !errors.Is(err, full) {
				t.Fatalf("got %v", err)
			}
			now, err := s.Read(t.Context(), leaseA)
			if err != nil || now.Revision != rec.Revision {
				t.Errorf("the old claim: %v", err)
			}
			entries, err := os.ReadDir(s.claims)
			if err != nil || len(entries) != 1 {
				t.Errorf("litter: %v, %v", entries, err)
			}
		})
	}
}

func TestWhatAKilledWriterLeftGoesWithTheClaim(t *testing.T) {
	s := newStore(t)
	rec := s.create(t, leaseA)
	s.create(t, leaseB)
	others := filepath.Join(s.claims, "."+leaseB+".json.tmp-2")
	for _, path := range []string{filepath.Join(s.claims, "."+leaseA+".json.tmp-1"), others} {
		if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(t.Context(), leaseA, rec.Revision); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(s.claims, ".*"))
	if err != nil || !slices.Equal(left, []string{others}) {
		t.Errorf("left: %q, %v", left, err)
	}
}

func TestIdsThatCannotNameAClaimAreRefused(t *testing.T) {
	s := newStore(t)
	for _, id := range []string{"", ".", "..", "../x", `a\b`, "a/b", "nul", "COM1.x", "a.", " a", "a\x00", "a:b"} {
		if _, err := s.Read(t.Context(), id); !errors.Is(err, ErrInvalidID) {
			t.Errorf("read %q: %v", id, err)
		}
		if _, err := s.CreateKey(t.Context(), id, KeyPair{}); !errors.Is(err, ErrInvalidID) {
			t.Errorf("key of %q: %v", id, err)
		}
		if _, err := s.TryLock(t.Context(), LockAcquire, id); !errors.Is(err, ErrInvalidID) {
			t.Errorf("lock of %q: %v", id, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	paths, _ := filepath.Glob("testdata/golden/*.json")
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"leaseID":1}`))
	f.Add([]byte(`{"a":1,"a":2,"labels":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Decode(data)
		if err != nil {
			return
		}
		text, err := c.Encode()
		if err != nil {
			t.Fatalf("decoded and cannot be encoded: %v", err)
		}
		again, err := Decode(text)
		if err != nil {
			t.Fatalf("its own text: %v\n%s", err, text)
		}
		twice, err := again.Encode()
		if err != nil || string(twice) != string(text) {
			t.Fatalf("encoding is not stable:\n%s\n%s", text, twice)
		}
	})
}

func BenchmarkList1000(b *testing.B) {
	s := newStore(b)
	for i := range 1000 {
		c := claim(fmt.Sprintf("cbx_%012x", i))
		data, err := c.Encode()
		if err != nil {
			b.Fatal(err)
		}
		if i == 0 {
			s.create(b, c.LeaseID)
			continue
		}
		if err := os.WriteFile(s.path(c.LeaseID), data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		l, err := s.List(b.Context())
		if err != nil || len(l.Records) != 1000 {
			b.Fatal(len(l.Records), err)
		}
	}
}
