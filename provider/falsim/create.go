package falsim

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// idempotencyWindow is how long fal remembers the answer to a create.
const idempotencyWindow = 10 * time.Minute

// maxKey is the longest Idempotency-Key.
const maxKey = 255

// remembered is the answer to a create, or the create itself while it works.
type remembered struct {
	bodyHash string
	done     chan struct{} // closed when answered or forgotten

	// Guarded by the server's mutex.
	answered bool
	at       time.Time
	status   int
	answer   []byte
	instance string
}

func (s *Server) create(x *exchange, r *http.Request, body []byte) {
	key := r.Header.Get("Idempotency-Key")
	if len(key) > maxKey {
		x.fail(http.StatusUnprocessableEntity, "validation_error", "Idempotency-Key is too long")
		return
	}
	if key == "" {
		s.make(x, body, key)
		return
	}
	m, mine := s.claim(x, key, hash(body))
	if !mine {
		return
	}
	s.make(x, body, key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if x.entry.Effect {
		m.answered, m.at, m.status, m.answer, m.instance = true, s.now(), x.status, x.body, x.entry.Instance
	} else if s.memory[key] == m {
		delete(s.memory, key)
	}
	close(m.done)
}

// make answers a create that is not a replay.
func (s *Server) make(x *exchange, body []byte, key string) {
	var req wireCreate
	if err := json.Unmarshal(body, &req); err != nil {
		if _, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
			x.fail(http.StatusUnprocessableEntity, "validation_error", "a member of the body has the wrong type")
			return
		}
		x.fail(http.StatusBadRequest, "invalid_request_error", "the body is not JSON")
		return
	}
	if message := req.invalid(); message != "" {
		x.fail(http.StatusUnprocessableEntity, "validation_error", message)
		return
	}
	b := birth{kind: req.Type, creator: self, publicKey: strings.TrimSpace(req.SSHKey), idempotencyKey: key}
	if req.Sector != nil {
		b.sector = *req.Sector
	}
	i, err := s.add(b)
	if err != nil {
		x.fail(http.StatusServiceUnavailable, "service_unavailable", err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.entry.Instance, x.entry.Effect = i.id, true
	x.reply(http.StatusOK, i.wire())
}

// claim makes a key that of this create; or answers from memory, waiting for
// a create with the same key that is still at work.
func (s *Server) claim(x *exchange, key, bodyHash string) (_ *remembered, mine bool) {
	for {
		s.mu.Lock()
		s.forget()
		m := s.memory[key]
		switch {
		case m == nil:
			m = &remembered{bodyHash: bodyHash, done: make(chan struct{})}
			s.memory[key] = m
			s.mu.Unlock()
			return m, true
		case m.bodyHash != bodyHash:
			s.mu.Unlock()
			status := http.StatusUnprocessableEntity
			if s.scenario.Idempotency.OtherBody != 0 {
				status = s.scenario.Idempotency.OtherBody
			}
			x.fail(status, "idempotency_error", "this Idempotency-Key was used with another body")
			return nil, false
		case m.answered:
			x.status, x.body = m.status, m.answer
			x.entry.Replayed, x.entry.Instance = true, m.instance
			s.mu.Unlock()
			return nil, false
		}
		s.mu.Unlock()
		select {
		case <-m.done:
		case <-s.ctx.Done():
			x.fail(http.StatusServiceUnavailable, "service_unavailable", errEnded.Error())
			return nil, false
		}
	}
}

// forget drops what is older than the window. Called with mu held.
func (s *Server) forget() {
	window := s.scenario.Idempotency.Window.Max
	if window == 0 {
		window = idempotencyWindow
	}
	now := s.now()
	maps.DeleteFunc(s.memory, func(_ string, m *remembered) bool { return m.answered && now.Sub(m.at) >= window })
}

// remember keeps a failure as the answer to a key.
func (s *Server) remember(key, bodyHash string, x *exchange) {
	if key == "" || x.entry.Replayed || x.status == http.StatusUnauthorized || x.status == http.StatusForbidden {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m := s.memory[key]; m != nil && (!m.answered || m.bodyHash != bodyHash) {
		return
	}
	done := make(chan struct{})
	close(done)
	s.memory[key] = &remembered{
		bodyHash: bodyHash, done: done, answered: true, at: s.now(), status: x.status, answer: x.body, instance: x.entry.Instance,
	}
}

// kinds are the instance types, with their GPUs.
var kinds = map[string]int{"gpu_1x_h100_sxm5": 1, "gpu_8x_h100_sxm5": 8}

// withSectors is the one type that takes a sector.
const withSectors = "gpu_8x_h100_sxm5"

var sectors = map[string]bool{"sector_1": true, "sector_2": true, "sector_3": true}

// invalid says what is wrong with a create; "" if nothing is.
func (c wireCreate) invalid() string {
	switch {
	case kinds[c.Type] == 0:
		return fmt.Sprintf("instance_type %.60q is not offered", c.Type)
	case !publicKey(c.SSHKey):
		return "ssh_key must be one public key as in authorized_keys"
	case c.Sector == nil:
		return ""
	case c.Type != withSectors:
		return "sector is valid with " + withSectors + " only"
	case !sectors[*c.Sector]:
		return fmt.Sprintf("sector %.60q does not exist", *c.Sector)
	}
	return ""
}

// publicKey says whether a text is one line of authorized_keys without
// options, whose blob (RFC 4253 section 6.6) is of the type that it names.
func publicKey(text string) bool {
	text = strings.TrimSpace(text)
	fields := strings.Fields(text)
	if len(fields) < 2 || strings.ContainsAny(text, "\r\n") {
		return false
	}
	blob, err := base64.StdEncoding.DecodeString(fields[1])
	if err != nil || len(blob) < 4 {
		return false
	}
	n := uint64(binary.BigEndian.Uint32(blob))
	rest := blob[4:]
	return n > 0 && n < uint64(len(rest)) && string(rest[:n]) == fields[0]
}
