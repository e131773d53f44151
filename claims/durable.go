package claims

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Files is what the store's durability rests on: each effect that it has on a
// disk, and each sync. Another layer than the system's own can watch them, or
// lose what was not synced, and so show what a crash leaves.
type Files interface {
	// MkdirAll makes a private folder and its parents.
	MkdirAll(path string) error
	// Write writes a new file's whole content.
	Write(f *os.File, data []byte) error
	// Sync makes a file's content durable, and SyncDir a folder's entries.
	Sync(f *os.File) error
	SyncDir(path string) error
	// Rename replaces to, Remove removes a file and RemoveAll a folder.
	Rename(from, to string) error
	Remove(path string) error
	RemoveAll(path string) error
}

// SystemFiles are the files of the operating system.
type SystemFiles struct{}

var _ Files = SystemFiles{}

// MkdirAll implements Files.
func (SystemFiles) MkdirAll(path string) error { return os.MkdirAll(path, 0o700) }

// Write implements Files.
func (SystemFiles) Write(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return err
}

// Sync implements Files.
func (SystemFiles) Sync(f *os.File) error { return f.Sync() }

// SyncDir implements Files. Where folders cannot be synced it does nothing.
func (SystemFiles) SyncDir(path string) error { return syncDir(path) }

// Rename implements Files.
func (SystemFiles) Rename(from, to string) error { return replaceFile(from, to) }

// Remove implements Files.
func (SystemFiles) Remove(path string) error { return removeFile(path) }

// RemoveAll implements Files.
func (SystemFiles) RemoveAll(path string) error { return os.RemoveAll(path) }

// writeDurable replaces path by data as a whole: after a crash at any point
// there is the old content or the new, and once it returned there is the new.
func (s *FileStore) writeDurable(path string, data []byte) error {
	return writeDurable(s.files, path, data)
}

// WriteFile puts data at path, 0600, as a claim is put: after a crash at any
// point there is the old content or the new, and once it returned there is the
// new. The folder is made where it is missing.
func WriteFile(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return writeDurable(SystemFiles{}, path, data)
}

func writeDurable(files Files, path string, data []byte) error {
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
	if err := files.Write(tmp, data); err != nil {
		return err
	}
	if err := files.Sync(tmp); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := files.Rename(tmp.Name(), path); err != nil {
		return err
	}
	done = true
	return files.SyncDir(dir)
}

// makeDurable makes a private folder and syncs every parent up to a boundary
// that existed before this program did, so that the folder itself survives.
func (s *FileStore) makeDurable(dir string) error {
	if err := s.files.MkdirAll(dir); err != nil {
		return err
	}
	stop := boundary(dir)
	for parent := filepath.Dir(dir); ; parent = filepath.Dir(parent) {
		if err := s.files.SyncDir(parent); err != nil {
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
