package tui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// paneState is what has become of a pane's shell.
type paneState int

const (
	paneDialing paneState = iota
	paneOpen
	paneEnded  // the shell ended by itself
	paneLost   // the connection went; the shell's fate is unknown
	paneFailed // there never was a shell this time
)

// onePane is a lease, a terminal, and the shell when there is one.
type onePane struct {
	id, gen int // gen grows with each connection, and tells stale replies
	key     string
	lease   provider.Lease
	state   paneState
	err     error
	at      time.Time // of the state
	eng     *pane.Engine
	lines   lines
	frame   pane.Frame
	wokeAt  time.Time          // when the frame was last woken
	stop    context.CancelFunc // of the dialling
	closed  chan struct{}      // closed when the tab is
	// ahead is what was typed while the pane was connecting.
	ahead     []tea.KeyPressMsg
	focused   bool      // what the remote was last told
	clipboard bool      // its programs may set the clipboard unasked
	refused   time.Time // until then they may not, and nobody is asked
	cast      *cast     // its recording; nil: there is none

	// once: there was a shell, so that the pane comes back by itself.
	once bool
	life life   // of the newest shell
	lost string // how its connection was lost, in words
	// lostAt is when; report is what is to be said of the time since.
	lostAt time.Time
	report string
	tries  int
	next   time.Time // of the next try; zero: there is none

	mark tabMark
	rung uint64 // bells that were seen

	// title and screen are its place when its tab is on screen; there is no
	// title where it has the tab to itself.
	title, screen rect
	visible       bool // it is on screen
	marked        bool // it takes part in the broadcast

	copy copyMode
}

// tabMark is what happened in a pane while nobody looked.
type tabMark int

const (
	markNone tabMark = iota
	markOutput
	markBell
)

// paneSet is all panes, and the tabs that they are in.
type paneSet struct {
	cmds   *commands
	all    []*onePane // in the order in which they were opened
	tabs   []*tab
	active int // the tab on screen
	nextID int
	// at is the place of the panes on screen, as last laid out.
	at rect
	// zoom: the pane that has the keyboard hides the others and the fleet.
	zoom bool
	// now has the keyboard, and before had it before; for going back.
	now, before *onePane
	colors      outerColors
	clusters    bool // the outer terminal measures clusters, see modeReported
}

func isLost(err error) bool { return errors.Is(err, session.ErrLinkLost) }

// current is the pane that has the keyboard, or would have it.
func (s *paneSet) current() *onePane {
	if t := s.tab(); t != nil {
		return t.focus
	}
	return nil
}

func (s *paneSet) byID(id int) *onePane {
	if i := slices.IndexFunc(s.all, func(p *onePane) bool { return p.id == id }); i >= 0 {
		return s.all[i]
	}
	return nil
}

// count is how many panes a lease has.
func (s *paneSet) count(key string) int {
	n := 0
	for _, p := range s.all {
		if p.key == key {
			n++
		}
	}
	return n
}

// show goes to a pane of the lease; false if it has none.
func (s *paneSet) show(key string) bool {
	if p := s.current(); p != nil && p.key == key {
		return true
	}
	i := slices.IndexFunc(s.all, func(p *onePane) bool { return p.key == key })
	if i >= 0 {
		s.goTo(s.all[i])
	}
	return i >= 0
}

// open adds a tab for the lease and dials.
func (s *paneSet) open(l provider.Lease, now time.Time) tea.Cmd {
	p := s.make(l, now)
	s.tabs = append(s.tabs, &tab{root: &node{pane: p}, focus: p})
	s.active = len(s.tabs) - 1
	s.lay(s.at)
	return s.start(p, now)
}

