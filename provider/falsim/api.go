package falsim

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// idempotencyWindow is how long fal remembers the answer to a create.
const idempotencyWindow = 10 * time.Minute

// maxBody bounds what is read of a request.
const maxBody = 1 << 20

// wireInstance is an instance as the API pages show it.
type wireInstance struct {
	ID       string  `json:"id"`
	Type     string  `json:"instance_type"`
	Region   string  `json:"region"`
	Status   string  `json:"status"`
	Sector   *string `json:"sector,omitempty"`
	IP       *string `json:"ip,omitempty"`
	Nickname *string `json:"creator_user_nickname,omitempty"`
}

type wirePage struct {
	Instances  []wireInstance `json:"instances"`
	NextCursor *string        `json:"next_cursor"`
	HasMore    bool           `json:"has_more"`
}

// remembered is the answer to a create.
type remembered struct {
	at       time.Time
	bodyHash string
	status   int
	answer   []byte
	instance string
}

// exchange is one request on its way to an answer and into the books.
type exchange struct {
	entry  RequestEntry
	kind   string // list, get, create or delete
	status int
	body   []byte
	header http.Header
}

func (x *exchange) reply(status int, v any) {
	x.status = status
	if v == nil {
		x.body = nil
		return
	}
	// Values of this package; they always encode.
	x.body, _ = json.Marshal(v)
}

func (x *exchange) fail(status int, kind, message string) {
	id := newID()
	x.reply(status, map[string]any{"error": map[string]any{
		"type": kind, "message": message, "docs_url": "https://docs.fal.ai/errors#" + kind, "request_id": "req_" + id[5:],
	}})
}

func (s *Server) routes() {
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET /sim/books", s.serveBooks)
	handle := func(pattern, kind string, f func(*exchange, *http.Request, []byte)) {
		s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.exchange(w, r, kind, f) })
	}
	handle("GET /v1/compute/instances", "list", s.list)
	handle("POST /v1/compute/instances", "create", s.create)
	handle("GET /v1/compute/instances/{id}", "get", s.get)
	handle("DELETE /v1/compute/instances/{id}", "delete", s.delete)
	s.mux.HandleFunc("/v1/", func(w http.ResponseWriter, r *http.Request) {
		s.exchange(w, r, "other", func(x *exchange, r *http.Request, _ []byte) {
			if r.URL.Path == "/v1/compute/instances" || strings.HasPrefix(r.URL.Path, "/v1/compute/instances/") {
				x.fail(http.StatusMethodNotAllowed, "method_not_allowed", r.Method+" is not supported here")
				return
			}
			x.fail(http.StatusNotFound, "not_found", "no such endpoint")
		})
	})
}

// ServeHTTP answers one request. It is for loopback: a name that is made to
// point there does not get in.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		http.Error(w, "the simulator answers on loopback only", http.StatusForbidden)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// exchange answers a request, with the faults that match it, and enters it.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request, kind string, f func(*exchange, *http.Request, []byte)) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		return
	}
	x := &exchange{kind: kind, header: http.Header{}, entry: RequestEntry{
		At: s.now(), Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, IdempotencyKey: r.Header.Get("Idempotency-Key"),
	}}
	if len(body) > 0 {
		x.entry.BodySHA256 = hash(body)
	}
	fault := s.match(kind, r.PathValue("id"))
	if fault != nil {
		x.entry.Fault = fault.Action
		if !wait(r.Context(), time.Duration(fault.Delay)) {
			s.enter(x.entry)
			return
		}
		if fault.Action == "repeat-cursor" {
			// The cursor that it hands out leads to the first page, for ever.
			r.URL.RawQuery = ""
		}
	}
	if fault == nil || fault.effect() {
		if s.authorize(x, r) {
			f(x, r, body)
		}
	}
	if fault != nil && !fault.apply(x) {
		s.enter(x.entry)
		panic(http.ErrAbortHandler) // cuts the connection without an answer
	}
	x.entry.Status = x.status
	s.enter(x.entry)
	for k, v := range x.header {
		w.Header()[k] = v
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(x.status)
	_, _ = w.Write(x.body)
}

func (s *Server) authorize(x *exchange, r *http.Request) bool {
	key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Key ")
	if !ok || subtle.ConstantTimeCompare([]byte(key), []byte(s.key)) != 1 {
		x.fail(http.StatusUnauthorized, "authentication_error", "missing or invalid API key")
		return false
	}
	return true
}

