package fal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// Inventory implements provider.Provider.
func (l *Lifecycle) Inventory(ctx context.Context) (provider.Inventory, error) {
	if err := l.usable(); err != nil {
		return provider.Inventory{}, failure("list instances", claims.Claim{}, err, "", "")
	}
	all, err := l.client.inventory(ctx)
	if err != nil {
		return provider.Inventory{}, err
	}
	return provider.Inventory{Instances: all, At: l.now()}, nil
}

const doctorWithin = 10 * time.Second

// Doctor implements provider.Provider. It reads claims and asks for the
// inventory, and takes no lock: it leaves nothing behind.
func (l *Lifecycle) Doctor(ctx context.Context) []provider.Finding {
	ctx, cancel := context.WithTimeout(ctx, doctorWithin)
	defer cancel()
	findings := []provider.Finding{{Check: "endpoint", Message: provider.Clean(l.endpoint, maxErrorText)}}
	listing, err := l.store.List(ctx)
	findings = append(findings, l.doctorClaims(listing, err)...)
	if l.client == nil {
		return append(findings, provider.Finding{
			Check: "key", Severity: provider.SeverityProblem, Message: "no API key is set",
			Advice: "set CRABBOX_FAL_KEY or FAL_KEY to a key with compute permission",
		})
	}
	findings = append(findings, provider.Finding{Check: "key", Message: "an API key is set"})
	return append(findings, l.doctorInventory(ctx, listing)...)
}

func (l *Lifecycle) doctorClaims(listing claims.Listing, err error) []provider.Finding {
	if err != nil {
		return []provider.Finding{{
			Check: "claims", Severity: provider.SeverityProblem, Message: provider.Clean(err.Error(), maxErrorText),
			Advice: "make the claims folder readable and writable for you; without it no lease can be made or returned",
		}}
	}
	findings := []provider.Finding{{Check: "claims", Message: fmt.Sprintf("%d readable", len(listing.Records))}}
	for _, b := range listing.Broken {
		findings = append(findings, provider.Finding{
			Check: "claim " + provider.Clean(b.ID, maxField), Severity: provider.SeverityProblem,
			Message: provider.Clean(b.Name+": "+b.Err.Error(), maxErrorText),
			Advice:  "repair the file or move it away; until then crabbox itself cannot list or clean up anything",
		})
	}
	now := l.now()
	for _, rec := range listing.Records {
		if f, ok := l.doctorClaim(rec.Claim, now); ok {
			findings = append(findings, f)
		}
	}
	return findings
}

// doctorClaim says what a person should know about a claim of fal's.
func (l *Lifecycle) doctorClaim(c claims.Claim, now time.Time) (provider.Finding, bool) {
	f := provider.Finding{Check: "claim " + provider.Clean(c.LeaseID, maxField), Severity: provider.SeverityWarning}
	if c.Provider != Name {
		return f, false
	}
	s := stateOf(c)
	switch {
	case c.ProviderScope != l.scope:
		f.Message, f.Advice = "it belongs to "+provider.Clean(c.ProviderScope, 128), "set that API URL to see and release it"
	case l.binding != "" && c.Labels[labelBinding] != l.binding:
		f.Message, f.Advice = "it was made with another API key", "set that key to release it"
	case s == stateContradiction:
		f.Severity = provider.SeverityProblem
		f.Message, f.Advice = "its labels contradict each other", "look at the file, and at the provider's own page"
	case s.oneOf(stateInflight, stateAmbiguous):
		f.Severity = provider.SeverityProblem
		f.Message, f.Advice = l.ambiguity(c)
	case s == stateRollback || deletionBegun(c):
		f.Message, f.Advice = "its deletion did not finish; it may bill", "release it again"
	default:
		if at, ok := c.LabelTime(labelExpiresAt); ok && s == stateReady && now.After(at) {
			f.Message = "its deadline passed " + now.Sub(at).Round(time.Minute).String() + " ago and it bills"
			f.Advice = "release it, or extend it"
			return f, true
		}
		return f, false
	}
	return f, true
}

func (l *Lifecycle) doctorInventory(ctx context.Context, listing claims.Listing) []provider.Finding {
	all, err := l.client.inventory(ctx)
	if err != nil {
		f := provider.Finding{Check: "inventory", Severity: provider.SeverityProblem, Message: provider.Clean(err.Error(), maxErrorText)}
		switch {
		case errors.Is(err, provider.ErrUnauthorized):
			f.Advice = "the key is wrong or was revoked; set a valid one"
		case errors.Is(err, provider.ErrForbidden):
			f.Advice = "use an admin key of an account with compute permission"
		case errors.Is(err, provider.ErrRateLimited):
			f.Advice = "wait, and try again"
		default:
			f.Advice = "check the network and the API URL"
		}
		return []provider.Finding{f}
	}
	claimed := map[string]bool{}
	for _, rec := range listing.Records {
		if rec.Claim.Provider == Name && rec.Claim.ProviderScope == l.scope {
			claimed[rec.Claim.CloudID] = true
		}
	}
	foreign := 0
	for _, inst := range all {
		if !claimed[inst.ID] {
			foreign++
		}
	}
	findings := []provider.Finding{{Check: "inventory", Message: fmt.Sprintf("%d instances", len(all))}}
	if foreign > 0 {
		findings = append(findings, provider.Finding{
			Check: "foreign", Severity: provider.SeverityWarning,
			Message: fmt.Sprintf("%d instances have no claim here", foreign),
			Advice:  "if nobody else uses this account, look at them on the provider's own page: they bill",
		})
	}
	return findings
}