// make returns a pane that is in no tab yet.
func (s *paneSet) make(l provider.Lease, now time.Time) *onePane {
	s.nextID++
	p := &onePane{
		id: s.nextID, key: l.Key(), lease: l, at: now,
		eng: pane.New(s.at.w, s.at.h, s.cmds.d.Pane), closed: make(chan struct{}),
	}
	p.eng.SetColors(s.colors.fg, s.colors.bg, s.colors.cursor)
	p.eng.SetPlainClusters(!s.clusters)
	s.all = append(s.all, p)
	return p
}

// start dials for a new pane.
func (s *paneSet) start(p *onePane, now time.Time) tea.Cmd {
	return tea.Batch(s.connect(p, p.lease, now), s.cmds.waitWake(p.id, p.eng, p.closed, time.Time{}))
}

// size is what the remote is told.
func (p *onePane) size() session.Size {
	return session.Size{Cols: max(p.screen.w, 1), Rows: max(p.screen.h, 1)}
}

// connect dials for a tab, the first time or again.
func (s *paneSet) connect(p *onePane, l provider.Lease, now time.Time) tea.Cmd {
	ctx, stop := context.WithCancel(s.cmds.ctx)
	p.gen++
	p.stop, p.state, p.err, p.at, p.lease, p.next = stop, paneDialing, nil, now, l, time.Time{}
	return s.cmds.openPane(ctx, p.id, p.gen, l, p.lines.hold, p.life.name, p.size())
}

// opened takes a shell over; one that nobody waits for any more is let go.
func (s *paneSet) opened(msg paneOpenedMsg, now time.Time) tea.Cmd {
	p := s.byID(msg.id)
	if p == nil || p.gen != msg.gen {
		return s.cmds.dispose(msg.lines)
	}
	p.away(msg.lines.life, now)
	p.lines, p.state, p.at, p.err = msg.lines, paneOpen, now, nil
	p.once, p.lost, p.tries, p.next = true, "", 0, time.Time{}
	p.eng.Mark("connected to " + p.lease.Name())
	p.eng.Attach(msg.lines.shell, msg.lines.life.note(now))
	p.focused = false
	for _, k := range p.ahead {
		_ = p.eng.Key(remoteKey(k))
	}
	p.ahead = nil
	s.refresh()
	return s.cmds.watchPane(p.id, p.gen, msg.lines)
}

// failed notes that there is no shell. A pane that had one tries again, unless
// another try cannot help.
func (s *paneSet) failed(msg paneFailedMsg) tea.Cmd {
	p := s.byID(msg.id)
	if p == nil || p.gen != msg.gen {
		return nil
	}
	p.state, p.err, p.at, p.ahead = paneFailed, msg.err, msg.at, nil
	var changed *session.HostKeyChangedError
	if !p.once || errors.As(msg.err, &changed) || errors.Is(msg.err, session.ErrDenied) {
		return nil
	}
	return s.retryLater(p, msg.at)
}

// ended notes the end of a shell. A lost link may come back, so its share in
// the heartbeat is suspended; a shell that ended needs none.
func (s *paneSet) ended(msg paneEndedMsg) tea.Cmd {
	p := s.byID(msg.id)
	if p == nil || p.gen != msg.gen || p.dead() {
		return nil
	}
	p.state, p.err, p.at = paneEnded, msg.err, msg.at
	free := p.lines
	p.lines = lines{}
	if msg.lost {
		p.state = paneLost
		p.heardLast(free.shell)
		p.lostAt = p.at
		p.lost = "connection lost at " + p.at.Local().Format("15:04:05")
		if p.err != nil && !errors.Is(p.err, session.ErrClosed) && p.err.Error() != session.ErrLinkLost.Error() {
			p.lost += ": " + clean(p.err.Error())
		}
		p.eng.Mark(p.lost)
		p.lines.hold = free.hold
		free.hold = nil
		s.refresh()
		return tea.Batch(s.cmds.dispose(free), s.cmds.suspendHold(p.lines.hold), s.retryLater(p, msg.at))
	}
	p.eng.Mark("the shell ended")
	s.refresh()
	return s.cmds.dispose(free)
}

