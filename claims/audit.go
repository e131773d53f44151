package claims

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// Audit is what a look at the store's folders found. Looking changes nothing
// and takes no lock.
type Audit struct {
	Folders []Folder
	Held    []HeldLock
	// HeldUnknown says that this system does not tell who holds a lock.
	HeldUnknown bool
	// OrphanedKeys are folders of keys whose lease has no claim.
	OrphanedKeys []string
	// LooseKeys are private keys that others may read.
	LooseKeys []string
}

// Folder is one of the store's folders.
type Folder struct {
	Path    string
	Missing bool // it is made when it is first needed
	Mode    fs.FileMode
	Loose   bool  // others than the owner may enter it
	Err     error // it could not be looked at
}

// HeldLock is a lock file that somebody has locked now.
type HeldLock struct {
	Name string // of the file
	PID  int    // who holds it
}

// Audit looks at folders, keys and locks.
func (s *FileStore) Audit(ctx context.Context) (Audit, error) {
	var a Audit
	for _, dir := range []string{s.claims, s.locks, s.keys} {
		a.Folders = append(a.Folders, lookAt(dir))
	}
	listing, err := s.List(ctx)
	if err != nil {
		return a, err
	}
	a.OrphanedKeys, a.LooseKeys, err = s.auditKeys(listing)
	if err != nil {
		return a, err
	}
	a.Held, err = heldLocks(s.locks)
	if errors.Is(err, errors.ErrUnsupported) {
		a.HeldUnknown, err = true, nil
	}
	return a, err
}

func lookAt(dir string) Folder {
	f := Folder{Path: dir}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Missing = true
	case err != nil:
		f.Err = err
	default:
		f.Mode = info.Mode().Perm()
		f.Loose = loose(f.Mode)
	}
	return f
}

// loose says whether others than the owner may use something of this mode.
func loose(m fs.FileMode) bool { return runtime.GOOS != "windows" && m&0o077 != 0 }

func (s *FileStore) auditKeys(listing Listing) (orphaned, open []string, err error) {
	entries, err := os.ReadDir(s.keys)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	claimed := map[string]bool{}
	for _, rec := range listing.Records {
		claimed[rec.Claim.LeaseID] = true
	}
	for _, b := range listing.Broken {
		claimed[b.ID] = true
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), leasePrefix) {
			continue
		}
		if !claimed[e.Name()] {
			orphaned = append(orphaned, filepath.Join(s.keys, e.Name()))
		}
		key := s.keyPaths(e.Name()).PrivatePath
		if info, err := os.Stat(key); err == nil && loose(info.Mode().Perm()) {
			open = append(open, key)
		}
	}
	slices.Sort(orphaned)
	return orphaned, open, nil
}
