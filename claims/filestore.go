package claims

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Roots are the folders of a file store. Both are absolute.
type Roots struct {
	State string // holds claims and claim-locks
	Keys  string // holds a folder of keys a lease
}

// FileStore keeps claims as files that it shares with crabbox.
type FileStore struct {
	claims, locks, keys string
	files               Files
}

var _ Store = (*FileStore)(nil)

// Open returns the store below the roots. It touches nothing: folders are made
// when something is first written or watched.
func Open(roots Roots) (*FileStore, error) { return OpenOn(SystemFiles{}, roots) }

// OpenOn is Open on another layer of files than the system's.
func OpenOn(files Files, roots Roots) (*FileStore, error) {
	for _, root := range []string{roots.State, roots.Keys} {
		if !filepath.IsAbs(root) {
			return nil, fmt.Errorf("claims folder %q is not an absolute path", root)
		}
		for _, p := range []string{`\\?\`, `\??\`, `\\.\`} {
			if strings.HasPrefix(root, p) {
				return nil, fmt.Errorf("claims folder %q is a device path", root)
			}
		}
	}
	return &FileStore{
		claims: filepath.Join(roots.State, "claims"),
		locks:  filepath.Join(roots.State, "claim-locks"),
		keys:   roots.Keys,
		files:  files,
	}, nil
}

func (s *FileStore) path(id string) string { return filepath.Join(s.claims, id+".json") }

// revisionOf digests the decoded claim, so that layout and fields not known
// here take no part. An empty map is written as {} and an absent one not at
// all only with this in mind: they are different claims.
func revisionOf(c Claim) Revision {
	data, err := json.Marshal(c)
	if err != nil {
		return ""
	}
	h := sha256.New()
	h.Write(data)
	fmt.Fprint(h, c.Labels == nil, c.TailscaleTags == nil, c.CacheVolumes == nil)
	return Revision(hex.EncodeToString(h.Sum(nil)))
}

func record(c Claim) Record { return Record{Claim: c, Revision: revisionOf(c)} }

// load reads a claim file as it is.
func (s *FileStore) load(id string) (Record, error) {
	if !ValidID(id) {
		return Record{}, fmt.Errorf("lease %q: %w", id, ErrInvalidID)
	}
	broken := func(err error) error {
		return &BrokenError{Broken{ID: id, Name: s.path(id), Err: err}}
	}
	f, err := os.Open(s.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return Record{}, fmt.Errorf("lease %s: %w", id, ErrNotExist)
	}
	if err != nil {
		return Record{}, broken(err)
	}
	defer f.Close()
	data, err := readAll(f)
	if err != nil {
		return Record{}, broken(err)
	}
	c, err := Decode(data)
	switch {
	case err != nil:
		return Record{}, broken(err)
	case c.LeaseID == "":
		return Record{}, broken(errors.New("it names no lease"))
	case c.LeaseID != id:
		return Record{}, broken(fmt.Errorf("it is the claim of lease %.64q", c.LeaseID))
	}
	return record(c), nil
}

// forDisplay runs a read, under the claim lock where a reader needs one, and
// then waits for it only as long as a person would not notice.
func (s *FileStore) forDisplay(ctx context.Context, id string, read func() error) error {
	if !lockToRead {
		return read()
	}
	ctx, cancel := context.WithTimeout(ctx, 250*time.Millisecond)
	defer cancel()
	unlock, err := s.lockClaim(ctx, id)
	if err != nil {
		return fmt.Errorf("claim of lease %s is in use by another program: %w", id, err)
	}
	defer unlock()
	return read()
}

// lockClaim takes the short lock under which a claim is written.
func (s *FileStore) lockClaim(ctx context.Context, id string) (func(), error) {
	if !ValidID(id) {
		return nil, fmt.Errorf("lease %q: %w", id, ErrInvalidID)
	}
	if err := s.files.MkdirAll(s.locks); err != nil {
		return nil, fmt.Errorf("prepare the locks folder: %w", err)
	}
	return s.lockFile(ctx, filepath.Join(s.locks, id+".json.lock"), false)
}

// Read implements Claims.
func (s *FileStore) Read(ctx context.Context, id string) (rec Record, err error) {
	err = s.forDisplay(ctx, id, func() error {
		rec, err = s.load(id)
		return err
	})
	return rec, err
}

// List implements Claims.
func (s *FileStore) List(ctx context.Context) (Listing, error) {
	entries, err := os.ReadDir(s.claims)
	if errors.Is(err, fs.ErrNotExist) {
		return Listing{}, nil
	}
	if err != nil {
		return Listing{}, fmt.Errorf("list claims: %w", err)
	}
	var l Listing
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return Listing{}, fmt.Errorf("list claims: %w", err)
		}
		id, isClaim := strings.CutSuffix(e.Name(), ".json")
		if !isClaim || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if !ValidID(id) {
			l.Broken = append(l.Broken, Broken{ID: id, Name: filepath.Join(s.claims, e.Name()), Err: ErrInvalidID})
			continue
		}
		rec, err := s.Read(ctx, id)
		var broken *BrokenError
		switch {
		case err == nil:
			l.Records = append(l.Records, rec)
		case errors.Is(err, ErrNotExist):
			// It went while we were looking.
		case errors.As(err, &broken):
			l.Broken = append(l.Broken, broken.Broken)
		default:
			l.Broken = append(l.Broken, Broken{ID: id, Name: s.path(id), Err: err})
		}
	}
	return l, nil
}

// Create implements Claims.
func (s *FileStore) Create(ctx context.Context, c Claim) (Record, error) {
	if err := s.makeDurable(s.claims); err != nil {
		return Record{}, fmt.Errorf("prepare the claims folder: %w", err)
	}
	return s.write(ctx, c, func(current *Record) bool { return current == nil })
}

// Replace implements Claims.
func (s *FileStore) Replace(ctx context.Context, rev Revision, next Claim) (Record, error) {
	return s.write(ctx, next, func(current *Record) bool { return current != nil && current.Revision == rev })
}

// write puts next on disk if what is there now is as expected.
func (s *FileStore) write(ctx context.Context, next Claim, expected func(*Record) bool) (Record, error) {
	id := next.LeaseID
	unlock, err := s.lockClaim(ctx, id)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	current, err := s.current(id)
	if err != nil {
		return Record{}, err
	}
	if !expected(current) {
		return Record{}, &ConflictError{ID: id, Current: current}
	}
	next = next.Clone()
	next.unknown = nil
	if current != nil {
		next.unknown = current.Claim.unknown
	}
	data, err := next.Encode()
	if err != nil {
		return Record{}, err
	}
	err = s.writeDurable(s.path(id), data)
	if err != nil {
		// The rename may have happened and its sync failed: then the claim is
		// there but may not survive, so it is written once more.
		if now, loadErr := s.load(id); loadErr == nil && now.Claim.Equal(next) {
			err = s.writeDurable(s.path(id), data)
		}
	}
	if err != nil {
		return Record{}, fmt.Errorf("write claim of lease %s: %w", id, err)
	}
	return record(next), nil
}

// current is the claim as it stands, nil where there is none. A broken one is
// an error: nothing may be written over it.
func (s *FileStore) current(id string) (*Record, error) {
	rec, err := s.load(id)
	if errors.Is(err, ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &rec, nil
}

// Remove implements Claims.
func (s *FileStore) Remove(ctx context.Context, id string, rev Revision) error {
	unlock, err := s.lockClaim(ctx, id)
	if err != nil {
		return err
	}
	defer unlock()
	current, err := s.current(id)
	if err != nil {
		return err
	}
	if current == nil || current.Revision != rev {
		return &ConflictError{ID: id, Current: current}
	}
	if err := s.removeKey(id); err != nil {
		return fmt.Errorf("remove the key of lease %s: %w; its claim was kept", id, err)
	}
	s.removeLitter(id)
	if err := s.files.Remove(s.path(id)); err != nil {
		return fmt.Errorf("remove claim of lease %s: %w", id, err)
	}
	if err := s.files.SyncDir(s.claims); err != nil {
		return fmt.Errorf("remove claim of lease %s: %w", id, err)
	}
	return nil
}

// Sweep implements Claims. Nobody writes a claim whose lock is free.
func (s *FileStore) Sweep(ctx context.Context) error {
	litter, err := filepath.Glob(filepath.Join(s.claims, ".*.json.tmp-*"))
	if err != nil {
		return err
	}
	for _, path := range litter {
		id, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(path), "."), ".json.tmp-")
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !ValidID(id) {
			continue
		}
		unlock, err := s.lockFile(ctx, filepath.Join(s.locks, id+".json.lock"), true)
		if err != nil {
			continue
		}
		s.removeLitter(id)
		unlock()
	}
	return nil
}

// removeLitter removes what a writer that was killed left of its claim. The
// caller holds the claim lock, so nobody is writing.
func (s *FileStore) removeLitter(id string) {
	litter, err := filepath.Glob(filepath.Join(s.claims, "."+id+".json.tmp-*"))
	if err != nil {
		return
	}
	for _, path := range litter {
		_ = os.Remove(path)
	}
}
