package fal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

// apiAt returns a client of a server that answers with handler.
func apiAt(t *testing.T, handler http.HandlerFunc) (*client, *httptest.Server) {
	t.Helper()
	srv := httptest.NewServer(handler)
	t.Cleanup(srv.Close)
	base, err := parseEndpoint(srv.URL + "/v1")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c, err := newClient(base, " "+testKey+"\n", transport, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return c, srv
}

// payload is an answer as fal's pages write it.
func payload(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "api", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestTheDocumentedAnswersAreUnderstood(t *testing.T) {
	c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Key "+testKey {
			t.Errorf("Authorization is %q", got)
		}
		if got := r.Header.Get("Accept"); got != "application/json" {
			t.Errorf("Accept is %q", got)
		}
		switch r.Method + " " + r.URL.String() {
		case "GET /v1/compute/instances?limit=100":
			say(w, 200, payload(t, "list.json"))
		case "GET /v1/compute/instances/inst_02":
			say(w, 200, payload(t, "instance-provisioning.json"))
		case "POST /v1/compute/instances":
			if r.Header.Get("Idempotency-Key") != "cbx_000000000000" || r.Header.Get("Content-Type") != "application/json" {
				t.Errorf("headers of the create: %v", r.Header)
			}
			body := make([]byte, 200)
			n, _ := r.Body.Read(body)
			if got := string(body[:n]); got != `{"instance_type":"gpu_8x_h100_sxm5","ssh_key":"ssh-ed25519 AA+/= crabbox x","sector":"sector_2"}` {
				t.Errorf("body of the create: %s", got)
			}
			say(w, 201, payload(t, "instance-provisioning.json"))
		case "DELETE /v1/compute/instances/inst_02":
			say(w, 200, "whatever")
		default:
			t.Errorf("unexpected %s %s", r.Method, r.URL)
		}
	})
	ctx := t.Context()
	all, err := c.inventory(ctx)
	if err != nil || len(all) != 2 {
		t.Fatalf("inventory %v, %v", all, err)
	}
	if want := (provider.Instance{ID: "inst_01", Type: typeOneGPU, Region: "us-west", Status: "ready", IP: "203.0.113.7", Creator: "rosa"}); all[0] != want {
		t.Errorf("instance %+v", all[0])
	}
	want := provider.Instance{ID: "inst_02", Type: typeEightGPUs, Region: "eu-north", Sector: "sector_2", Status: "provisioning"}
	if inst, err := c.get(ctx, "inst_02"); err != nil || inst != want {
		t.Errorf("get: %+v, %v", inst, err)
	}
	body, err := createBody(typeEightGPUs, "sector_2", "ssh-ed25519 AA+/= crabbox x")
	if err != nil {
		t.Fatal(err)
	}
	if inst, err := c.create(ctx, "cbx_000000000000", body); err != nil || inst != want {
		t.Errorf("create: %+v, %v", inst, err)
	}
	if err := c.delete(ctx, "inst_02"); err != nil {
		t.Errorf("delete: %v", err)
	}
}

