package claims

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// retryEvery is the pause between tries of a lock that another program holds:
// flock has no waiting that a context can end.
const retryEvery = 50 * time.Millisecond

// local keeps one token a lock path within this process: flock handles of one
// process do not exclude each other on every system.
var local = struct {
	sync.Mutex
	tokens map[string]chan struct{}
}{tokens: map[string]chan struct{}{}}

func token(path string) chan struct{} {
	local.Lock()
	defer local.Unlock()
	t, ok := local.tokens[path]
	if !ok {
		t = make(chan struct{}, 1)
		local.tokens[path] = t
	}
	return t
}

// lockFile takes the flock on path, waiting until ctx ends or, with try, not at
// all. Lock files are never deleted: a path must mean one lock for ever.
func (s *FileStore) lockFile(ctx context.Context, path string, try bool) (func(), error) {
	t := token(path)
	if try {
		select {
		case t <- struct{}{}:
		default:
			return nil, ErrLocked
		}
	} else {
		select {
		case t <- struct{}{}:
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for %s: %w", filepath.Base(path), context.Cause(ctx))
		}
	}
	f := flock.New(path, flock.SetFlag(os.O_RDONLY|os.O_CREATE), flock.SetPermissions(0o600))
	var ok bool
	var err error
	if try {
		ok, err = f.TryLock()
	} else {
		ok, err = f.TryLockContext(ctx, retryEvery)
	}
	if err != nil {
		<-t
		return nil, fmt.Errorf("lock %s: %w", filepath.Base(path), err)
	}
	if !ok {
		<-t
		return nil, ErrLocked
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			f.Close()
			<-t
		})
	}, nil
}

// lockPath is where a long lock lies. The names are crabbox's.
func (s *FileStore) lockPath(kind Lock, id string) (string, error) {
	if kind == LockSlug {
		return filepath.Join(s.locks, "fal-slug-allocation.lock"), nil
	}
	if !lockable(id) {
		return "", fmt.Errorf("lock lease %q: %w", id, ErrInvalidID)
	}
	suffix := map[Lock]string{LockAcquire: ".fal-acquire.lock", LockOperation: ".fal-operation.lock"}[kind]
	return filepath.Join(s.locks, id+suffix), nil
}

// Lock implements Locker.
func (s *FileStore) Lock(ctx context.Context, kind Lock, id string) (func(), error) {
	return s.longLock(ctx, kind, id, false)
}

// TryLock implements Locker.
func (s *FileStore) TryLock(ctx context.Context, kind Lock, id string) (func(), error) {
	return s.longLock(ctx, kind, id, true)
}

func (s *FileStore) longLock(ctx context.Context, kind Lock, id string, try bool) (func(), error) {
	path, err := s.lockPath(kind, id)
	if err != nil {
		return nil, err
	}
	// The namespace is durable before anything that it protects is written.
	if err := s.makeDurable(s.claims); err != nil {
		return nil, fmt.Errorf("prepare the claims folder: %w", err)
	}
	if err := s.files.MkdirAll(s.locks); err != nil {
		return nil, fmt.Errorf("prepare the locks folder: %w", err)
	}
	return s.lockFile(ctx, path, try)
}
