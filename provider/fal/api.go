// Package fal rents boxes from fal's Compute API: the client, one request a
// method, and the lifecycle on top of it, which keeps a claim ahead of every
// effect. Formats, locks and rules are crabbox's, so that either program can
// go on with what the other began.
package fal

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Name is the provider's name in claims.
const Name = "fal"

// Defaults are what crabbox's configuration says of new leases.
type Defaults struct {
	Type     string // ["gpu_1x_h100_sxm5"]
	Sector   string
	User     string        // ["ubuntu"]
	WorkRoot string        // ["/home/ubuntu/crabbox"]
	Port     int           // [22]
	TTL      time.Duration // [90m]
	Idle     time.Duration // [30m]
	Class    string        // ["beast"]
	Profile  string        // ["default"]
	Pond     string
	RepoRoot string
}

// Options of a Lifecycle; zero fields mean the default in brackets.
type Options struct {
	BaseURL   string // ["https://api.fal.ai/v1"]
	Key       string // the API key; empty: every call returns ErrNoKey
	Store     claims.Store
	Prober    provider.Prober
	Defaults  Defaults
	Prices    provider.Prices
	Transport http.RoundTripper // nil: http.DefaultTransport's settings
	Now       func() time.Time
	Log       *slog.Logger
	// PollEvery is the pause between looks at a starting or vanishing
	// instance [3s], ReadyWithin how long an instance may take to be ready
	// [10m], SSHWithin how long until SSH is [20m], AbsentWithin how long a
	// deleted one may linger [30s].
	PollEvery, ReadyWithin, SSHWithin, AbsentWithin time.Duration
}

// Lifecycle is fal's provider.Provider.
type Lifecycle struct{}

var _ provider.Provider

// New checks the options and returns a Lifecycle.
func New(o Options) (*Lifecycle, error) { panic("not implemented") }

// Scope returns the provider scope of claims made through an API base URL, and
// an error where the URL is not one that a key may be sent to.
func Scope(baseURL string) (string, error) { panic("not implemented") }

// Binding returns the credential binding of an API key; "" of "".
func Binding(key string) string { panic("not implemented") }
