package fal

import (
	"fmt"
	"slices"
	"testing"

	"github.com/openclaw/crabbox-tui/claims"
)

// The model is the transition table with the rest of the world made small: one
// lease, two programs that may die at any moment, a network that delivers a
// request late or never, and a cloud that makes or deletes the box. Every
// interleaving is walked. The rows, their locks and their order are the code's
// own; what the model adds is when a program may take a row at all, which is
// what the row before it allows.

// cloudState is what became of the box.
type cloudState byte

const (
	neverMade cloudState = iota
	alive
	deleted
)

// errand is what a program is in the middle of: a request that was sent, or
// its answer.
type errand byte

const (
	idle errand = iota
	postSent
	postAnswered
	postLost
	postRefused
	deleteSent
	deleteAnswered
	deleteLost
	absenceProven
)

// modelActor is one program.
type modelActor struct {
	doing errand
	first bool // it sends the lease's first create
	holds [3]bool
}

// modelWorld is one state of everything; it is comparable.
type modelWorld struct {
	claim      state
	known      bool // the claim names the instance
	box        cloudState
	posted     bool // a create was ever sent
	inflight   bool // a create of a dead program may still arrive
	deleting   bool // a delete of a dead program may still arrive
	actors     [2]modelActor
	deaths     int
	windowOver bool
}

// modelRules are what a mutant changes.
type modelRules struct {
	ignore    map[claims.Lock]bool // locks that nobody takes
	skipProof bool                 // absence is believed without a look
	maxDeaths int
}

func (r *modelRules) free(w modelWorld, who int, locks []claims.Lock) bool {
	for _, l := range locks {
		if l != claims.LockSlug && !r.ignore[l] && w.actors[1-who].holds[l] {
			return false
		}
	}
	return true
}

func take(a *modelActor, locks []claims.Lock) {
	for _, l := range locks {
		a.holds[l] = true
	}
}

// next returns every world that one step can lead to.
func (r *modelRules) next(w modelWorld) []modelWorld {
	var out []modelWorld
	for who := range w.actors {
		out = append(out, r.steps(w, who)...)
	}
	// The network delivers what a dead program had sent, or loses it.
	if w.inflight {
		late := w
		late.inflight = false
		out = append(out, late)
		if w.box == neverMade {
			late.box = alive
			out = append(out, late)
		}
	}
	if w.deleting {
		late := w
		late.deleting = false
		out = append(out, late)
		if w.box == alive {
			late.box = deleted
			out = append(out, late)
		}
	}
	if !w.windowOver && w.posted && !w.inflight {
		// Nothing that was sent arrives after the window: requests end sooner.
		late := w
		late.windowOver = w.actors[0].doing != postSent && w.actors[1].doing != postSent
		if late.windowOver {
			out = append(out, late)
		}
	}
	return out
}

// steps are what one program can do.
func (r *modelRules) steps(w modelWorld, who int) (out []modelWorld) {
	a := w.actors[who]
	// It dies: its locks are let go, and what it sent may still arrive.
	if w.deaths < r.maxDeaths && (a.doing != idle || a.holds != [3]bool{}) {
		dead := w
		dead.deaths++
		dead.inflight = dead.inflight || a.doing == postSent
		dead.deleting = dead.deleting || a.doing == deleteSent
		dead.actors[who] = modelActor{}
		out = append(out, dead)
	}
	// A request that it sent is carried out and answered, refused, or lost.
	switch a.doing {
	case postSent:
		for _, end := range []errand{postAnswered, postLost, postRefused} {
			n := w
			n.actors[who].doing = end
			if end == postRefused && (!a.first || w.box != neverMade) {
				continue
			}
			if end != postRefused && w.box == neverMade {
				n.box = alive
			}
			out = append(out, n)
			if end == postLost {
				n.box = w.box // it never arrived
				out = append(out, n)
			}
		}
		return out
	case deleteSent:
		for _, end := range []errand{deleteAnswered, deleteLost} {
			n := w
			n.actors[who].doing = end
			n.box = deleted
			out = append(out, n)
			if end == deleteLost {
				n.box = w.box
				out = append(out, n)
			}
		}
		return out
	}
	for _, t := range transitions {
		if n, ok := r.apply(w, who, t); ok {
			out = append(out, n)
		}
	}
	// It looks for the box, and proves that it is gone.
	if a.holds[claims.LockOperation] && a.doing == idle && w.known && (w.box == deleted || r.skipProof) {
		n := w
		n.actors[who].doing = absenceProven
		out = append(out, n)
	}
	if a.doing == idle && a.holds != [3]bool{} {
		n := w
		n.actors[who] = modelActor{}
		out = append(out, n)
	}
	return out
}

