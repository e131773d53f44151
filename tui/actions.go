package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// disabled says why a key does nothing for the selected row now; "" if it does.
func (m *Model) disabled(b binding) string {
	if m.deps.NoKey != "" {
		switch b.act {
		case actAcquire, actResume, actRelease, actBind, actRebind:
			return "no API key is set; see ? for what to set"
		}
	}
	if b.needs == nil {
		return ""
	}
	r, ok := m.fleet.selected()
	if !ok {
		return "no box is selected"
	}
	if r.lease == nil {
		return "this box is not there yet"
	}
	if b.act == actAttach && m.panes.count(r.key) > 0 {
		return ""
	}
	if err := provider.Can(*b.needs, *r.lease); err != nil {
		return clean(err.Error())
	}
	return ""
}

// do carries out what a key of the fleet stands for, or says why not.
func (m *Model) do(b binding) tea.Cmd {
	if why := m.disabled(b); why != "" {
		m.notices.add(m.now, toneWarn, actionName(b.act)+": "+why)
		return nil
	}
	if op, ok := m.fleet.op(m.fleet.pinned); ok && op.Done() && b.act != actDismiss {
		m.fleet.pinned = 0
	}
	l, _ := m.fleet.lease()
	page := max(m.lay.list.h-2, 1)
	switch b.act {
	case actUp:
		m.fleet.move(-1)
	case actDown:
		m.fleet.move(1)
	case actTop:
		m.fleet.goTo(0)
	case actBottom:
		m.fleet.goTo(len(m.fleet.rows) - 1)
	case actPageUp:
		m.fleet.move(-page)
	case actPageDown:
		m.fleet.move(page)
	case actAttach:
		return m.attach(l)
	case actNewTab:
		return m.newTab(l)
	case actFocusPane:
		m.setFocus(focusPane)
	case actAcquire:
		m.form = newAcquireForm(m.deps, m.now)
	case actResume:
		return m.cmds.resume(l)
	case actKeep:
		m.clocksGen++
		m.notices.add(m.now, toneNone, l.Name()+": changing keep…")
		return m.cmds.keep(l, !l.Keep, m.clocksGen)
	case actExtend:
		m.dialog = m.extendDialog(l)
	case actRelease:
		m.dialog = m.releaseDialog(l)
	case actBind:
		m.dialog = m.bindDialog(l)
	case actRebind:
		m.clocksGen++
		m.notices.add(m.now, toneNone, l.Name()+": asking whether this key sees its box…")
		return m.cmds.rebind(l, m.clocksGen)
	case actUnfinished:
		open := m.openEnds()
		if len(open) == 0 {
			m.notices.add(m.now, toneGood, "nothing is unfinished")
			return nil
		}
		m.dialog = m.unfinishedDialog(open)
	case actGuard:
		return m.cmds.guardStatus(true)
	case actRefresh:
		m.notices.add(m.now, toneNone, "refreshing…")
		return m.cmds.refresh()
	case actSort:
		m.fleet.sort = (m.fleet.sort + 1) % sortKeys
		m.fleet.rebuild(m.now)
		m.notices.add(m.now, toneNone, "sorted by "+m.fleet.sort.String())
	case actFilter:
		m.fleet.filtering = true
	default:
		return m.doCommon(b.act)
	}
	return nil
}

// doCommon is what has nothing to do with the selected lease.
func (m *Model) doCommon(a action) tea.Cmd {
	switch a {
	case actCopy:
		m.dialog = m.copyDialog()
	case actDismiss:
		return m.dismiss()
	case actEscape:
		m.escape()
	case actNotices:
		m.history = true
	case actMouse:
		m.toggleMouse()
	case actHelp:
		m.help = newHelp(m.focus)
	case actSuspend:
		return tea.Suspend
	case actQuit:
		return m.quit()
	}
	return nil
}

func actionName(a action) string {
	switch a {
	case actAttach, actNewTab:
		return "no shell"
	case actAcquire:
		return "no acquire"
	case actResume:
		return "no resume"
	case actKeep:
		return "keep not changed"
	case actExtend:
		return "not extended"
	case actRelease:
		return "not released"
	case actBind:
		return "not bound"
	case actRebind:
		return "not moved"
	}
	return "not now"
}

