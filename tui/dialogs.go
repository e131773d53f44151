package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// releaseDialog asks before a box is given back. What it shows is the lease as
// it stands while the question is open, by its key.
func (m *Model) releaseDialog(l provider.Lease) *dialog {
	key := l.Key()
	return &dialog{
		title: "Release " + l.Name() + "?", opened: m.now, danger: true,
		body: func(w int) []string {
			now, ok := m.fleet.find(key)
			if !ok {
				now = l
			}
			text := []string{"", m.st.strong.Render(joinNonEmpty("  ", now.Name(), shortType(now.Type), now.Host))}
			text = append(text, wrap(m.costLine(now), w)...)
			text = append(text, m.st.muted.Render(joinNonEmpty(" · ", now.ID, now.InstanceID)), "")
			if n := m.panes.count(key); n > 0 {
				text = append(text, m.st.warn.Render(fmt.Sprintf("Closes %d open %s of it.", n, plural(n, "pane", "panes"))))
			}
			if now.Keep {
				text = append(text, m.st.warn.Render("It is marked keep."))
			}
			return append(text, wrap("The box and everything on it are deleted, and that is proven.", w)...)
		},
		choices: []choice{
			{key: "n", label: "keep it"},
			{key: "y", label: "release", danger: true, do: func() tea.Cmd {
				if now, ok := m.fleet.find(key); ok {
					// The instance the person was shown is the one that goes:
					// a claim that has come to name another is not followed.
					if now.InstanceID != l.InstanceID {
						m.notices.add(m.now, toneBad, l.Name()+" was not released: it is another instance now; look again")
						return nil
					}
					if err := provider.Can(provider.ActionRelease, now); err != nil {
						m.notices.add(m.now, toneBad, l.Name()+" was not released: "+clean(err.Error()))
						return nil
					}
				}
				panes := m.panes.closeLease(key)
				if m.panes.current() == nil {
					m.setFocus(focusFleet)
				}
				return m.cmds.release(l, panes)
			}},
		},
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// abandonDialog asks what becomes of an acquire under way.
func (m *Model) abandonDialog(op provider.Progress) *dialog {
	id := op.ID
	end := func(cause error, said string) func() tea.Cmd {
		return func() tea.Cmd {
			m.notices.add(m.now, toneNone, opName(op)+": "+said)
			return m.cmds.abandon(id, cause)
		}
	}
	return &dialog{
		title: "The acquire of " + opName(op) + " is under way", opened: m.now, vertical: true,
		body: func(w int) []string {
			return append([]string{""}, wrap("It can go on in the background; the notice “ready” comes wherever you are.", w)...)
		},
		choices: []choice{
			{key: "b", label: "leave it in the background", do: func() tea.Cmd {
				m.fleet.pinned = 0
				return nil
			}},
			{key: "k", label: "stop, and keep what is there (it bills)", do: end(provider.AbandonKeep, "stopping, what is there is kept and bills")},
			{key: "r", label: "stop, and roll back", danger: true, do: end(provider.AbandonRollback, "rolling back")},
		},
	}
}

// copyDialog offers what can be copied of the selected row.
func (m *Model) copyDialog() *dialog {
	l, ok := m.fleet.lease()
	if !ok {
		m.notices.add(m.now, toneWarn, "nothing is selected to copy from")
		return nil
	}
	d := &dialog{title: "Copy from " + l.Name(), opened: m.now.Add(-dialogGrace), vertical: true, body: func(int) []string { return nil }}
	add := func(key, label, text string) {
		if text == "" {
			return
		}
		d.choices = append(d.choices, choice{key: key, label: label + "  " + clip(text, 48), do: func() tea.Cmd {
			return m.copyText(text, text)
		}})
	}
	if l.Host != "" {
		add("s", "ssh command", sshCommand(l))
		add("i", "IP         ", l.Host)
	}
	add("d", "lease id   ", l.ID)
	add("n", "instance id", l.InstanceID)
	if len(d.choices) == 0 {
		m.notices.add(m.now, toneWarn, "there is nothing to copy of this row")
		return nil
	}
	return d
}

// extendDialog offers longer clocks.
func (m *Model) extendDialog(l provider.Lease) *dialog {
	set := func(ext provider.Extension) func() tea.Cmd {
		return func() tea.Cmd { return m.extend(l, ext) }
	}
	d := &dialog{
		title: "Extend " + l.Name(), opened: m.now, vertical: true,
		body: func(w int) []string {
			now, ok := m.fleet.find(l.Key())
			if !ok {
				now = l
			}
			text := append([]string{""}, wrap(clockLine(now, m.now), w)...)
			return append(text, wrap("TTL counts from the start, idle from the last touch; the nearer ends it.", w)...)
		},
	}
	add := func(label string, ext provider.Extension) {
		d.choices = append(d.choices, choice{key: fmt.Sprint(len(d.choices) + 1), label: label, do: set(ext)})
	}
	for _, more := range []time.Duration{time.Hour, 4 * time.Hour} {
		if l.TTL > 0 && l.TTL < provider.MaxTTL {
			ttl := min(l.TTL+more, provider.MaxTTL)
			label := fmt.Sprintf("TTL  +%s, to %s", setting(more), setting(ttl))
			if c := m.deps.Prices.Cost(l.Type, ttl-l.TTL); c.Known {
				label += fmt.Sprintf("  (up to ~%s more)", dollars(c.SoFar))
			}
			add(label, provider.Extension{TTL: ttl})
		}
	}
	for _, idle := range []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour} {
		add("idle "+setting(idle), provider.Extension{Idle: idle})
	}
	d.choices = append(d.choices, choice{key: "o", label: "other…", do: func() tea.Cmd {
		m.dialog = m.extendInput(l)
		return nil
	}})
	return d
}

// extendInput takes any clocks, as text.
func (m *Model) extendInput(l provider.Lease) *dialog {
	field := newLineEdit("ttl "+setting(max(l.TTL, time.Hour)), 40)
	return &dialog{
		title: "Extend " + l.Name(), opened: m.now.Add(-dialogGrace), input: &field,
		body: func(w int) []string {
			return append([]string{""}, wrap("New clocks: “ttl 6h” from the start, “idle 45m”, or both. Enter sets them, Esc leaves.", w)...)
		},
		submit: func(s string) (tea.Cmd, string) {
			ext, wrong := parseExtension(s)
			if wrong != "" {
				return nil, wrong
			}
			return m.extend(l, ext), ""
		},
	}
}

// parseExtension reads "ttl 6h", "idle 45m", or both.
func parseExtension(s string) (provider.Extension, string) {
	var ext provider.Extension
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(s, ",", " ")))
	if len(words) == 0 || len(words)%2 != 0 {
		return ext, "like: ttl 6h, or idle 45m, or ttl 6h idle 1h"
	}
	for i := 0; i < len(words); i += 2 {
		d, wrong := parseClock(words[i+1])
		if wrong != "" {
			return ext, words[i] + ": " + wrong
		}
		switch words[i] {
		case "ttl":
			ext.TTL = d
		case "idle":
			ext.Idle = d
		default:
			return ext, "ttl or idle, not " + words[i]
		}
	}
	return ext, ""
}

