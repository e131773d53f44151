package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// helpView is the help overlay, drawn from the key table.
type helpView struct {
	offset int
	focus  focusKind // where it was asked for; its keys come first
}

func newHelp(f focusKind) *helpView { return &helpView{focus: f} }

// helpSections are the views in the order in which help shows them.
func helpSections(focus focusKind, prefix string) []struct {
	view  keyView
	title string
} {
	type section = struct {
		view  keyView
		title string
	}
	fleet := []section{{viewFleet, "Fleet"}}
	pane := []section{
		{viewPrefix, "In a pane, after " + prefix},
		{viewPane, "In a pane, all other keys go to the box"},
		{viewCopy, "In copy mode; a count of clicks with the mouse selects a word, a line"},
		{viewDead, "In a pane without a shell"},
	}
	rest := []section{{viewForm, "Acquire form"}, {viewDialog, "Questions"}, {viewNotices, "Notices and this help"}}
	if focus == focusPane {
		return append(append(pane, fleet...), rest...)
	}
	return append(append(fleet, pane...), rest...)
}

var legend = []string{
	"◆ yours   ◇ foreign: no claim here, read-only   ◈ claimed with another key, endpoint or provider",
	"▸ a pane is open, + with new output, ! with a bell   ~$ estimate   ≥$ at least, counted since it was first seen",
	"LEFT counts to the nearer of TTL (from the start) and idle timeout (from the last touch).",
	keptText, notKeptText,
}

// lines is the whole help, w cells wide.
func (h *helpView) lines(st *styles, prefix string, noKey string, w int) []string {
	var out []string
	if noKey != "" {
		for _, part := range strings.Split(noKey, "\n") {
			out = append(out, wrap(part, w)...)
		}
		out = append(out, "")
	}
	for _, s := range helpSections(h.focus, prefix) {
		out = append(out, st.accent.Render(s.title))
		for _, b := range bindings {
			if b.view != s.view {
				continue
			}
			for i, t := range wrap(b.help, w-16) {
				label := ""
				if i == 0 {
					label = b.shownKey(prefix)
				}
				out = append(out, "  "+st.key.Render(fit(label, 14))+t)
			}
		}
		out = append(out, "")
	}
	out = append(out, st.accent.Render("Signs"))
	for _, l := range legend {
		for _, t := range wrap(l, w-2) {
			out = append(out, "  "+t)
		}
	}
	return out
}

// helpKey moves in the help, or closes it.
func (m *Model) helpKey(k tea.KeyPressMsg) tea.Cmd {
	b, _ := lookup(viewNotices, k.String(), "")
	page := max(m.h-6, 1)
	switch b.act {
	case actUp:
		m.help.offset--
	case actDown:
		m.help.offset++
	case actPageUp:
		m.help.offset -= page
	case actPageDown:
		m.help.offset += page
	case actEscape:
		m.help = nil
		return nil
	}
	total := len(m.help.lines(m.st, m.deps.Prefix, m.deps.NoKey, m.overlayWidth()))
	m.help.offset = min(max(m.help.offset, 0), max(total-page, 0))
	return nil
}

// footerView is the last line: what the keys do now.
func (m *Model) footerView(w int) string {
	switch {
	case m.dialog != nil:
		return m.keyLine(viewDialog, "enter takes the marked choice, esc leaves", w)
	case m.help != nil, m.history:
		return m.keyLine(viewNotices, "↑ ↓ scroll", w)
	case m.form != nil:
		return m.keyLine(viewForm, "", w)
	case m.fleet.filtering:
		return fit(" "+m.st.accent.Render("/")+m.fleet.filter.String(), w)
	case m.focus == focusPane && m.prefix:
		return m.keyLine(viewPrefix, m.deps.Prefix+" …", w)
	case m.focus == focusPane:
		return m.paneFooter(w)
	}
	if m.lay.kind == screenSplit {
		// Beside a pane there is no line of its own for the notice.
		note := m.noticeText(w / 2)
		return m.keyLine(viewFleet, "", w-ansi.StringWidth(note)) + note
	}
	return m.keyLine(viewFleet, "", w)
}

// paneFooter is the status line under a pane: how to get out.
func (m *Model) paneFooter(w int) string {
	p := m.panes.current()
	if p != nil && p.copy.on {
		line, _ := m.copyFooter(p, w)
		return line
	}
	if p != nil && p.dead() {
		line := m.keyLine(viewDead, "", w)
		return fit(strings.TrimRight(line, " ")+"   "+m.deadKeys(), w)
	}
	out := " " + m.st.key.Render(m.deps.Prefix) + " then " + m.st.key.Render("d") + " fleet"
	left := out + "  " + m.st.key.Render("z") + " zoom  " + m.st.key.Render("?") + " keys"
	if p != nil {
		if to := m.broadcastText(p); to != "" {
			out = " " + m.st.warn.Render(clip(to, w-16)) + "  " + m.st.key.Render(m.deps.Prefix+" B") + " end"
			left = out + "  " + m.st.key.Render("b") + " leave"
		}
		if p.frame.Scrolled > 0 {
			left = " " + m.st.warn.Render("scrolled back") + ", any key returns  " + m.st.key.Render("shift+pgdn") + " forward"
		}
	}
	note := m.noticeText(w - ansi.StringWidth(out) - 2)
	if ansi.StringWidth(left)+ansi.StringWidth(note) >= w {
		left = out // a notice is new, the keys are known
	}
	return spread(left, note, w)
}

// noticeText is the newest notice in w cells at most, "" if there is none.
func (m *Model) noticeText(w int) string {
	n, ok := m.notices.current(m.now)
	if !ok || w < 12 {
		return ""
	}
	return m.st.tone(n.tone).Render(clip(n.symbol()+" "+n.text, w-1)) + " "
}

// keyLine draws the keys of a view that have a place in the footer and can be
// used now; what does not fit is left out, help last of all.
func (m *Model) keyLine(v keyView, lead string, w int) string {
	line := " "
	if lead != "" {
		line += m.st.muted.Render(lead) + "  "
	}
	help := ""
	if v == viewFleet {
		help = m.st.key.Render("?") + " help "
	}
	for _, b := range bindings {
		if b.view != v || b.footer == "" || b.act == actHelp && v == viewFleet || v == viewFleet && m.disabled(b) != "" {
			continue
		}
		if v == viewFleet && len(m.fleet.snap.Rows) == 0 && (b.act == actCopy || b.act == actSort || b.act == actFilter) {
			continue
		}
		label := strings.Fields(b.shownKey(m.deps.Prefix))[0]
		part := m.st.key.Render(label) + " " + b.footer + "  "
		if ansi.StringWidth(line)+ansi.StringWidth(part)+ansi.StringWidth(help) > w {
			continue
		}
		line += part
	}
	return spread(line, help, w)
}
