package crash

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/openclaw/crabbox-tui/claims"
)

// points counts the effects of a lifecycle: each thing that it writes, sends,
// gets answered or locks. Where they lie is the code's own doing; nothing here
// lists them.
type points struct {
	mu    sync.Mutex
	names []string
	// at is called after each effect, with its number from 1.
	at func(n int, name string)
}

func (p *points) passed(format string, args ...any) {
	p.mu.Lock()
	p.names = append(p.names, fmt.Sprintf(format, args...))
	n, name, at := len(p.names), p.names[len(p.names)-1], p.at
	p.mu.Unlock()
	if at != nil {
		at(n, name)
	}
}

// what shortens a path to what a reader of the matrix wants to know.
func what(path string) string {
	base := filepath.Base(path)
	switch {
	case strings.Contains(base, ".json"):
		return "claim"
	case strings.Contains(base, "id_ed25519"):
		return "key"
	case strings.HasPrefix(base, "cbx_"):
		return "key folder"
	}
	return base
}

// files passes a point after each effect on the disk.
type files struct {
	claims.Files
	points *points
}

func (f files) MkdirAll(path string) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil
	}
	return f.after("make folder "+what(path), f.Files.MkdirAll(path))
}

func (f files) after(name string, err error) error {
	f.points.passed("%s", name)
	return err
}

func (f files) Write(file *os.File, data []byte) error {
	return f.after("write "+what(file.Name()), f.Files.Write(file, data))
}
func (f files) Sync(file *os.File) error {
	return f.after("sync "+what(file.Name()), f.Files.Sync(file))
}
func (f files) SyncDir(path string) error {
	return f.after("sync folder", f.Files.SyncDir(path))
}
func (f files) Rename(from, to string) error {
	return f.after("rename "+what(to), f.Files.Rename(from, to))
}
func (f files) Remove(path string) error { return f.after("remove "+what(path), f.Files.Remove(path)) }
func (f files) RemoveAll(path string) error {
	return f.after("remove "+what(path), f.Files.RemoveAll(path))
}

// store passes a point after each lock.
type store struct {
	claims.Store
	points *points
}

var lockNames = map[claims.Lock]string{claims.LockAcquire: "acquire", claims.LockOperation: "operation", claims.LockSlug: "slug"}

func (s store) Lock(ctx context.Context, kind claims.Lock, id string) (func(), error) {
	unlock, err := s.Store.Lock(ctx, kind, id)
	s.points.passed("lock %s", lockNames[kind])
	return unlock, err
}

func (s store) TryLock(ctx context.Context, kind claims.Lock, id string) (func(), error) {
	unlock, err := s.Store.TryLock(ctx, kind, id)
	s.points.passed("try lock %s", lockNames[kind])
	return unlock, err
}

// wire passes a point before each request is sent and after it was answered.
type wire struct {
	http.RoundTripper
	points *points
}

func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.points.passed("about to %s %s", r.Method, call(r))
	resp, err := w.RoundTripper.RoundTrip(r)
	w.points.passed("answered %s %s", r.Method, call(r))
	return resp, err
}

func call(r *http.Request) string {
	if strings.HasSuffix(r.URL.Path, "/instances") {
		return "instances"
	}
	return "instance"
}

// mutants are ways to break the lifecycle from outside of it. Each must turn
// the matrix red; a matrix that stays green with one shows nothing.
var mutants = map[string]struct {
	what  string
	store func(claims.Store, *http.RoundTripper) claims.Store
	files func(claims.Files) claims.Files
	wire  func(http.RoundTripper) http.RoundTripper
}{
	"write-after-send": {
		what:  "claims are written only when the next request has been answered",
		store: func(s claims.Store, rt *http.RoundTripper) claims.Store { return newLate(s, rt) },
	},
	"skip-second-get": {
		what: "the second get of a proof is answered without asking",
		wire: func(rt http.RoundTripper) http.RoundTripper { return &lazy{RoundTripper: rt} },
	},
	"believe-one-404": {
		what: "after one 404 the rest of a proof is answered without asking",
		wire: func(rt http.RoundTripper) http.RoundTripper { return &gullible{RoundTripper: rt} },
	},
	"no-acquire-lock": {
		what:  "the acquire lock is not taken",
		store: func(s claims.Store, _ *http.RoundTripper) claims.Store { return lockless{s, claims.LockAcquire} },
	},
	"no-operation-lock": {
		what:  "the operation lock is not taken",
		store: func(s claims.Store, _ *http.RoundTripper) claims.Store { return lockless{s, claims.LockOperation} },
	},
	"claim-before-key": {
		what:  "the key is removed after its claim",
		files: func(f claims.Files) claims.Files { return &lateKeys{Files: f} },
	},
	"fresh-key-a-post": {
		what: "each create has an idempotency key of its own",
		wire: func(rt http.RoundTripper) http.RoundTripper { return &forgetful{RoundTripper: rt} },
	},
}

