package fal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "sekrit-key-0123456789"

// cloud is the API as its pages describe it, in so far as these tests need it,
// with a hook that can answer in its place. It keeps books.
type cloud struct {
	t   *testing.T
	srv *httptest.Server

	mu        sync.Mutex
	instances map[string]map[string]any
	created   map[string]string // idempotency key -> instance
	bodies    map[string]string // idempotency key -> first body
	log       []string          // "POST", "GET id", "DELETE id", "LIST"
	// hook may answer a request itself, and then returns true. With "after"
	// it is called when the effect is there and the answer is not yet sent.
	hook func(w http.ResponseWriter, r *http.Request, what string, after bool) bool
	// bootStatus and ip are what a new instance has.
	status, ip string
}

func newCloud(t *testing.T) *cloud {
	c := &cloud{
		t: t, instances: map[string]map[string]any{}, created: map[string]string{}, bodies: map[string]string{},
		status: "ready", ip: "127.0.0.1",
	}
	c.srv = httptest.NewServer(c)
	t.Cleanup(c.srv.Close)
	return c
}

func (c *cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Header.Get("Authorization") != "Key "+testKey {
		c.answer(w, 401, map[string]any{"error": map[string]any{"type": "authentication_error", "message": "no"}})
		return
	}
	id := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/v1/compute/instances"), "/")
	what := strings.TrimSpace(r.Method + " " + id)
	if what == "GET" {
		what = "LIST"
	}
	c.log = append(c.log, what)
	if c.hook != nil && c.hook(w, r, what, false) {
		return
	}
	status, answer := c.act(r, id, string(body))
	if c.hook != nil && c.hook(w, r, what, true) {
		return
	}
	c.answer(w, status, answer)
}

func (c *cloud) act(r *http.Request, id, body string) (int, any) {
	notFound := map[string]any{"error": map[string]any{"type": "not_found", "message": "no such instance"}}
	switch {
	case r.Method == "POST":
		key := r.Header.Get("Idempotency-Key")
		if key == "" {
			c.t.Error("a create without idempotency key")
		}
		if id, ok := c.created[key]; ok {
			if c.bodies[key] != body {
				c.t.Errorf("a replay differs: %s, first %s", body, c.bodies[key])
			}
			return 200, c.instances[id]
		}
		var asked map[string]any
		if err := json.Unmarshal([]byte(body), &asked); err != nil {
			return 422, map[string]any{"error": map[string]any{"type": "validation_error", "message": "bad body"}}
		}
		id := fmt.Sprintf("inst-%04d", len(c.created)+1)
		c.created[key], c.bodies[key] = id, body
		c.instances[id] = map[string]any{
			"id": id, "instance_type": asked["instance_type"], "region": "us-test", "status": c.status,
			"ip": c.ip, "creator_user_nickname": "tester",
		}
		return 200, c.instances[id]
	case r.Method == "DELETE":
		if c.instances[id] == nil {
			return 404, notFound
		}
		delete(c.instances, id)
		return 204, nil
	case id == "":
		all := []any{}
		for _, inst := range c.instances {
			all = append(all, inst)
		}
		return 200, map[string]any{"instances": all, "next_cursor": nil, "has_more": false}
	case c.instances[id] == nil:
		return 404, notFound
	}
	return 200, c.instances[id]
}

func (c *cloud) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if body != nil {
		_ = json.NewEncoder(w).Encode(body)
	}
}

// onRequest sets the hook.
func (c *cloud) onRequest(hook func(w http.ResponseWriter, r *http.Request, what string, after bool) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hook = hook
}

func (c *cloud) set(id, key string, value any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instances[id][key] = value
}

func (c *cloud) seed(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.instances[id] = map[string]any{"id": id, "instance_type": typeOneGPU, "region": "us-test", "status": "ready", "ip": "127.0.0.1"}
}

// asked counts the requests that begin so.
func (c *cloud) asked(prefix string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, what := range c.log {
		if strings.HasPrefix(what, prefix) {
			n++
		}
	}
	return n
}

// left is how many instances bill.
func (c *cloud) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.instances)
}

// drop ends the connection without an answer.
func drop(w http.ResponseWriter) bool {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		conn.Close()
	}
	return true
}

func say(w http.ResponseWriter, status int, body string) bool {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
	return true
}

// fakeProber stands in for SSH: it walks the rungs and says that the first
// port answers, or what it is told to.
type fakeProber struct {
	hang  chan struct{} // if not nil: wait until it is closed
	err   error
	ports func(ports []int) int

	mu    sync.Mutex
	asked []provider.Address
	tried [][]int
}

