package tui

import (
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// focusKind is who gets the keys.
type focusKind int

const (
	focusFleet focusKind = iota
	focusPane
)

// Model is the whole screen. It is the only Bubble Tea model here; its parts
// own their keys, state and drawing. Use it from one goroutine.
type Model struct {
	deps Deps
	cmds *commands
	st   *styles
	dark bool

	now  time.Time // of the message at hand; all drawing is as of it
	lay  layout
	w, h int

	focus   focusKind
	prefix  bool      // the prefix key was pressed, and the next key is ours
	again   time.Time // until then keys that repeat need no prefix
	drag    dragging
	clicks  clicks
	fleet   fleetView
	panes   *paneSet
	form    *acquireForm
	dialog  *dialog
	help    *helpView
	history bool // the notices' history is open
	notices notices
	warned  map[string]warning

	ticking, spinning bool
	tickGen, spinGen  int
	spin              int
	clocksGen         int
	mouseOff          bool
	tookUp            bool               // what was unfinished at the start was listed
	guarded           bool               // a guard runs, as last seen
	happened          provider.Happening // the newest that was said
	blurred           bool               // the outer terminal has lost the focus
	// quitting are operations whose end is awaited before the program ends.
	quitting map[int]bool
	left     cache
}

// New returns the program's model. It does nothing before Init.
func New(d Deps) *Model {
	if d.Prefix == "" {
		d.Prefix = "ctrl+]"
	}
	m := &Model{deps: d, cmds: newCommands(d), dark: true, warned: map[string]warning{}}
	m.panes = &paneSet{cmds: m.cmds, colors: outerColors{fg: 0xd0d0d0, cursor: 0xd0d0d0}}
	m.st = newStyles(d.Theme, m.dark)
	m.now = m.cmds.now()
	m.fleet.filter = newLineEdit("", 60)
	return m
}

// Init starts what waits: fleet, operations, the clock.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(m.cmds.readFleet, m.cmds.waitOps, m.cmds.guardStatus(false), m.cmds.waitNetwork, tea.RequestBackgroundColor, tea.RequestForegroundColor, tea.RequestCursorColor, m.schedule())
}

// Close frees what the panes hold, within a few seconds whatever the remotes
// do. Boxes and their claims stay as they are. Call it after the program ended.
func (m *Model) Close() {
	m.cmds.cancel()
	var all []lines
	for len(m.panes.all) > 0 {
		all = append(all, m.panes.close(m.panes.all[0]))
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var files sync.WaitGroup
		files.Go(m.cmds.casts.close)
		m.cmds.leave(all)
		m.cmds.links.closeAll()
		files.Wait()
	}()
	t := time.NewTimer(disposeTimeout)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}

// Billing returns the boxes that go on costing money, or may, as last seen.
func (m *Model) Billing() []provider.Lease { return m.fleet.billing() }

// refit lays the screen out anew and gives the panes their place.
func (m *Model) refit() {
	m.lay = layOut(m.w, m.h, layoutInput{
		panes:     len(m.panes.all) > 0,
		paneFocus: m.focus == focusPane,
		zoom:      m.panes.zoom,
	})
	m.fleet.scrollTo(m.lay.list.h - 1)
	m.panes.lay(m.lay.screen)
	m.panes.setFocus(m.focus == focusPane && !m.blurred)
}

// setFocus moves the keyboard between fleet and pane.
func (m *Model) setFocus(f focusKind) {
	if f == focusPane && m.panes.current() == nil {
		f = focusFleet
	}
	m.focus, m.prefix = f, false
}

// schedule keeps the two clocks going that are needed now: the second's tick,
// and the spinner while something that turns is on screen.
func (m *Model) schedule() tea.Cmd {
	var cmds []tea.Cmd
	if !m.ticking {
		m.ticking = true
		m.tickGen++
		cmds = append(cmds, m.cmds.after(m.tickEvery(), tickedMsg{m.tickGen}))
	}
	if !m.spinning && m.turning() {
		m.spinning = true
		m.spinGen++
		cmds = append(cmds, m.cmds.after(spinEvery, spunMsg{m.spinGen}))
	}
	return tea.Batch(cmds...)
}

// tickEvery is a second while times are on screen; else often enough for the
// warnings before a deadline.
func (m *Model) tickEvery() time.Duration {
	if m.lay.kind == screenZoom || m.lay.kind == screenTiny {
		return 10 * time.Second
	}
	return time.Second
}

// turning says whether a spinner is on screen.
func (m *Model) turning() bool {
	for _, p := range m.panes.all {
		if p.visible && p.state == paneDialing {
			return true
		}
	}
	op, ok := m.fleet.operation()
	return ok && !op.Done() && !m.lay.detail.empty()
}
