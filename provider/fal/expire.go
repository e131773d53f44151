package fal

import (
	"context"
	"fmt"

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

// Deadline says when Expire may act on a claim, and whether it ever may: it is
// of this endpoint and key, ready and not kept, and has a deadline.
func (l *Lifecycle) Deadline(c claims.Claim) (at provider.Deadline, ok bool) {
	if l.owned(c) != nil || kept(c) || !stateOf(c).oneOf(stateReady, stateDeleteAttempted, stateDeleteAccepted) {
		return at, false
	}
	due, ok := c.LabelTime(labelExpiresAt)
	if !ok {
		return at, false
	}
	return provider.Deadline{
		Ref: provider.Ref{LeaseID: c.LeaseID, InstanceID: c.CloudID}, Name: provider.Clean(c.Slug, maxField), At: due,
		Deleting: deletionBegun(c),
	}, true
}
