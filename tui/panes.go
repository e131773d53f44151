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

// onePane is one tab: a lease, a terminal, and the shell when there is one.
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
	stop    context.CancelFunc // of the dialling
	closed  chan struct{}      // closed when the tab is
	// ahead is what was typed while the pane was connecting.
	ahead     []tea.KeyPressMsg
	focused   bool // what the remote was last told
	clipboard bool // its programs may set the clipboard unasked

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
}

// tabMark is what happened in a pane while nobody looked.
type tabMark int

const (
	markNone tabMark = iota
	markOutput
	markBell
)

// paneSet is all tabs, in order.
type paneSet struct {
	cmds   *commands
	all    []*onePane
	active int
	nextID int
	// size is that of the pane's place on screen, as last laid out.
	size session.Size
	zoom bool
	// visible: the active pane is on screen.
	visible bool
	colors  outerColors
}

func isLost(err error) bool { return errors.Is(err, session.ErrLinkLost) }

func (s *paneSet) current() *onePane {
	if s.active < len(s.all) {
		return s.all[s.active]
	}
	return nil
}

func (s *paneSet) byID(id int) *onePane {
	if i := slices.IndexFunc(s.all, func(p *onePane) bool { return p.id == id }); i >= 0 {
		return s.all[i]
	}
	return nil
}

// count is how many tabs a lease has.
func (s *paneSet) count(key string) int {
	n := 0
	for _, p := range s.all {
		if p.key == key {
			n++
		}
	}
	return n
}

// show makes a tab of the lease the active one; false if it has none.
func (s *paneSet) show(key string) bool {
	if p := s.current(); p != nil && p.key == key {
		return true
	}
	i := slices.IndexFunc(s.all, func(p *onePane) bool { return p.key == key })
	if i >= 0 {
		s.active = i
	}
	return i >= 0
}

// open adds a tab for the lease and dials.
func (s *paneSet) open(l provider.Lease, now time.Time) tea.Cmd {
	s.nextID++
	size := s.dialSize()
	p := &onePane{
		id: s.nextID, key: l.Key(), lease: l, at: now,
		eng: pane.New(size.Cols, size.Rows), closed: make(chan struct{}),
	}
	p.eng.Limit(s.cmds.d.Pane)
	p.eng.SetColors(s.colors.fg, s.colors.bg, s.colors.cursor)
	s.all = append(s.all, p)
	s.active = len(s.all) - 1
	return tea.Batch(s.connect(p, l, now), s.cmds.waitWake(p.id, p.eng, p.closed, time.Time{}))
}

func (s *paneSet) dialSize() session.Size {
	return session.Size{Cols: max(s.size.Cols, 1), Rows: max(s.size.Rows, 1)}
}

// connect dials for a tab, the first time or again.
func (s *paneSet) connect(p *onePane, l provider.Lease, now time.Time) tea.Cmd {
	ctx, stop := context.WithCancel(s.cmds.ctx)
	p.gen++
	p.stop, p.state, p.err, p.at, p.lease, p.next = stop, paneDialing, nil, now, l, time.Time{}
	return s.cmds.openPane(ctx, p.id, p.gen, l, p.lines.hold, p.life.name, s.dialSize())
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
		p.lines.hold = free.hold
		free.hold = nil
		s.refresh()
		return tea.Batch(s.cmds.dispose(free), s.cmds.suspendHold(p.lines.hold), s.retryLater(p, msg.at))
	}
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
	case p == s.current() && s.visible:
		s.refresh()
	case p.eng.Bells() != p.rung:
		p.mark = markBell
	default:
		p.mark = max(p.mark, markOutput)
	}
	return s.cmds.waitWake(p.id, p.eng, p.closed, msg.at), p.mark != was || p.tabText() != said
}

// refresh pulls the active pane's frame if it is on screen.
func (s *paneSet) refresh() {
	if p := s.current(); p != nil && s.visible {
		p.frame = p.eng.Frame()
		p.mark, p.rung = markNone, p.frame.Bells
	}
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

// resize gives the panes their place on screen. Hidden tabs get it too, so
// that going to one does not redraw it under the reader's eyes.
func (s *paneSet) resize(size session.Size, visible bool) {
	s.visible = visible
	if size.Cols > 0 && size.Rows > 0 && size != s.size {
		s.size = size
		for _, p := range s.all {
			p.eng.Resize(size.Cols, size.Rows)
		}
	}
	s.refresh()
}

// close takes a tab away and returns what it held.
func (s *paneSet) close(p *onePane) lines {
	i := slices.Index(s.all, p)
	if i < 0 {
		return lines{}
	}
	s.all = slices.Delete(s.all, i, i+1)
	if s.active > i || s.active == len(s.all) {
		s.active = max(s.active-1, 0)
	}
	if p.stop != nil {
		p.stop()
	}
	close(p.closed)
	p.gen++
	if len(s.all) == 0 {
		s.zoom = false
	}
	s.refresh()
	return p.lines
}

// closeLease takes all tabs of a lease away and returns what they held.
func (s *paneSet) closeLease(key string) []lines {
	var out []lines
	for _, p := range slices.Clone(s.all) {
		if p.key == key {
			out = append(out, s.close(p))
		}
	}
	return out
}

// pick makes the tab at index i the active one.
func (s *paneSet) pick(i int) {
	if i >= 0 && i < len(s.all) {
		s.active = i
		s.refresh()
	}
}

func (s *paneSet) turn(n int) {
	if len(s.all) > 0 {
		s.pick((s.active + n + len(s.all)) % len(s.all))
	}
}

// setFocus tells the panes which of them, if any, has the keyboard.
func (s *paneSet) setFocus(focused bool) {
	for i, p := range s.all {
		if on := focused && i == s.active; on != p.focused && p.state == paneOpen {
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
