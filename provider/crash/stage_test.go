package crash

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/provider/fal"
	"github.com/openclaw/crabbox-tui/provider/falsim"
	"github.com/openclaw/crabbox-tui/provider/guard"
)

const apiKey = "the-key"

// box is what stands behind an instance: nothing, at an address.
type box struct{ ip string }

func (b box) IP() string                   { return b.ip }
func (box) SetPhase(falsim.BoxPhase) error { return nil }
func (box) SetFault(string) error          { return nil }
func (box) CloseAfter(int)                 {}
func (box) Delay(time.Duration)            {}
func (box) Close() error                   { return nil }

type booter struct {
	mu sync.Mutex
	n  int
}

func (b *booter) Boot(context.Context, string, string, int) (falsim.Box, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.n++
	return box{fmt.Sprintf("127.9.%d.%d", b.n/250, b.n%250+1)}, nil
}

// prober stands in for SSH.
type prober struct{ err error }

func (p prober) Probe(_ context.Context, _ provider.Address, ports []int, _ func(provider.Event)) (int, error) {
	return ports[0], p.err
}

// stage is a cloud, and a state folder on which programs come and go.
type stage struct {
	cloud *falsim.Server
	api   *httptest.Server
	roots claims.Roots
	home  string // of the guard

	mu     sync.Mutex
	broken []string // invariants that did not hold while requests arrived
}

func newStage(dir string, faults []falsim.RequestFault) (*stage, error) {
	cloud, err := falsim.New(falsim.Options{Key: apiKey, Booter: &booter{}})
	if err != nil {
		return nil, err
	}
	s := &stage{cloud: cloud, home: filepath.Join(dir, "home"),
		roots: claims.Roots{State: filepath.Join(dir, "state"), Keys: filepath.Join(dir, "keys")}}
	s.api = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.api.Config.ErrorLog = nil
	s.api.Start()
	for _, f := range faults {
		cloud.Inject(f)
	}
	return s, nil
}

func (s *stage) close() {
	s.api.CloseClientConnections()
	s.api.Close()
	_ = s.cloud.Close()
}

// serve checks, before anything has its effect, that the disk foretells it.
func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	if err := foretold(s.roots, r.Method, r.URL.Path, r.Header.Get("Idempotency-Key")); err != nil {
		s.mu.Lock()
		s.broken = append(s.broken, err.Error())
		s.mu.Unlock()
	}
	s.cloud.ServeHTTP(w, r)
}

// foretold says what is wrong with a create or delete that arrives now.
func foretold(roots claims.Roots, method, path, key string) error {
	store, err := claims.Open(roots)
	if err != nil {
		return err
	}
	switch method {
	case http.MethodPost:
		lease := key
		if i := strings.IndexByte(lease, '-'); i > 0 {
			lease = lease[:i]
		}
		rec, err := store.Read(context.Background(), lease)
		if err != nil {
			return fmt.Errorf("a create arrived under %s, which no claim foretells: %w", key, err)
		}
		if got := rec.Claim.Labels["recovery"]; got != "ambiguous-create-inflight" {
			return fmt.Errorf("a create of %s arrived while its claim is %q", lease, got)
		}
		if _, err := store.Key(context.Background(), lease); err != nil {
			return fmt.Errorf("a create of %s arrived, and its key is not on disk: %w", lease, err)
		}
	case http.MethodDelete:
		id := path[strings.LastIndexByte(path, '/')+1:]
		listing, err := store.List(context.Background())
		if err != nil {
			return err
		}
		for _, rec := range listing.Records {
			if rec.Claim.CloudID == id && rec.Claim.Labels["fal_delete_attempt"] == id {
				return nil
			}
		}
		return fmt.Errorf("a delete of %s arrived, which no claim foretells", id)
	}
	return nil
}

// program is a lifecycle on the stage.
type program struct {
	*fal.Lifecycle
	store claims.Store
	close func()
}

type programOptions struct {
	url    string
	roots  claims.Roots
	key    string
	points *points
	mutant string
	probe  error
	now    func() time.Time
	// rt and files replace the system's own.
	rt    http.RoundTripper
	files claims.Files
}