// late holds back what is written about a create or delete until the next
// request was answered.
type late struct {
	claims.Store
	mu   sync.Mutex
	held []func()
}

func newLate(s claims.Store, rt *http.RoundTripper) *late {
	l := &late{Store: s}
	inner := *rt
	*rt = roundTrip(func(r *http.Request) (*http.Response, error) {
		resp, err := inner.RoundTrip(r)
		l.mu.Lock()
		held := l.held
		l.held = nil
		l.mu.Unlock()
		for _, f := range held {
			f()
		}
		return resp, err
	})
	return l
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (l *late) Replace(ctx context.Context, rev claims.Revision, next claims.Claim) (claims.Record, error) {
	_, deleting := next.Labels["fal_delete_attempt"]
	_, accepted := next.Labels["fal_delete_accepted"]
	if next.Labels["recovery"] != "ambiguous-create-inflight" && (!deleting || accepted) {
		return l.Store.Replace(ctx, rev, next)
	}
	current, err := l.Read(ctx, next.LeaseID)
	if err != nil {
		return current, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held = append(l.held, func() { _, _ = l.Store.Replace(context.WithoutCancel(ctx), rev, next) })
	// The revision that it will have is a digest of the claim.
	return claims.Record{Claim: next, Revision: current.Revision}, nil
}

// lazy answers each get of an instance that follows a list with 404.
type lazy struct {
	http.RoundTripper
	mu     sync.Mutex
	listed bool
}

func (l *lazy) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	skip := l.listed && r.Method == http.MethodGet && call(r) == "instance"
	l.listed = r.Method == http.MethodGet && call(r) == "instances"
	l.mu.Unlock()
	if !skip {
		return l.RoundTripper.RoundTrip(r)
	}
	return &http.Response{StatusCode: 404, Header: http.Header{}, Request: r,
		Body: http.NoBody, ProtoMajor: 1, ProtoMinor: 1}, nil
}

// gullible makes up the two answers that follow a 404.
type gullible struct {
	http.RoundTripper
	mu   sync.Mutex
	left int
}

func (g *gullible) RoundTrip(r *http.Request) (*http.Response, error) {
	g.mu.Lock()
	made := g.left > 0 && r.Method == http.MethodGet
	if made {
		g.left--
	}
	g.mu.Unlock()
	if made {
		resp := &http.Response{StatusCode: 404, Header: http.Header{}, Request: r, Body: http.NoBody}
		if call(r) == "instances" {
			resp.StatusCode = 200
			resp.Body = io.NopCloser(strings.NewReader(`{"instances":[],"next_cursor":null,"has_more":false}`))
		}
		return resp, nil
	}
	resp, err := g.RoundTripper.RoundTrip(r)
	if err == nil && resp.StatusCode == 404 && r.Method == http.MethodGet {
		g.mu.Lock()
		g.left = 3
		g.mu.Unlock()
	}
	return resp, err
}

// lockless does not take one kind of lock.
type lockless struct {
	claims.Store
	kind claims.Lock
}

func (l lockless) Lock(ctx context.Context, kind claims.Lock, id string) (func(), error) {
	if kind == l.kind {
		return func() {}, nil
	}
	return l.Store.Lock(ctx, kind, id)
}

func (l lockless) TryLock(ctx context.Context, kind claims.Lock, id string) (func(), error) {
	if kind == l.kind {
		return func() {}, nil
	}
	return l.Store.TryLock(ctx, kind, id)
}

// lateKeys removes a key folder only once the claim is gone.
type lateKeys struct {
	claims.Files
	held []string
}

func (l *lateKeys) RemoveAll(path string) error {
	l.held = append(l.held, path)
	return nil
}

func (l *lateKeys) Remove(path string) error {
	err := l.Files.Remove(path)
	for _, dir := range l.held {
		err = errors.Join(err, l.Files.RemoveAll(dir))
	}
	l.held = nil
	return err
}

// forgetful sends each create under a key of its own.
type forgetful struct {
	http.RoundTripper
	n int
}

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodPost {
		f.n++
		r = r.Clone(r.Context())
		r.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d-%d", r.Header.Get("Idempotency-Key"), os.Getpid(), f.n))
	}
	return f.RoundTripper.RoundTrip(r)
}
