package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/tui/pane"
)

// broadcastMark stands on every pane that takes part in a broadcast.
const broadcastMark = "⇉"

// audience is who takes what is typed in a pane: the pane, or, if it takes
// part in a broadcast, every pane that does.
func (s *paneSet) audience(p *onePane) []*onePane {
	if !p.marked {
		return []*onePane{p}
	}
	var out []*onePane
	for _, q := range s.all {
		if q.marked {
			out = append(out, q)
		}
	}
	return out
}

// tell gives the engines of a pane's audience something, and says once what
// was not taken, and where.
func (m *Model) tell(p *onePane, f func(e *pane.Engine) error) {
	to := m.panes.audience(p)
	for _, q := range to {
		if err := f(q.eng); err != nil && len(to) > 1 {
			m.sent(fmt.Errorf("%s: %w", q.lease.Name(), err))
		} else {
			m.sent(err)
		}
	}
}

// markPane takes a pane into the broadcast, or out of it.
func (m *Model) markPane(p *onePane) {
	if !p.marked && p.state != paneOpen {
		m.notices.add(m.now, toneWarn, "only a pane with a live shell can take part in a broadcast")
		return
	}
	p.marked = !p.marked
	n := len(m.panes.broadcast())
	switch {
	case !p.marked:
		m.notices.add(m.now, toneNone, fmt.Sprintf("this pane is out of the broadcast; %d %s left in it", n, plural(n, "pane is", "panes are")))
	case n == 1:
		m.notices.add(m.now, toneNone, "marked: mark others the same way, and what you type in one goes to all of them")
	}
}

// broadcastAll ends the broadcast; where there is none, it marks every live
// pane of the tab.
func (m *Model) broadcastAll() {
	if all := m.panes.broadcast(); len(all) > 0 {
		for _, p := range all {
			p.marked = false
		}
		m.notices.add(m.now, toneNone, "the broadcast has ended; keys go to one pane again")
		return
	}
	in := m.panes.tab().root.panes()
	if len(in) < 2 {
		m.notices.add(m.now, toneNone, "this tab has one pane; mark panes of other tabs one by one")
		return
	}
	for _, p := range in {
		p.marked = p.state == paneOpen
	}
}

// broadcast are the panes that take part.
func (s *paneSet) broadcast() []*onePane {
	var out []*onePane
	for _, p := range s.all {
		if p.marked {
			out = append(out, p)
		}
	}
	return out
}

// broadcastText says who takes what is typed in p, "" if only p does.
func (m *Model) broadcastText(p *onePane) string {
	to := m.panes.audience(p)
	if len(to) < 2 {
		return ""
	}
	var names []string
	for _, q := range to {
		if n := q.lease.Name(); !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return fmt.Sprintf("%s keys go to %d panes: %s", broadcastMark, len(to), strings.Join(names, ", "))
}

// dropOut takes a pane whose shell went out of the broadcast: it has missed
// keys, so it is not where the others are any more.
func (m *Model) dropOut(p *onePane) {
	if p.marked && p.state != paneOpen {
		p.marked = false
		m.notices.add(m.now, toneWarn, p.lease.Name()+" is out of the broadcast: its shell is gone or its link was lost")
	}
}

// paneEnded notes the end of a pane's shell or link.
func (m *Model) paneEnded(msg paneEndedMsg) tea.Cmd {
	cmd := m.panes.ended(msg)
	if p := m.panes.byID(msg.id); p != nil {
		m.dropOut(p)
	}
	return cmd
}