func newProgram(o programOptions) (*program, error) {
	var layer claims.Files = claims.SystemFiles{}
	if o.files != nil {
		layer = o.files
	}
	transport := o.rt
	if transport == nil {
		transport = &http.Transport{DialContext: (&net.Dialer{}).DialContext}
	}
	if o.points != nil {
		layer, transport = files{layer, o.points}, wire{transport, o.points}
	}
	m, mutated := mutants[o.mutant]
	if o.mutant != "" && !mutated {
		return nil, fmt.Errorf("no mutant %q", o.mutant)
	}
	if m.files != nil {
		layer = m.files(layer)
	}
	if m.wire != nil {
		transport = m.wire(transport)
	}
	fileStore, err := claims.OpenOn(layer, o.roots)
	if err != nil {
		return nil, err
	}
	var st claims.Store = fileStore
	if o.points != nil {
		st = store{st, o.points}
	}
	if m.store != nil {
		st = m.store(st, &transport)
	}
	key := o.key
	if key == "" {
		key = apiKey
	}
	l, err := fal.New(fal.Options{
		BaseURL: o.url + "/v1", Key: key, Store: st, Prober: prober{o.probe}, Transport: transport, Now: o.now,
		PollEvery: 10 * time.Millisecond, ReadyWithin: 2 * time.Second, SSHWithin: 2 * time.Second, AbsentWithin: 100 * time.Millisecond,
		BetweenPosts: time.Millisecond,
	})
	if err != nil {
		return nil, err
	}
	return &program{Lifecycle: l, store: st, close: func() {
		if t, ok := transport.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
	}}, nil
}

var errSSH = errors.New("the host key changed")

// operation is something that a program does and may be killed in. prepare
// sets the stage; a box that prepare makes is made without faults.
type operation struct {
	prepare func(ctx context.Context, p *program) (string, error)
	run     func(ctx context.Context, p *program, lease string, home string) error
	probe   error // what SSH says to run
	faults  []string
}

func acquired(req provider.AcquireRequest) func(context.Context, *program) (string, error) {
	return func(ctx context.Context, p *program) (string, error) {
		l, err := p.Acquire(ctx, req, nil)
		return l.ID, err
	}
}

// expired sets a lease's deadline into the past.
func expired(ctx context.Context, p *program) (string, error) {
	id, err := acquired(provider.AcquireRequest{})(ctx, p)
	if err != nil {
		return "", err
	}
	return id, edit(ctx, p.store, id, func(c *claims.Claim) { c.Labels["expires_at"] = "1000000000" })
}

func edit(ctx context.Context, s claims.Store, id string, change func(*claims.Claim)) error {
	rec, err := s.Read(ctx, id)
	if err != nil {
		return err
	}
	next := rec.Claim.Clone()
	change(&next)
	_, err = s.Replace(ctx, rec.Revision, next)
	return err
}

// lost leaves a claim whose create got no answer.
func lost(ctx context.Context, p *program) (string, error) {
	_, err := p.Acquire(ctx, provider.AcquireRequest{}, nil)
	var e *provider.Error
	if !errors.As(err, &e) {
		return "", fmt.Errorf("the create was to be lost: %v", err)
	}
	return e.LeaseID, nil
}

