package falsim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
)

// RequestFault harms requests that match it. Zero fields match everything. Of
// several faults the first that matches a request takes it, and the others do
// not count it.
type RequestFault struct {
	// On is the call: list, get, create or delete.
	On string `yaml:"on"`
	// Instance and Box (the n-th instance created through the API, from 1)
	// match a get or delete of that instance. In a list they do not match but
	// choose which instances the action harms.
	Instance string `yaml:"instance"`
	Box      int    `yaml:"box"`
	// Nth harms from the n-th match on, counted from 1, and Times so many of
	// them. Nth alone harms one match, Times alone the first ones, neither all.
	// Skip is Nth less one, and lets Times mean all.
	Nth         int     `yaml:"nth"`
	Skip        int     `yaml:"skip"`
	Times       int     `yaml:"times"`
	Probability float64 `yaml:"probability"` // of each of these; 0: certain

	// Action is what happens; see docs/scenarios.md. "" and "delay" mean Delay
	// alone.
	Action     string         `yaml:"action"`
	Delay      Span           `yaml:"delay"`       // before the work; with any action
	Status     int            `yaml:"status"`      // of "status" and "redirect"
	Type       string         `yaml:"type"`        // of the envelope
	Message    string         `yaml:"message"`     // of the envelope
	RetryAfter string         `yaml:"retry_after"` // header of "status"
	Location   string         `yaml:"location"`    // header of "redirect"
	Field      string         `yaml:"field"`       // of "missing-field"
	Set        map[string]any `yaml:"set"`         // of "set"
	// AfterEffect lets the request do its work before the delay, and although
	// "status" or "redirect" answers.
	AfterEffect bool `yaml:"after_effect"`
	// Hold, if not nil, is closed by a test to let the request go on; Server.Hold
	// is the simpler way.
	Hold <-chan struct{} `yaml:"-"`

	arrived func()
}

var (
	requestKinds = []string{"list", "get", "create", "delete"}
	actions      = []string{"delay", "drop-before", "drop-after", "cut", "status", "redirect", "malformed", "truncated",
		"oversized", "wrong-id", "repeat-cursor", "missing-field", "unknown-status", "control-chars", "hide", "set"}
	// edits change an instance in the answer, of which a delete has none.
	edits = []string{"wrong-id", "missing-field", "unknown-status", "control-chars", "set"}
)

func (f *RequestFault) check(at string) error {
	bad := func(key, format string, args ...any) error {
		return problem{at + "." + key, fmt.Sprintf(format, args...)}
	}
	switch {
	case f.On != "" && !slices.Contains(requestKinds, f.On):
		return bad("on", "%.60q is none of %s", f.On, strings.Join(requestKinds, ", "))
	case f.Action != "" && !slices.Contains(actions, f.Action):
		return bad("action", "%.60q is none of %s", f.Action, strings.Join(actions, ", "))
	case !f.Delay.valid():
		return bad("delay", "not a duration")
	case (f.Action == "" || f.Action == "delay") && f.Delay.Max == 0 && f.Hold == nil:
		return bad("delay", "without it, and without another action, the fault would do nothing")
	case f.Box < 0 || f.Nth < 0 || f.Skip < 0 || f.Times < 0:
		return problem{at, "box, nth, skip and times cannot be negative"}
	case f.Nth > 0 && f.Skip > 0:
		return bad("skip", "nth says it already")
	case f.Box > 0 && f.Instance != "":
		return bad("box", "instance says it already")
	case f.On == "create" && (f.Box > 0 || f.Instance != ""):
		return bad("on", "a create has no instance yet, so box and instance never match it")
	case !(f.Probability >= 0 && f.Probability <= 1):
		return bad("probability", "%v is not between 0 and 1", f.Probability)
	}
	return f.checkAction(bad)
}

