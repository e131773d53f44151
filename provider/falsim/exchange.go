package falsim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
)

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// other is the kind of a request that is no call of the API.
const other = "other"

// exchange is one request on its way to an answer and into the books.
type exchange struct {
	entry  RequestEntry
	kind   string // list, get, create, delete or other
	status int
	body   []byte
	header http.Header
	cursor string // of a list: one that leads where the request began
	cut    bool
}

func (x *exchange) reply(status int, v any) {
	x.status, x.body = status, nil
	if v != nil {
		// Values of this package; they always encode.
		x.body, _ = json.Marshal(v)
	}
}

func (x *exchange) fail(status int, kind, message string) {
	x.reply(status, wireError{wireErrorBody{
		Type: kind, Message: message, DocsURL: "https://docs.fal.ai/errors#" + kind, RequestID: "req_" + newID()[len("inst_"):],
	}})
}

type call func(x *exchange, r *http.Request, body []byte)

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /sim/books", s.serveBooks)
	handle := func(pattern, kind string, f call) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.exchange(w, r, kind, f) })
	}
	handle("GET /v1/compute/instances", "list", s.list)
	handle("POST /v1/compute/instances", "create", s.create)
	handle("GET /v1/compute/instances/{id}", "get", s.get)
	handle("DELETE /v1/compute/instances/{id}", "delete", s.delete)
	handle("/v1/compute/instances", other, notAllowed("GET, POST"))
	handle("/v1/compute/instances/{id}", other, notAllowed("GET, DELETE"))
	handle("/", other, func(x *exchange, _ *http.Request, _ []byte) {
		x.fail(http.StatusNotFound, "not_found", "no such endpoint")
	})
}

func notAllowed(allow string) call {
	return func(x *exchange, r *http.Request, _ []byte) {
		x.fail(http.StatusMethodNotAllowed, "method_not_allowed", "only "+allow+" here")
		x.header.Set("Allow", allow)
	}
}

// ServeHTTP answers one request. It is for loopback: a name that is made to
// point there does not get in.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !loopback(r.Host) {
		http.Error(w, "the simulator answers on loopback only", http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
	return ip != nil && ip.IsLoopback()
}

// exchange answers a request, with the fault that matches it, and enters it.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request, kind string, f call) {
	if r.Method == http.MethodHead {
		// The routes of GET would take it too, and it is in no page of the API.
		kind, f = other, notAllowed("GET")
	}
	x := &exchange{kind: kind, header: http.Header{}, entry: RequestEntry{
		At: s.now(), Method: clip(r.Method), Path: clip(r.URL.Path), Query: clip(r.URL.RawQuery),
		IdempotencyKey: clip(r.Header.Get("Idempotency-Key")),
	}}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		s.abort(x)
	}
	if len(body) > 0 {
		x.entry.BodySHA256 = hash(body)
	}
	fault := s.match(kind, r.PathValue("id"))
	if fault != nil {
		x.entry.Fault = fault.Action
		if fault.Action == "" {
			x.entry.Fault = "delay"
		}
		if !fault.AfterEffect && !s.pause(r, fault) {
			s.abort(x)
		}
	}
	switch {
	case !fault.works():
	case len(body) > maxBody:
		x.fail(http.StatusRequestEntityTooLarge, "invalid_request_error", "the body is too large")
	case s.authorize(x, r):
		f(x, r, body)
	}
	if fault != nil && fault.AfterEffect && !s.pause(r, fault) {
		s.abort(x)
	}
	if fault != nil && !fault.apply(x) {
		s.abort(x)
	}
	if kind == "create" && x.status >= 400 && s.scenario.Idempotency.RememberFailures {
		s.remember(r.Header.Get("Idempotency-Key"), hash(body), x)
	}
	x.header.Set("Date", s.now().UTC().Format(http.TimeFormat))
	x.entry.Status = x.status
	if x.cut {
		x.entry.Status = 0
	}
	s.enter(x.entry)
	x.send(w)
}

// abort enters a request that gets no answer and cuts its connection.
func (s *Server) abort(x *exchange) {
	s.enter(x.entry)
	// This is net/http's way to end a connection without an answer.
	panic(http.ErrAbortHandler)
}

// authorize compares digests, so that neither content nor length of the key
// shows in the time it takes.
func (s *Server) authorize(x *exchange, r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Key ")
	given := sha256.Sum256([]byte(key))
	s.mu.Lock()
	known := subtle.ConstantTimeCompare(given[:], s.key[:]) == 1
	powerless := subtle.ConstantTimeCompare(given[:], s.powerless[:]) == 1
	s.mu.Unlock()
	switch {
	case !ok || !known && !powerless:
		x.fail(http.StatusUnauthorized, "authentication_error", "missing or invalid API key")
		return false
	case powerless || s.scenario.NoPermission:
		x.fail(http.StatusForbidden, "authorization_error", "this key has no permission for compute")
		return false
	}
	return true
}

// maxText bounds what the books keep of any text of a request.
const maxText = 1024

func clip(s string) string { return s[:min(len(s), maxText)] }

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