func TestEveryErrorStatusHasItsSentinel(t *testing.T) {
	status := 0
	c, _ := apiAt(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "7")
		say(w, status, payload(t, "error-403.json"))
	})
	read := func() error { _, err := c.get(t.Context(), "inst_02"); return err }
	create := func() error { _, err := c.create(t.Context(), "cbx_000000000000", []byte("{}")); return err }
	remove := func() error { return c.delete(t.Context(), "inst_02") }
	for _, tc := range []struct {
		status       int
		read, mutate error
	}{
		{400, provider.ErrRejected, provider.ErrRejected},
		{401, provider.ErrUnauthorized, provider.ErrUnauthorized},
		{403, provider.ErrForbidden, provider.ErrForbidden},
		{404, provider.ErrNotFound, provider.ErrNotFound},
		{408, provider.ErrUnreachable, provider.ErrOutcomeUnknown},
		{409, provider.ErrRejected, provider.ErrOutcomeUnknown},
		{422, provider.ErrRejected, provider.ErrRejected},
		{429, provider.ErrRateLimited, provider.ErrRateLimited},
		{500, provider.ErrUnreachable, provider.ErrOutcomeUnknown},
		{503, provider.ErrUnreachable, provider.ErrOutcomeUnknown},
	} {
		status = tc.status
		for name, call := range map[string]func() error{"get": read, "create": create, "delete": remove} {
			sentinel := tc.mutate
			if name == "get" {
				sentinel = tc.read
			}
			e := want(t, call(), sentinel)
			if tc.mutate != provider.ErrOutcomeUnknown && errors.Is(e, provider.ErrOutcomeUnknown) {
				t.Errorf("%s %d: a definite no is called unknown", name, tc.status)
			}
			if e.RetryAfter != 7*time.Second {
				t.Errorf("%s %d: retry after %s", name, tc.status, e.RetryAfter)
			}
			if !strings.Contains(e.Error(), "authorization_error: The key lacks compute permission (request req_123)") {
				t.Errorf("%s %d: %v", name, tc.status, e)
			}
		}
	}
}

func TestAMutationWithoutAReadableAnswerHasAnUnknownOutcome(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"dropped":    func(w http.ResponseWriter, _ *http.Request) { drop(w) },
		"not JSON":   func(w http.ResponseWriter, _ *http.Request) { say(w, 200, "<html>") },
		"empty":      func(w http.ResponseWriter, _ *http.Request) { say(w, 200, "") },
		"null":       func(w http.ResponseWriter, _ *http.Request) { say(w, 200, "null") },
		"no id":      func(w http.ResponseWriter, _ *http.Request) { say(w, 200, `{"status":"ready"}`) },
		"id is none": func(w http.ResponseWriter, _ *http.Request) { say(w, 200, `{"id":"../../keys"}`) },
		"too large": func(w http.ResponseWriter, _ *http.Request) {
			say(w, 200, `{"id":"`+strings.Repeat("x", maxAnswer)+`"}`)
		},
		"cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			say(w, 200, `{"id":`)
		},
		"redirected": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/v1/elsewhere", http.StatusFound) },
		"endless 308": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusPermanentRedirect)
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := apiAt(t, handler)
			_, err := c.create(t.Context(), "cbx_000000000000", []byte("{}"))
			want(t, err, provider.ErrOutcomeUnknown)
		})
	}
}

func TestACreateIsSentOnceWhenItsKeptAliveConnectionDies(t *testing.T) {
	var posts atomic.Int32
	c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
			drop(w)
			return
		}
		say(w, 200, payload(t, "instance-provisioning.json"))
	})
	// The connection is now idle and will be used again.
	if _, err := c.get(t.Context(), "inst_02"); err != nil {
		t.Fatal(err)
	}
	_, err := c.create(t.Context(), "cbx_000000000000", []byte("{}"))
	want(t, err, provider.ErrOutcomeUnknown)
	if n := posts.Load(); n != 1 {
		t.Errorf("%d POSTs, want one", n)
	}
}

func TestTheKeyIsSentToTheConfiguredOriginOnly(t *testing.T) {
	var stolen atomic.Int32
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer thief.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, thief.URL+"/v1", status) })
		_, err := c.get(t.Context(), "inst_02")
		want(t, err, provider.ErrBadAnswer)
		want(t, c.delete(t.Context(), "inst_02"), provider.ErrOutcomeUnknown)
	}
	if n := stolen.Load(); n != 0 {
		t.Errorf("%d requests went to another origin", n)
	}
}