func (s *Server) list(x *exchange, r *http.Request, _ []byte) {
	q := r.URL.Query()
	limit := s.pageSize
	if text := q.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			x.fail(http.StatusUnprocessableEntity, "validation_error", "limit must be at least 1")
			return
		}
		limit = min(n, s.pageSize)
	}
	after := 0
	if text := q.Get("cursor"); text != "" {
		var ok bool
		if after, ok = s.readCursor(text); !ok {
			x.fail(http.StatusUnprocessableEntity, "validation_error", "cursor is not one of ours")
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	page := wirePage{Instances: []wireInstance{}}
	now := s.now()
	last := after
	for _, i := range s.instances {
		if i.ordinal <= after || !i.visible(now) {
			continue
		}
		if len(page.Instances) == limit {
			cursor := s.cursor(last)
			page.NextCursor, page.HasMore = &cursor, true
			break
		}
		page.Instances = append(page.Instances, i.wire())
		last = i.ordinal
	}
	x.reply(http.StatusOK, page)
}

// cursor names a place in the list in a way that cannot be made up.
func (s *Server) cursor(after int) string {
	text := strconv.Itoa(after)
	mac := hmac.New(sha256.New, s.cursors)
	mac.Write([]byte(text))
	return base64.RawURLEncoding.EncodeToString(append(mac.Sum(nil)[:8], text...))
}

func (s *Server) readCursor(c string) (int, bool) {
	b, err := base64.RawURLEncoding.DecodeString(c)
	if err != nil || len(b) < 9 {
		return 0, false
	}
	n, err := strconv.Atoi(string(b[8:]))
	return n, err == nil && hmac.Equal([]byte(s.cursor(n)), []byte(c))
}

func (s *Server) get(x *exchange, r *http.Request, _ []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.byID[r.PathValue("id")]
	if i == nil || !i.visible(s.now()) {
		x.fail(http.StatusNotFound, "not_found", "instance not found")
		return
	}
	x.entry.Instance = i.id
	x.reply(http.StatusOK, i.wire())
}

// wire is the instance as the API shows it. Called with mu held.
func (i *instance) wire() wireInstance {
	w := wireInstance{ID: i.id, Type: i.kind, Region: i.region, Status: i.status}
	for _, f := range []struct {
		into **string
		from string
	}{{&w.Sector, i.sector}, {&w.IP, i.ip}, {&w.Nickname, i.creator}} {
		if f.from != "" {
			*f.into = &f.from
		}
	}
	return w
}

func (s *Server) create(x *exchange, r *http.Request, body []byte) {
	key := r.Header.Get("Idempotency-Key")
	if s.replay(x, key, body) {
		return
	}
	var req struct {
		Type   string  `json:"instance_type"`
		SSHKey string  `json:"ssh_key"`
		Sector *string `json:"sector"`
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(&req); err != nil || d.More() {
		x.fail(http.StatusBadRequest, "invalid_request_error", "the body is not a JSON object of the documented form")
		return
	}
	if message := invalid(req.Type, req.SSHKey, req.Sector); message != "" {
		x.fail(http.StatusUnprocessableEntity, "validation_error", message)
		return
	}
	sector := ""
	if req.Sector != nil {
		sector = *req.Sector
	}
	i, err := s.add(r.Context(), req.Type, "", sector, self, strings.TrimSpace(req.SSHKey), key)
	if err != nil {
		x.fail(http.StatusServiceUnavailable, "service_unavailable", err.Error())
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x.entry.Instance, x.entry.Effect = i.id, true
	x.reply(http.StatusOK, i.wire())
	if key != "" {
		s.memory[key] = remembered{s.now(), hash(body), x.status, x.body, i.id}
	}
}

// replay answers a create that was answered before under the same key. Another
// body under a key that is in use is refused: what fal does then is not
// documented, and refusing is what shows a client's mistake.
func (s *Server) replay(x *exchange, key string, body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.memory[key]
	if key == "" || !ok {
		return false
	}
	if s.now().Sub(m.at) >= idempotencyWindow {
		delete(s.memory, key)
		return false
	}
	if m.bodyHash != hash(body) {
		x.fail(http.StatusUnprocessableEntity, "idempotency_error", "this Idempotency-Key was used with another body")
		return true
	}
	x.status, x.body = m.status, m.answer
	x.entry.Replayed, x.entry.Instance = true, m.instance
	return true
}

// invalid says what is wrong with a create; "" if nothing is.
func invalid(kind, sshKey string, sector *string) string {
	if _, ok := kinds[kind]; !ok {
		return fmt.Sprintf("instance_type %.60q is not offered", kind)
	}
	fields := strings.Fields(sshKey)
	if len(fields) < 2 || !strings.Contains(fields[0], "-") {
		return "ssh_key must be a public key as in authorized_keys"
	}
	if _, err := base64.StdEncoding.DecodeString(fields[1]); err != nil {
		return "ssh_key must be a public key as in authorized_keys"
	}
	if sector == nil {
		return ""
	}
	if kind != withSectors {
		return "sector is valid with " + withSectors + " only"
	}
	if !sectors[*sector] {
		return fmt.Sprintf("sector %.60q does not exist", *sector)
	}
	return ""
}

func (s *Server) delete(x *exchange, r *http.Request, _ []byte) {
	s.mu.Lock()
	i := s.byID[r.PathValue("id")]
	if i == nil || !i.deletedAt.IsZero() {
		s.mu.Unlock()
		x.fail(http.StatusNotFound, "not_found", "instance not found")
		return
	}
	i.deletedAt = s.now()
	i.hiddenAt = i.deletedAt.Add(time.Duration(s.scenario.Linger))
	x.entry.Instance, x.entry.Effect = i.id, true
	s.mu.Unlock()
	if err := i.end(); err != nil {
		s.log.Warn("box does not end", "instance", i.id, "err", err)
	}
	x.reply(http.StatusNoContent, nil)
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
