package tui

import (
	"context"
	"errors"
	"net"
	"strconv"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/session/record"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

const (
	clocksTimeout  = 2 * time.Minute
	stopTimeout    = 30 * time.Second
	disposeTimeout = 3 * time.Second
	// frameEvery is the least time between two wakes of a pane that Update
	// sees: the outer terminal is drawn no more often.
	frameEvery = 8 * time.Millisecond
	spinEvery  = 120 * time.Millisecond
)

// commands makes every command of the UI. Nothing else calls into Deps, and
// no command outlives ctx for long.
type commands struct {
	d      Deps
	ctx    context.Context
	cancel context.CancelFunc
	links  *links
	// network is what tells that the machine slept or moved.
	network *network
	// after is how ticks wait; tests put their own clock here.
	after func(time.Duration, tea.Msg) tea.Cmd
	// exec gives the terminal to a program, and newCast makes the file of a
	// recording; tests put their own here.
	exec    func(tea.ExecCommand, tea.ExecCallback) tea.Cmd
	newCast func(path string, o record.Options) (*record.Recorder, error)
	casts   casts
}

func newCommands(d Deps) *commands {
	ctx, cancel := context.WithCancel(context.Background())
	c := &commands{d: d, ctx: ctx, cancel: cancel, links: newLinks(), network: newNetwork(), exec: tea.Exec, newCast: record.Create}
	c.after = c.timer
	return c
}

func (c *commands) timer(d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg {
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-c.ctx.Done():
			return nil
		case <-t.C:
			return msg
		}
	}
}

func (c *commands) readFleet() tea.Msg { return fleetChangedMsg{c.d.Fleet.Snapshot()} }

// waitFleet waits for a newer fleet. Update re-arms it.
func (c *commands) waitFleet() tea.Msg {
	select {
	case <-c.ctx.Done():
		return nil
	case <-c.d.Fleet.Wake():
		return fleetChangedMsg{c.d.Fleet.Snapshot()}
	}
}

// waitOps waits for operations to move. Update re-arms it.
func (c *commands) waitOps() tea.Msg {
	select {
	case <-c.ctx.Done():
		return nil
	case <-c.d.Operations.Wake():
		return opsChangedMsg{ops: c.d.Operations.Snapshot(), waited: true}
	}
}

func (c *commands) refresh() tea.Cmd {
	return func() tea.Msg {
		c.d.Fleet.Refresh()
		return nil
	}
}

func (c *commands) acquire(req provider.AcquireRequest) tea.Cmd {
	return func() tea.Msg { return opStartedMsg{c.d.Operations.Acquire(req)} }
}

func (c *commands) resume(l provider.Lease) tea.Cmd {
	return func() tea.Msg { return opStartedMsg{c.d.Operations.Resume(l.Ref(), l.Slug)} }
}

// release frees the panes of the lease, ends its heartbeat, and only then
// starts the release: a touch after the delete would fight it.
func (c *commands) release(l provider.Lease, panes []lines) tea.Cmd {
	return func() tea.Msg {
		c.disposeNow(panes)
		ctx, cancel := context.WithTimeout(c.ctx, stopTimeout)
		defer cancel()
		c.d.StopHold(ctx, l.ID)
		return opStartedMsg{c.d.Operations.Release(l.Ref(), l.Slug)}
	}
}

// finish clears away a lease whose box is proven gone.
func (c *commands) finish(l provider.Lease) tea.Cmd {
	return func() tea.Msg {
		c.d.Operations.Release(l.Ref(), l.Slug)
		return nil
	}
}

func (c *commands) abandon(id int, cause error) tea.Cmd {
	return func() tea.Msg {
		c.d.Operations.Abandon(id, cause)
		return nil
	}
}

func (c *commands) dismiss(id int) tea.Cmd {
	return func() tea.Msg {
		c.d.Operations.Dismiss(id)
		return opsChangedMsg{ops: c.d.Operations.Snapshot()}
	}
}

