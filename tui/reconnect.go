package tui

import (
	"math/rand/v2"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

// retryLater sets the time of a lost pane's next try.
func (s *paneSet) retryLater(p *onePane, now time.Time) tea.Cmd {
	wait := backOff(p.tries, rand.Float64())
	p.tries++
	p.next = now.Add(wait)
	s.noteLost()
	return s.cmds.after(wait, paneRetryMsg{p.id, p.gen})
}

// backOff is how long to wait before try n of a lost pane, counted from 0:
// not at all, half a second, and then twice as long each time up to 15 s. luck,
// from 0 to 1, spreads the tries of many panes over a fifth of it.
func backOff(n int, luck float64) time.Duration {
	if n == 0 {
		return 0
	}
	wait := min(500*time.Millisecond<<min(n-1, 8), 15*time.Second)
	return time.Duration(float64(wait) * (0.9 + 0.2*luck))
}

// hurry makes a lost pane try at once.
func (s *paneSet) hurry(p *onePane, l provider.Lease, now time.Time) tea.Cmd {
	if p.next.IsZero() || !p.dead() {
		return nil
	}
	return s.connect(p, l, now)
}

// paneRetry carries out a lost pane's next try, if its lease is still there.
func (m *Model) paneRetry(msg paneRetryMsg) tea.Cmd {
	p := m.panes.byID(msg.id)
	if p == nil || p.gen != msg.gen || !p.dead() {
		return nil
	}
	l, there := m.fleet.find(p.key)
	if m.fleet.loaded && (!there || provider.Can(provider.ActionAttach, l) != nil) {
		p.next = time.Time{}
		return nil
	}
	return m.panes.connect(p, m.newest(p), m.now)
}

// away notes what became of a shell while its connection was gone, for a
// person who comes back to it.
func (p *onePane) away(now life, at time.Time) {
	was := p.life
	p.life = now
	switch {
	case now.ended:
		p.report = p.lease.Name() + ": the shell has ended meanwhile"
	case now.back && !p.once:
		p.report = p.lease.Name() + ": back in a shell that went on there"
	case now.back:
		p.report = p.lease.Name() + ": back after " + duration(at.Sub(p.lostAt)) + ", in the same shell"
	case now.gone && was.boot != "" && now.boot != "" && was.boot != now.boot:
		p.report = p.lease.Name() + ": the box was booted anew; what ran in the shell has ended"
	case now.gone:
		p.report = p.lease.Name() + ": the shell has ended meanwhile; this is a new one"
	case now.in == "" && !p.once:
		p.report = p.lease.Name() + ": not persistent: the box has no tmux 3, screen or dtach, so this shell ends with its connection"
	case now.in == "screen" && !p.once:
		p.report = p.lease.Name() + ": no tmux 3 on the box, so the shell lives in screen; what is missed while away stays in screen's own scrollback"
	case now.in == "dtach" && !p.once:
		p.report = p.lease.Name() + ": no tmux 3 on the box, so the shell lives in dtach; what it prints while away is not kept"
	}
}

func lifeOf(o multiplex.Opened) life {
	return life{name: o.Name, in: o.In, boot: o.Boot, back: o.Back, ended: o.Ended, gone: o.Gone}
}

// note is what stands between what a lost shell left and what comes after it.
func (l life) note(now time.Time) string {
	to := "to a new shell"
	if l.back {
		to = "to the same shell"
	}
	return "── reconnected " + now.Local().Format("15:04:05") + ", " + to + " ──"
}

// nextTry says when a lost pane is tried again.
func (p *onePane) nextTry(now time.Time) string {
	switch {
	case p.next.IsZero():
		return ""
	case !p.next.After(now):
		return "; trying again"
	}
	return "; next try in " + duration(p.next.Sub(now).Round(time.Second))
}

func errString(err error) string {
	if err == nil {
		return "unknown reason"
	}
	return err.Error()
}
