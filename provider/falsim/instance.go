package falsim

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"
)

// maxGone bounds the deleted instances that the books remember.
const maxGone = 10_000

var errEnded = errors.New("the simulator has ended")

// instance is one that exists or did.
type instance struct {
	id, kind, region, sector, creator string
	idempotencyKey                    string
	ordinal                           int // place in the list
	box                               int // of those created through the API, from 1; 0: a seed
	createdAt                         time.Time

	// Guarded by the server's mutex.
	status    string
	ip        string
	unborn    bool // a seed that is not up yet is not there
	deletedAt time.Time
	hiddenAt  time.Time // a deleted one can linger until then

	ctx    context.Context // ends with the instance
	cancel context.CancelFunc
	booted chan struct{} // closed when machine is set, or never will be
	// machine is the box behind it, nil if there is none. Read it after booted.
	machine Box
	once    sync.Once
	endErr  error
}

var regions = []string{"us-west", "us-central", "us-east", "eu-north", "eu-west", "other"}

// self is whose key it is.
const self = "you"

// birth is what an instance is to be.
type birth struct {
	kind, region, sector, creator, status string
	publicKey                             string // "": no box behind it
	idempotencyKey                        string
	seed                                  bool // it was there before, and is up at once
}

// add makes an instance, with a box behind it where there is a key for one.
func (s *Server) add(b birth) (*instance, error) {
	i, plan, err := s.register(b)
	if err != nil {
		return nil, err
	}
	// Booting is somebody else's code and takes its time: no lock is held.
	if b.publicKey != "" && s.booter != nil {
		var machine Box
		if machine, err = s.booter.Boot(i.ctx, i.id, b.publicKey, max(kinds[b.kind], 1)); err == nil {
			i.machine = machine
		}
	}
	close(i.booted)
	if err != nil {
		s.log.Warn("box does not boot", "instance", i.id, "err", err)
		s.mu.Lock()
		i.status, i.unborn = "provisioning", false
		s.note()
		s.mu.Unlock()
		s.running.Done()
		return i, nil
	}
	rest := s.begin(i, plan)
	s.mu.Lock()
	i.unborn = false
	s.note()
	s.mu.Unlock()
	if len(rest.steps) == 0 && len(rest.scripts) == 0 {
		s.running.Done()
		return i, nil
	}
	go func() {
		defer s.running.Done()
		s.run(i, rest)
	}()
	return i, nil
}

// register enters an instance, so that it is seen while it boots and Close
// finds it. Who registers calls running.Done when nothing runs for it any more.
func (s *Server) register(b birth) (*instance, plan, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil, plan{}, errEnded
	}
	s.running.Add(1)
	s.added++
	i := &instance{
		id: newID(), kind: b.kind, region: b.region, sector: b.sector, creator: b.creator, idempotencyKey: b.idempotencyKey,
		ordinal: s.added, status: "init", unborn: b.seed, createdAt: s.now(), booted: make(chan struct{}),
	}
	random := s.chance(boxStream, i.ordinal)
	if i.region == "" {
		i.region = regions[random.IntN(len(regions))]
	}
	i.ctx, i.cancel = context.WithCancel(s.ctx)
	p := seedPlan(b.status)
	if !b.seed {
		s.boxes++
		i.box = s.boxes
		p = s.plan(i.box, random)
	}
	s.dropOldest()
	s.instances = append(s.instances, i)
	s.byID[i.id] = i
	s.note()
	return i, p, nil
}

// dropOldest forgets the oldest deleted instance if there are too many. Called
// with mu held.
func (s *Server) dropOldest() {
	if len(s.instances) < maxGone {
		return
	}
	now := s.now()
	n := slices.IndexFunc(s.instances, func(i *instance) bool { return !i.deletedAt.IsZero() && !i.visible(now) })
	if n >= 0 {
		delete(s.byID, s.instances[n].id)
		s.instances = slices.Delete(s.instances, n, n+1)
	}
}

// visible says whether list and get show the instance. Called with mu held.
func (i *instance) visible(now time.Time) bool {
	return !i.unborn && (i.deletedAt.IsZero() || now.Before(i.hiddenAt))
}

// address is the box's, or one for documentation (RFC 5737), at which nothing
// answers.
func (i *instance) address() string {
	if i.machine != nil {
		return i.machine.IP()
	}
	blocks := []string{"192.0.2", "198.51.100", "203.0.113"}
	n := i.ordinal - 1
	return fmt.Sprintf("%s.%d", blocks[n/254%len(blocks)], 1+n%254)
}

func (s *Server) get(x *exchange, r *http.Request, _ []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.byID[r.PathValue("id")]
	if i == nil || !i.visible(s.now()) {
		x.fail(http.StatusNotFound, "not_found", "instance not found")
		return
	}
	x.entry.Instance = i.id
	x.reply(http.StatusOK, i.wire())
}

func (s *Server) delete(x *exchange, r *http.Request, _ []byte) {
	s.mu.Lock()
	i := s.byID[r.PathValue("id")]
	if i == nil || !i.visible(s.now()) {
		s.mu.Unlock()
		x.fail(http.StatusNotFound, "not_found", "instance not found")
		return
	}
	x.entry.Instance = i.id
	x.entry.Effect = s.bury(i)
	s.mu.Unlock()
	if err := i.end(); err != nil {
		s.log.Warn("box does not end", "instance", i.id, "err", err)
	}
	x.reply(http.StatusNoContent, nil)
}

// bury marks an instance as deleted; false if it was. Called with mu held.
func (s *Server) bury(i *instance) bool {
	if !i.deletedAt.IsZero() {
		return false
	}
	i.deletedAt = s.now()
	i.hiddenAt = i.deletedAt.Add(s.scenario.Linger.draw(s.chance(boxStream, i.ordinal)))
	s.note()
	return true
}

// end ends the box behind an instance, once.
func (i *instance) end() error {
	i.once.Do(func() {
		i.cancel()
		<-i.booted
		if i.machine != nil {
			i.endErr = i.machine.Close()
		}
	})
	return i.endErr
}