func (m *Model) extend(l provider.Lease, ext provider.Extension) tea.Cmd {
	m.clocksGen++
	m.notices.add(m.now, toneNone, l.Name()+": changing its clocks…")
	var said []string
	if ext.TTL > 0 {
		said = append(said, "TTL is "+setting(ext.TTL))
	}
	if ext.Idle > 0 {
		said = append(said, "idle timeout is "+setting(ext.Idle))
	}
	return m.cmds.extend(l, ext, strings.Join(said, ", ")+" now", m.clocksGen)
}

// quitDialog says what goes on when the program ends.
func (m *Model) quitDialog() *dialog {
	d := &dialog{title: "Quit?", opened: m.now, vertical: true, body: m.quitText}
	d.choices = []choice{{key: "s", label: "stay"}}
	leave := func() tea.Cmd { return tea.Quit }
	if len(m.unfinished()) == 0 {
		d.choices = append(d.choices, choice{key: "q", label: "quit, boxes go on billing", do: leave})
		if m.guardable() {
			d.choices = append(d.choices, choice{key: "g", label: "leave a guard that releases them at their deadline, then quit", do: func() tea.Cmd {
				m.notices.add(m.now, toneNone, "starting a guard…")
				return m.cmds.startGuard(true)
			}})
		}
		return d
	}
	d.choices = append(d.choices,
		choice{key: "q", label: "quit, leave the unfinished acquire as it is", do: leave},
		choice{key: "k", label: "keep what is there (it bills), then quit", do: func() tea.Cmd { return m.endThenQuit(provider.AbandonKeep) }},
		choice{key: "r", label: "roll it back, then quit", danger: true, do: func() tea.Cmd { return m.endThenQuit(provider.AbandonRollback) }},
	)
	return d
}

