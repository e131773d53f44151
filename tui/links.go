package tui

import (
	"context"
	"errors"
	"sync"
)

// links shares one connection among the panes of a lease. It is used by
// commands only, on their own goroutines.
type links struct {
	mu    sync.Mutex // guards the following
	byKey map[string]*sharedLink
}

type sharedLink struct {
	key   string
	refs  int
	ready chan struct{} // closed when link or err is set
	link  Link
	err   error
}

// linkRef is one pane's share in a connection.
type linkRef struct {
	Link
	all    *links
	shared *sharedLink
	joined bool // somebody else had dialled it
	once   sync.Once
}

func newLinks() *links { return &links{byKey: map[string]*sharedLink{}} }

// open joins the connection named key, or dials it. Whoever dials does so for
// all who wait; when that fails, it fails for all of them.
func (ls *links) open(ctx context.Context, key string, dial func(context.Context) (Link, error)) (*linkRef, error) {
	ls.mu.Lock()
	s := ls.byKey[key]
	if s != nil && s.dead() {
		delete(ls.byKey, key)
		s = nil
	}
	first := s == nil
	if first {
		s = &sharedLink{key: key, ready: make(chan struct{})}
		ls.byKey[key] = s
	}
	s.refs++
	ls.mu.Unlock()
	if first {
		link, err := dial(ctx)
		if err != nil {
			link = nil // a nil pointer in it would not be a nil Link
		}
		ls.mu.Lock()
		s.link, s.err = link, err
		ls.mu.Unlock()
		close(s.ready)
	}
	ref := &linkRef{all: ls, shared: s, joined: !first}
	select {
	case <-s.ready:
	case <-ctx.Done():
		ref.release()
		return nil, ctx.Err()
	}
	if s.err != nil {
		ref.release()
		if !first && ctx.Err() == nil && errors.Is(s.err, context.Canceled) {
			// Whoever dialled was closed, not refused.
			return ls.open(ctx, key, dial)
		}
		return nil, s.err
	}
	ref.Link = s.link
	return ref, nil
}

// dead says that the connection was dialled and is over.
func (s *sharedLink) dead() bool {
	select {
	case <-s.ready:
	default:
		return false
	}
	if s.err != nil {
		return true
	}
	select {
	case <-s.link.Done():
		return true
	default:
		return false
	}
}

// forget keeps others from joining the connection: it has shown to be dead.
func (r *linkRef) forget() {
	r.all.mu.Lock()
	defer r.all.mu.Unlock()
	if r.all.byKey[r.shared.key] == r.shared {
		delete(r.all.byKey, r.shared.key)
	}
}

// release gives the share back; the last one closes the connection.
func (r *linkRef) release() {
	r.once.Do(func() {
		r.all.mu.Lock()
		s := r.shared
		s.refs--
		last := s.refs == 0
		if last && r.all.byKey[s.key] == s {
			delete(r.all.byKey, s.key)
		}
		link := s.link
		r.all.mu.Unlock()
		if last && link != nil {
			_ = link.Close()
		}
	})
}

// closeAll closes every connection, whoever shares it.
func (ls *links) closeAll() {
	ls.mu.Lock()
	var open []Link
	for _, s := range ls.byKey {
		if s.link != nil {
			open = append(open, s.link)
		}
	}
	ls.mu.Unlock()
	for _, l := range open {
		_ = l.Close()
	}
}
