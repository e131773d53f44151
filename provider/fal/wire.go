package fal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/openclaw/crabbox-tui/provider"
)

const (
	maxPages = 100
	maxField = 128
	maxID    = 256
)

// wireInstance is an instance as the API writes it.
type wireInstance struct {
	ID           string `json:"id"`
	InstanceType string `json:"instance_type"`
	Region       string `json:"region"`
	Sector       string `json:"sector"`
	Status       string `json:"status"`
	IP           string `json:"ip"`
	Creator      string `json:"creator_user_nickname"`
}

// page is one page of the inventory.
type page struct {
	instances []provider.Instance
	next      string
	more      bool
}

func (w wireInstance) instance() (provider.Instance, error) {
	switch {
	case w.ID == "":
		return provider.Instance{}, errors.New("an instance without id")
	case len(w.ID) > maxID || provider.Clean(w.ID, maxID) != w.ID:
		// An id is compared and sent back as it is, so it cannot be cleaned.
		return provider.Instance{}, fmt.Errorf("an instance whose id is none: %q", provider.Clean(w.ID, 64))
	}
	field := func(s string) string { return provider.Clean(strings.TrimSpace(s), maxField) }
	status := strings.ToLower(field(w.Status))
	if status == "" {
		status = "unknown"
	}
	return provider.Instance{
		ID: w.ID, Type: field(w.InstanceType), Region: field(w.Region), Sector: field(w.Sector),
		Status: status, IP: field(w.IP), Creator: field(w.Creator),
	}, nil
}

// usableID says whether an instance id can be one segment of a path and mean
// nothing else there.
func usableID(id string) bool {
	return id != "" && id != "." && id != ".." && len(id) <= maxID && provider.Clean(id, maxID) == id &&
		!strings.ContainsAny(id, "/\\?#% ")
}

func decodeInstance(body []byte) (provider.Instance, error) {
	var w *wireInstance
	if err := json.Unmarshal(body, &w); err != nil {
		return provider.Instance{}, notJSON(err)
	}
	if w == nil {
		return provider.Instance{}, errors.New("no instance")
	}
	inst, err := w.instance()
	if err == nil && !usableID(inst.ID) {
		err = fmt.Errorf("an instance whose id is none: %q", provider.Clean(inst.ID, 64))
	}
	return inst, err
}

func decodePage(body []byte) (page, error) {
	var w struct {
		Instances *[]wireInstance  `json:"instances"`
		Next      *json.RawMessage `json:"next_cursor"`
		More      *bool            `json:"has_more"`
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(body, &keys); err != nil {
		return page{}, notJSON(err)
	}
	if err := json.Unmarshal(body, &w); err != nil {
		return page{}, notJSON(err)
	}
	// next_cursor may be null, which a pointer cannot tell from its absence.
	if _, ok := keys["next_cursor"]; !ok || w.Instances == nil || w.More == nil {
		return page{}, errors.New("a list without instances, next_cursor or has_more")
	}
	p := page{more: *w.More}
	if w.Next != nil {
		var next *string
		if err := json.Unmarshal(*w.Next, &next); err != nil {
			return page{}, errors.New("a next_cursor that is no text")
		}
		if next != nil {
			p.next = *next
		}
	}
	if p.more && p.next == "" {
		return page{}, errors.New("there is more, and no cursor to it")
	}
	for _, wi := range *w.Instances {
		inst, err := wi.instance()
		if err != nil {
			return page{}, err
		}
		p.instances = append(p.instances, inst)
	}
	return p, nil
}

// notJSON says so without repeating the answer.
func notJSON(err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s has the wrong type", provider.Clean(wrong.Field, 64))
	}
	return errors.New("it is not the JSON that was asked for")
}

// inventory fetches all pages. A list that is not provably whole is an error:
// an instance that is missing from it would be taken for gone.
func (c *client) inventory(ctx context.Context) ([]provider.Instance, error) {
	var all []provider.Instance
	ids, cursors := map[string]bool{}, map[string]bool{}
	cursor := ""
	for range maxPages {
		p, err := c.list(ctx, cursor)
		if err != nil {
			return nil, err
		}
		for _, inst := range p.instances {
			if ids[inst.ID] {
				return nil, c.incomplete(fmt.Errorf("instance %q is listed twice", inst.ID))
			}
			ids[inst.ID] = true
			all = append(all, inst)
		}
		if !p.more {
			return all, nil
		}
		if cursors[p.next] {
			return nil, c.incomplete(errors.New("a cursor came twice"))
		}
		cursors[p.next] = true
		cursor = p.next
	}
	return nil, c.incomplete(fmt.Errorf("more than %d pages", maxPages))
}

func (c *client) incomplete(err error) error {
	return c.unreadable(request{op: "list instances", method: "GET"}, err)
}
