package tui

import (
	"context"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/session/term"
)

// Fleet is where rows come from; *provider.Fleet satisfies it.
type Fleet interface {
	Snapshot() provider.FleetSnapshot
	Wake() <-chan struct{}
	Refresh()
}

// Operations runs acquires and releases; *provider.Operations satisfies it.
type Operations interface {
	Acquire(req provider.AcquireRequest) int
	Resume(ref provider.Ref, slug string) int
	Release(ref provider.Ref, slug string) int
	Abandon(id int, cause error)
	Dismiss(id int)
	Snapshot() []provider.Progress
	Wake() <-chan struct{}
}

// Clocks changes what keeps a lease alive; provider.Provider satisfies it.
type Clocks interface {
	Keep(ctx context.Context, ref provider.Ref, keep bool) error
	Extend(ctx context.Context, ref provider.Ref, ext provider.Extension) error
}

// Repairs changes whose a claim's box is; provider.Provider satisfies it.
type Repairs interface {
	Bind(ctx context.Context, ref provider.Ref, instanceID string) error
	Rebind(ctx context.Context, ref provider.Ref) error
}

// Guard is the process that releases leases at their deadline while nobody
// looks. Its methods wait for disk and for processes.
type Guard interface {
	// Status says whether one runs, in a sentence.
	Status() (running bool, said string, err error)
	Start(ctx context.Context) (said string, err error)
	Stop(ctx context.Context) error
}

// Hold is a share in a lease's heartbeat; *provider.Hold satisfies it.
type Hold interface {
	Suspend()
	Resume()
	Release()
}

// Link is a logged-in connection; multiplex.Link satisfies it.
type Link interface {
	// Open opens a shell, or comes back to the one of that name.
	Open(ctx context.Context, size session.Size, name string) (multiplex.Opened, error)
	Done() <-chan struct{}
	Err() error
	Close() error
}

// Deps is everything that the UI needs from outside. Nothing in it is called
// on the update loop but methods documented to return at once.
type Deps struct {
	Fleet      Fleet
	Operations Operations
	Clocks     Clocks
	Repairs    Repairs
	// Guard is nil where there can be none, as in the demo.
	Guard Guard
	// Hold starts or joins a lease's heartbeat; returns at once.
	Hold func(l provider.Lease) Hold
	// StopHold ends it before a release, waiting for a touch under way.
	StopHold func(ctx context.Context, leaseID string)
	// Dial connects to a lease's box.
	Dial func(ctx context.Context, l provider.Lease) (Link, error)
	// Ahead is nil where only Bubble Tea draws.
	Ahead Ahead

	// Clipboard sets the clipboard of the desktop that this program runs on, and
	// OpenLink has that desktop open a web page or mail. ErrNoDesktop where there
	// is none; nil where there never is.
	Clipboard func(ctx context.Context, text string) error
	OpenLink  func(ctx context.Context, url string) error
	// Lend is called before another program gets the terminal, whose interrupts
	// are not ours until back is called. Nil: there is nothing to do.
	Lend func() (back func())
	// Recordings is the folder that panes are recorded into, made when there is
	// something to put there; "" where there is to be none.
	Recordings string
	// Editor and Pager are the person's own, with arguments; "" if they have none.
	Editor, Pager string

	Prices   provider.Prices
	Defaults provider.AcquireRequest // what the acquire form starts with
	Types    []string                // instance types offered in the form
	Sectors  []string                // sectors offered for types that have them
	// HasSectors says whether a type takes a sector.
	HasSectors func(instanceType string) bool

	// TakeUp lists at the start what is unfinished, and finishes what is
	// proven gone.
	TakeUp bool

	// Pane limits what each pane's terminal holds; the zero value is its defaults.
	Pane term.Options

	Prefix   string // prefix key of the pane, Bubble Tea's name; "" means ctrl+]
	Theme    string // "auto", "dark", "light" or "none"
	Banner   string // said beside the program's name, "demo" for example
	PaneNote string // said in each pane's title, "local shell" for example
	NoKey    string // what to set, when there is no API key; else ""
	RepoRoot string
	Version  string
	Now      func() time.Time // nil: time.Now
}
