package falsim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// newPublicKey is a public key in authorized_keys format.
func newPublicKey(t testing.TB) string {
	t.Helper()
	public, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	var blob []byte
	for _, part := range [][]byte{[]byte("ssh-ed25519"), public} {
		blob = binary.BigEndian.AppendUint32(blob, uint32(len(part)))
		blob = append(blob, part...)
	}
	return "ssh-ed25519 " + base64.StdEncoding.EncodeToString(blob) + " somebody@somewhere"
}

// newServer is a simulator that ends with the test.
func newServer(t testing.TB, o Options) *Server {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reply is an answer, or how it did not come.
type reply struct {
	status  int
	body    []byte
	header  http.Header
	dropped bool
}

func (r reply) object(t testing.TB) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(r.body, &o); err != nil {
		t.Fatalf("%d %q: %v", r.status, r.body, err)
	}
	return o
}

func (r reply) errorType(t testing.TB) string {
	t.Helper()
	e, _ := r.object(t)["error"].(map[string]any)
	kind, _ := e["type"].(string)
	return kind
}

func (r reply) instances(t testing.TB) []map[string]any {
	t.Helper()
	var list []map[string]any
	all, ok := r.object(t)["instances"].([]any)
	if !ok {
		t.Fatalf("no instances in %d %q", r.status, r.body)
	}
	for _, v := range all {
		list = append(list, v.(map[string]any))
	}
	return list
}

// ask asks a simulator without a socket between.
func ask(t testing.TB, s *Server, method, path, body string, headers ...string) (r reply) {
	t.Helper()
	req := httptest.NewRequestWithContext(context.Background(), method, "http://127.0.0.1:8080"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "Key sim-key")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v)
			}
			r = reply{dropped: true}
		}
	}()
	s.ServeHTTP(w, req)
	return reply{status: w.Code, body: w.Body.Bytes(), header: w.Result().Header}
}

const instancesPath = "/v1/compute/instances"

func list(t testing.TB, s *Server) reply {
	t.Helper()
	return ask(t, s, "GET", instancesPath+"?limit=100", "")
}

func createBody(key string) string {
	return `{"instance_type":"gpu_1x_h100_sxm5","ssh_key":"` + key + `"}`
}

// create makes an instance and returns its id.
func create(t testing.TB, s *Server) string {
	t.Helper()
	r := ask(t, s, "POST", instancesPath, createBody(newPublicKey(t)))
	if r.status != 200 {
		t.Fatalf("create: %d %s", r.status, r.body)
	}
	return r.object(t)["id"].(string)
}

func get(t testing.TB, s *Server, id string) reply {
	t.Helper()
	return ask(t, s, "GET", instancesPath+"/"+id, "")
}

// wire is a simulator behind a socket, with a client that retries nothing.
type wire struct {
	*Server
	origin string
	client *http.Client
}

func newWire(t *testing.T, o Options) wire {
	t.Helper()
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(s)
	// A connection of its own for each request: net/http replays what fails on
	// one that was used before.
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		web.Close()
		transport.CloseIdleConnections()
	})
	return wire{s, web.URL, &http.Client{
		Transport: transport, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// do asks over the socket. The error is that of the request or of its body.
func (w wire) do(t testing.TB, method, path, body string, headers ...string) (reply, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.origin+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Key sim-key")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := w.client.Do(req)
	if err != nil {
		return reply{dropped: true}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return reply{status: resp.StatusCode, body: b, header: resp.Header}, err
}

// payload is a body from testdata, with <ssh_key> filled in.
func payload(t testing.TB, name, sshKey string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "payloads", name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(bytes.TrimSpace(b)), "<ssh_key>", sshKey)
}

// fakeBooter keeps the boxes that it boots.
type fakeBooter struct {
	err  error
	gate chan struct{} // if not nil: Boot waits for it

	mu    sync.Mutex
	boxes []*fakeBox
}

func (b *fakeBooter) Boot(ctx context.Context, id, publicKey string, gpus int) (Box, error) {
	if b.gate != nil {
		select {
		case <-b.gate:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	box := &fakeBox{born: time.Now(), id: id, key: publicKey, gpus: gpus}
	b.boxes = append(b.boxes, box)
	return box, nil
}

func (b *fakeBooter) box(t testing.TB, n int) *fakeBox {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if n >= len(b.boxes) {
		t.Fatalf("%d boxes were booted", len(b.boxes))
	}
	return b.boxes[n]
}

// fakeBox writes down what is done to it, and when.
type fakeBox struct {
	born    time.Time
	id, key string
	gpus    int

	mu     sync.Mutex
	events []string
	closed bool
}

func (b *fakeBox) note(event string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, time.Since(b.born).Round(time.Millisecond).String()+" "+event)
}

// history is what was done to the box, with the time since its boot.
func (b *fakeBox) history() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.events)
}

func (b *fakeBox) IP() string { return "127.9.9.9" }

func (b *fakeBox) SetPhase(p BoxPhase) error {
	b.note([]string{"no-listener", "silent", "no-key", "up"}[p])
	return nil
}

func (b *fakeBox) SetFault(name string) error { b.note(name); return nil }

func (b *fakeBox) CloseAfter(n int) {
	if n > 0 {
		b.note("close-after")
	}
}

func (b *fakeBox) Delay(d time.Duration) {
	if d > 0 {
		b.note("delay " + d.String())
	}
}

func (b *fakeBox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return errors.New("closed twice")
	}
	b.closed = true
	return nil
}

func (b *fakeBox) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}
