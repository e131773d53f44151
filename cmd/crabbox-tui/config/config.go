// Package config reads what a person has configured: this program's own file,
// and, without ever writing them, the parts of crabbox's configuration and
// environment that say how leases are made. Later sources override earlier
// ones: defaults, crabbox's files, crabbox's environment.
//
// The API key comes from the environment alone. It is kept in a Secret, which
// prints as a placeholder wherever it is formatted.
package config

import (
	"fmt"
	"log/slog"
	"time"
)

// Secret holds a credential. Every way of printing it prints "[redacted]";
// Reveal is the one way to its value.
type Secret struct{ value string }

// NewSecret wraps a credential.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the credential, for the transport that sends it.
func (s Secret) Reveal() string { return s.value }

// Set says whether there is one.
func (s Secret) Set() bool { return s.value != "" }

func (s Secret) String() string               { return "[redacted]" }
func (s Secret) GoString() string             { return "[redacted]" }
func (s Secret) Format(f fmt.State, _ rune)   { fmt.Fprint(f, "[redacted]") }
func (s Secret) MarshalText() ([]byte, error) { return []byte("[redacted]"), nil }
func (s Secret) LogValue() slog.Value         { return slog.StringValue("[redacted]") }

// Config is everything configured, with defaults filled in.
type Config struct {
	// This program's own.
	Prefix     string             // prefix key of the pane
	Theme      string             // "auto", "dark", "light" or "none"
	Refresh    time.Duration      // between inventories
	Prices     map[string]float64 // dollars an hour by instance type, over the built-in table
	PricesDate string             // when Prices was written down; empty if not said
	WholeHours bool               // bill each started hour in full
	Types      []string           // further instance types to offer
	Scrollback int                // lines that a pane keeps
	PaneMemory int                // bytes that a pane's terminal may hold in all
	// Agent: an ssh-agent's keys may log in. ForwardAgent names the leases, by id
	// or slug, whose boxes may use the agent. AgentSocket is the agent's, empty
	// where nothing asks for one or there is none.
	Agent        bool
	ForwardAgent []string
	AgentSocket  string

	// crabbox's.
	Key      Secret // CRABBOX_FAL_KEY, else FAL_KEY
	APIURL   string
	Type     string
	Sector   string
	User     string
	WorkRoot string
	Port     int
	SSHKey   string // used for leases of other providers that have no key of their own
	TTL      time.Duration
	Idle     time.Duration
	Class    string
	Profile  string
	Pond     string
	// Warnings are values that crabbox passes over in silence and so do we;
	// they are worth a line in the log.
	Warnings []string
}

// Default returns the configuration of somebody who configured nothing.
func Default() Config {
	return Config{
		Prefix:     "ctrl+]",
		Theme:      "auto",
		Refresh:    10 * time.Second,
		Scrollback: 10_000,
		PaneMemory: 32 << 20,
		APIURL:     "https://api.fal.ai/v1",
		Type:       "gpu_1x_h100_sxm5",
		User:       "ubuntu",
		WorkRoot:   "/home/ubuntu/crabbox",
		Port:       22,
		TTL:        90 * time.Minute,
		Idle:       30 * time.Minute,
		Class:      "beast",
		Profile:    "default",
	}
}

// Error is a value that cannot be used, and where it stands.
type Error struct {
	File string // path of the file, or "environment"
	Line int    // 0 if there is none
	Key  string
	Msg  string
}

func (e *Error) Error() string {
	where := e.File
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", e.File, e.Line)
	}
	if e.Key == "" {
		return fmt.Sprintf("%s: %s", where, e.Msg)
	}
	return fmt.Sprintf("%s: %s: %s", where, e.Key, e.Msg)
}

// Load reads all sources. The error is an *Error, or an I/O error that names
// its file; a file that does not exist is no error.
func Load(p Places) (Config, error) {
	c := Default()
	if err := c.readOwn(p.Own); err != nil {
		return c, err
	}
	if c.Agent || len(c.ForwardAgent) > 0 {
		c.AgentSocket = p.Getenv("SSH_AUTH_SOCK")
		if c.AgentSocket == "" {
			c.Warnings = append(c.Warnings, "agent, forward_agent: SSH_AUTH_SOCK is not set, so there is no agent")
		}
	}
	explicit, err := c.readCrabbox(p)
	if err != nil {
		return c, err
	}
	if err := c.readEnvironment(p.Getenv, explicit); err != nil {
		return c, err
	}
	return c, c.check()
}
