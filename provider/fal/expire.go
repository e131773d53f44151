package fal

import (
	"context"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Expire implements provider.Provider. A deletion that it began and could not
// end is taken up again by the next call; one that somebody else began is not.
func (l *Lifecycle) Expire(ctx context.Context, ref provider.Ref, emit func(provider.Event)) (provider.Verdict, error) {
	const op = "expire"
	named := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	if err := l.usable(); err != nil {
		return provider.Verdict{}, failure(op, named, err, "nothing was changed", "")
	}
	rec, err := l.read(ctx, ref)
	if err != nil {
		return provider.Verdict{}, failure(op, named, err, "nothing was changed", "")
	}
	c := rec.Claim
	skip := func(why string) (provider.Verdict, error) {
		return provider.Verdict{LeaseID: ref.LeaseID, InstanceID: ref.InstanceID, Name: provider.Clean(c.Slug, maxField), Reason: why}, nil
	}
	if err := l.owned(c); err != nil {
		return skip(err.Error())
	}
	s := stateOf(c)
	begun := s.oneOf(stateDeleteAttempted, stateDeleteAccepted)
	switch {
	case kept(c):
		return skip(skipKeep)
	case s != stateReady && !begun:
		return skip(fmt.Sprintf("its claim is %s", s))
	}
	if due, why := expired(c, l.now()); !due {
		return skip(why)
	}
	v := l.cleanUp(ctx, rec, false, emit)
	return v, v.Err
}

// Skew is how far the clock here was ahead of the provider's when it last
// answered; false while it never said. A second of it means nothing.
func (l *Lifecycle) Skew() (time.Duration, bool) {
	if l.client == nil {
		return 0, false
	}
	skew := l.client.skew.Load()
	if skew == nil {
		return 0, false
	}
	return *skew, true
}

// Deadline says when Expire may act on a claim, and whether it ever may: it is
// of this endpoint and key and not kept, and is ready with a deadline, or may
// yet become ready.
func (l *Lifecycle) Deadline(c claims.Claim) (d provider.Deadline, ok bool) {
	if l.owned(c) != nil || kept(c) {
		return d, false
	}
	d = provider.Deadline{
		Ref: provider.Ref{LeaseID: c.LeaseID, InstanceID: c.CloudID}, Name: provider.Clean(c.Slug, maxField), Deleting: deletionBegun(c),
	}
	switch stateOf(c) {
	case stateReady, stateDeleteAttempted, stateDeleteAccepted:
		d.At, ok = c.LabelTime(labelExpiresAt)
		return d, ok
	case stateInflight, stateAmbiguous:
		_, err := l.windowLeft(l.termsOf(c).started)
		return d, err == nil
	case stateCreateIntent, stateProvisioning:
		return d, true
	}
	return d, false
}
