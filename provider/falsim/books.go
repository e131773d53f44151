package falsim

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// maxRequests bounds the books; the oldest requests go first.
const maxRequests = 20_000

// Books are what happened, in order: requests by their answers, instances by
// their creation.
type Books struct {
	Requests  []RequestEntry  `json:"requests"`
	Instances []InstanceEntry `json:"instances"`
}

// RequestEntry is one request as it arrived and how it was answered. It is
// entered before its answer is sent.
type RequestEntry struct {
	At             time.Time `json:"at"` // of its arrival
	Method         string    `json:"method"`
	Path           string    `json:"path"`
	Query          string    `json:"query,omitempty"`
	IdempotencyKey string    `json:"idempotency_key,omitempty"`
	BodySHA256     string    `json:"body_sha256,omitempty"`
	Status         int       `json:"status"`             // 0: the connection was dropped
	Instance       string    `json:"instance,omitempty"` // created, got or deleted
	Replayed       bool      `json:"replayed,omitempty"` // answered from the idempotency memory
	Fault          string    `json:"fault,omitempty"`    // the action of the fault that it met
	Effect         bool      `json:"effect,omitempty"`   // it created or deleted
}

// InstanceEntry is one instance that ever was.
type InstanceEntry struct {
	ID             string     `json:"id"`
	Type           string     `json:"type"`
	IdempotencyKey string     `json:"idempotency_key,omitempty"`
	Status         string     `json:"status"` // as the API has it, or had it last
	CreatedAt      time.Time  `json:"created_at"`
	DeletedAt      *time.Time `json:"deleted_at,omitempty"`
}

// Books returns a copy of the books.
func (s *Server) Books() Books {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.books()
}

func (s *Server) books() Books {
	b := Books{Requests: append([]RequestEntry{}, s.requests...), Instances: []InstanceEntry{}}
	for _, i := range s.instances {
		e := InstanceEntry{ID: i.id, Type: i.kind, IdempotencyKey: i.idempotencyKey, Status: i.status, CreatedAt: i.createdAt}
		if !i.deletedAt.IsZero() {
			at := i.deletedAt
			e.DeletedAt = &at
		}
		b.Instances = append(b.Instances, e)
	}
	return b
}

func (s *Server) enter(e RequestEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= maxRequests {
		s.requests = slices.Delete(s.requests, 0, maxRequests/10)
	}
	s.requests = append(s.requests, e)
	s.note()
}

// serveBooks needs no key: it is loopback, and the books have no secret.
func (s *Server) serveBooks(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	_ = enc.Encode(s.Books())
}
