package tui

import (
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// warning is the last one given about a lease's deadline.
type warning struct {
	at    time.Time // the deadline that it was about
	level int
}

// warnAt are the times before a deadline at which a warning is due.
var warnAt = []time.Duration{10 * time.Minute, 2 * time.Minute, 0}

func (m *Model) fleetChanged(msg fleetChangedMsg) tea.Cmd {
	m.noteInventory(msg.snap)
	m.fleet.snap, m.fleet.loaded = msg.snap, true
	m.fleet.rebuild(m.now)
	m.warnDeadlines()
	m.noteHappenings()
	return tea.Batch(append(m.takeUp(), m.cmds.waitFleet)...)
}

// noteInventory says when the provider's answers change in kind.
func (m *Model) noteInventory(snap provider.FleetSnapshot) {
	was, is := m.fleet.snap.InventoryErr, snap.InventoryErr
	switch {
	case is != nil && (was == nil || was.Error() != is.Error()) && !errors.Is(is, provider.ErrNoKey):
		m.notices.add(m.now, toneBad, inventoryTrouble(snap, m.now))
	case is == nil && was != nil:
		m.notices.add(m.now, toneGood, "the provider answers again")
	}
}

// warnDeadlines gives each warning once a deadline; one that moves away
// starts anew.
func (m *Model) warnDeadlines() {
	for _, l := range m.fleet.snap.Rows {
		at, which := deadline(l)
		if at.IsZero() || ownerOf(l) == ownerForeign || !billing(l) {
			continue
		}
		w := m.warned[l.Key()]
		if !w.at.Equal(at) {
			w = warning{at: at}
		}
		level := 0
		for _, d := range warnAt {
			if at.Sub(m.now) <= d {
				level++
			}
		}
		if level > w.level {
			m.notices.add(m.now, toneWarn, deadlineText(l, level, at.Sub(m.now), which))
		}
		w.level = max(w.level, level)
		m.warned[l.Key()] = w
	}
}

func deadlineText(l provider.Lease, level int, left time.Duration, which clockName) string {
	if level == len(warnAt) {
		s := l.Name() + " has expired (" + string(which) + ")"
		if l.Keep {
			return s + "; it is kept, and bills until released"
		}
		return s + "; a cleanup or the guard may delete it now, and until then it bills"
	}
	return fmt.Sprintf("%s expires in %s (%s); e extends it", l.Name(), duration(left), which)
}

// opsChanged takes the operations' newest state, and says what ended.
func (m *Model) opsChanged(msg opsChangedMsg) tea.Cmd {
	var cmds []tea.Cmd
	for _, op := range msg.ops {
		if !op.Done() {
			continue
		}
		if old, ok := m.fleet.op(op.ID); ok && old.Done() {
			continue
		}
		cmds = append(cmds, m.opEnded(op))
	}
	m.fleet.ops = msg.ops
	m.fleet.rebuild(m.now)
	m.followOp()
	if msg.waited {
		cmds = append(cmds, m.cmds.waitOps)
	}
	return tea.Batch(append(cmds, m.quitWhenDone())...)
}

// followOp moves the cursor from an operation's own row to its lease's, when
// its claim has come.
func (m *Model) followOp() {
	for _, op := range m.fleet.ops {
		if m.fleet.cursor == opKey(op.ID) && op.LeaseID != "" {
			if _, ok := m.fleet.find(op.LeaseID); ok {
				m.fleet.cursor = op.LeaseID
			}
		}
	}
}

// opEnded says how an operation ended.
func (m *Model) opEnded(op provider.Progress) tea.Cmd {
	name := opName(op)
	switch {
	case op.Err != nil:
		m.notices.add(m.now, toneBad, opVerb(op.Kind)+" "+name+" failed: "+errorText(op.Err))
	case op.Kind == provider.KindRelease:
		text := name + ": gone."
		if op.Receipt != nil {
			text = name + ": " + receiptText(*op.Receipt)
		}
		m.notices.add(m.now, toneGood, text)
	default:
		if op.Lease != nil {
			name = op.Lease.Name()
		}
		m.notices.add(m.now, toneGood, name+" is ready")
		if op.ID == m.fleet.pinned {
			m.fleet.pinned = 0
		}
	}
	return m.cmds.refresh()
}

// opStarted shows the operation just started.
func (m *Model) opStarted(msg opStartedMsg) tea.Cmd {
	m.fleet.pinned = msg.id
	if m.quitting != nil {
		m.quitting[msg.id] = true
	}
	return nil
}

// quitWhenDone ends the program when nothing is awaited any more.
func (m *Model) quitWhenDone() tea.Cmd {
	if m.quitting == nil {
		return nil
	}
	for id := range m.quitting {
		if op, ok := m.fleet.op(id); ok && !op.Done() {
			return nil
		}
	}
	return tea.Quit
}

func (m *Model) clocksChanged(msg clocksChangedMsg) {
	if msg.err != nil {
		m.notices.add(m.now, toneBad, msg.name+": "+msg.what+": "+errorText(msg.err))
		return
	}
	if msg.gen == m.clocksGen {
		m.notices.add(m.now, toneGood, msg.name+": "+msg.done)
	}
}

func (m *Model) ticked(msg tickedMsg) {
	if msg.gen != m.tickGen {
		return
	}
	m.ticking = false
	m.warnDeadlines()
	if m.fleet.sort != sortFleet {
		m.fleet.rebuild(m.now)
	}
}

func isUnfinished(op provider.Progress) bool {
	return !op.Done() && op.Kind != provider.KindRelease && op.Abandoned == nil
}

// unfinished returns the acquires under way that nobody has given up.
func (m *Model) unfinished() []provider.Progress {
	return slices.DeleteFunc(m.fleet.running(), func(op provider.Progress) bool { return !isUnfinished(op) })
}
