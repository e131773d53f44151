package falsim

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// Scenario is a script of faults and durations, read from YAML; docs/scenarios.md
// describes it.
type Scenario struct {
	// Seed makes random durations and probabilities repeatable; 0: by chance.
	Seed uint64 `yaml:"seed"`
	// Linger is how long a deleted instance is still to be seen.
	Linger    Duration        `yaml:"linger"`
	Instances []SeedInstance  `yaml:"instances"`
	Requests  []*RequestFault `yaml:"requests"`
	Boxes     []BoxScript     `yaml:"boxes"`
}

// SeedInstance exists from the start.
type SeedInstance struct {
	Type    string `yaml:"type"`
	Region  string `yaml:"region"`
	Sector  string `yaml:"sector"`
	Creator string `yaml:"creator"`
}

// RequestFault harms requests that match it. Zero fields match everything.
type RequestFault struct {
	On          string  `yaml:"on"`          // list, get, create or delete
	Instance    string  `yaml:"instance"`    // with this id in the path
	Skip        int     `yaml:"skip"`        // so many matches pass first
	Times       int     `yaml:"times"`       // so many are harmed; 0: all
	Probability float64 `yaml:"probability"` // of each match; 0: certain

	// Action is what happens: "delay" (Delay alone), "drop-before",
	// "drop-after", "status", "malformed", "truncated", "wrong-id",
	// "repeat-cursor", "missing-field", "unknown-status" or "control-chars".
	Action     string   `yaml:"action"`
	Delay      Duration `yaml:"delay"`
	Status     int      `yaml:"status"`      // with "status"
	Type       string   `yaml:"type"`        // of the envelope
	Message    string   `yaml:"message"`     // of the envelope
	RetryAfter string   `yaml:"retry_after"` // header, with "status"
	// AfterEffect answers with Status although the request did its work.
	AfterEffect bool `yaml:"after_effect"`
	// Hold, if not nil, is closed by a test to let the request go on.
	Hold <-chan struct{} `yaml:"-"`

	seen, done int
}

// BoxScript is how boxes boot and fail.
type BoxScript struct {
	Box     int                 `yaml:"box"`    // the n-th instance created; 0: all
	Phases  map[string]Duration `yaml:"phases"` // how long each takes
	NeverUp bool                `yaml:"never_up"`
	Faults  []BoxFault          `yaml:"faults"` // one after the other, once it is up
}

// BoxFault is one way in which a box fails.
type BoxFault struct {
	After      Duration `yaml:"after"`
	Fault      string   `yaml:"fault"` // refuse, blackhole, drop, new-host-key or none
	For        Duration `yaml:"for"`   // then it is well again; 0: stays
	Delay      Duration `yaml:"delay"` // added to what it sends
	CloseAfter int      `yaml:"close_after"`
}

// Duration is fixed, or drawn anew each time from a range ("2s..5s").
type Duration time.Duration

// UnmarshalYAML reads a duration such as "1500ms" or "2s..5s".
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	low, high, isRange := strings.Cut(n.Value, "..")
	from, err := time.ParseDuration(low)
	if err != nil || from < 0 {
		return fmt.Errorf("line %d: %q is not a duration such as 1500ms or 2s..5s", n.Line, n.Value)
	}
	*d = Duration(from)
	if !isRange {
		return nil
	}
	to, err := time.ParseDuration(high)
	if err != nil || to < from {
		return fmt.Errorf("line %d: %q is not a duration such as 1500ms or 2s..5s", n.Line, n.Value)
	}
	*d = spread(from, to)
	return nil
}

// A range is kept in one number: milliseconds above the middle bits. That a
// Duration can be compared and added as it is matters more than its precision.
const rangeBit = 1 << 62

func spread(from, to time.Duration) Duration {
	return Duration(rangeBit | from.Milliseconds()<<31 | to.Milliseconds())
}

// draw returns the duration, by chance within a range.
func (d Duration) draw(r *rand.Rand) time.Duration {
	if d&rangeBit == 0 {
		return time.Duration(d)
	}
	const low31 = 1<<31 - 1
	from, to := int64(d)>>31&low31, int64(d)&low31
	return time.Duration(from+r.Int64N(to-from+1)) * time.Millisecond
}

func (s *Scenario) clone() Scenario {
	c := *s
	c.Requests = nil
	for _, f := range s.Requests {
		own := *f
		c.Requests = append(c.Requests, &own)
	}
	return c
}

// ParseScenario reads a scenario; errors name file, line and key.
func ParseScenario(name string, text []byte) (*Scenario, error) {
	var s Scenario
	d := yaml.NewDecoder(bytes.NewReader(text))
	d.KnownFields(true)
	if err := d.Decode(&s); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: %s", name, strings.ReplaceAll(strings.TrimPrefix(err.Error(), "yaml: "), "\n", " "))
	}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &s, nil
}

var (
	requestKinds = []string{"", "list", "get", "create", "delete"}
	actions      = []string{"delay", "drop-before", "drop-after", "status", "malformed", "truncated", "wrong-id",
		"repeat-cursor", "missing-field", "unknown-status", "control-chars"}
	boxFaults = []string{"", "refuse", "blackhole", "drop", "new-host-key", "none"}
)

func (s *Scenario) check() error {
	for i, f := range s.Requests {
		at := fmt.Sprintf("requests[%d]", i)
		switch {
		case !slices.Contains(requestKinds, f.On):
			return fmt.Errorf("%s.on: %q is none of list, get, create, delete", at, f.On)
		case !slices.Contains(actions, f.Action):
			return fmt.Errorf("%s.action: %q is none of %s", at, f.Action, strings.Join(actions, ", "))
		case f.Action == "status" && (f.Status < 400 || f.Status > 599):
			return fmt.Errorf("%s.status: %d is not between 400 and 599", at, f.Status)
		case f.Probability < 0 || f.Probability > 1:
			return fmt.Errorf("%s.probability: %v is not between 0 and 1", at, f.Probability)
		case f.Skip < 0 || f.Times < 0:
			return fmt.Errorf("%s: skip and times cannot be negative", at)
		case f.Delay&rangeBit != 0:
			return fmt.Errorf("%s.delay: a request's delay is no range", at)
		}
	}
	for i, b := range s.Boxes {
		for name := range b.Phases {
			if !slices.ContainsFunc(phaseNames, func(p struct {
				name  string
				share int
			}) bool {
				return p.name == name
			}) {
				return fmt.Errorf("boxes[%d].phases: no phase is called %q", i, name)
			}
		}
		for j, f := range b.Faults {
			if !slices.Contains(boxFaults, f.Fault) {
				return fmt.Errorf("boxes[%d].faults[%d].fault: %q is none of refuse, blackhole, drop, new-host-key, none", i, j, f.Fault)
			}
			if (f.After|f.For|f.Delay)&rangeBit != 0 {
				return fmt.Errorf("boxes[%d].faults[%d]: only phases take ranges", i, j)
			}
		}
	}
	for i, inst := range s.Instances {
		if _, ok := kinds[inst.Type]; !ok {
			return fmt.Errorf("instances[%d].type: %q is not offered", i, inst.Type)
		}
	}
	return nil
}