func (f *RequestFault) checkAction(bad func(key, format string, args ...any) error) error {
	for _, only := range []struct {
		key     string
		set     bool
		actions []string
	}{
		{"status", f.Status != 0, []string{"status", "redirect"}},
		{"type", f.Type != "", []string{"status"}},
		{"message", f.Message != "", []string{"status"}},
		{"retry_after", f.RetryAfter != "", []string{"status"}},
		{"location", f.Location != "", []string{"redirect"}},
		{"field", f.Field != "", []string{"missing-field"}},
		{"set", f.Set != nil, []string{"set"}},
		{"after_effect", f.AfterEffect, []string{"", "delay", "status", "redirect"}},
	} {
		if only.set && !slices.Contains(only.actions, f.Action) {
			return bad(only.key, "it means nothing with the action %q", f.Action)
		}
	}
	redirects := []int{301, 302, 303, 307, 308}
	switch {
	case f.Action == "status" && (f.Status < 400 || f.Status > 599):
		return bad("status", "%d is not between 400 and 599", f.Status)
	case f.Action == "redirect" && f.Status != 0 && !slices.Contains(redirects, f.Status):
		return bad("status", "%d is none of %v", f.Status, redirects)
	case f.Action == "redirect" && f.Location == "":
		return bad("location", "a redirect needs one")
	case f.Action == "set" && len(f.Set) == 0:
		return bad("set", "the action sets nothing without it")
	case f.Action == "repeat-cursor" && f.On != "list":
		return bad("on", "only a list has a cursor to repeat")
	case f.Action == "hide" && f.On != "list" && f.On != "get":
		return bad("on", "only list and get can hide an instance")
	case slices.Contains(edits, f.Action) && f.On == "delete":
		return bad("on", "the answer to a delete has nothing to edit")
	}
	return nil
}

// armed is a fault that waits for its requests.
type armed struct {
	RequestFault
	first, last int // of the matches that it harms; last 0: no end
	seen        int
	random      *rand.Rand
	target      string // the id that Instance or Box names
	wrong       error  // what is wrong with the fault itself
}

// arm prepares a fault. Called with mu held.
func (s *Server) arm(f RequestFault) {
	a := &armed{RequestFault: f, first: max(f.Nth, f.Skip+1), wrong: f.check("fault")}
	if f.Nth > 0 || f.Times > 0 {
		a.last = a.first - 1 + max(f.Times, 1)
	}
	// Chance of its own keeps a fault repeatable whatever else is asked.
	a.random = s.chance(faultStream, len(s.faults))
	s.faults = append(s.faults, a)
}

// match finds the fault for a request and counts it; nil if there is none.
func (s *Server) match(kind, id string) *armed {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.wrong != nil {
			return f
		}
		target, ok := s.target(f)
		if f.On != "" && f.On != kind || kind == other || !ok {
			continue
		}
		if target != "" && kind != "list" && target != id {
			continue
		}
		f.seen++
		if f.seen < f.first || f.last > 0 && f.seen > f.last {
			continue
		}
		if f.Probability > 0 && f.random.Float64() >= f.Probability {
			continue
		}
		taken := *f
		taken.target = target
		taken.Delay = Exactly(f.Delay.draw(f.random))
		return &taken
	}
	return nil
}

// target returns the id of the instance that a fault names, "" for none; false
// if the instance is not there yet.
func (s *Server) target(f *armed) (string, bool) {
	if f.Box == 0 {
		return f.Instance, true
	}
	for _, i := range s.instances {
		if i.box == f.Box {
			return i.id, true
		}
	}
	return "", false
}

// works says whether the request does its work all the same.
func (f *armed) works() bool {
	switch {
	case f == nil:
		return true
	case f.wrong != nil || f.Action == "drop-before":
		return false
	case f.Action == "status" || f.Action == "redirect":
		return f.AfterEffect
	}
	return true
}

// pause lets a request wait; false if the server ended meanwhile. A client that
// hangs up shortens a delay, so that closing an http.Server does not wait for
// it, and its request is carried out all the same. A held request stays held.
func (s *Server) pause(r *http.Request, f *armed) bool {
	if f.arrived != nil {
		f.arrived()
	}
	if f.Hold != nil {
		select {
		case <-f.Hold:
		case <-s.ctx.Done():
			return false
		}
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.ctx, cancel)()
	wait(ctx, f.Delay.Min)
	return s.ctx.Err() == nil
}
