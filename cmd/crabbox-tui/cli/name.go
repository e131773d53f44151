package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// find returns the row that a person means: by lease id, slug or instance id,
// or by the beginning of one of them if only one row begins so. The errors say
// what it could be.
func find(rows []provider.Lease, name string) (provider.Lease, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return provider.Lease{}, usage(fmt.Errorf("a lease is named by its id, its slug or its instance's id"))
	}
	slug := claims.NormalizeSlug(name)
	for _, same := range []func(provider.Lease) bool{
		func(l provider.Lease) bool { return l.ID == name },
		func(l provider.Lease) bool { return slug != "" && claims.NormalizeSlug(l.Slug) == slug },
		func(l provider.Lease) bool { return l.InstanceID == name },
		func(l provider.Lease) bool {
			return strings.HasPrefix(l.ID, name) || strings.HasPrefix(l.InstanceID, name) || slug != "" && strings.HasPrefix(claims.NormalizeSlug(l.Slug), slug)
		},
	} {
		var found []provider.Lease
		for _, l := range rows {
			if l.Place == "" && same(l) {
				found = append(found, l)
			}
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return provider.Lease{}, ambiguous(name, found)
		}
	}
	err := fmt.Errorf("%w: nothing here is called %q; see crabbox-tui list", provider.ErrNoClaim, provider.Clean(name, 64))
	return provider.Lease{}, err
}

func ambiguous(name string, found []provider.Lease) error {
	var could []string
	for _, l := range found {
		s := l.Name()
		if l.ID != "" && l.ID != s {
			s += " (" + l.ID + ")"
		} else if l.InstanceID != s {
			s += " (" + l.InstanceID + ")"
		}
		could = append(could, s)
	}
	slices.Sort(could)
	return usage(fmt.Errorf("%q could be %s", provider.Clean(name, 64), strings.Join(could, ", ")))
}
