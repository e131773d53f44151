package fal

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
)

// corpus are answers as the API writes them, and near misses.
func corpus(f *testing.F) {
	f.Helper()
	kept, err := filepath.Glob(filepath.Join("testdata", "api", "*.json"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range kept {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	for _, s := range []string{
		`{}`, `null`, `[]`, `{"id":""}`, `{"id":"../x"}`, `{"id":"a","status":7}`, `{"id":"a\u001b[2J"}`, `{"id":"a","id":"b"}`,
		`{"instances":[],"next_cursor":null,"has_more":false}`, `{"instances":[],"next_cursor":"c","has_more":true}`,
		`{"instances":[{"id":"a"},{"id":"a"}],"next_cursor":"","has_more":true}`, `{"instances":null,"next_cursor":1,"has_more":true}`,
	} {
		f.Add([]byte(s))
	}
}

// harmless fails unless an instance may reach a screen.
func harmless(t *testing.T, inst provider.Instance) {
	t.Helper()
	for _, s := range []string{inst.ID, inst.Type, inst.Region, inst.Sector, inst.Status, inst.IP, inst.Creator} {
		if provider.Clean(s, maxID) != s {
			t.Errorf("%q got through", s)
		}
	}
	if inst.ID == "" || inst.Status == "" {
		t.Errorf("%+v", inst)
	}
}

func FuzzDecodeInstance(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		inst, err := decodeInstance(body)
		if err != nil {
			return
		}
		harmless(t, inst)
		if !usableID(inst.ID) {
			t.Errorf("the id %q cannot be sent back", inst.ID)
		}
	})
}

func FuzzDecodePage(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := decodePage(body)
		if err != nil {
			return
		}
		for _, inst := range p.instances {
			harmless(t, inst)
		}
		if p.more && p.next == "" {
			t.Error("there is more, and no way to it")
		}
	})
}

// always answers every request alike.
type always []byte

func (a always) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: 200, Header: http.Header{}, Request: r, Body: io.NopCloser(bytes.NewReader(a))}, nil
}

// FuzzPaging asks for an inventory whose pages are all the same: it ends, and
// is whole or an error that says what is wrong.
func FuzzPaging(f *testing.F) {
	corpus(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		base, _ := url.Parse("http://127.0.0.1:9/v1")
		c, err := newClient(base, testKey, always(body), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		all, err := c.inventory(t.Context())
		if err != nil {
			if !errors.Is(err, provider.ErrBadAnswer) {
				t.Errorf("an error without a name: %v", err)
			}
			return
		}
		p, err := decodePage(body)
		if err != nil || p.more || len(all) > len(p.instances) {
			t.Errorf("%d instances of %q: %v", len(all), body, err)
		}
	})
}
