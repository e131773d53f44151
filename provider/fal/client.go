package fal

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

const (
	requestTimeout = 2 * time.Minute
	createTimeout  = 30 * time.Second
	maxAnswer      = 16 << 20
	maxRedirects   = 5
)

// secret is the API key; whatever prints it prints this instead.
type secret string

func (secret) String() string       { return "[key]" }
func (secret) GoString() string     { return "[key]" }
func (secret) LogValue() slog.Value { return slog.StringValue("[key]") }

// client makes one HTTP request a method and never repeats one by itself. It
// is safe for concurrent use. Errors are *provider.Error without a lease.
type client struct {
	base *url.URL
	key  secret
	http *http.Client
	now  func() time.Time
	skew atomic.Pointer[time.Duration] // of this clock to the provider's, when last told
}

func newClient(base *url.URL, key string, transport http.RoundTripper, now func() time.Time) (*client, error) {
	key = strings.TrimSpace(key)
	if strings.ContainsFunc(key, func(r rune) bool { return r <= 0x20 || r >= 0x7f }) {
		return nil, errors.New("the API key holds characters that no key has; check how it is set")
	}
	if transport == nil {
		transport = http.DefaultTransport
		if t, ok := transport.(*http.Transport); ok {
			transport = t.Clone()
		}
	}
	return &client{base: base, key: secret(key), now: now, http: &http.Client{
		Transport: transport,
		// Redirects are followed by hand: the key goes to one origin only,
		// and a mutation is never turned into a GET.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// list fetches one page of the inventory.
func (c *client) list(ctx context.Context, cursor string) (page, error) {
	query := url.Values{"limit": {"100"}}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	req := request{op: "list instances", method: http.MethodGet, path: "/compute/instances", query: query.Encode()}
	body, err := c.do(ctx, req)
	if err != nil {
		return page{}, err
	}
	p, err := decodePage(body)
	if err != nil {
		return page{}, c.unreadable(req, err)
	}
	return p, nil
}

// get fetches one instance.
func (c *client) get(ctx context.Context, id string) (provider.Instance, error) {
	req := request{op: "get instance", id: id, method: http.MethodGet}
	body, err := c.do(ctx, req)
	if err != nil {
		return provider.Instance{}, err
	}
	inst, err := decodeInstance(body)
	if err == nil && inst.ID != id {
		err = fmt.Errorf("it is about instance %q", inst.ID)
	}
	if err != nil {
		return provider.Instance{}, c.unreadable(req, err)
	}
	return inst, nil
}

// createBody is the body of a create. Equal arguments give equal bytes, and the
// bytes that crabbox sends: a replay must not differ.
func createBody(instanceType, sector, publicKey string) ([]byte, error) {
	return json.Marshal(struct {
		InstanceType string `json:"instance_type"`
		SSHKey       string `json:"ssh_key"`
		Sector       string `json:"sector,omitempty"`
	}{instanceType, publicKey, sector})
}

// create asks for an instance. The same key and body within the idempotency
// window are the same instance.
func (c *client) create(ctx context.Context, idempotencyKey string, body []byte) (provider.Instance, error) {
	req := request{
		op: "create instance", method: http.MethodPost, path: "/compute/instances",
		body: body, idempotencyKey: idempotencyKey, timeout: createTimeout,
	}
	answer, err := c.do(ctx, req)
	if err != nil {
		return provider.Instance{}, err
	}
	inst, err := decodeInstance(answer)
	if err != nil {
		return provider.Instance{}, c.unreadable(req, err)
	}
	return inst, nil
}

// delete deletes an instance, for good.
func (c *client) delete(ctx context.Context, id string) error {
	_, err := c.do(ctx, request{op: "delete instance", id: id, method: http.MethodDelete})
	return err
}

// request is one call of the API.
type request struct {
	op             string
	id             string // instance, where the path names one
	method         string
	path           string // below the base; made from id where there is one
	query          string
	body           []byte
	idempotencyKey string
	timeout        time.Duration
}

func (r request) mutates() bool { return r.method != http.MethodGet }

// do sends a request and returns the body of a 2xx answer.
func (c *client) do(ctx context.Context, r request) ([]byte, error) {
	if r.timeout == 0 {
		r.timeout = requestTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	if r.id != "" {
		if !usableID(r.id) {
			return nil, &provider.Error{Op: r.op, Err: fmt.Errorf("%w: %q cannot be sent as an instance id", provider.ErrInvalid, provider.Clean(r.id, 64))}
		}
		r.path = "/compute/instances/" + url.PathEscape(r.id)
	}
	target := *c.base
	full, err := url.Parse(target.String() + r.path)
	if err != nil {
		return nil, &provider.Error{Op: r.op, InstanceID: r.id, Err: provider.ErrInvalid}
	}
	full.RawQuery = r.query
	for range maxRedirects {
		status, header, body, err := c.exchange(ctx, r, full)
		if err != nil {
			return nil, c.lost(r, err)
		}
		switch {
		case status >= 200 && status < 300:
			return body, nil
		case status >= 300 && status < 400:
			if full, err = c.redirect(r, full, status, header.Get("Location")); err != nil {
				return nil, c.unreadable(r, err)
			}
		default:
			return nil, c.refused(r, status, header, body)
		}
	}
	return nil, c.unreadable(r, errors.New("it redirects for ever"))
}

// exchange sends one HTTP request and reads the whole answer.
func (c *client) exchange(ctx context.Context, r request, u *url.URL) (int, http.Header, []byte, error) {
	var body io.Reader
	if r.body != nil {
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, u.String(), body)
	if err != nil {
		return 0, nil, nil, err
	}
	// Without GetBody the transport cannot repeat a create behind our back
	// when a kept-alive connection dies: each POST has a claim write before it.
	req.GetBody = nil
	req.Header.Set("Authorization", "Key "+string(c.key))
	req.Header.Set("Accept", "application/json")
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.idempotencyKey != "" {
		req.Header.Set("Idempotency-Key", r.idempotencyKey)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return 0, nil, nil, err
	}
	defer resp.Body.Close()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		skew := c.now().Sub(date)
		c.skew.Store(&skew)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	deleted := r.method == http.MethodDelete && resp.StatusCode >= 200 && resp.StatusCode < 300
	switch {
	case deleted:
		// The status line is the whole answer.
		return resp.StatusCode, resp.Header, nil, nil
	case err != nil:
		return 0, nil, nil, fmt.Errorf("read the answer: %w", err)
	case len(data) > maxAnswer:
		return 0, nil, nil, errTooLarge
	}
	return resp.StatusCode, resp.Header, data, nil
}

// redirect says where to go on, or why not.
func (c *client) redirect(r request, from *url.URL, status int, location string) (*url.URL, error) {
	to, err := from.Parse(location)
	switch {
	case location == "" || err != nil:
		return nil, errors.New("it redirects to nowhere")
	case to.User != nil || origin(to) != origin(c.base):
		return nil, errors.New("it redirects to another scheme, host or port; the key is not sent there")
	case status == http.StatusTemporaryRedirect, status == http.StatusPermanentRedirect:
		return to, nil
	case status != http.StatusMovedPermanently && status != http.StatusFound && status != http.StatusSeeOther:
		return nil, fmt.Errorf("it answers with status %d", status)
	case r.mutates():
		return nil, fmt.Errorf("it redirects a %s with status %d, which would make it a GET", r.method, status)
	}
	return to, nil
}
