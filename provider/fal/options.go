package fal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Name is the provider's name in claims.
const Name = "fal"

const (
	typeOneGPU    = "gpu_1x_h100_sxm5"
	typeEightGPUs = "gpu_8x_h100_sxm5"
)

// Types returns the instance types that fal documents. Others are accepted.
func Types() []string { return []string{typeOneGPU, typeEightGPUs} }

// Sectors returns the sectors that fal documents.
func Sectors() []string { return []string{"sector_1", "sector_2", "sector_3"} }

// HasSectors says whether a create of this type may name a sector.
func HasSectors(instanceType string) bool { return instanceType == typeEightGPUs }

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
	Prober    provider.Prober // needed by Acquire and Resume only
	Defaults  Defaults
	Prices    provider.Prices
	Transport http.RoundTripper // nil: http.DefaultTransport's settings
	Now       func() time.Time
	Log       *slog.Logger
	Receipts  Receipts // may be nil: then proofs are returned and not kept
	Sightings Sightings
	// PollEvery is the pause between looks at a starting or vanishing
	// instance [3s], ReadyWithin how long an instance may take to be ready
	// [10m], SSHWithin how long until SSH is [20m], AbsentWithin how long a
	// deleted one may linger [30s], BetweenPosts the pause before a create is
	// sent again [1s].
	PollEvery, ReadyWithin, SSHWithin, AbsentWithin, BetweenPosts time.Duration
}

// Receipts keeps proofs that boxes are gone, from before their claims are
// removed. Keep is called again when a release is taken up again.
type Receipts interface {
	Keep(ctx context.Context, r provider.Receipt) error
}

// Sightings remembers when an instance was first seen; may be nil.
type Sightings interface {
	FirstSeen(scope, instanceID string) (time.Time, bool)
}

// Lifecycle is fal's provider.Provider. It keeps nothing between calls: the
// store is the only memory, so that several Lifecycles, in several processes,
// can work on the same leases.
type Lifecycle struct {
	client   *client // nil without a key
	store    claims.Store
	prober   provider.Prober
	scope    string
	binding  string
	endpoint string
	defaults Defaults
	prices   provider.Prices
	now      func() time.Time
	log      *slog.Logger
	receipts Receipts
	sights   Sightings

	pollEvery, readyWithin, sshWithin, absentWithin, betweenPosts time.Duration
}

var _ provider.Provider = (*Lifecycle)(nil)

var (
	validUser = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]{0,31}$`)
	// A type or sector is opaque, but it goes into labels and onto screens.
	validWord = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`)
)

// New checks the options and returns a Lifecycle.
func New(o Options) (*Lifecycle, error) {
	if o.Store == nil {
		return nil, errors.New("fal: no store of claims was given")
	}
	base, err := parseEndpoint(o.BaseURL)
	if err != nil {
		return nil, err
	}
	defaults, err := o.Defaults.filled()
	if err != nil {
		return nil, err
	}
	l := &Lifecycle{
		store: o.Store, prober: o.Prober,
		scope: claims.Scope(base.String()), binding: claims.CredentialBinding(o.Key), endpoint: base.String(),
		defaults: defaults, prices: o.Prices, now: o.Now, log: o.Log, receipts: o.Receipts, sights: o.Sightings,
		pollEvery: o.PollEvery, readyWithin: o.ReadyWithin, sshWithin: o.SSHWithin, absentWithin: o.AbsentWithin,
		betweenPosts: o.BetweenPosts,
	}
	if l.now == nil {
		l.now = time.Now
	}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	for _, d := range []struct {
		value *time.Duration
		def   time.Duration
	}{
		{&l.pollEvery, 3 * time.Second}, {&l.readyWithin, 10 * time.Minute},
		{&l.sshWithin, 20 * time.Minute}, {&l.absentWithin, 30 * time.Second}, {&l.betweenPosts, time.Second},
	} {
		if *d.value <= 0 {
			*d.value = d.def
		}
	}
	if strings.TrimSpace(o.Key) != "" {
		if l.client, err = newClient(base, o.Key, o.Transport, l.now); err != nil {
			return nil, err
		}
	}
	return l, nil
}

func (d Defaults) filled() (Defaults, error) {
	for _, s := range []struct {
		value *string
		def   string
	}{
		{&d.Type, typeOneGPU}, {&d.User, "ubuntu"}, {&d.WorkRoot, "/home/ubuntu/crabbox"},
		{&d.Class, "beast"}, {&d.Profile, "default"},
	} {
		if *s.value == "" {
			*s.value = s.def
		}
	}
	if d.Port == 0 {
		d.Port = 22
	}
	if d.TTL <= 0 {
		d.TTL = 90 * time.Minute
	}
	if d.Idle <= 0 {
		d.Idle = 30 * time.Minute
	}
	switch {
	case !validUser.MatchString(d.User):
		return d, fmt.Errorf("fal: %q cannot be a user name on a box", d.User)
	case !path.IsAbs(d.WorkRoot):
		return d, fmt.Errorf("fal: work root %q is not an absolute path", d.WorkRoot)
	case d.Port < 1 || d.Port > 65535:
		return d, fmt.Errorf("fal: %d is no port", d.Port)
	}
	return d, nil
}

// sectorFor drops a sector that must not be sent with this type.
func sectorFor(instanceType, sector string) string {
	if !HasSectors(instanceType) {
		return ""
	}
	return sector
}

// oneOf says whether s is among the states.
func (s state) oneOf(states ...state) bool { return slices.Contains(states, s) }
