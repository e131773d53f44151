package falsim

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Scenario is a script of faults and durations, read from YAML; docs/scenarios.md
// describes it key by key. A Scenario is not changed by the Server that plays it.
type Scenario struct {
	// Seed makes random durations, regions and probabilities repeatable; 0:
	// by chance. Ids and cursors are random all the same.
	Seed uint64 `yaml:"seed"`
	// PageSize is the largest page of a list; 0: what Options say.
	PageSize int `yaml:"page_size"`
	// NoPermission takes the compute permission from the key: 403 to everything.
	NoPermission bool `yaml:"no_permission"`
	// Linger is how long a deleted instance is still to be seen.
	Linger      Span            `yaml:"linger"`
	Idempotency Idempotency     `yaml:"idempotency"`
	Instances   []SeedInstance  `yaml:"instances"`
	Requests    []*RequestFault `yaml:"requests"`
	Boxes       []BoxScript     `yaml:"boxes"`
}

// Idempotency turns around what fal's pages do not say.
type Idempotency struct {
	// Window is how long answers are remembered; zero: 10 minutes.
	Window Span `yaml:"window"`
	// OtherBody is the status for another body under a key in use: 422
	// (default) or 409.
	OtherBody int `yaml:"other_body"`
	// RememberFailures replays refusals too, also those that were injected.
	RememberFailures bool `yaml:"remember_failures"`
}

// SeedInstance exists from the start, with nothing behind its address.
type SeedInstance struct {
	Count   int    `yaml:"count"` // so many alike; 0: one
	Type    string `yaml:"type"`
	Region  string `yaml:"region"` // "": one by chance
	Sector  string `yaml:"sector"`
	Creator string `yaml:"creator"`
	Status  string `yaml:"status"` // "": ready
}

// BoxScript is how boxes boot and fail.
type BoxScript struct {
	// Box is the n-th instance that was created through the API; 0: all. Of
	// several scripts for a box, a later one's phases win, and all faults count.
	Box int `yaml:"box"`
	// Phases say how long parts of a boot take: init, pending, provisioning
	// (no address yet), addressed (an address, not ready yet), no-listener,
	// silent and no-key, which begin when the address is shown. A phase that is
	// not named takes its share of Options.Boot.
	Phases  map[string]Span `yaml:"phases"`
	NeverUp bool            `yaml:"never_up"` // sshd never gets the key
	Faults  []BoxFault      `yaml:"faults"`   // one after the other, once it is up
	Repeat  bool            `yaml:"repeat"`   // begin anew after the last
}

// BoxFault is one way in which a box fails. It replaces what the one before it
// left, and ends after For.
type BoxFault struct {
	After      Span   `yaml:"after"` // since the box was up, or the fault before ended
	Fault      string `yaml:"fault"` // refuse, blackhole, drop, new-host-key, none or vanish
	For        Span   `yaml:"for"`   // then it is well again; zero: until the next
	Delay      Span   `yaml:"delay"` // added to what it sends
	CloseAfter int    `yaml:"close_after"`
	Status     string `yaml:"status"` // the API says this from now on
}

// problem is what is wrong with a scenario, and where.
type problem struct{ path, text string }

func (p problem) Error() string { return p.path + ": " + p.text }

// check returns a problem, or nil.
func (s *Scenario) check() error {
	switch {
	case s.PageSize < 0:
		return problem{"page_size", "it cannot be negative"}
	case !s.Linger.valid():
		return problem{"linger", "not a duration"}
	case !s.Idempotency.Window.valid():
		return problem{"idempotency.window", "not a duration"}
	case !slices.Contains([]int{0, http.StatusConflict, http.StatusUnprocessableEntity}, s.Idempotency.OtherBody):
		return problem{"idempotency.other_body", fmt.Sprintf("%d is neither 409 nor 422", s.Idempotency.OtherBody)}
	}
	for i, inst := range s.Instances {
		if err := inst.check(fmt.Sprintf("instances[%d]", i)); err != nil {
			return err
		}
	}
	for i, f := range s.Requests {
		at := fmt.Sprintf("requests[%d]", i)
		if f == nil {
			return problem{at, "it is empty"}
		}
		if err := f.check(at); err != nil {
			return err
		}
	}
	for i := range s.Boxes {
		if err := s.Boxes[i].check(fmt.Sprintf("boxes[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

// maxSeeds bounds the instances of one entry.
const maxSeeds = 20_000

func (i SeedInstance) check(at string) error {
	switch {
	case i.Type == "":
		return problem{at + ".type", "it is missing"}
	case i.Count < 0 || i.Count > maxSeeds:
		return problem{at + ".count", fmt.Sprintf("%d is not between 0 and %d", i.Count, maxSeeds)}
	}
	return nil
}

var boxFaults = []string{"refuse", "blackhole", "drop", "new-host-key", "none", vanish}

// vanish deletes the instance, as its owner would elsewhere.
const vanish = "vanish"

func (b *BoxScript) check(at string) error {
	if b.Box < 0 {
		return problem{at + ".box", "boxes are counted from 1; 0 means all"}
	}
	for name, span := range b.Phases {
		if !slices.Contains(phaseNames(), name) {
			return problem{at + ".phases." + name, "it is none of " + strings.Join(phaseNames(), ", ")}
		}
		if !span.valid() {
			return problem{at + ".phases." + name, "not a duration"}
		}
	}
	takes := time.Duration(0)
	for i, f := range b.Faults {
		if err := f.check(fmt.Sprintf("%s.faults[%d]", at, i)); err != nil {
			return err
		}
		takes = plus(takes, plus(f.After.Min, f.For.Min))
	}
	if b.Repeat && takes <= 0 {
		return problem{at + ".repeat", "the faults take no time, and would repeat without end"}
	}
	return nil
}

func (f BoxFault) check(at string) error {
	switch {
	case f.Fault != "" && !slices.Contains(boxFaults, f.Fault):
		return problem{at + ".fault", fmt.Sprintf("%.60q is none of %s", f.Fault, strings.Join(boxFaults, ", "))}
	case f.Fault == "" && f.Delay == Span{} && f.CloseAfter == 0 && f.Status == "":
		return problem{at, "it has neither fault, delay, close_after nor status, so it would do nothing"}
	case !f.After.valid() || !f.For.valid() || !f.Delay.valid():
		return problem{at, "not a duration"}
	case f.CloseAfter < 0:
		return problem{at + ".close_after", "it cannot be negative"}
	}
	return nil
}