// attach goes to the lease's pane, or opens one.
func (m *Model) attach(l provider.Lease) tea.Cmd {
	if m.panes.show(l.Key()) {
		m.setFocus(focusPane)
		return nil
	}
	return m.newTab(l)
}

// cannotOpen says why one more shell of a lease cannot be opened, "" if it can.
func (m *Model) cannotOpen(l provider.Lease) string {
	if err := provider.Can(provider.ActionAttach, l); err != nil {
		return "no shell: " + clean(err.Error())
	}
	return ""
}

func (m *Model) newTab(l provider.Lease) tea.Cmd {
	// The place on screen is known before the first byte, so that the remote
	// starts with the right size.
	m.fitFuturePane()
	cmd := m.panes.open(l, m.now)
	m.setFocus(focusPane)
	return cmd
}

// escape steps back from whatever is in front.
func (m *Model) escape() {
	switch {
	case m.fleet.filter.String() != "":
		m.fleet.filter = newLineEdit("", 60)
		m.fleet.rebuild(m.now)
	default:
		if op, ok := m.fleet.operation(); ok && isUnfinished(op) {
			m.dialog = m.abandonDialog(op)
			return
		}
		m.fleet.pinned = 0
	}
}

// dismiss drops the ended operation that is shown.
func (m *Model) dismiss() tea.Cmd {
	op, ok := m.fleet.operation()
	switch {
	case !ok:
		m.notices.add(m.now, toneNone, "nothing to dismiss")
	case !op.Done():
		m.notices.add(m.now, toneWarn, opVerb(op.Kind)+" "+opName(op)+" is still running; esc offers to end it")
	default:
		m.fleet.pinned = 0
		return m.cmds.dismiss(op.ID)
	}
	return nil
}

func (m *Model) toggleMouse() {
	m.mouseOff = !m.mouseOff
	text := "mouse on"
	if m.mouseOff {
		text = "mouse off: the terminal selects text"
	}
	m.notices.add(m.now, toneNone, text)
}

// filterKey edits the filter.
func (m *Model) filterKey(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "ctrl+c":
		m.fleet.filtering = false
		m.fleet.filter = newLineEdit("", 60)
	case "enter":
		m.fleet.filtering = false
	case "up":
		m.fleet.move(-1)
	case "down":
		m.fleet.move(1)
	default:
		m.fleet.filter.key(k)
	}
	m.fleet.rebuild(m.now)
	return nil
}

// formKey gives a key to the acquire form.
func (m *Model) formKey(k tea.KeyPressMsg) tea.Cmd {
	switch m.form.key(k, m.now) {
	case formCancelled:
		m.form = nil
	case formSubmitted:
		req := m.form.request()
		m.form = nil
		return m.cmds.acquire(req)
	}
	return nil
}

// quit ends the program at once where nothing is left behind, else asks.
func (m *Model) quit() tea.Cmd {
	if len(m.fleet.billing()) == 0 && len(m.fleet.running()) == 0 {
		return tea.Quit
	}
	m.dialog = m.quitDialog()
	return nil
}

// sshCommand is what a person would type to get into the box without us.
func sshCommand(l provider.Lease) string {
	args := []string{"ssh"}
	if l.KeyPath != "" {
		args = append(args, "-i", shellQuote(l.KeyPath), "-o", "IdentitiesOnly=yes")
	}
	if l.KnownHostsPath != "" {
		args = append(args, "-o", shellQuote("UserKnownHostsFile="+l.KnownHostsPath))
	}
	if l.Port != 0 && l.Port != 22 {
		args = append(args, "-p", fmt.Sprint(l.Port))
	}
	host := l.Host
	if l.User != "" {
		host = l.User + "@" + host
	}
	return strings.Join(append(args, shellQuote(host)), " ")
}

// shellQuote quotes what a POSIX shell would not take as one plain word.
func shellQuote(s string) string {
	plain := !slices.ContainsFunc([]rune(s), func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("@%+=:,./-_", r)
	})
	if plain && s != "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
