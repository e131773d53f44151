package fal

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Bind implements provider.Provider.
func (l *Lifecycle) Bind(ctx context.Context, ref provider.Ref, instanceID string) error {
	const op = "bind"
	named := claims.Claim{LeaseID: ref.LeaseID}
	rec, err := l.bind(ctx, ref, strings.TrimSpace(instanceID))
	if err == nil {
		return nil
	}
	if rec.Claim.LeaseID != "" {
		named = rec.Claim
	}
	return failure(op, named, err, "its claim was left as it stands and nothing was deleted", "")
}

func (l *Lifecycle) bind(ctx context.Context, ref provider.Ref, instanceID string) (claims.Record, error) {
	if err := l.usable(); err != nil {
		return claims.Record{}, err
	}
	g := l.guard(ref.LeaseID)
	defer g.close()
	if err := g.try(ctx, claims.LockAcquire); err != nil {
		return claims.Record{}, err
	}
	if err := g.lock(ctx, claims.LockOperation); err != nil {
		return claims.Record{}, err
	}
	rec, err := l.read(ctx, ref)
	if err != nil {
		return rec, err
	}
	if err := l.owned(rec.Claim); err != nil {
		return rec, err
	}
	t := l.termsOf(rec.Claim)
	switch s := stateOf(rec.Claim); {
	case !s.oneOf(stateInflight, stateAmbiguous):
		return rec, fmt.Errorf("%w: its create was not lost; its claim is %s", provider.ErrInvalid, s)
	default:
		if left, err := l.windowLeft(t.started); err == nil {
			return rec, fmt.Errorf("%w: its create can still be replayed, for %s; resume it, which finds the right box for certain", provider.ErrInvalid, left.Round(time.Second))
		}
	}
	inst, err := l.seen(ctx, instanceID)
	if errors.Is(err, errNoProof) {
		return rec, fmt.Errorf("%w: %w", provider.ErrContradicted, err)
	}
	if err != nil {
		return rec, err
	}
	listing, err := l.store.List(ctx)
	if err != nil {
		return rec, err
	}
	if against := l.contradictions(rec.Claim, t, inst, listing); len(against) > 0 {
		return rec, fmt.Errorf("%w: %s", provider.ErrContradicted, strings.Join(against, "; "))
	}
	return l.note(ctx, g, rec, evBind, change{terms: t, instance: inst}, nil)
}

// errNoProof says that the key in use does not plainly see an instance.
var errNoProof = errors.New("this key does not see that instance both by its id and in the whole inventory")

// seen returns an instance that the key can get and that the whole inventory
// has, or errNoProof.
func (l *Lifecycle) seen(ctx context.Context, id string) (provider.Instance, error) {
	inst, err := l.client.get(ctx, id)
	if errors.Is(err, provider.ErrNotFound) {
		return inst, errNoProof
	}
	if err != nil {
		return inst, err
	}
	switch err := l.absentFromList(ctx, id); {
	case err == nil:
		return inst, errNoProof
	case !errors.Is(err, errStillThere):
		return inst, err
	}
	return inst, nil
}

// contradictions are what speaks against an instance being the one that a lost
// create made, a clause each.
func (l *Lifecycle) contradictions(c claims.Claim, t terms, inst provider.Instance, listing claims.Listing) []string {
	var against []string
	if inst.Type != t.instanceType {
		against = append(against, fmt.Sprintf("it is a %s, and a %s was asked for", provider.Clean(inst.Type, maxField), provider.Clean(t.instanceType, maxField)))
	}
	if t.sector != "" && inst.Sector != t.sector {
		against = append(against, fmt.Sprintf("it is in sector %q, and %s was asked for", provider.Clean(inst.Sector, maxField), provider.Clean(t.sector, maxField)))
	}
	if l.sights != nil {
		if first, ok := l.sights.FirstSeen(l.scope, inst.ID); ok && first.Before(t.started) {
			against = append(against, fmt.Sprintf("it was there %s before the create began", t.started.Sub(first).Round(time.Second)))
		}
	}
	ours := map[string]bool{}
	for _, rec := range listing.Records {
		other := rec.Claim
		if other.CloudID == inst.ID && other.Provider == Name && other.LeaseID != c.LeaseID {
			against = append(against, "it belongs to lease "+provider.Clean(other.LeaseID, maxField))
		}
		if other.CloudID != "" && other.ProviderScope == l.scope && other.Labels[labelBinding] == l.binding {
			if nick := other.Labels["creator_user_nickname"]; nick != "" {
				ours[nick] = true
			}
		}
	}
	// A touch sanitises the label.
	if len(ours) > 0 && !ours[inst.Creator] && !ours[claims.SanitizeLabel(inst.Creator)] {
		against = append(against, fmt.Sprintf("%q made it, who made none of the other boxes", provider.Clean(inst.Creator, maxField)))
	}
	if len(listing.Broken) > 0 {
		against = append(against, "a claim that cannot be read may name it; repair that one first")
	}
	return against
}

// Rebind implements provider.Provider.
func (l *Lifecycle) Rebind(ctx context.Context, ref provider.Ref) error {
	const op = "rebind"
	named := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	err := l.rebind(ctx, ref)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNoProof):
		err = &tagged{err, provider.ErrNotOwned}
		return failure(op, named, err, "its claim stays bound to the other key", "set the key that it was made with")
	}
	return failure(op, named, err, "its claim was left as it stands", "")
}

func (l *Lifecycle) rebind(ctx context.Context, ref provider.Ref) error {
	if err := l.usable(); err != nil {
		return err
	}
	g := l.guard(ref.LeaseID)
	defer g.close()
	rec, err := l.read(ctx, ref)
	if err != nil {
		return err
	}
	if needsLifetime(rec.Claim) {
		if err := g.try(ctx, claims.LockAcquire); err != nil {
			return err
		}
	}
	if err := g.lock(ctx, claims.LockOperation); err != nil {
		return err
	}
	if rec, err = l.read(ctx, ref); err != nil {
		return err
	}
	if err := l.ownedButForKey(rec.Claim); err != nil {
		return err
	}
	switch {
	case rec.Claim.Labels[labelBinding] == l.binding:
		return nil
	case deletionBegun(rec.Claim):
		return fmt.Errorf("%w, and only the key that began it may end it", provider.ErrDeleting)
	case !l.rotated(rec.Claim):
		return fmt.Errorf("%w: its claim names no instance and no key that could be replaced", provider.ErrNotOwned)
	}
	_, err = l.rotate(ctx, g, rec, true)
	return err
}

// rotated says whether a claim is bound to another key and could be moved to
// the one in use, given proof.
func (l *Lifecycle) rotated(c claims.Claim) bool {
	bound := c.Labels[labelBinding]
	return bound != "" && bound != l.binding && c.CloudID != "" && stateOf(c).oneOf(withInstance...) && l.ownedButForKey(c) == nil
}

// rotate moves a claim to the key in use, given proof; errNoProof where there
// is none. Without write the claim is returned as it would be.
func (l *Lifecycle) rotate(ctx context.Context, g *guard, rec claims.Record, write bool) (claims.Record, error) {
	if _, err := l.seen(ctx, rec.Claim.CloudID); err != nil {
		return rec, err
	}
	if !write {
		rec.Claim = rec.Claim.Clone()
		rec.Claim.Labels[labelBinding] = l.binding
		return rec, nil
	}
	return l.apply(ctx, g, rec, evRebind, change{binding: l.binding}, false)
}
