package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
)

// noteHappenings says once what nobody here expected.
func (m *Model) noteHappenings() {
	for _, h := range m.fleet.snap.Happenings {
		if h.At.After(m.happened.At) || h.At.Equal(m.happened.At) && h.InstanceID > m.happened.InstanceID {
			m.notices.add(m.now, toneWarn, clean(h.String()))
			m.happened = h
		}
	}
}

// takeUp is what a start finds: it finishes what is proven gone, the one thing
// done unasked, and lists what a person has to decide about.
func (m *Model) takeUp() []tea.Cmd {
	if m.tookUp || !m.deps.TakeUp || m.fleet.snap.InventoryAt.IsZero() && m.fleet.snap.InventoryErr == nil {
		return nil
	}
	m.tookUp = true
	var cmds []tea.Cmd
	for _, l := range m.fleet.snap.Rows {
		switch {
		case l.Standing == provider.StandingDeleteConfirmed && m.deps.NoKey == "" && provider.Can(provider.ActionRelease, l) == nil:
			cmds = append(cmds, m.cmds.finish(l))
		}
	}
	if open := m.openEnds(); len(open) > 0 && m.dialog == nil && m.form == nil && m.focus == focusFleet {
		m.dialog = m.unfinishedDialog(open)
	}
	return cmds
}

// openEnds are the leases that a person has to decide about.
func (m *Model) openEnds() []provider.Lease {
	var open []provider.Lease
	for _, l := range m.fleet.snap.Rows {
		if l.Unfinished() && l.Standing != provider.StandingDeleteConfirmed && !m.busyWith(l) {
			open = append(open, l)
		}
	}
	return open
}

// busyWith says whether an operation of this program is at work on a lease.
func (m *Model) busyWith(l provider.Lease) bool {
	return slices.ContainsFunc(m.fleet.running(), func(op provider.Progress) bool { return op.LeaseID == l.ID })
}

// guardChanged takes in what is known of the guard.
func (m *Model) guardChanged(msg guardMsg) tea.Cmd {
	if msg.err == nil {
		m.guarded = msg.running
	}
	switch {
	case msg.none && msg.asked:
		m.notices.add(m.now, toneWarn, "there is no guard here")
	case msg.err != nil:
		m.notices.add(m.now, toneBad, "the guard: "+errorText(msg.err))
	case msg.quit:
		return tea.Quit
	case msg.asked:
		m.dialog = m.guardDialog(msg)
	case msg.changed, msg.running:
		text := clean(msg.said)
		if msg.running {
			text += "; W shows and stops it"
		}
		m.notices.add(m.now, toneNone, text)
	}
	return nil
}

// bindDialog asks for the id of the box that a lost create made.
func (m *Model) bindDialog(l provider.Lease) *dialog {
	field := newLineEdit("", 128)
	return &dialog{
		title: "Bind " + l.Name() + " to its box", opened: m.now, input: &field,
		body: func(w int) []string {
			text := append([]string{""}, wrap("Nobody knows what its create made. If you found its box, a "+orDash(l.Type)+
				" made just after "+l.CreatedAt.Local().Format("15:04:05")+", type that instance's id.", w)...)
			return append(text, wrap("It is bound only if nothing speaks against it, kept, and nothing is deleted.", w)...)
		},
		submit: func(s string) (tea.Cmd, string) {
			if s == "" {
				return nil, "type the whole id, as the provider's own page has it"
			}
			m.clocksGen++
			m.notices.add(m.now, toneNone, l.Name()+": looking at "+s+"…")
			return m.cmds.bind(l, s, m.clocksGen), ""
		},
	}
}

// maxUnfinished is how many a dialog lists.
const maxUnfinished = 6

// unfinishedDialog lists at the start what was begun and not ended.
func (m *Model) unfinishedDialog(open []provider.Lease) *dialog {
	return &dialog{
		title: fmt.Sprintf("%d unfinished %s", len(open), plural(len(open), "lease", "leases")), opened: m.now, vertical: true,
		body: func(w int) []string {
			text := []string{""}
			for i, l := range open {
				if i == maxUnfinished {
					text = append(text, fmt.Sprintf("and %d more", len(open)-i))
					break
				}
				symbol, words, t := standingLook(l.Standing)
				line := m.st.strong.Render(l.Name()) + "  " + m.st.tone(t).Render(symbol+" "+words)
				if !l.CreatedAt.IsZero() {
					line += m.st.muted.Render("  begun " + coarse(m.now.Sub(l.CreatedAt)) + " ago")
				}
				text = append(text, line)
				var can []string
				for _, b := range bindings {
					if b.needs != nil && b.view == viewFleet && provider.Can(*b.needs, l) == nil {
						switch *b.needs {
						case provider.ActionResume, provider.ActionRelease, provider.ActionBind:
							can = append(can, b.label+" "+b.footer)
						}
					}
				}
				if len(can) > 0 {
					text = append(text, "  "+m.st.muted.Render(strings.Join(can, " · ")))
				}
			}
			return append(append(text, ""), wrap("Nothing is done about them unasked; they may bill.", w)...)
		},
		choices: []choice{
			{key: "l", label: "look at the first one", do: func() tea.Cmd {
				m.fleet.cursor = open[0].Key()
				return nil
			}},
			{key: "n", label: "not now"},
		},
	}
}

// guardDialog shows the guard, and starts or stops it.
func (m *Model) guardDialog(msg guardMsg) *dialog {
	d := &dialog{
		title: "The guard", opened: m.now, vertical: true,
		body: func(w int) []string {
			text := append([]string{""}, wrap(clean(msg.said), w)...)
			return append(append(text, ""), wrap(guardText, w)...)
		},
		choices: []choice{{key: "n", label: "leave it so"}},
	}
	switch {
	case msg.running:
		d.choices = append(d.choices, choice{key: "s", label: "stop it", do: func() tea.Cmd { return m.cmds.stopGuard() }})
	case m.deps.NoKey == "": // a guard without a key could release nothing
		d.choices = append(d.choices, choice{key: "g", label: "start one", do: func() tea.Cmd { return m.cmds.startGuard(false) }})
	}
	return d
}

// guardText says what a guard is.
const guardText = "A guard is a small process that outlives this one. It releases leases that are not kept at their deadline, and nothing else; in doubt it does nothing."

// guardable says whether a guard left behind would have something to do.
func (m *Model) guardable() bool {
	return m.deps.Guard != nil && m.deps.NoKey == "" && !m.guarded && slices.ContainsFunc(m.fleet.billing(), func(l provider.Lease) bool {
		return l.Standing == provider.StandingReady && !l.Keep
	})
}