// quitText lists what goes on billing and what is under way.
func (m *Model) quitText(w int) []string {
	text := []string{""}
	boxes := m.fleet.billing()
	if len(boxes) > 0 {
		text = append(text, m.st.strong.Render(fmt.Sprintf("%d %s on billing:", len(boxes), plural(len(boxes), "box goes", "boxes go"))))
		var sum float64
		unpriced := 0
		for _, l := range boxes {
			if l.Cost.Known {
				sum += l.Cost.PerHour
			} else {
				unpriced++
			}
			left := timeLeft(l, m.now)
			if l.Keep {
				left = "kept"
			}
			text = append(text, "  "+fit(l.Name(), min(24, w/2))+"  "+fitRight(rate(l.Cost), 9)+"  "+left)
		}
		total := dollars(sum) + "/h"
		if unpriced > 0 {
			total += fmt.Sprintf(" + %d unpriced", unpriced)
		}
		text = append(text, "  "+fit("together", min(24, w/2))+"  "+m.st.strong.Render(fitRight(total, 9)))
	}
	if m.guarded {
		text = append(text, wrap("A guard runs: at their deadlines it releases those that are not kept.", w)...)
	}
	if m.fleet.snap.InventoryErr != nil {
		text = append(text, wrap(m.st.bad.Render("The list may be incomplete: "+inventoryTrouble(m.fleet.snap, m.now)), w)...)
	}
	for _, op := range m.fleet.running() {
		what := " is under way"
		if op.Kind == provider.KindRelease {
			what = " is under way; quitting leaves it for a second release"
		}
		text = append(text, wrap(m.st.warn.Render(opVerb(op.Kind)+" "+opName(op)+what), w)...)
	}
	return text
}

// endThenQuit gives up all unfinished acquires and ends the program when they
// have dealt with what is half done. A further quit ends it at once.
func (m *Model) endThenQuit(cause error) tea.Cmd {
	m.quitting = map[int]bool{}
	var cmds []tea.Cmd
	for _, op := range m.unfinished() {
		m.quitting[op.ID] = true
		cmds = append(cmds, m.cmds.abandon(op.ID, cause))
	}
	m.dialog = &dialog{
		title: "Quitting when that is done", opened: m.now, vertical: true,
		body: func(w int) []string {
			text := []string{""}
			for id := range m.quitting {
				if op, ok := m.fleet.op(id); ok && !op.Done() {
					text = append(text, m.st.warn.Render("waiting for "+opName(op)+", "+duration(m.now.Sub(op.Started))))
				}
			}
			return text
		},
		choices: []choice{
			{key: "s", label: "stay after all", do: func() tea.Cmd { m.quitting = nil; return nil }},
			{key: "q", label: "quit now", do: func() tea.Cmd { return tea.Quit }},
		},
		cancelled: func() tea.Cmd { m.quitting = nil; return nil },
	}
	return tea.Batch(cmds...)
}

// pasteDialog asks before a paste that could do more than was meant.
func (m *Model) pasteDialog(p *onePane, s string) *dialog {
	lines := strings.Count(strings.TrimRight(s, "\r\n"), "\n") + 1
	id := p.id
	return &dialog{
		title: "Paste into " + p.lease.Name() + "?", opened: m.now,
		body: func(w int) []string {
			text := append([]string{""}, wrap(fmt.Sprintf("%d %s, %d bytes. The program in the box would run each line as if typed.", lines, plural(lines, "line", "lines"), len(s)), w)...)
			if m.panes.byID(id) != nil && m.bracketed(p) {
				text = append([]string{""}, wrap(fmt.Sprintf("%d %s, %d bytes.", lines, plural(lines, "line", "lines"), len(s)), w)...)
			}
			return append(text, m.st.muted.Render(clip(clean(s), w)))
		},
		choices: []choice{
			{key: "n", label: "do not paste"},
			{key: "y", label: "paste", do: func() tea.Cmd {
				if p := m.panes.byID(id); p != nil {
					m.tell(p, func(e *pane.Engine) error { return e.Paste(s) })
				}
				return nil
			}},
		},
	}
}