var operations = map[string]operation{
	"acquire": {
		run: func(ctx context.Context, p *program, _, _ string) error {
			_, err := p.Acquire(ctx, provider.AcquireRequest{}, nil)
			return err
		},
		faults: createFaults,
	},
	"acquire, keep": {
		run: func(ctx context.Context, p *program, _, _ string) error {
			_, err := p.Acquire(ctx, provider.AcquireRequest{Keep: true}, nil)
			return err
		},
		faults: []string{"", "create drop-after"},
	},
	"replay": {
		prepare: lost,
		run: func(ctx context.Context, p *program, lease, _ string) error {
			_, err := p.Resume(ctx, provider.Ref{LeaseID: lease}, nil)
			return err
		},
		faults: []string{"", "create drop-before", "create drop-after", "create 500 after"},
	},
	"rollback": {
		run: func(ctx context.Context, p *program, _, _ string) error {
			_, err := p.Acquire(ctx, provider.AcquireRequest{}, nil)
			return err
		},
		probe: errSSH, faults: deleteFaults,
	},
	"failed, kept": {
		run: func(ctx context.Context, p *program, _, _ string) error {
			_, err := p.Acquire(ctx, provider.AcquireRequest{Keep: true}, nil)
			return err
		},
		probe: errSSH, faults: []string{""},
	},
	"release": {
		prepare: acquired(provider.AcquireRequest{}),
		run: func(ctx context.Context, p *program, lease, _ string) error {
			_, err := p.Release(ctx, provider.Ref{LeaseID: lease}, nil)
			return err
		},
		faults: deleteFaults,
	},
	"release of a lost create": {
		prepare: lost,
		run: func(ctx context.Context, p *program, lease, _ string) error {
			_, err := p.Release(ctx, provider.Ref{LeaseID: lease}, nil)
			return err
		},
		faults: []string{"", "create drop-after", "delete drop-after"},
	},
	"cleanup": {
		prepare: expired,
		run: func(ctx context.Context, p *program, _, _ string) error {
			_, err := p.Cleanup(ctx, false, nil)
			return err
		},
		faults: []string{"", "delete drop-after", "delete 500", "get hidden", "flicker"},
	},
	"rotation": {
		prepare: func(ctx context.Context, p *program) (string, error) {
			id, err := acquired(provider.AcquireRequest{})(ctx, p)
			if err != nil {
				return "", err
			}
			return id, edit(ctx, p.store, id, func(c *claims.Claim) { c.Labels["fal_credential_binding"] = fal.Binding("the old key") })
		},
		run: func(ctx context.Context, p *program, lease, _ string) error {
			return p.Rebind(ctx, provider.Ref{LeaseID: lease})
		},
		faults: []string{"", "list 500", "get hidden"},
	},
	"guard": {
		prepare: expired,
		run: func(ctx context.Context, p *program, _, home string) error {
			ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			return guard.Run(ctx, guard.Options{Dir: home, Claims: p.store, Leases: p.Lifecycle, Scope: "x", Nap: 5 * time.Millisecond})
		},
		faults: []string{"", "delete drop-after"},
	},
}

var (
	createFaults = []string{"", "create drop-before", "create drop-after", "create 500", "create 500 after", "create 429", "create 422",
		"create malformed", "create wrong-id", "get 500", "get hidden"}
	deleteFaults = []string{"", "delete drop-before", "delete drop-after", "delete 500", "delete 500 after", "delete 429",
		"get 500", "get hidden", "list 500", "list malformed", "list repeat-cursor", "flicker"}
)

// faults are those of the simulator that an operation meets.
var faults = map[string][]falsim.RequestFault{
	"":                   nil,
	"create drop-before": {{On: "create", Times: 1, Action: "drop-before"}},
	"create drop-after":  {{On: "create", Times: 1, Action: "drop-after"}},
	"create 500":         {{On: "create", Times: 1, Action: "status", Status: 500}},
	"create 500 after":   {{On: "create", Times: 1, Action: "status", Status: 500, AfterEffect: true}},
	"create 429":         {{On: "create", Times: 1, Action: "status", Status: 429}},
	"create 422":         {{On: "create", Times: 1, Action: "status", Status: 422}},
	"create malformed":   {{On: "create", Times: 1, Action: "malformed"}},
	"create wrong-id":    {{On: "create", Times: 1, Action: "missing-field", Field: "id"}},
	"get 500":            {{On: "get", Times: 1, Action: "status", Status: 500}},
	"get hidden":         {{On: "get", Times: 1, Action: "hide"}},
	"list 500":           {{On: "list", Times: 1, Action: "status", Status: 500}},
	"list malformed":     {{On: "list", Times: 1, Action: "malformed"}},
	"list repeat-cursor": {{On: "list", Times: 1, Action: "repeat-cursor"}},
	"delete drop-before": {{On: "delete", Times: 1, Action: "drop-before"}},
	"delete drop-after":  {{On: "delete", Times: 1, Action: "drop-after"}},
	"delete 500":         {{On: "delete", Times: 1, Action: "status", Status: 500}},
	"delete 500 after":   {{On: "delete", Times: 1, Action: "status", Status: 500, AfterEffect: true}},
	"delete 429":         {{On: "delete", Times: 1, Action: "status", Status: 429}},
	// The box is denied twice and left out of a list, and is there all along.
	"flicker": {{On: "get", Times: 2, Action: "hide"}, {On: "list", Times: 1, Action: "hide"}},
}

// checkNow returns what does not hold whenever a program is dead: each box
// that bills has its claim and its key, or a claim whose create may be replayed.
func (s *stage) checkNow() []string {
	s.mu.Lock()
	bad := append([]string(nil), s.broken...)
	s.mu.Unlock()
	return append(bad, surviving(s.cloud.Books(), s.roots)...)
}

