package tui

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

// tabSpan is where a tab is on the tab line, for clicks; empty for one that has
// no room there.
type tabSpan struct{ from, to int }

// tabsView draws the tab line; the active tab is in brackets, and always there.
func (m *Model) tabsView(w int) (string, []tabSpan) {
	s := m.panes
	right := m.tabNotes(w)
	parts := make([]string, len(s.tabs))
	for i, t := range s.tabs {
		text := fmt.Sprintf("%d %s%s", i+1, clip(t.label(), 24), t.marks(s.zoom && i == s.active))
		if i == s.active {
			parts[i] = m.st.tabActive.Render("[" + text + "]")
		} else {
			parts[i] = m.st.tab.Render(" " + text + " ")
		}
	}
	room := w - min(ansi.StringWidth(right), w/2)
	first := 0
	for first < s.active && ansi.StringWidth(strings.Join(parts[first:s.active+1], " "))+2 > room {
		first++
	}
	left := ""
	if first > 0 {
		left = m.st.muted.Render("‹ ")
	}
	spans := make([]tabSpan, len(parts))
	for i := first; i < len(parts); i++ {
		if i > first {
			left += " "
		}
		at := ansi.StringWidth(left)
		if i > s.active && at+ansi.StringWidth(parts[i]) > room-2 {
			left += m.st.muted.Render("›")
			break
		}
		left += parts[i]
		spans[i] = tabSpan{at, at + ansi.StringWidth(parts[i])}
	}
	return spread(left, clip(right, w-room), w), spans
}

// tabNotes is what the right end of the tab line says of the active pane.
func (m *Model) tabNotes(w int) string {
	var notes []string
	if p := m.panes.current(); p != nil {
		if t := p.caption(); t != "" {
			notes = append(notes, clip(t, max(w/3, 10)))
		}
		if ownerOf(p.lease) == ownerOther {
			notes = append(notes, "not ours: its idle clock runs on")
		}
	}
	if m.deps.PaneNote != "" {
		notes = append(notes, clean(m.deps.PaneNote))
	}
	return m.st.muted.Render(strings.Join(notes, " · ")) + " "
}

// caption is what a pane's programs say that it is.
func (p *onePane) caption() string {
	if t := clean(p.frame.Title); t != "" {
		return t
	}
	return clean(p.frame.Directory)
}

// marks are what a tab shows behind its name.
func (t *tab) marks(zoomed bool) string {
	in := t.root.panes()
	strongest, marked := markNone, false
	for _, p := range in {
		strongest, marked = max(strongest, p.mark), marked || p.marked
	}
	text := ""
	if len(in) > 1 {
		text = fmt.Sprintf(" ×%d", len(in))
		if zoomed {
			text += " zoomed"
		}
	}
	state := t.focus.stateMark()
	for _, p := range in {
		state = cmp.Or(state, p.stateMark())
	}
	text += state + t.focus.progressMark()
	if t.focus.copy.on {
		text += " copy"
	}
	if marked {
		text += " " + broadcastMark
	}
	if slices.ContainsFunc(in, (*onePane).recorded) {
		text += " " + recordMark
	}
	switch strongest {
	case markBell:
		text += " !"
	case markOutput:
		text += " +"
	}
	return text
}

func (p *onePane) stateMark() string {
	switch p.state {
	case paneDialing:
		return " …"
	case paneEnded:
		var exit *session.ExitError
		if errors.As(p.err, &exit) && exit.Signal == "" {
			return fmt.Sprintf(" ended %d", exit.Status)
		}
		return " ended"
	case paneLost:
		return " lost"
	case paneFailed:
		return " failed"
	}
	return ""
}

func (p *onePane) progressMark() string {
	pr := p.frame.Progress
	if p.state != paneOpen {
		return ""
	}
	switch pr.State {
	case term.ProgressNone:
		return ""
	case term.ProgressBusy:
		return " …%"
	case term.ProgressError:
		return " failed%"
	}
	return fmt.Sprintf(" %d%%", pr.Percent)
}