func TestARedirectWithinTheOriginIsFollowedOnlyAsTheSameRequest(t *testing.T) {
	var got []string
	status := 0
	c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/moved") {
			http.Redirect(w, r, "/moved", status)
			return
		}
		body := make([]byte, 10)
		n, _ := r.Body.Read(body)
		got = append(got, fmt.Sprintf("%s %s %s", r.Method, body[:n], r.Header.Get("Idempotency-Key")))
		say(w, 200, payload(t, "instance-provisioning.json"))
	})
	status = http.StatusFound
	if _, err := c.get(t.Context(), "inst_02"); err != nil {
		t.Error(err)
	}
	status = http.StatusTemporaryRedirect
	if _, err := c.create(t.Context(), "cbx_000000000000", []byte("{}")); err != nil {
		t.Error(err)
	}
	if len(got) != 2 || got[0] != "GET  " || got[1] != "POST {} cbx_000000000000" {
		t.Errorf("got %q", got)
	}
}

func TestAnAnswerAboutAnotherInstanceIsNoAnswer(t *testing.T) {
	c, _ := apiAt(t, func(w http.ResponseWriter, _ *http.Request) { say(w, 200, payload(t, "instance-provisioning.json")) })
	_, err := c.get(t.Context(), "inst_01")
	want(t, err, provider.ErrBadAnswer)
}

func TestAnInventoryThatIsNotProvablyWholeIsRefused(t *testing.T) {
	item := func(id string) string { return `{"id":"` + id + `","status":"ready"}` }
	for name, pages := range map[string][]string{
		"no has_more":       {`{"instances":[],"next_cursor":null}`},
		"no next_cursor":    {`{"instances":[],"has_more":false}`},
		"no instances":      {`{"next_cursor":null,"has_more":false}`},
		"null instances":    {`{"instances":null,"next_cursor":null,"has_more":false}`},
		"null has_more":     {`{"instances":[],"next_cursor":null,"has_more":null}`},
		"more, no cursor":   {`{"instances":[],"next_cursor":null,"has_more":true}`},
		"more, empty one":   {`{"instances":[],"next_cursor":"","has_more":true}`},
		"cursor no text":    {`{"instances":[],"next_cursor":7,"has_more":true}`},
		"instance, no id":   {`{"instances":[{"status":"ready"}],"next_cursor":null,"has_more":false}`},
		"id with an escape": {`{"instances":[{"id":"a\u001bb"}],"next_cursor":null,"has_more":false}`},
		"an id twice": {
			`{"instances":[` + item("a") + `],"next_cursor":"1","has_more":true}`,
			`{"instances":[` + item("a") + `],"next_cursor":null,"has_more":false}`,
		},
		"a cursor twice": {
			`{"instances":[` + item("a") + `],"next_cursor":"1","has_more":true}`,
			`{"instances":[` + item("b") + `],"next_cursor":"1","has_more":true}`,
		},
		"trailing": {`{"instances":[],"next_cursor":null,"has_more":false}}`},
		"array":    {`[]`},
	} {
		t.Run(name, func(t *testing.T) {
			n := 0
			c, _ := apiAt(t, func(w http.ResponseWriter, _ *http.Request) {
				say(w, 200, pages[min(n, len(pages)-1)])
				n++
			})
			all, err := c.inventory(t.Context())
			want(t, err, provider.ErrBadAnswer)
			if all != nil {
				t.Errorf("got %v as well", all)
			}
		})
	}
}

func TestPagesAreFollowedToTheirEndAndNoFurtherThanAHundred(t *testing.T) {
	n, last := 0, 100
	c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) {
		want := ""
		if n > 0 {
			want = fmt.Sprintf("c/%d&", n)
		}
		if got := r.URL.Query().Get("cursor"); got != want {
			t.Errorf("cursor %q, want %q", got, want)
		}
		n++
		next := "null"
		if n < last {
			next = fmt.Sprintf(`"c/%d&"`, n)
		}
		say(w, 200, fmt.Sprintf(`{"instances":[{"id":"i%d"}],"next_cursor":%s,"has_more":%t}`, n, next, n < last))
	})
	if all, err := c.inventory(t.Context()); err != nil || len(all) != 100 || all[99].Status != "unknown" {
		t.Errorf("%d instances, %v", len(all), err)
	}
	n, last = 0, 101
	_, err := c.inventory(t.Context())
	want(t, err, provider.ErrBadAnswer)
}

