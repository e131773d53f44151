package falsim

import (
	"context"
	"sync"
)

// Inject adds a request fault behind those of the scenario, for requests that
// arrive from now on. A fault that makes no sense is answered 500
// simulator_error to every request, so that no test passes by it.
func (s *Server) Inject(f RequestFault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arm(f)
}

// Held is a request fault that stops what matches it.
type Held struct {
	arrived, released chan struct{}
	arrive, release   sync.Once
}

// Arrived is closed when the first request has come and waits; with
// AfterEffect it has done its work by then.
func (h *Held) Arrived() <-chan struct{} { return h.arrived }

// Release lets the requests that wait, and all that match later, go on.
func (h *Held) Release() { h.release.Do(func() { close(h.released) }) }

// Hold stops requests that match f until they are released, so that a test
// decides what happens meanwhile; then f's action harms them, if it has one.
// Release it, or Close the Server, before an http.Server is shut down: that
// waits for what is held.
func (s *Server) Hold(f RequestFault) *Held {
	h := &Held{arrived: make(chan struct{}), released: make(chan struct{})}
	f.Hold = h.released
	f.arrived = func() { h.arrive.Do(func() { close(h.arrived) }) }
	s.Inject(f)
	return h
}

// note tells everybody who awaits the books. Called with mu held.
func (s *Server) note() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await returns when the books meet a condition, or with the context's cause.
// The condition is asked again after each change, on the goroutine of Await.
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
