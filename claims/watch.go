package claims

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settle is how long changes that come together are gathered.
const settle = 50 * time.Millisecond

// Watch implements Claims. Whatever the watcher may have missed, an overflow
// for example, counts as a change.
func (s *FileStore) Watch(ctx context.Context) (<-chan struct{}, error) {
	w, err := s.watcher()
	if err != nil {
		return nil, err
	}
	changed := make(chan struct{}, 1)
	changed <- struct{}{}
	go s.watch(ctx, w, changed)
	return changed, nil
}

func (s *FileStore) watcher() (*fsnotify.Watcher, error) {
	if err := os.MkdirAll(s.claims, 0o700); err != nil {
		return nil, fmt.Errorf("watch claims: %w", err)
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch claims: %w", err)
	}
	if err := w.Add(s.claims); err != nil {
		w.Close()
		return nil, fmt.Errorf("watch claims: %w", err)
	}
	return w, nil
}

func (s *FileStore) watch(ctx context.Context, w *fsnotify.Watcher, changed chan<- struct{}) {
	defer close(changed)
	defer func() { w.Close() }()
	var settled <-chan time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case event := <-w.Events:
			if event.Name == s.claims && event.Has(fsnotify.Remove|fsnotify.Rename) {
				// The folder went: what is there now is another one.
				if again, err := s.watcher(); err == nil {
					w.Close()
					w = again
				}
			} else if !concernsClaim(event.Name) {
				continue
			}
			if settled == nil {
				settled = time.After(settle)
			}
		case _, open := <-w.Errors:
			if !open {
				return
			}
			if settled == nil {
				settled = time.After(settle)
			}
		case <-settled:
			settled = nil
			select {
			case changed <- struct{}{}:
			default:
			}
		}
	}
}

// concernsClaim passes over temporary files and tombstones.
func concernsClaim(path string) bool {
	name := filepath.Base(path)
	return strings.HasSuffix(name, ".json") && !strings.HasPrefix(name, ".")
}
