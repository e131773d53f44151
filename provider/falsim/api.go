// Package falsim is a simulator of fal's Compute API over real HTTP: auth,
// paging, idempotency, the error envelope, request validation and sector
// rules, with boxes that boot in phases and faults on request. It keeps books
// of everything that was asked of it.
//
// It has wire types of its own, written down from the public API pages and not
// shared with the client, so that the two cannot share a mistake.
package falsim

import (
	"context"
	"log/slog"
	"net/http"
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
	Close() error
}

// Options of a Server; zero fields mean the default in brackets.
type Options struct {
	Key      string        // the API key to accept ["sim-key"]
	Boot     time.Duration // from create to up, split over the phases [3s]
	Scenario *Scenario     // nil: no faults
	Booter   Booter
	PageSize int // largest page [100]
	Now      func() time.Time
	Log      *slog.Logger
}

// Server simulates the API; it is an http.Handler for the whole origin: /v1
// is the API, /sim/books the books as JSON.
type Server struct{}

// New returns a Server; Close it.
func New(o Options) (*Server, error) { panic("not implemented") }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { panic("not implemented") }

// Seed adds an instance that exists already, up at once, created by creator.
// An empty publicKey boots no box behind it.
func (s *Server) Seed(ctx context.Context, instanceType, region, sector, creator, publicKey string) (id string, err error) {
	panic("not implemented")
}

// Books returns a copy of the books.
func (s *Server) Books() Books { panic("not implemented") }

// Close ends all boxes.
func (s *Server) Close() error { panic("not implemented") }

// Books are what happened, in order.
type Books struct {
	Requests  []RequestEntry  `json:"requests"`
	Instances []InstanceEntry `json:"instances"`
}

// RequestEntry is one request as it arrived and how it was answered.
type RequestEntry struct {
	At             time.Time `json:"at"`
	Method         string    `json:"method"`
	Path           string    `json:"path"`
	Query          string    `json:"query,omitempty"`
	IdempotencyKey string    `json:"idempotency_key,omitempty"`
	BodySHA256     string    `json:"body_sha256,omitempty"`
	Status         int       `json:"status"`             // 0: the connection was dropped
	Instance       string    `json:"instance,omitempty"` // created, got or deleted
	Replayed       bool      `json:"replayed,omitempty"` // answered from the idempotency memory
	Fault          string    `json:"fault,omitempty"`
	Effect         bool      `json:"effect,omitempty"` // it created or deleted
}

// InstanceEntry is one instance that ever was.
type InstanceEntry struct {
	ID             string     `json:"id"`
	Type           string     `json:"type"`
	IdempotencyKey string     `json:"idempotency_key,omitempty"`
	CreatedAt      time.Time  `json:"created_at"`
	DeletedAt      *time.Time `json:"deleted_at,omitempty"`
}

// Scenario is a script of faults, read from YAML; see docs/scenarios.md.
type Scenario struct{}

// ParseScenario reads a scenario; errors name line and key.
func ParseScenario(name string, yaml []byte) (*Scenario, error) { panic("not implemented") }
