package fal

import (
	"context"
	"errors"
	"fmt"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Touch implements provider.Provider. It asks the provider nothing: the idle
// clock is the claim's alone, and it must move during an outage too.
func (l *Lifecycle) Touch(ctx context.Context, ref provider.Ref) error {
	return l.edit(ctx, "touch", ref, evTouch, func(claims.Claim) (change, error) { return change{}, nil })
}

// Keep implements provider.Provider.
func (l *Lifecycle) Keep(ctx context.Context, ref provider.Ref, keep bool) error {
	return l.edit(ctx, "keep", ref, evClocks, func(claims.Claim) (change, error) { return change{keep: &keep}, nil })
}

// Extend implements provider.Provider.
func (l *Lifecycle) Extend(ctx context.Context, ref provider.Ref, ext provider.Extension) error {
	return l.edit(ctx, "extend", ref, evClocks, func(c claims.Claim) (change, error) {
		return change{clocks: ext}, l.extensible(c, ext)
	})
}

// extensible refuses clocks that no lease is given, and a TTL that is over.
func (l *Lifecycle) extensible(c claims.Claim, ext provider.Extension) error {
	if ext.TTL == 0 && ext.Idle == 0 {
		return fmt.Errorf("%w: there is nothing to change", provider.ErrInvalid)
	}
	if ext.TTL != 0 {
		if err := checkClock("TTL", ext.TTL); err != nil {
			return err
		}
		now := l.now()
		if created, _ := touchedOf(c, now); !created.Add(ext.TTL).After(now) {
			return fmt.Errorf("%w: with a TTL of %s it would be over already", provider.ErrInvalid, ext.TTL)
		}
	}
	if ext.Idle != 0 {
		return checkClock("idle timeout", ext.Idle)
	}
	return nil
}

// edit changes a claim under no lock but the claim's own, as often as somebody
// else changes it at the same time.
func (l *Lifecycle) edit(ctx context.Context, op string, ref provider.Ref, ev event, with func(claims.Claim) (change, error)) error {
	named := claims.Claim{LeaseID: ref.LeaseID, CloudID: ref.InstanceID}
	if err := l.usable(); err != nil {
		return failure(op, named, err, "nothing was changed", "")
	}
	const tries = 8
	var err error
	for range tries {
		var rec claims.Record
		if rec, err = l.read(ctx, ref); err != nil {
			break
		}
		if err = l.editable(rec.Claim, ev); err != nil {
			break
		}
		var ch change
		if ch, err = with(rec.Claim); err != nil {
			break
		}
		ch.terms = l.termsOf(rec.Claim)
		if _, err = l.apply(ctx, nil, rec, ev, ch, false); err == nil {
			return nil
		}
		if _, conflict := errors.AsType[*claims.ConflictError](err); !conflict {
			break
		}
	}
	if err != nil {
		return failure(op, named, busy(err), "nothing was changed", "")
	}
	return nil
}

// busy keeps a claim that changes all the time from looking like one that
// names another instance: ErrConflict says never, and this may pass.
func busy(err error) error {
	if _, conflict := errors.AsType[*claims.ConflictError](err); conflict {
		return fmt.Errorf("%w: its claim changes all the time", provider.ErrInProgress)
	}
	return err
}

// editable refuses what must not be touched, in words and with the sentinel
// that says whether it ever may be again.
func (l *Lifecycle) editable(c claims.Claim, ev event) error {
	if err := l.ownedButForKey(c); err != nil {
		return err
	}
	switch s := stateOf(c); {
	case deletionBegun(c), s == stateRollback:
		return provider.ErrDeleting
	case s.oneOf(stateCreateIntent, stateInflight, stateAmbiguous, stateRejected, stateProvisioning):
		return fmt.Errorf("%w: its acquire did not finish", provider.ErrNotReady)
	case s == stateKept && ev == evClocks:
		return fmt.Errorf("%w: its acquire failed; resume it first", provider.ErrNotReady)
	case s.oneOf(stateUnfamiliar, stateContradiction):
		return fmt.Errorf("%w: its claim is %s", provider.ErrNotReady, s)
	}
	return l.owned(c)
}
