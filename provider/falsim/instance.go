package falsim

import (
	"context"
	"errors"
	"sync"
	"time"
)

// instance is one that exists or did.
type instance struct {
	id, kind, region, sector, creator string
	idempotencyKey                    string
	ordinal                           int

	// Guarded by the server's mutex.
	status    string
	ip        string
	createdAt time.Time
	deletedAt time.Time
	hiddenAt  time.Time // a deleted one can linger until then

	ctx    context.Context // ends with the instance
	cancel context.CancelFunc
	booted chan struct{} // closed when box is set, or never will be
	box    Box           // set before booted is closed
	once   sync.Once
	endErr error
}

// kinds are the instance types, with their GPUs.
var kinds = map[string]int{"gpu_1x_h100_sxm5": 1, "gpu_8x_h100_sxm5": 8}

// withSectors is the one type that takes a sector.
const withSectors = "gpu_8x_h100_sxm5"

var sectors = map[string]bool{"sector_1": true, "sector_2": true, "sector_3": true}

var regions = []string{"us-west", "us-central", "us-east", "eu-north", "eu-west"}

// self is whose key it is.
const self = "you"

// add makes an instance, with a box behind it where there is a key for one.
func (s *Server) add(_ context.Context, kind, region, sector, creator, publicKey, idempotencyKey string) (*instance, error) {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return nil, errors.New("the simulator has ended")
	}
	s.created++
	i := &instance{
		id: newID(), kind: kind, region: region, sector: sector, creator: creator, idempotencyKey: idempotencyKey,
		ordinal: s.created, status: "pending", createdAt: s.now(), booted: make(chan struct{}),
	}
	if i.region == "" {
		i.region = regions[s.random.IntN(len(regions))]
	}
	i.ctx, i.cancel = context.WithCancel(context.Background())
	s.instances = append(s.instances, i)
	s.byID[i.id] = i
	plan := s.plan(i.ordinal)
	s.note()
	s.mu.Unlock()

	if publicKey == "" || s.booter == nil {
		if publicKey != "" {
			i.ip = "203.0.113.1"
		}
		close(i.booted)
	} else {
		box, err := s.booter.Boot(i.ctx, i.id, publicKey, max(kinds[kind], 1))
		if err != nil {
			s.log.Warn("box does not boot", "instance", i.id, "err", err)
		}
		i.box = box
		close(i.booted)
		if err != nil {
			return i, nil
		}
	}
	if publicKey != "" {
		s.running.Add(1)
		if plan.instant() {
			defer s.running.Done()
			s.run(i, plan)
			return i, nil
		}
		go func() {
			defer s.running.Done()
			s.run(i, plan)
		}()
	}
	return i, nil
}

// run takes an instance through its phases, then through its faults.
func (s *Server) run(i *instance, plan plan) {
	for _, step := range plan.steps {
		if !wait(i.ctx, step.after) {
			return
		}
		s.mu.Lock()
		if step.status != "" {
			i.status = step.status
		}
		if step.address && i.box != nil {
			i.ip = i.box.IP()
		}
		s.note()
		s.mu.Unlock()
		if i.box == nil {
			continue
		}
		if step.phase != nil {
			if err := i.box.SetPhase(*step.phase); err != nil {
				s.log.Warn("box does not change its phase", "instance", i.id, "err", err)
			}
		}
	}
	if i.box == nil || len(plan.faults) == 0 {
		return
	}
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		s.harm(i, plan.faults)
	}()
}

// harm lets a box fail as its scenario says.
func (s *Server) harm(i *instance, faults []BoxFault) {
	for _, f := range faults {
		if !wait(i.ctx, time.Duration(f.After)) {
			return
		}
		i.box.Delay(time.Duration(f.Delay))
		i.box.CloseAfter(f.CloseAfter)
		if f.Fault == "" {
			continue
		}
		if err := i.box.SetFault(f.Fault); err != nil {
			s.log.Warn("box does not take a fault", "instance", i.id, "fault", f.Fault, "err", err)
		}
		if f.For > 0 {
			if !wait(i.ctx, time.Duration(f.For)) {
				return
			}
			_ = i.box.SetFault("none")
		}
	}
}

// end ends the box behind an instance, once.
func (i *instance) end() error {
	i.once.Do(func() {
		i.cancel()
		<-i.booted
		if i.box != nil {
			i.endErr = i.box.Close()
		}
	})
	return i.endErr
}

// visible says whether list and get show the instance. Called with mu held.
func (i *instance) visible(now time.Time) bool {
	return i.deletedAt.IsZero() || now.Before(i.hiddenAt)
}

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