// keep sets or clears the keep label.
func (c *commands) keep(l provider.Lease, keep bool, gen int) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, clocksTimeout)
		defer cancel()
		err := c.d.Clocks.Keep(ctx, l.Ref(), keep)
		c.d.Fleet.Refresh()
		done := notKeptText
		if keep {
			done = keptText
		}
		return clocksChangedMsg{key: l.Key(), name: l.Name(), gen: gen, done: done, what: "keep was not changed", err: err}
	}
}

// bind gives a lost create an instance.
func (c *commands) bind(l provider.Lease, instanceID string, gen int) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, clocksTimeout)
		defer cancel()
		err := c.d.Repairs.Bind(ctx, l.Ref(), instanceID)
		c.d.Fleet.Refresh()
		return clocksChangedMsg{key: l.Key(), name: l.Name(), gen: gen, done: "bound to " + instanceID + "; resume it, or release it", what: "it was not bound", err: err}
	}
}

// rebind moves a lease to the key in use.
func (c *commands) rebind(l provider.Lease, gen int) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, clocksTimeout)
		defer cancel()
		err := c.d.Repairs.Rebind(ctx, l.Ref())
		c.d.Fleet.Refresh()
		return clocksChangedMsg{key: l.Key(), name: l.Name(), gen: gen, done: "it is bound to this key now", what: "it stays bound to the other key", err: err}
	}
}

// guardStatus looks for the guard; asked says that a person wants to see it.
func (c *commands) guardStatus(asked bool) tea.Cmd {
	if c.d.Guard == nil {
		return func() tea.Msg { return guardMsg{asked: asked, none: true} }
	}
	return func() tea.Msg {
		running, said, err := c.d.Guard.Status()
		return guardMsg{asked: asked, running: running, said: said, err: err}
	}
}

// startGuard leaves a guard; thenQuit ends the program once it guards.
func (c *commands) startGuard(thenQuit bool) tea.Cmd {
	return func() tea.Msg {
		said, err := c.d.Guard.Start(c.ctx)
		return guardMsg{running: err == nil, said: said, err: err, changed: true, quit: thenQuit && err == nil}
	}
}

func (c *commands) stopGuard() tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, stopTimeout)
		defer cancel()
		err := c.d.Guard.Stop(ctx)
		return guardMsg{running: err != nil, said: "the guard was stopped", err: err, changed: true}
	}
}

// extend sets new clocks.
func (c *commands) extend(l provider.Lease, ext provider.Extension, done string, gen int) tea.Cmd {
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(c.ctx, clocksTimeout)
		defer cancel()
		err := c.d.Clocks.Extend(ctx, l.Ref(), ext)
		c.d.Fleet.Refresh()
		return clocksChangedMsg{key: l.Key(), name: l.Name(), gen: gen, done: done, what: "its clocks were not changed", err: err}
	}
}

// openPane dials, or joins the lease's connection, and starts a shell. hold is
// the pane's share in the heartbeat from before, nil the first time.
func (c *commands) openPane(ctx context.Context, id, gen int, l provider.Lease, hold Hold, name string, size session.Size) tea.Cmd {
	return func() tea.Msg {
		failed := func(err error) tea.Msg {
			return paneFailedMsg{id: id, gen: gen, err: err, at: c.now()}
		}
		link, o, err := c.openShell(ctx, l, name, size)
		if link != nil && link.joined && err != nil && !errors.Is(err, session.ErrSessionRefused) && ctx.Err() == nil {
			// The connection that it joined was about to be found dead.
			link, o, err = c.openShell(ctx, l, name, size)
		}
		if err != nil {
			return failed(err)
		}
		switch {
		case hold != nil:
			hold.Resume()
		case ownerOf(l) == ownerMine:
			// Others' claims are never touched: their idle clock runs on.
			hold = c.d.Hold(l)
		}
		return paneOpenedMsg{id: id, gen: gen, lines: lines{link, o.Terminal, hold, lifeOf(o)}}
	}
}

