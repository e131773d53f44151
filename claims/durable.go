package claims

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// fileSystem is what durability rests on. Tests replace it to see the order of
// effects, or to lose what was not synced.
type fileSystem struct {
	write   func(f *os.File, data []byte) error
	sync    func(f *os.File) error
	rename  func(from, to string) error
	remove  func(path string) error
	syncDir func(path string) error
}

var realFiles = fileSystem{
	write:   func(f *os.File, data []byte) error { _, err := f.Write(data); return err },
	sync:    (*os.File).Sync,
	rename:  replaceFile,
	remove:  removeFile,
	syncDir: syncDir,
}

// writeDurable replaces path by data as a whole: after a crash at any point
// there is the old content or the new, and once it returned there is the new.
func (s *FileStore) writeDurable(path string, data []byte) error {
	dir, name := filepath.Split(path)
	tmp, err := os.CreateTemp(dir, "."+name+".tmp-*")
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			tmp.Close()
			_ = os.Remove(tmp.Name())
		}
	}()
	if err := tmp.Chmod(0o600); err != nil && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	if err := s.files.write(tmp, data); err != nil {
		return err
	}
	if err := s.files.sync(tmp); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := s.files.rename(tmp.Name(), path); err != nil {
		return err
	}
	done = true
	return s.files.syncDir(dir)
}

// makeDurable makes a private folder and syncs every parent up to a boundary
// that existed before this program did, so that the folder itself survives.
func (s *FileStore) makeDurable(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	stop := boundary(dir)
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		if err := s.files.syncDir(parent); err != nil {
			// A parent that may not be opened is not ours, and older than us.
			if !errors.Is(err, fs.ErrPermission) {
				return fmt.Errorf("sync %s: %w", parent, err)
			}
		}
		if parent == stop || parent == filepath.Dir(parent) {
			return nil
		}
	}
}

// boundary is the folder above which everything is known to be durable.
func boundary(dir string) string {
	for _, root := range []func() (string, error){
		func() (string, error) { return filepath.Clean(os.TempDir()), nil },
		os.UserHomeDir,
	} {
		top, err := root()
		if err != nil {
			continue
		}
		if rel, err := filepath.Rel(top, dir); err == nil && filepath.IsLocal(rel) {
			return top
		}
	}
	top := filepath.Clean(dir)
	for filepath.Dir(filepath.Dir(top)) != filepath.Dir(top) {
		top = filepath.Dir(top)
	}
	return top
}
