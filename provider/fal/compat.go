package fal

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// CrabboxItem is an element of what crabbox prints for "list --json", with its
// keys in its order.
type CrabboxItem struct {
	CloudID  string            `json:"CloudID"`
	Provider string            `json:"Provider"`
	HostID   string            `json:"HostID"`
	ID       int64             `json:"id"`
	Name     string            `json:"name"`
	Status   string            `json:"status"`
	Labels   map[string]string `json:"labels"`
	Public   crabboxNet        `json:"public_net"`
	Private  crabboxNet        `json:"private_net"`
	Type     struct {
		Name string `json:"name"`
	} `json:"server_type"`
}

type crabboxNet struct {
	IPv4 struct {
		IP string `json:"ip"`
	} `json:"ipv4"`
}

// hiddenLabels are those that crabbox's list does not show.
var hiddenLabels = []string{labelBinding, labelDeleteAttempt, labelDeleteAccepted, labelDeleteConfirm, labelLifetime}

// fromLive are the labels for which the instance's word alone counts.
var fromLive = []string{"creator_user_nickname", labelInstance, "region", labelSector, labelServerType}

// CrabboxList is the fleet as crabbox lists it: the claims of this endpoint
// alone, those first that need no answer of the provider.
func (l *Lifecycle) CrabboxList(listing claims.Listing, inventory provider.Inventory, inventoryErr error) []CrabboxItem {
	byID := map[string]provider.Instance{}
	for _, inst := range inventory.Instances {
		byID[inst.ID] = inst
	}
	local, live := []CrabboxItem{}, []CrabboxItem{}
	for _, rec := range listing.Records {
		c := rec.Claim
		if c.Provider != Name || c.ProviderScope != l.scope {
			continue
		}
		inst, seen := byID[c.CloudID]
		item := CrabboxItem{
			CloudID: c.CloudID, Provider: Name, Name: cmp.Or(c.Labels["name"], c.Slug, c.LeaseID), Labels: maps.Clone(c.Labels),
		}
		item.Type.Name = cmp.Or(inst.Type, c.Labels[labelServerType])
		item.Public.IPv4.IP = cmp.Or(inst.IP, c.SSHHost)
		for _, k := range hiddenLabels {
			delete(item.Labels, k)
		}
		needsProvider := false
		switch {
		case c.Labels[labelBinding] != l.binding:
			item.Status = "credential-binding-mismatch"
		case c.CloudID == "":
			item.Status = strings.TrimSpace(c.Labels[labelRecovery])
		case errors.Is(inventoryErr, provider.ErrNoKey) || inventoryErr != nil:
			item.Status, needsProvider = "provider-verification-unavailable", true
		case !seen:
			item.Status, needsProvider = "provider-absence-unverified", true
		default:
			item.Status, needsProvider = inst.Status, true
			for _, k := range fromLive {
				delete(item.Labels, k)
			}
			maps.Copy(item.Labels, liveLabels(inst, l.termsOf(c)))
		}
		if needsProvider {
			live = append(live, item)
		} else {
			local = append(local, item)
		}
	}
	return slices.Concat(local, live)
}