func TestWhatTheProviderSaysIsCleanedBoundedAndNeverTheKey(t *testing.T) {
	c, _ := apiAt(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "bad") {
			say(w, 400, `{"error":{"type":"x\u001b[31m","message":"key `+testKey[:5]+`\u0000`+testKey[5:]+` is bad \u202e`+strings.Repeat("y", 5000)+`"}}`)
			return
		}
		say(w, 200, `{"id":"inst_1","region":"us\u001b]0;x\u0007","status":" READY\n","instance_type":"`+strings.Repeat("z", 5000)+`"}`)
	})
	_, err := c.get(t.Context(), "bad")
	e := want(t, err, provider.ErrRejected)
	if text := e.Error(); len(text) > 2*maxErrorText || strings.ContainsAny(text, "\x1b\x00\u202e") {
		t.Errorf("error text %q", text)
	}
	inst, err := c.get(t.Context(), "inst_1")
	if err != nil {
		t.Fatal(err)
	}
	if inst.Region != "us]0;x" || inst.Status != "ready" || len(inst.Type) > maxField+4 {
		t.Errorf("instance %+v", inst)
	}
}

func TestACancelledRequestSaysSo(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	c, _ := apiAt(t, func(http.ResponseWriter, *http.Request) {
		cancel()
		<-release
	})
	defer close(release)
	_, err := c.get(ctx, "inst_1")
	want(t, err, context.Canceled)
}

func TestRetryAfterIsSecondsOrADateAndBounded(t *testing.T) {
	now := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"": 0, "x": 0, "-3": 0, "12": 12 * time.Second, " 3 ": 3 * time.Second, "99999999999999999999": 0, "9999999": maxRetryAfter,
		"Tue, 24 Nov 2026 10:00:30 GMT": 30 * time.Second, "Tue, 24 Nov 2026 09:00:00 GMT": 0, "Fri, 24 Nov 2056 10:00:30 GMT": maxRetryAfter,
	} {
		if got := retryAfter(s, now); got != want {
			t.Errorf("%q: %s, want %s", s, got, want)
		}
	}
}

func TestKeysAndEndpointsThatCannotBeUsedAreRefused(t *testing.T) {
	for _, key := range []string{"a\nb", "a b", "a\x00b", "käse"} {
		o := Options{Key: key, Store: newBench(t).store}
		if _, err := New(o); err == nil || strings.Contains(err.Error(), key) {
			t.Errorf("key %q: %v", key, err)
		}
	}
	for _, u := range []string{
		"http://api.fal.ai/v1", "ftp://api.fal.ai", "https://user:pw@api.fal.ai/v1", "https://api.fal.ai/v1?x=1", "https://api.fal.ai/v1?",
		"https://api.fal.ai/v1#x", "https://api.fal.ai/v%31", "https://", "https:api.fal.ai", "//api.fal.ai", "https://api.fal.ai/../v1",
		"http://127.0.0.1.evil.example/v1", "http://localhost.evil.example", "https://api.fal.ai:0/", "https://a\nb/", "%",
	} {
		if scope, err := Scope(u); err == nil {
			t.Errorf("%s is accepted as %s", u, scope)
		} else if strings.Contains(err.Error(), "pw") {
			t.Errorf("%s: the error repeats a password: %v", u, err)
		}
	}
	for u, want := range map[string]string{
		"":                            "endpoint:https://api.fal.ai/v1",
		"https://API.fal.ai:443/v1/":  "endpoint:https://api.fal.ai/v1",
		"http://127.0.0.1:18777/v1":   "endpoint:http://127.0.0.1:18777/v1",
		"http://localhost:80":         "endpoint:http://localhost",
		"http://[::1]:8080/v1":        "endpoint:http://[::1]:8080/v1",
		" https://proxy.example/fal ": "endpoint:https://proxy.example/fal",
	} {
		if got, err := Scope(u); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", u, got, err, want)
		}
	}
}