func surviving(books falsim.Books, roots claims.Roots) (bad []string) {
	store, err := claims.Open(roots)
	if err != nil {
		return []string{err.Error()}
	}
	listing, err := store.List(context.Background())
	if err != nil {
		return []string{err.Error()}
	}
	for _, b := range listing.Broken {
		bad = append(bad, fmt.Sprintf("a claim cannot be read: %v", b.Err))
	}
	byID, byLease := map[string]claims.Claim{}, map[string]claims.Claim{}
	for _, rec := range listing.Records {
		byLease[rec.Claim.LeaseID] = rec.Claim
		if rec.Claim.CloudID != "" {
			byID[rec.Claim.CloudID] = rec.Claim
		}
	}
	made := map[string]int{}
	for _, inst := range books.Instances {
		lease, _, _ := strings.Cut(inst.IdempotencyKey, "-")
		made[lease]++
		if inst.DeletedAt != nil {
			continue
		}
		c, named := byID[inst.ID]
		if !named {
			if c, named = byLease[lease]; !named || !strings.HasPrefix(c.Labels["recovery"], "ambiguous-create") {
				bad = append(bad, fmt.Sprintf("%s bills, and no claim names it or is about to", inst.ID))
				continue
			}
		}
		if _, err := store.Key(context.Background(), c.LeaseID); err != nil {
			bad = append(bad, fmt.Sprintf("%s bills, and its key is gone: %v", inst.ID, err))
		}
	}
	for lease, n := range made {
		if n > 1 {
			bad = append(bad, fmt.Sprintf("%d boxes were made for lease %s", n, lease))
		}
	}
	return bad
}

// recover does what a person would: it takes each unfinished lease up again or
// releases it, and releases all that is left. Then nothing may be left.
func (s *stage) recover(ctx context.Context, resume bool) []string {
	p, err := newProgram(programOptions{url: s.api.URL, roots: s.roots})
	if err != nil {
		return []string{err.Error()}
	}
	defer p.close()
	bad := finish(ctx, p, resume, s.roots)
	return append(append(bad, s.checkNow()...), nothingLeft(s.cloud.Books(), s.roots)...)
}

func finish(ctx context.Context, p *program, resume bool, roots claims.Roots) (bad []string) {
	store, err := claims.Open(roots)
	if err != nil {
		return []string{err.Error()}
	}
	// A fault that is still to come may fail a release; a person tries again.
	for range 4 {
		listing, err := store.List(ctx)
		if err != nil {
			return []string{err.Error()}
		}
		bad = nil
		for _, rec := range listing.Records {
			c := rec.Claim
			ref := provider.Ref{LeaseID: c.LeaseID, InstanceID: c.CloudID}
			if resume {
				if l, err := p.Resume(ctx, ref, nil); err == nil {
					ref = l.Ref()
				}
			}
			if c.Labels["fal_credential_binding"] == fal.Binding("the old key") {
				if err := p.Rebind(ctx, ref); err != nil {
					bad = append(bad, err.Error())
					continue
				}
			}
			if rec, err := store.Read(ctx, ref.LeaseID); err == nil {
				ref.InstanceID = rec.Claim.CloudID
			}
			if _, err := p.Release(ctx, ref, nil); err != nil {
				bad = append(bad, err.Error())
			}
		}
		if _, err := p.Cleanup(ctx, false, nil); err != nil {
			bad = append(bad, err.Error())
		}
		if len(bad) == 0 {
			return nil
		}
	}
	return bad
}

// nothingLeft returns what is left where nothing may be.
func nothingLeft(books falsim.Books, roots claims.Roots) (bad []string) {
	for _, inst := range books.Instances {
		if inst.DeletedAt == nil {
			bad = append(bad, inst.ID+" still bills")
		}
	}
	for _, pattern := range []string{filepath.Join(roots.State, "claims", "*.json"), filepath.Join(roots.Keys, "cbx_*")} {
		found, _ := filepath.Glob(pattern)
		for _, path := range found {
			bad = append(bad, what(path)+" is left: "+filepath.Base(path))
		}
	}
	if litter, _ := filepath.Glob(filepath.Join(roots.State, "claims", ".*.tmp-*")); len(litter) > 0 {
		bad = append(bad, "litter is left: "+fmt.Sprint(litter))
	}
	return bad
}
