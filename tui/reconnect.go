package tui

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// retryLater sets the time of a lost pane's next try.
func (s *paneSet) retryLater(p *onePane, now time.Time) tea.Cmd {
	wait := backOff(p.tries, rand.Float64())
	var failed *session.DialError
	if errors.As(p.err, &failed) && failed.Rung == session.RungTCP && now.Sub(p.lostAt) < eagerFor {
		wait = min(wait, time.Second)
	}
	p.tries++
	p.next = now.Add(wait)
	s.noteLost()
	return s.cmds.after(wait, paneRetryMsg{p.id, p.gen})
}

// eagerFor is how long a box that cannot even be reached is tried every second:
// a try costs next to nothing, and nobody may tell when the way is free again.
const eagerFor = 10 * time.Minute

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

// heardLast notes how far a shell had come when its connection was lost.
func (p *onePane) heardLast(sh pane.Shell) {
	p.life.seen = multiplex.Seen{Lines: -1}
	if s, ok := sh.(interface{ Seen() multiplex.Seen }); ok {
		p.life.seen = s.Seen()
	}
}

// away notes what became of a shell while its connection was gone, for a
// person who comes back to it.
func (p *onePane) away(now life, at time.Time) {
	was := p.life
	p.life = now
	var said string
	switch {
	case !p.once:
		said = now.first()
	case now.ended:
		said = "the shell has ended meanwhile" + missed(was, now)
	case now.back:
		said = "back after " + duration(at.Sub(p.lostAt)) + ", in the same shell" + missed(was, now) + over(was, now)
	case now.gone && was.boot != "" && was.boot == now.boot:
		said = "the shell has ended meanwhile; this is a new one, on the same boot of the box"
	case now.gone && was.boot != "" && now.boot != "":
		said = "the box was booted anew; what ran in the shell has ended"
	case now.gone:
		said = "the shell has ended meanwhile; this is a new one"
	}
	if said != "" {
		p.report = p.lease.Name() + ": " + said
	}
}

// first is what is to be said of a pane's first shell.
func (l life) first() string {
	switch {
	case l.back:
		return "back in a shell that went on there"
	case l.in == "":
		return "not persistent: the box has no tmux 3, screen or dtach, so this shell ends with its connection"
	case l.in == "screen":
		return "no tmux 3 on the box, so the shell lives in screen; what is missed while away stays in screen's own scrollback"
	case l.in == "dtach":
		return "no tmux 3 on the box, so the shell lives in dtach; what it prints while away is not kept"
	}
	return ""
}

// missed says how many lines came meanwhile.
func missed(was, now life) string {
	switch n := now.seen.Missed(was.seen); {
	case n == 1:
		return "; 1 line came meanwhile"
	case n > 0:
		return "; " + strconv.Itoa(n) + " lines came meanwhile"
	}
	return ""
}

// shells are the programs whose being back in the foreground says that another
// has ended.
var shells = []string{"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "fish", "csh", "tcsh", "nu", "elvish", "xonsh", "pwsh"}

// over says which program was in the shell's foreground and has ended.
func over(was, now life) string {
	ran := clean(was.seen.Ran)
	if ran == "" || slices.Contains(shells, ran) || !slices.Contains(shells, now.seen.Ran) {
		return ""
	}
	return "; " + ran + " has ended"
}

func lifeOf(o multiplex.Opened) life {
	return life{name: o.Name, in: o.In, boot: o.Boot, back: o.Back, ended: o.Ended, gone: o.Gone, seen: o.Seen}
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
