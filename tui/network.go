package tui

import (
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"
)

const (
	// lookEvery is how often the machine's clocks are compared, and while a
	// pane is lost its addresses.
	lookEvery = time.Second
	// sleepSlack is how far the wall clock may run ahead of the monotonic one
	// between two looks before the machine counts as having slept.
	sleepSlack = 2 * time.Second
)

// network notices that the machine slept or moved to another network, after
// which a lost pane need not wait for its next try.
type network struct {
	every time.Duration
	// ahead is how far the wall clock has run ahead of the monotonic one, which
	// stands still while the machine sleeps. addresses are those of the machine,
	// in words.
	ahead     func() time.Duration
	addresses func() string
	// lost: some pane waits for its next try.
	lost atomic.Bool
}

func newNetwork() *network {
	born := time.Now()
	return &network{
		every: lookEvery,
		ahead: func() time.Duration {
			now := time.Now()
			return now.Round(0).Sub(born.Round(0)) - now.Sub(born)
		},
		addresses: interfaceAddresses,
	}
}

// interfaceAddresses is empty where they cannot be told.
func interfaceAddresses() string {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	var words []string
	for _, a := range all {
		words = append(words, a.String())
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// waitNetwork waits until the machine has slept, or until its addresses change
// while a pane is lost. Update re-arms it.
func (c *commands) waitNetwork() tea.Msg {
	t := time.NewTicker(c.network.every)
	defer t.Stop()
	ahead, addresses, looking := c.network.ahead(), "", false
	for {
		select {
		case <-c.ctx.Done():
			return nil
		case <-t.C:
		}
		if now := c.network.ahead(); now-ahead > sleepSlack {
			return networkChangedMsg{slept: true}
		} else if now < ahead {
			ahead = now // the wall clock was set back
		}
		if !c.network.lost.Load() {
			looking = false
			continue
		}
		now := c.network.addresses()
		if looking && now != addresses {
			return networkChangedMsg{}
		}
		addresses, looking = now, true
	}
}

// networkChanged has every lost pane try at once, and after a sleep every
// connection tell whether it is still there.
func (m *Model) networkChanged(msg networkChangedMsg) tea.Cmd {
	cmds := []tea.Cmd{m.cmds.waitNetwork}
	for _, p := range m.panes.all {
		if !p.next.IsZero() {
			p.tries = 1 // the network may need a moment more
			cmds = append(cmds, m.paneRetry(paneRetryMsg{p.id, p.gen}))
		}
		if link := p.lines.link; msg.slept && link != nil {
			if c, ok := link.Link.(interface{ Check() }); ok {
				c.Check()
			}
		}
	}
	return tea.Batch(cmds...)
}

// noteLost tells the network's watch whether a pane waits for its next try.
func (s *paneSet) noteLost() {
	s.cmds.network.lost.Store(slices.ContainsFunc(s.all, func(p *onePane) bool { return p.dead() && !p.next.IsZero() }))
}