// openShell starts a shell on the lease's connection. When that fails the link
// is given back and returned beside the error; and forgotten, unless it is only
// that the box takes no further session on it.
func (c *commands) openShell(ctx context.Context, l provider.Lease, name string, size session.Size) (*linkRef, multiplex.Opened, error) {
	key := l.Key() + " " + net.JoinHostPort(l.Host, strconv.Itoa(l.Port))
	link, err := c.links.open(ctx, key, func(ctx context.Context) (Link, error) { return c.d.Dial(ctx, l) })
	if err != nil {
		return nil, multiplex.Opened{}, err
	}
	o, err := link.Open(ctx, size, name)
	if err != nil {
		if !errors.Is(err, session.ErrSessionRefused) {
			link.forget()
		}
		link.release()
		return link, o, err
	}
	return link, o, nil
}

// watchPane waits for the end of a pane's shell or of its link.
func (c *commands) watchPane(id, gen int, ln lines) tea.Cmd {
	return func() tea.Msg {
		var gone <-chan struct{}
		if ln.link != nil {
			gone = ln.link.Done()
		}
		select {
		case <-c.ctx.Done():
			return nil
		case <-ln.shell.Done():
			err := ln.shell.Wait()
			return paneEndedMsg{id: id, gen: gen, lost: isLost(err), err: err, at: c.now()}
		case <-gone:
		}
		// The shell may have said how it ended just before its link went.
		t := time.NewTimer(time.Second)
		defer t.Stop()
		select {
		case <-ln.shell.Done():
			if err := ln.shell.Wait(); !isLost(err) {
				return paneEndedMsg{id: id, gen: gen, err: err, at: c.now()}
			}
		case <-t.C:
		}
		return paneEndedMsg{id: id, gen: gen, lost: true, err: ln.link.Err(), at: c.now()}
	}
}

// waitWake waits until a pane has something to draw; last is when it had the
// time before. The first wake after a rest passes at once, since it is most
// likely the echo of a key; a flood is thinned to the frame rate.
func (c *commands) waitWake(id int, e *pane.Engine, closed <-chan struct{}, last time.Time) tea.Cmd {
	return func() tea.Msg {
		select {
		case <-c.ctx.Done():
			return nil
		case <-closed:
			return nil
		case <-e.Wake():
		}
		if wait := frameEvery - time.Since(last); wait > 0 {
			t := time.NewTimer(wait)
			defer t.Stop()
			select {
			case <-c.ctx.Done():
				return nil
			case <-t.C:
			}
		}
		return paneWokeMsg{id: id, at: time.Now()}
	}
}

// suspendHold says that a pane's link is down.
func (c *commands) suspendHold(h Hold) tea.Cmd {
	if h == nil {
		return nil
	}
	return func() tea.Msg {
		h.Suspend()
		return nil
	}
}

// dispose frees what panes hold.
func (c *commands) dispose(all ...lines) tea.Cmd {
	return func() tea.Msg {
		c.disposeNow(all)
		return nil
	}
}

// leave frees what panes hold, and leaves shells that live on their box there.
func (c *commands) leave(all []lines) {
	for _, ln := range all {
		if s, ok := ln.shell.(interface{ Detach() error }); ok {
			_ = s.Detach()
		}
	}
	c.disposeNow(all)
}

func (c *commands) disposeNow(all []lines) {
	for _, ln := range all {
		if ln.shell != nil {
			_ = ln.shell.Close()
		}
		if ln.link != nil {
			ln.link.release()
		}
		if ln.hold != nil {
			ln.hold.Release()
		}
	}
}

func (c *commands) now() time.Time {
	if c.d.Now != nil {
		return c.d.Now()
	}
	return time.Now()
}
