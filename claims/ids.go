package claims

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// leasePrefix begins every lease id.
const leasePrefix = "cbx_"

// NewLeaseID returns a fresh lease id: cbx_ and 12 random hex digits.
func NewLeaseID() (string, error) {
	b := make([]byte, 6)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("make a lease id: %w", err)
	}
	return leasePrefix + hex.EncodeToString(b), nil
}

// reservedNames cannot name a file on Windows, whatever the extension.
var reservedNames = func() map[string]bool {
	m := map[string]bool{"CON": true, "PRN": true, "AUX": true, "NUL": true}
	for i := '1'; i <= '9'; i++ {
		m["COM"+string(i)], m["LPT"+string(i)] = true, true
	}
	return m
}()

// ValidID says whether id can name a claim: a plain file name on every system.
func ValidID(id string) bool {
	if id == "" || id == "." || id == ".." || id != strings.TrimSpace(id) || strings.HasSuffix(id, ".") {
		return false
	}
	if strings.ContainsFunc(id, func(r rune) bool { return r < 0x20 || strings.ContainsRune(`<>:"/\|?*`, r) }) {
		return false
	}
	stem, _, _ := strings.Cut(id, ".")
	return !reservedNames[strings.ToUpper(stem)]
}

// lockable says whether the long locks can be taken on id.
func lockable(id string) bool {
	return ValidID(id) && len(id) > len(leasePrefix) && strings.HasPrefix(id, leasePrefix)
}

const maxSlug = 41

var (
	slugAdjectives = strings.Fields("amber blue brisk coral crimson golden harbor jade pearl quick silver swift tidal violet")
	slugNouns      = strings.Fields("barnacle crab crayfish hermit krill lobster prawn shrimp")
)

// ErrSlugTaken says that no free slug could be found near the one wanted.
var ErrSlugTaken = errors.New("the slug is taken")

// NormalizeSlug keeps a-z and 0-9, lower-cased; every other run becomes one
// hyphen, and none is left at the ends.
func NormalizeSlug(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(strings.TrimSpace(s)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
			continue
		}
		gap = true
	}
	return b.String()
}

// GeneratedSlug is the slug that a lease id stands for by itself.
func GeneratedSlug(leaseID string) string {
	h := fnv32(leaseID)
	adjectives, nouns := uint32(len(slugAdjectives)), uint32(len(slugNouns))
	return slugAdjectives[h%adjectives] + "-" + slugNouns[h/adjectives%nouns]
}

func fnv32(s string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(s))
	return h.Sum32()
}

// AllocateSlug chooses the slug of a new lease: the requested one or, where
// that is blank, a generated one, made unique among the claims of any provider.
// The caller holds LockSlug until the claim is written.
func AllocateSlug(requested, leaseID string, l Listing) (string, error) {
	base := GeneratedSlug(leaseID)
	if strings.TrimSpace(requested) != "" {
		base = NormalizeSlug(requested)
		switch {
		case base == "":
			return "", fmt.Errorf("slug %q has no letter or digit", requested)
		case len(base) > maxSlug:
			return "", fmt.Errorf("slug %q is longer than %d characters", base, maxSlug)
		}
	}
	taken := func(slug string) bool {
		return slices.ContainsFunc(l.Records, func(r Record) bool {
			return r.Claim.LeaseID != leaseID && NormalizeSlug(r.Claim.Slug) == slug
		})
	}
	candidate := base
	for attempt := range 20 {
		if !taken(candidate) {
			return candidate, nil
		}
		candidate = suffixed(base, fmt.Sprintf("%s-%d", leaseID, attempt))
	}
	if candidate = suffixed(base, leaseID); !taken(candidate) {
		return candidate, nil
	}
	return "", fmt.Errorf("slug %q: %w", base, ErrSlugTaken)
}

func suffixed(base, seed string) string {
	if len(base) > maxSlug {
		base = base[:maxSlug]
	}
	return fmt.Sprintf("%s-%04x", strings.Trim(base, "-"), fnv32(seed)&0xffff)
}
