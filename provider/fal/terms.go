package fal

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// terms are what a lease was asked for: everything that its labels are made
// of. They come from the request, or back from the claim of an earlier one.
type terms struct {
	leaseID, slug           string
	instanceType, sector    string
	class, profile, pond    string
	user, workRoot          string
	repoRoot                string
	scope, binding, request string
	port                    int
	keep                    bool
	ttl, idle               time.Duration
	started                 time.Time // when the create began, to the second
}

// asked checks a request and fills it with the defaults. Lease id, slug and
// request binding are set later.
func (l *Lifecycle) asked(req provider.AcquireRequest) (terms, error) {
	d := l.defaults
	t := terms{
		instanceType: cmp.Or(strings.TrimSpace(req.Type), d.Type),
		class:        d.Class, profile: d.Profile, pond: d.Pond, user: d.User, workRoot: d.WorkRoot, repoRoot: d.RepoRoot,
		scope: l.scope, binding: l.binding, port: d.Port, keep: req.Keep,
		ttl: cmp.Or(req.TTL, d.TTL), idle: cmp.Or(req.Idle, d.Idle),
	}
	t.sector = sectorFor(t.instanceType, cmp.Or(strings.TrimSpace(req.Sector), d.Sector))
	switch {
	case !validWord.MatchString(t.instanceType):
		return t, fmt.Errorf("%w: %q is no instance type", provider.ErrInvalid, provider.Clean(t.instanceType, 64))
	case t.sector != "" && !validWord.MatchString(t.sector):
		return t, fmt.Errorf("%w: %q is no sector", provider.ErrInvalid, provider.Clean(t.sector, 64))
	}
	if err := checkClock("TTL", t.ttl); err != nil {
		return t, err
	}
	if err := checkClock("idle timeout", t.idle); err != nil {
		return t, err
	}
	return t, nil
}

// checkClock refuses what a label of whole seconds cannot hold, and what no
// lease is given.
func checkClock(name string, d time.Duration) error {
	switch {
	case d < time.Second:
		return fmt.Errorf("%w: the %s must be a second at least", provider.ErrInvalid, name)
	case d > provider.MaxTTL:
		return fmt.Errorf("%w: the %s must be %d hours at most", provider.ErrInvalid, name, int(provider.MaxTTL.Hours()))
	}
	return nil
}

// termsOf reads the terms back from a claim, with the defaults for what it
// does not say.
func (l *Lifecycle) termsOf(c claims.Claim) terms {
	d := l.defaults
	label := func(key, def string) string {
		return cmp.Or(strings.TrimSpace(c.Labels[key]), def)
	}
	t := terms{
		leaseID: c.LeaseID, slug: c.Slug,
		instanceType: label(labelServerType, d.Type),
		class:        label("class", d.Class), profile: label("profile", d.Profile), pond: c.Pond,
		user: label("ssh_user", d.User), workRoot: label(labelWorkRoot, d.WorkRoot), repoRoot: c.RepoRoot,
		scope: c.ProviderScope, binding: c.Labels[labelBinding], request: c.Labels[labelRequest],
		port: cmp.Or(c.SSHPort, d.Port), keep: kept(c), ttl: d.TTL, idle: d.Idle,
	}
	t.sector = sectorFor(t.instanceType, label(labelSector, ""))
	if !validUser.MatchString(t.user) {
		t.user = d.User
	}
	if t.port < 1 || t.port > 65535 {
		t.port = d.Port
	}
	t.ttl, t.idle = clocksOf(c, d)
	if at, ok := c.LabelTime(labelCreateStarted); ok {
		t.started = at
	} else if at, ok := c.LabelTime(labelCreatedAt); ok {
		t.started = at
	} else {
		t.started = l.now().UTC().Truncate(time.Second)
	}
	return t
}

// clocksOf returns a claim's TTL and idle timeout, or the defaults.
func clocksOf(c claims.Claim, d Defaults) (ttl, idle time.Duration) {
	ttl, idle = d.TTL, d.Idle
	if v, ok := c.LabelDuration(labelTTL); ok {
		ttl = v
	}
	if v, ok := c.LabelDuration(labelIdleSecs); ok {
		idle = v
	} else if v, ok := c.LabelDuration(labelIdle); ok {
		idle = v
	}
	return ttl, idle
}

// kept says whether the keep label is set.
func kept(c claims.Claim) bool {
	return strings.EqualFold(strings.TrimSpace(c.Labels[labelKeep]), "true")
}