func (p *fakeProber) Probe(ctx context.Context, a provider.Address, ports []int, emit func(provider.Event)) (int, error) {
	p.mu.Lock()
	p.asked, p.tried = append(p.asked, a), append(p.tried, ports)
	p.mu.Unlock()
	emit(provider.Event{Step: provider.StepTCP, Phase: provider.PhaseWaiting, Reason: provider.ReasonRefused, Attempt: 1})
	if p.hang != nil {
		select {
		case <-p.hang:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	if p.err != nil {
		emit(provider.Event{Step: provider.StepHostKey, Phase: provider.PhaseFailed, Err: p.err})
		return 0, p.err
	}
	for _, s := range []provider.Step{provider.StepTCP, provider.StepBanner, provider.StepHostKey, provider.StepAuth, provider.StepBootstrap} {
		emit(provider.Event{Step: s, Phase: provider.PhaseActive})
		emit(provider.Event{Step: s, Phase: provider.PhaseDone})
	}
	if p.ports != nil {
		return p.ports(ports), nil
	}
	return ports[0], nil
}

// clock is settable time for what is stored.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a lifecycle over a real file store and a cloud.
type bench struct {
	*Lifecycle
	t      *testing.T
	cloud  *cloud
	store  *claims.FileStore
	roots  claims.Roots
	clock  *clock
	probe  *fakeProber
	events *recorder
}

func newBench(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	dir := t.TempDir()
	roots := claims.Roots{State: filepath.Join(dir, "state"), Keys: filepath.Join(dir, "keys")}
	store, err := claims.Open(roots)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, cloud: newCloud(t), store: store, roots: roots, probe: &fakeProber{}, events: &recorder{},
		clock: &clock{now: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)},
	}
	b.Lifecycle = b.another(change...)
	return b
}

// another is a second program on the same store and cloud.
func (b *bench) another(change ...func(*Options)) *Lifecycle {
	b.t.Helper()
	transport := &http.Transport{}
	b.t.Cleanup(transport.CloseIdleConnections)
	o := Options{
		BaseURL: b.cloud.srv.URL + "/v1", Key: testKey, Store: b.store, Prober: b.probe, Transport: transport, Now: b.clock.Now,
		PollEvery: 2 * time.Millisecond, ReadyWithin: 5 * time.Second, SSHWithin: 5 * time.Second, AbsentWithin: 2 * time.Second,
		Defaults: Defaults{RepoRoot: "/home/dev/project"}, Prices: provider.DefaultPrices(),
	}
	for _, f := range change {
		f(&o)
	}
	l, err := New(o)
	if err != nil {
		b.t.Fatal(err)
	}
	l.betweenPosts = time.Millisecond
	return l
}

func (b *bench) acquire(req provider.AcquireRequest) provider.Lease {
	b.t.Helper()
	lease, err := b.Acquire(b.t.Context(), req, b.events.emit)
	if err != nil {
		b.t.Fatalf("acquire: %v", err)
	}
	return lease
}

// only returns the one claim in the store.
func (b *bench) only() claims.Record {
	b.t.Helper()
	records := b.records()
	if len(records) != 1 {
		b.t.Fatalf("%d claims, want one", len(records))
	}
	return records[0]
}

func (b *bench) records() []claims.Record {
	b.t.Helper()
	l, err := b.store.List(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	return l.Records
}

// edit changes a claim behind everybody's back.
func (b *bench) edit(id string, change func(*claims.Claim)) claims.Record {
	b.t.Helper()
	rec, err := b.store.Read(b.t.Context(), id)
	if err != nil {
		b.t.Fatal(err)
	}
	next := rec.Claim.Clone()
	change(&next)
	if rec, err = b.store.Replace(b.t.Context(), rec.Revision, next); err != nil {
		b.t.Fatal(err)
	}
	return rec
}

// nothingLeft checks that no claim, no key and no instance is left.
func (b *bench) nothingLeft() {
	b.t.Helper()
	if n := len(b.records()); n != 0 {
		b.t.Errorf("%d claims are left", n)
	}
	if keys, err := os.ReadDir(b.roots.Keys); err == nil && len(keys) != 0 {
		b.t.Errorf("keys are left: %v", keys)
	}
	if n := b.cloud.left(); n != 0 {
		b.t.Errorf("%d instances bill", n)
	}
}

// recorder keeps events, and can act on them.
type recorder struct {
	mu  sync.Mutex
	all []provider.Event
	on  func(provider.Event)
}

func (r *recorder) emit(e provider.Event) {
	r.mu.Lock()
	r.all = append(r.all, e)
	on := r.on
	r.mu.Unlock()
	if on != nil {
		on(e)
	}
}

// phase returns the last phase of a step.
func (r *recorder) phase(s provider.Step) provider.Phase {
	r.mu.Lock()
	defer r.mu.Unlock()
	phase := provider.PhasePending
	for _, e := range r.all {
		if e.Step == s {
			phase = e.Phase
		}
	}
	return phase
}

// saw says whether a step ever waited for this reason.
func (r *recorder) saw(s provider.Step, why provider.Reason) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.all {
		if e.Step == s && e.Phase == provider.PhaseWaiting && e.Reason == why {
			return true
		}
	}
	return false
}

// want fails unless err is a *provider.Error that wraps the sentinel and does
// not tell the key.
func want(t *testing.T, err error, sentinel error) *provider.Error {
	t.Helper()
	if !errors.Is(err, sentinel) {
		t.Fatalf("error %v, want %v", err, sentinel)
	}
	e, ok := err.(*provider.Error)
	if !ok {
		t.Fatalf("error is a %T", err)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), testKey) {
		t.Errorf("the key is in the error: %v", err)
	}
	return e
}

func stateIs(t *testing.T, rec claims.Record, want state) {
	t.Helper()
	if got := stateOf(rec.Claim); got != want {
		t.Errorf("claim is %s, want %s", got, want)
	}
}
