package tui

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

const (
	// largePaste is from where a paste is asked about.
	largePaste = 4 << 10
	wheelLines = 3
	// refusedFor is how long a box that was refused the clipboard asks in vain.
	refusedFor = 10 * time.Minute
	// typedAhead is how many keys a connecting pane keeps for its shell.
	typedAhead = 256
)

// paneKey gives a key to the active pane: to the box, unless it is the prefix
// or comes after it, or there is no shell to take it.
func (m *Model) paneKey(k tea.KeyPressMsg) tea.Cmd {
	p := m.panes.current()
	if p == nil {
		m.setFocus(focusFleet)
		return nil
	}
	key := k.String()
	if m.prefix && modifierAlone(tea.Key(k)) {
		return nil
	}
	b, ok := lookup(viewPrefix, key, m.deps.Prefix)
	if m.prefix || ok && b.repeats() && m.now.Before(m.again) {
		m.prefix = false
		if ok {
			if b.repeats() {
				m.again = m.now.Add(repeatTime)
			}
			return m.doPane(p, b.act, k)
		}
		m.notices.add(m.now, toneNone, clean(key)+" does nothing after "+m.deps.Prefix)
		return nil
	}
	if key == m.deps.Prefix {
		m.prefix = true
		return nil
	}
	if p.copy.on {
		return m.copyKey(p, k)
	}
	if p.state == paneDialing {
		// After a drop nobody remembers what was typed meanwhile.
		if !p.once && len(p.ahead) < typedAhead {
			p.ahead = append(p.ahead, k)
		}
		return nil
	}
	if p.dead() {
		if b, ok := lookup(viewDead, key, m.deps.Prefix); ok {
			return m.doPane(p, b.act, k)
		}
		// Somebody waits for the pane. What is typed meanwhile is not sent later:
		// nobody would remember what.
		return m.panes.hurry(p, m.newest(p), m.now)
	}
	if b, ok := lookup(viewPane, key, m.deps.Prefix); ok && !p.frame.Modes.AltScreen {
		return m.doPane(p, b.act, k)
	}
	m.tell(p, func(e *pane.Engine) error { return e.Key(remoteEvent(tea.Key(k), term.KeyPress)) })
	return nil
}

// keyReleased gives a release to a box that asked for such.
func (m *Model) keyReleased(k tea.KeyReleaseMsg) {
	p := m.panes.current()
	if p == nil || p.state != paneOpen || m.focus != focusPane || m.covered() || m.prefix || p.copy.on || k.String() == m.deps.Prefix {
		return
	}
	m.tell(p, func(e *pane.Engine) error { return e.Key(remoteEvent(tea.Key(k), term.KeyRelease)) })
}

// clipboardDialog asks for a box that wants to put text into the clipboard.
func (m *Model) clipboardDialog(p *onePane, text string) *dialog {
	refuse := func() tea.Cmd {
		p.refused = m.now.Add(refusedFor)
		return nil
	}
	return &dialog{
		title: "Let " + p.lease.Name() + " set the clipboard?", opened: m.now, vertical: true, cancelled: refuse,
		body: func(w int) []string {
			shown := clip(clean(strings.Join(strings.Fields(text), " ")), max(w*2, 20))
			return append([]string{""}, wrap(fmt.Sprintf("A program there wants to put %d bytes into the clipboard: %s", len(text), shown), w)...)
		},
		choices: []choice{
			{key: "n", label: "no", do: refuse},
			{key: "y", label: "yes, once", do: func() tea.Cmd { return m.copyText("what "+p.lease.Name()+" sent", text) }},
			{key: "a", label: "yes, and whenever it asks in this pane", do: func() tea.Cmd {
				p.clipboard = true
				return m.copyText("what "+p.lease.Name()+" sent", text)
			}},
		},
	}
}

// wished carries out, or asks about, what the programs of a pane want of the
// desktop.
func (m *Model) wished(p *onePane) tea.Cmd {
	if text, ok := p.eng.TakeNotice(); ok {
		m.notices.add(m.now, toneNone, p.lease.Name()+": "+clean(text))
		m.left.stale = true
	}
	text, ok := p.eng.TakeClipboard()
	switch {
	case !ok, m.now.Before(p.refused):
	case p.clipboard:
		return m.putText("what "+p.lease.Name()+" sent", text)
	case p != m.panes.current() || m.focus != focusPane || m.covered():
		m.notices.add(m.now, toneWarn, p.lease.Name()+" wanted to set the clipboard; it may only from the pane in use")
		m.left.stale = true
	default:
		m.dialog = m.clipboardDialog(p, text)
	}
	return nil
}

// sent says when the box did not take what was typed.
func (m *Model) sent(err error) {
	if err == nil {
		return
	}
	text := "not sent: " + clean(err.Error())
	if errors.Is(err, session.ErrClosed) {
		text = "not sent: the shell has ended"
	}
	if n, ok := m.notices.current(m.now); !ok || n.text != text {
		m.notices.add(m.now, toneWarn, text)
	}
}

