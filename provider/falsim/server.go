package falsim

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// BoxPhase is how far a box's sshd is; the Booter acts it out.
type BoxPhase int

const (
	BoxNoListener BoxPhase = iota
	BoxSilent
	BoxNoKey
	BoxUp
)

// Booter starts the boxes behind instances. Satisfied in cmd over boxsim; nil
// means instances with an address and nothing behind it.
type Booter interface {
	Boot(ctx context.Context, id, publicKey string, gpus int) (Box, error)
}

// Box is the machine behind an instance.
type Box interface {
	IP() string
	SetPhase(BoxPhase) error
	// SetFault takes a box fault's name from a scenario: "refuse",
	// "blackhole", "drop", "new-host-key", "none".
	SetFault(name string) error
	// CloseAfter cuts each connection once it has sent so many bytes; 0: never.
	CloseAfter(bytes int)
	// Delay is added to everything that the box sends.
	Delay(d time.Duration)
	Close() error
}

// Options of a Server; zero fields mean the default in brackets.
type Options struct {
	Key      string        // the API key to accept ["sim-key"]
	Boot     time.Duration // from create to up, split over the phases [at once]
	Scenario *Scenario     // nil: no faults
	Booter   Booter
	PageSize int // largest page [100]
	Now      func() time.Time
	Log      *slog.Logger
}

// Server simulates the API; it is an http.Handler for the whole origin: /v1
// is the API, /sim/books the books as JSON. Safe for concurrent use.
type Server struct {
	key      string
	booter   Booter
	pageSize int
	now      func() time.Time
	log      *slog.Logger
	mux      *http.ServeMux
	cursors  []byte // key of this server's cursors

	mu        sync.Mutex
	random    *mathrand.Rand
	boot      time.Duration
	scenario  Scenario
	instances []*instance // in order of creation, deleted ones too
	byID      map[string]*instance
	memory    map[string]remembered // by idempotency key
	requests  []RequestEntry
	created   int // ordinal of the newest instance, from 1
	changed   chan struct{}
	ended     bool
	running   sync.WaitGroup
}

// New returns a Server; Close it.
func New(o Options) (*Server, error) {
	s := &Server{
		key: o.Key, boot: o.Boot, booter: o.Booter, pageSize: o.PageSize, now: o.Now, log: o.Log,
		byID: map[string]*instance{}, memory: map[string]remembered{}, changed: make(chan struct{}),
		cursors: make([]byte, 16),
	}
	if s.key == "" {
		s.key = "sim-key"
	}
	if s.pageSize <= 0 {
		s.pageSize = 100
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if _, err := rand.Read(s.cursors); err != nil {
		return nil, fmt.Errorf("make a cursor key: %w", err)
	}
	seed := mathrand.Uint64()
	if o.Scenario != nil {
		s.scenario = o.Scenario.clone()
		if s.scenario.Seed != 0 {
			seed = s.scenario.Seed
		}
	}
	s.random = mathrand.New(mathrand.NewPCG(seed, 0))
	s.routes()
	for _, i := range s.scenario.Instances {
		if _, err := s.Seed(context.Background(), i.Type, i.Region, i.Sector, i.Creator, ""); err != nil {
			return nil, errors.Join(fmt.Errorf("scenario: %w", err), s.Close())
		}
	}
	return s, nil
}

// SetBoot changes how long boxes created from now on take to boot.
func (s *Server) SetBoot(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boot = d
}

// Inject adds a request fault to those of the scenario.
func (s *Server) Inject(f RequestFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.scenario.Requests = append(s.scenario.Requests, &f)
}

// Seed adds an instance that exists already, up at once, created by creator.
// An empty publicKey boots no box behind it.
func (s *Server) Seed(ctx context.Context, instanceType, region, sector, creator, publicKey string) (string, error) {
	i, err := s.add(ctx, instanceType, region, sector, creator, publicKey, "")
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i.status = "ready"
	if i.ip == "" {
		// An address of documentation (RFC 5737): nothing answers there.
		i.ip = fmt.Sprintf("203.0.113.%d", 1+s.created%254)
	}
	return i.id, nil
}

// note tells everybody who awaits the books. Called with mu held.
func (s *Server) note() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await returns when the books meet a condition, or with the context's error.
func (s *Server) Await(ctx context.Context, met func(Books) bool) error {
	for {
		s.mu.Lock()
		books, changed := s.books(), s.changed
		s.mu.Unlock()
		if met(books) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Close ends all boxes.
func (s *Server) Close() error {
	s.mu.Lock()
	s.ended = true
	all := append([]*instance(nil), s.instances...)
	s.mu.Unlock()
	var errs []error
	for _, i := range all {
		errs = append(errs, i.end())
	}
	s.running.Wait()
	return errors.Join(errs...)
}

func newID() string {
	b := make([]byte, 8)
	rand.Read(b)
	return "inst_" + hex.EncodeToString(b)
}
