package falsim

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"time"
)

// step is one change on the way up.
type step struct {
	at      time.Duration // since the create
	status  string
	address bool
	phase   BoxPhase
	sshd    bool // phase is meant
}

// plan is how a box comes up, and how it fails then.
type plan struct {
	steps   []step
	scripts []script
}

// script is a BoxScript with its source of chance.
type script struct {
	BoxScript
	random *rand.Rand
}

// phases are the parts of a boot, with their share of it in percent where a
// scenario does not say. Those of the API come one after the other; those of
// sshd too, beginning when the address is shown.
var phases = []struct {
	name  string
	share int64
}{
	{"init", 5}, {"pending", 10}, {"provisioning", 35}, {"addressed", 0},
	{"no-listener", 20}, {"silent", 15}, {"no-key", 15},
}

func phaseNames() []string {
	var names []string
	for _, p := range phases {
		names = append(names, p.name)
	}
	return names
}

// plan draws the durations of a box's phases. Called with mu held.
func (s *Server) plan(box int, random *rand.Rand) plan {
	spans := map[string]Span{}
	for _, ph := range phases {
		spans[ph.name] = Exactly(s.boot / 100 * time.Duration(ph.share))
	}
	var p plan
	for n, b := range s.scenario.Boxes {
		if b.Box != 0 && b.Box != box {
			continue
		}
		for name, span := range b.Phases {
			spans[name] = span
		}
		if b.NeverUp {
			spans["no-key"] = Forever
		}
		if len(b.Faults) > 0 {
			p.scripts = append(p.scripts, script{b, s.chance(scriptStream, box<<8|n)})
		}
	}
	lasts := map[string]time.Duration{}
	for _, ph := range phases {
		lasts[ph.name] = spans[ph.name].draw(random)
	}
	pending := lasts["init"]
	provisioning := plus(pending, lasts["pending"])
	addressed := plus(provisioning, lasts["provisioning"])
	silent := plus(addressed, lasts["no-listener"])
	noKey := plus(silent, lasts["silent"])
	p.steps = []step{
		{at: pending, status: "pending"},
		{at: provisioning, status: "provisioning"},
		{at: addressed, address: true, sshd: true, phase: BoxNoListener},
		{at: plus(addressed, lasts["addressed"]), status: "ready"},
		{at: silent, sshd: true, phase: BoxSilent},
		{at: noKey, sshd: true, phase: BoxNoKey},
		{at: plus(noKey, lasts["no-key"]), sshd: true, phase: BoxUp},
	}
	slices.SortStableFunc(p.steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	if end := slices.IndexFunc(p.steps, func(s step) bool { return s.at == math.MaxInt64 }); end >= 0 {
		p.steps, p.scripts = p.steps[:end], nil // it never is up
	}
	return p
}

// seedPlan is that of an instance that was there before.
func seedPlan(status string) plan {
	if status == "" {
		status = "ready"
	}
	return plan{steps: []step{{status: status, address: true, sshd: true, phase: BoxUp}}}
}

// begin takes the steps that take no time and returns the rest of the plan.
func (s *Server) begin(i *instance, p plan) plan {
	for len(p.steps) > 0 && p.steps[0].at == 0 {
		s.take(i, p.steps[0])
		p.steps = p.steps[1:]
	}
	return p
}

// run takes an instance through the rest of its phases, then through its faults.
func (s *Server) run(i *instance, p plan) {
	at := time.Duration(0)
	for _, st := range p.steps {
		if !wait(i.ctx, st.at-at) {
			return
		}
		at = st.at
		s.take(i, st)
	}
	done := make(chan struct{}, len(p.scripts))
	for _, sc := range p.scripts {
		go func() {
			s.play(i, sc)
			done <- struct{}{}
		}()
	}
	for range p.scripts {
		<-done
	}
}

// take makes one step.
func (s *Server) take(i *instance, st step) {
	address := ""
	if st.address {
		address = i.address()
	}
	s.mu.Lock()
	if st.status != "" {
		i.status = st.status
	}
	if st.address {
		i.ip = address
	}
	s.note()
	s.mu.Unlock()
	if !st.sshd || i.machine == nil {
		return
	}
	if err := i.machine.SetPhase(st.phase); err != nil && i.ctx.Err() == nil {
		s.log.Warn("box does not change its phase", "instance", i.id, "err", err)
	}
}

// play lets a box fail as a script says.
func (s *Server) play(i *instance, sc script) {
	for {
		for _, f := range sc.Faults {
			if !wait(i.ctx, f.After.draw(sc.random)) || !s.fail(i, f, sc.random) {
				return
			}
			if f.For.Max == 0 {
				continue
			}
			if !wait(i.ctx, f.For.draw(sc.random)) || !s.fail(i, BoxFault{Fault: "none"}, sc.random) {
				return
			}
		}
		if !sc.Repeat {
			return
		}
	}
}

// fail lets a box fail, or be well again; false if that was its end.
func (s *Server) fail(i *instance, f BoxFault, random *rand.Rand) bool {
	s.mu.Lock()
	if f.Status != "" {
		i.status = f.Status
	}
	if f.Fault == vanish {
		s.bury(i)
	}
	s.note()
	s.mu.Unlock()
	if f.Fault == vanish {
		if err := i.end(); err != nil {
			s.log.Warn("box does not end", "instance", i.id, "err", err)
		}
		return false
	}
	if i.machine == nil {
		return true
	}
	i.machine.Delay(f.Delay.draw(random))
	i.machine.CloseAfter(f.CloseAfter)
	if f.Fault == "" {
		f.Fault = "none"
	}
	if err := i.machine.SetFault(f.Fault); err != nil && i.ctx.Err() == nil {
		s.log.Warn("box does not take a fault", "instance", i.id, "fault", f.Fault, "err", err)
	}
	return true
}

// wait sleeps; false if the context ended first.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