// doPane carries out what a key of a pane stands for.
func (m *Model) doPane(p *onePane, a action, k tea.KeyPressMsg) tea.Cmd {
	page := max(p.screen.h-1, 1)
	switch a {
	case actFleet:
		m.setFocus(focusFleet)
	case actZoom:
		m.panes.zoom = !m.panes.zoom
	case actNextTab:
		m.panes.turn(1)
	case actPrevTab:
		m.panes.turn(-1)
	case actPickTab:
		m.panes.pick(int(k.String()[0] - '1'))
	case actNewTab:
		l := m.newest(p)
		if why := m.cannotOpen(l); why != "" {
			m.notices.add(m.now, toneWarn, why)
			return nil
		}
		return m.newTab(l)
	case actClosePane:
		return m.closePane(p)
	case actReconnect:
		return m.reconnect(p)
	case actCopyScreen:
		return m.copyText("the screen", strings.TrimRight(strings.Join(p.eng.Text(), "\n"), "\n")+"\n")
	case actRecord:
		return m.toggleRecording(p)
	case actEditor, actPager:
		return m.viewText(p, a == actEditor)
	case actSave:
		m.dialog = m.saveDialog(p)
	case actSendPrefix:
		m.tell(p, func(e *pane.Engine) error { return e.Key(remoteKey(k)) })
	case actScrollUp:
		m.scroll(p, page)
	case actScrollDown:
		m.scroll(p, -page)
	case actCopyMode, actFind:
		m.startCopy(p, a == actFind)
	case actMouse:
		m.toggleMouse()
	case actHelp:
		m.help = newHelp(m.focus)
	default:
		return m.arrange(p, a)
	}
	return nil
}

// closePane takes the pane away; the box is not touched.
func (m *Model) closePane(p *onePane) tea.Cmd {
	ln := m.panes.close(p)
	if m.panes.current() == nil {
		m.setFocus(focusFleet)
	}
	return m.cmds.dispose(ln)
}

// reconnect dials again for a pane without a shell, with the lease as it is now.
func (m *Model) reconnect(p *onePane) tea.Cmd {
	if !p.dead() {
		m.notices.add(m.now, toneNone, "the pane is connected")
		return nil
	}
	return m.panes.connect(p, m.newest(p), m.now)
}

// newest is a pane's lease as it is now, or as it was last.
func (m *Model) newest(p *onePane) provider.Lease {
	if l, ok := m.fleet.find(p.key); ok {
		return l
	}
	return p.lease
}

func (m *Model) scroll(p *onePane, n int) {
	p.eng.Scroll(n)
	m.panes.refresh()
}

// pasted takes a paste to where the keys go.
func (m *Model) pasted(s string) tea.Cmd {
	switch {
	case m.dialog != nil && m.dialog.input != nil:
		m.dialog.input.insert(s)
		return nil
	case m.dialog != nil, m.help != nil, m.history:
		return nil
	case m.form != nil:
		m.form.paste(s)
		return nil
	case m.focus != focusPane:
		if m.fleet.filtering {
			m.fleet.filter.insert(s)
			m.fleet.rebuild(m.now)
		}
		return nil
	}
	p := m.panes.current()
	switch {
	case p != nil && p.copy.prompt != nil:
		p.copy.prompt.insert(s)
		return m.typed(p)
	case p == nil || p.copy.on || p.state != paneOpen:
		return nil
	}
	multiline := strings.ContainsAny(strings.TrimRight(s, "\r\n"), "\r\n") || strings.ContainsAny(s, "\r\n")
	if len(s) > largePaste || multiline && !m.bracketed(p) {
		m.dialog = m.pasteDialog(p, s)
		return nil
	}
	m.tell(p, func(e *pane.Engine) error { return e.Paste(s) })
	return nil
}

// bracketed says whether all who take a pane's paste know it for one.
func (m *Model) bracketed(p *onePane) bool {
	return !slices.ContainsFunc(m.panes.audience(p), func(q *onePane) bool { return !q.eng.Modes().BracketedPaste })
}

// mouseMoved gives a mouse event to what is under it.
func (m *Model) mouseMoved(msg tea.MouseMsg) tea.Cmd {
	if m.dialog != nil || m.help != nil || m.history || m.form != nil {
		return nil
	}
	at := msg.Mouse()
	_, click := msg.(tea.MouseClickMsg)
	wheel, isWheel := msg.(tea.MouseWheelMsg)
	if click {
		m.drag = dragging{}
	}
	switch {
	case m.drag.active(), m.lay.screen.has(at.X, at.Y):
		return m.paneMouse(msg)
	case m.lay.tabs.has(at.X, at.Y) && click:
		_, spans := m.tabsView(m.lay.tabs.w)
		for i, s := range spans {
			if x := at.X - m.lay.tabs.x; x >= s.from && x < s.to {
				m.panes.pick(i)
				m.setFocus(focusPane)
			}
		}
	case m.lay.strip.has(at.X, at.Y) && click:
		m.setFocus(focusFleet)
	case m.lay.list.has(at.X, at.Y) && click:
		m.setFocus(focusFleet)
		if i := at.Y - m.lay.list.y - 1 + m.fleet.offset; i >= m.fleet.offset && i < len(m.fleet.rows) {
			m.fleet.goTo(i)
		}
	case m.lay.list.has(at.X, at.Y) && isWheel:
		if wheel.Button == tea.MouseWheelUp {
			m.fleet.move(-1)
		} else {
			m.fleet.move(1)
		}
	}
	return nil
}

// paneMouse is the mouse over a pane: the box's, if it asked for it. A click
// takes the keyboard there; the box gets no click that was for that.
func (m *Model) paneMouse(msg tea.MouseMsg) tea.Cmd {
	held := m.drag
	p := m.underMouse(msg)
	if p == nil {
		return nil
	}
	_, click := msg.(tea.MouseClickMsg)
	chosen := click && (m.focus != focusPane || p != m.panes.current())
	if chosen {
		m.panes.goTo(p)
		m.setFocus(focusPane)
	}
	_, released := msg.(tea.MouseReleaseMsg)
	switch {
	case released && held.selecting.on:
		return m.letGo(held)
	case !m.boxMouse(p, msg):
		return m.localMouse(p, msg)
	case chosen:
		return nil
	}
	if rm, ok := remoteMouse(msg, p.screen); ok {
		_, err := p.eng.Mouse(rm)
		m.sent(err)
	}
	return nil
}
