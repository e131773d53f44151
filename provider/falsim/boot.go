package falsim

import "time"

// bootStep is one change on the way up.
type bootStep struct {
	after   time.Duration
	status  string
	address bool
	phase   *BoxPhase
}

// plan is how a box comes up, and how it fails then.
type plan struct {
	steps  []bootStep
	faults []BoxFault
}

func (p plan) instant() bool {
	for _, s := range p.steps {
		if s.after > 0 {
			return false
		}
	}
	return true
}

// phaseNames are the parts of a boot, in order, with their share of it in
// percent where a scenario does not say.
var phaseNames = []struct {
	name  string
	share int
}{
	{"pending", 15}, {"provisioning", 35}, {"no-listener", 20}, {"silent", 15}, {"no-key", 15},
}

// plan draws the durations of a box's phases. Called with mu held.
func (s *Server) plan(ordinal int) plan {
	durations := map[string]time.Duration{}
	for _, ph := range phaseNames {
		durations[ph.name] = s.boot * time.Duration(ph.share) / 100
	}
	var p plan
	neverUp := false
	for _, b := range s.scenario.Boxes {
		if b.Box != 0 && b.Box != ordinal {
			continue
		}
		for name, d := range b.Phases {
			durations[name] = d.draw(s.random)
		}
		neverUp = neverUp || b.NeverUp
		p.faults = append(p.faults, b.Faults...)
	}
	at := func(phase BoxPhase) *BoxPhase { return &phase }
	p.steps = []bootStep{
		{after: durations["pending"], status: "provisioning"},
		{after: durations["provisioning"], status: "ready", address: true, phase: at(BoxNoListener)},
		{after: durations["no-listener"], phase: at(BoxSilent)},
		{after: durations["silent"], phase: at(BoxNoKey)},
		{after: durations["no-key"], phase: at(BoxUp)},
	}
	if neverUp {
		p.steps, p.faults = p.steps[:len(p.steps)-1], nil
	}
	return p
}
