package falsim

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net/http"
	"sync"
	"time"
)

// Options of a Server; zero fields mean the default in brackets.
type Options struct {
	Key string // the API key to accept ["sim-key"]
	// NoPermissionKey is a key that is known and lacks the compute permission:
	// everything it asks for is answered 403 [none]
	NoPermissionKey string
	Boot            time.Duration // from create to up, split over the phases [at once]
	Scenario        *Scenario     // nil: no faults
	Booter          Booter
	PageSize        int // largest page [100]
	// Now stamps the books and ages the idempotency memory and what lingers;
	// boots and delays run by real time.
	Now func() time.Time
	Log *slog.Logger
}

// Server simulates the API; it is an http.Handler for the whole origin: /v1
// is the API, /sim/books the books as JSON. Safe for concurrent use.
type Server struct {
	booter   Booter
	pageSize int
	now      func() time.Time
	log      *slog.Logger
	mux      *http.ServeMux
	cursors  []byte // key of this server's cursors
	scenario Scenario
	seed     uint64
	ctx      context.Context // ends with Close
	cancel   context.CancelFunc
	running  sync.WaitGroup // boots, and instances on their way through a script

	mu        sync.Mutex
	key       [sha256.Size]byte
	powerless [sha256.Size]byte // the key without permission; zero: none
	boot      time.Duration
	faults    []*armed
	instances []*instance // in order of creation, deleted ones too
	byID      map[string]*instance
	memory    map[string]*remembered // by idempotency key
	requests  []RequestEntry
	added     int // instances ever, seeds too
	boxes     int // instances that were created through the API
	changed   chan struct{}
	ended     bool
}

// New returns a Server; Close it. It fails if the scenario makes no sense.
func New(o Options) (*Server, error) {
	s := &Server{
		boot: o.Boot, booter: o.Booter, pageSize: o.PageSize, now: o.Now, log: o.Log, seed: mathrand.Uint64(),
		byID: map[string]*instance{}, memory: map[string]*remembered{}, changed: make(chan struct{}),
		cursors: make([]byte, 16),
	}
	if o.Scenario != nil {
		if err := o.Scenario.check(); err != nil {
			return nil, fmt.Errorf("scenario: %w", err)
		}
		s.scenario = *o.Scenario
	}
	if s.scenario.Seed != 0 {
		s.seed = s.scenario.Seed
	}
	if s.scenario.PageSize > 0 {
		s.pageSize = s.scenario.PageSize
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
	if o.Key == "" {
		o.Key = "sim-key"
	}
	s.key = sha256.Sum256([]byte(o.Key))
	if o.NoPermissionKey != "" {
		s.powerless = sha256.Sum256([]byte(o.NoPermissionKey))
	}
	if _, err := rand.Read(s.cursors); err != nil {
		return nil, fmt.Errorf("make a cursor key: %w", err)
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.routes()
	for _, f := range s.scenario.Requests {
		s.arm(*f)
	}
	for _, i := range s.scenario.Instances {
		for range max(i.Count, 1) {
			if _, err := s.add(birth{
				kind: i.Type, region: i.Region, sector: i.Sector, creator: i.Creator, status: i.Status, seed: true,
			}); err != nil {
				return nil, errors.Join(fmt.Errorf("scenario: %w", err), s.Close())
			}
		}
	}
	return s, nil
}

// Streams of chance that do not disturb each other.
const (
	boxStream = iota + 1
	scriptStream
	faultStream
)

// chance is the n-th source of a stream; the same in every run with a seed.
func (s *Server) chance(stream, n int) *mathrand.Rand {
	return mathrand.New(mathrand.NewPCG(s.seed, uint64(stream)<<32|uint64(n)))
}

// SetBoot changes how long boxes created from now on take to boot.
func (s *Server) SetBoot(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.boot = d
}

// SetKey replaces the API key; the one before it is revoked at once.
func (s *Server) SetKey(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.key = sha256.Sum256([]byte(key))
}

// Seed adds an instance that exists already, up at once, created by creator.
// An empty publicKey boots no box behind it.
func (s *Server) Seed(_ context.Context, instanceType, region, sector, creator, publicKey string) (string, error) {
	i, err := s.add(birth{
		kind: instanceType, region: region, sector: sector, creator: creator, publicKey: publicKey, seed: true,
	})
	if err != nil {
		return "", fmt.Errorf("seed an instance: %w", err)
	}
	return i.id, nil
}

// Close lets held requests go without an answer, ends all boxes, and returns
// when nothing of the server runs any more but requests that an http.Server
// still serves; those are refused. It can be called again.
func (s *Server) Close() error {
	s.mu.Lock()
	s.ended = true
	all := append([]*instance(nil), s.instances...)
	s.mu.Unlock()
	s.cancel()
	var errs []error
	for _, i := range all {
		errs = append(errs, i.end())
	}
	s.running.Wait()
	return errors.Join(errs...)
}

func newID() string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // it never fails; see crypto/rand
	return "inst_" + hex.EncodeToString(b)
}