// tabText is what the tab line says of a pane's programs.
func (p *onePane) tabText() (s struct {
	title, dir string
	progress   term.Progress
}) {
	s.title, s.dir, s.progress = p.frame.Title, p.frame.Directory, p.frame.Progress
	return s
}

// woke pulls the newest frame of a pane that is on screen; marked says that the
// tab line has to be drawn again. Nothing is drawn of a pane that is not.
func (s *paneSet) woke(p *onePane, msg paneWokeMsg) (cmd tea.Cmd, marked bool) {
	was, said := p.mark, p.tabText()
	switch {
	case p.visible:
		p.refresh()
	case p.eng.Bells() != p.rung:
		p.mark = markBell
	default:
		p.mark = max(p.mark, markOutput)
	}
	return s.cmds.waitWake(p.id, p.eng, p.closed, msg.at), p.mark != was || p.tabText() != said
}

// refresh pulls the frames of the panes that are on screen.
func (s *paneSet) refresh() {
	for _, p := range s.all {
		if p.visible {
			p.refresh()
		}
	}
}

func (p *onePane) refresh() {
	p.frame = p.eng.Frame()
	p.mark, p.rung = markNone, p.frame.Bells
}

// markOf is the strongest mark among a lease's panes.
func (s *paneSet) markOf(key string) tabMark {
	out := markNone
	for _, p := range s.all {
		if p.key == key {
			out = max(out, p.mark)
		}
	}
	return out
}

// close takes a pane away and returns what it held.
func (s *paneSet) close(p *onePane) lines {
	i := slices.Index(s.all, p)
	if i < 0 {
		return lines{}
	}
	s.all = slices.Delete(s.all, i, i+1)
	s.take(p)
	if s.before == p {
		s.before = nil
	}
	if s.now == p {
		s.now = nil
	}
	if p.stop != nil {
		p.stop()
	}
	p.eng.StopRecording()
	close(p.closed)
	p.gen++
	if len(s.all) == 0 {
		s.zoom = false
	}
	s.lay(s.at)
	return p.lines
}

// closeLease takes all panes of a lease away and returns what they held.
func (s *paneSet) closeLease(key string) []lines {
	var out []lines
	for _, p := range slices.Clone(s.all) {
		if p.key == key {
			out = append(out, s.close(p))
		}
	}
	return out
}

// setFocus tells the panes which of them, if any, has the keyboard.
func (s *paneSet) setFocus(focused bool) {
	for _, p := range s.all {
		if on := focused && p == s.current(); on != p.focused && p.state == paneOpen {
			p.focused = on
			_ = p.eng.Focus(on) // a remote that does not read misses it, no more
		}
	}
}

// story says what happened to a pane that has no shell.
func (p *onePane) story(now time.Time) string {
	when := " at " + p.at.Local().Format("15:04:05")
	switch p.state {
	case paneDialing:
		if p.lost != "" {
			return p.lost + "; connecting again for " + duration(now.Sub(p.at))
		}
		return "connecting to " + p.lease.Name() + " for " + duration(now.Sub(p.at))
	case paneEnded:
		var exit *session.ExitError
		switch {
		case p.err == nil:
			return "the shell ended" + when
		case errors.As(p.err, &exit) && exit.Signal != "":
			return "the shell was ended by signal " + clean(exit.Signal) + when
		case errors.As(p.err, &exit):
			return fmt.Sprintf("the shell ended with status %d%s", exit.Status, when)
		}
		return "the shell ended" + when + ": " + clean(p.err.Error())
	case paneLost:
		return p.lost + "; what ran there may go on" + p.nextTry(now)
	case paneFailed:
		if p.lost != "" {
			return fmt.Sprintf("%s; try %d failed: %s%s", p.lost, p.tries, clean(errString(p.err)), p.nextTry(now))
		}
		return "no connection" + when + ": " + clean(errString(p.err)) + p.nextTry(now)
	}
	return ""
}