// apply takes a row of the table if the program may.
func (r *modelRules) apply(w modelWorld, who int, t transition) (modelWorld, bool) {
	a := w.actors[who]
	if !w.claim.oneOf(t.from...) || !r.free(w, who, t.locks) {
		return w, false
	}
	needs := map[event][]errand{
		evAnswered: {postAnswered}, evDoomed: {postAnswered}, evLost: {postLost}, evRejected: {postRefused},
		evAccepted: {deleteAnswered}, evAbsent: {absenceProven},
	}
	if want, ok := needs[t.event]; ok {
		if !slices.Contains(want, a.doing) {
			return w, false
		}
	} else if again := t.event == evDelete && a.doing == deleteLost; a.doing != idle && !again && t.event != evForget {
		return w, false
	}
	n := w
	take(&n.actors[who], t.locks)
	me := &n.actors[who]
	switch t.event {
	case evRestore, evBind, evRebind, evMove, evTouch, evClocks:
		return w, false // they do not make, delete or forget
	case evIntend:
		if w.posted || w.windowOver {
			return w, false // an id is used once
		}
	case evSend:
		if w.windowOver && w.posted {
			return w, false
		}
		me.first = !w.posted
		me.doing, n.posted = postSent, true
	case evAnswered, evDoomed:
		me.doing, n.known = idle, true
	case evLost, evRejected, evAccepted, evAbsent:
		me.doing = idle
	case evDelete:
		me.doing = deleteSent
	case evForget:
		me.doing = idle
		if needsLifetimeIn(w.claim) && !r.ignore[claims.LockAcquire] && w.actors[1-who].holds[claims.LockAcquire] {
			return w, false
		}
	}
	// A deletion of what an acquire may still be at wants its lock as well.
	if t.event == evDelete && w.claim.oneOf(stateProvisioning, stateReady) {
		if !r.ignore[claims.LockAcquire] && w.actors[1-who].holds[claims.LockAcquire] {
			return w, false
		}
		me.holds[claims.LockAcquire] = true
	}
	switch t.to {
	case sameState:
	case stateNone:
		n.claim, n.known = stateNone, false
	default:
		n.claim = t.to
	}
	return n, true
}

func needsLifetimeIn(s state) bool {
	return s.oneOf(stateCreateIntent, stateInflight, stateAmbiguous, stateProvisioning)
}

// broken says what must never be.
func broken(w modelWorld) string {
	switch {
	case w.box == alive && w.claim == stateNone:
		return "the box bills, and no claim knows of it"
	case w.claim == stateNone && w.inflight && w.box == neverMade:
		return "the claim is gone, and its create may still arrive"
	case w.claim.oneOf(stateDeleteConfirmed) && w.box != deleted:
		return "the claim says that the box is gone, and it is not"
	case w.box == alive && w.claim == stateRejected:
		return "the claim says that there is no box, and there is one"
	case !w.known && w.claim.oneOf(stateProvisioning, stateReady, stateRollback, stateDeleteAttempted, stateDeleteAccepted):
		return "the claim has lost its instance"
	}
	return ""
}

// explore walks every world, and returns how many there are and one that is
// broken, with the way to it.
func (r *modelRules) explore() (worlds int, bad string) {
	start := modelWorld{claim: stateNone}
	seen := map[modelWorld]bool{start: true}
	from := map[modelWorld]modelWorld{}
	queue := []modelWorld{start}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		if what := broken(w); what != "" {
			way := ""
			for at := w; ; at = from[at] {
				way = fmt.Sprintf("%+v\n", at) + way
				if at == start {
					break
				}
			}
			return len(seen), what + "\n" + way
		}
		for _, n := range r.next(w) {
			if !seen[n] {
				seen[n], from[n] = true, w
				queue = append(queue, n)
			}
		}
	}
	return len(seen), ""
}

func TestTheTableHoldsInEveryInterleavingOfTwoPrograms(t *testing.T) {
	r := &modelRules{maxDeaths: 3}
	worlds, bad := r.explore()
	if bad != "" {
		t.Fatal(bad)
	}
	t.Logf("%d worlds, none of them broken", worlds)
	if worlds < 1000 {
		t.Errorf("%d worlds are too few for the model to mean much", worlds)
	}
}

func TestTheModelNoticesWhatItIsFor(t *testing.T) {
	for name, r := range map[string]*modelRules{
		"no operation lock": {maxDeaths: 2, ignore: map[claims.Lock]bool{claims.LockOperation: true, claims.LockAcquire: true}},
		"no proof":          {maxDeaths: 2, skipProof: true},
	} {
		if _, bad := r.explore(); bad == "" {
			t.Errorf("%s: every world is fine", name)
		} else {
			t.Logf("%s: %.60s", name, bad)
		}
	}
}
