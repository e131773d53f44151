package tui

import (
	"fmt"
	"regexp"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session/term"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// copyMode is a pane's copy mode: the keys move over what it has shown, and the
// box gets none of them. Where the cursor is, what is selected and found is the
// engine's to know.
type copyMode struct {
	on bool
	// prompt is the expression that is being typed, nil if none is, and wrong
	// why it does not do.
	prompt  *lineEdit
	wrong   string
	from    term.Point // where the cursor was when the prompt was opened
	pattern string     // what is searched for
	was     string     // and what was before, for the prompt's escape
	finding bool       // a search is under way
}

const maxPattern = 256

// moves are the motions that keys of copy mode stand for.
var moves = map[action]pane.Motion{
	actLeft: pane.MoveLeft, actRight: pane.MoveRight, actUp: pane.MoveUp, actDown: pane.MoveDown,
	actNextWord: pane.MoveNextWord, actPrevWord: pane.MovePrevWord, actWordEnd: pane.MoveWordEnd,
	actLineStart: pane.MoveLineStart, actLineText: pane.MoveLineText, actLineEnd: pane.MoveLineEnd,
	actPageUp: pane.MovePageUp, actPageDown: pane.MovePageDown, actHalfUp: pane.MoveHalfUp, actHalfDown: pane.MoveHalfDown,
	actTop: pane.MoveFirst, actBottom: pane.MoveLast,
	actViewTop: pane.MoveViewTop, actViewMiddle: pane.MoveViewMiddle, actViewBottom: pane.MoveViewBottom,
	actPrevPrompt: pane.MovePrevPrompt, actNextPrompt: pane.MoveNextPrompt,
}

// units are the selections that keys of copy mode begin.
var units = map[action]term.Unit{
	actSelectCells: term.UnitCell, actSelectLines: term.UnitLine, actSelectBlock: term.UnitBlock, actSelectOutput: term.UnitOutput,
}

// startCopy begins copy mode, and a search at once if find.
func (m *Model) startCopy(p *onePane, find bool) {
	p.copy.on = true
	p.eng.StartCopy()
	if find {
		m.openPrompt(p)
	}
}

func (m *Model) endCopy(p *onePane) {
	p.copy = copyMode{finding: p.copy.finding}
	p.eng.EndCopy()
}

// copyKey gives a key to copy mode.
func (m *Model) copyKey(p *onePane, k tea.KeyPressMsg) tea.Cmd {
	if p.copy.prompt != nil {
		return m.promptKey(p, k)
	}
	b, ok := lookup(viewCopy, k.String(), m.deps.Prefix)
	if !ok {
		return nil
	}
	if motion, ok := moves[b.act]; ok {
		if !p.eng.Move(motion) && (b.act == actPrevPrompt || b.act == actNextPrompt) {
			m.notices.add(m.now, toneNone, "no prompt is marked there (the shell has to send OSC 133)")
		}
		return nil
	}
	if u, ok := units[b.act]; ok {
		p.eng.Select(u)
		return nil
	}
	switch b.act {
	case actOtherEnd:
		p.eng.OtherEnd()
	case actCopySelection:
		return m.copySelection(p)
	case actFind:
		m.openPrompt(p)
	case actFindOlder, actFindNewer:
		if !p.eng.FindNext(b.act == actFindOlder) {
			m.notices.add(m.now, toneNone, "nothing is searched for yet; / asks")
		}
		return m.searchOn(p)
	case actFindWord:
		if word := p.eng.WordHere(); word != "" {
			p.copy.from = p.eng.CopyCursor()
			return m.find(p, regexp.QuoteMeta(word))
		}
	case actOpenLink:
		if l, ok := p.eng.LinkHere(); ok {
			return m.openLink(l)
		}
		m.notices.add(m.now, toneNone, "there is no link here")
	case actHelp:
		m.help = newHelp(m.focus)
	case actDismiss:
		switch {
		case p.eng.Deselect():
		case p.copy.pattern != "":
			p.copy.pattern = ""
			p.eng.Find(nil, term.Point{}, false)
		default:
			m.endCopy(p)
		}
	case actEscape:
		m.endCopy(p)
	}
	return nil
}

// copySelection copies what is selected, or the line at the cursor, and leaves.
func (m *Model) copySelection(p *onePane) tea.Cmd {
	s, ok := p.eng.Selection()
	if !ok {
		p.eng.Select(term.UnitLine)
		s, ok = p.eng.Selection()
	}
	m.endCopy(p)
	if !ok {
		return nil
	}
	return func() tea.Msg { return selectedMsg{s.Text()} }
}

// openPrompt asks what to search for.
func (m *Model) openPrompt(p *onePane) {
	in := newLineEdit("", maxPattern)
	p.copy.prompt, p.copy.wrong, p.copy.was = &in, "", p.copy.pattern
	p.copy.from = p.eng.CopyCursor()
}

// promptKey edits the expression; each change searches anew from where the
// cursor was.
func (m *Model) promptKey(p *onePane, k tea.KeyPressMsg) tea.Cmd {
	c := &p.copy
	switch k.String() {
	case "esc", "ctrl+c":
		p.eng.GoBack(c.from)
		was := c.was
		c.prompt, c.wrong = nil, ""
		return m.find(p, was)
	case "enter":
		expr := c.prompt.String()
		if c.wrong != "" {
			return nil
		}
		c.prompt = nil
		if expr == "" && c.was != "" { // as in vi: the same again
			return m.find(p, c.was)
		}
		return nil
	}
	was := c.prompt.String()
	c.prompt.key(k)
	if c.prompt.String() == was {
		return nil
	}
	return m.typed(p)
}

// typed searches for the expression that stands in the prompt.
func (m *Model) typed(p *onePane) tea.Cmd {
	p.eng.GoBack(p.copy.from)
	return m.find(p, p.copy.prompt.String())
}

// find searches for an expression, from where the prompt was opened upwards.
func (m *Model) find(p *onePane, expr string) tea.Cmd {
	c := &p.copy
	c.wrong, c.pattern = "", expr
	if expr == "" {
		p.eng.Find(nil, term.Point{}, false)
		return nil
	}
	pat, err := term.CompilePattern(expr)
	if err != nil {
		c.wrong = strings.TrimPrefix(err.Error(), "error parsing regexp: ")
		p.eng.Find(nil, term.Point{}, false)
		return nil
	}
	p.eng.Find(pat, c.from, true)
	return m.searchOn(p)
}

// searchOn goes on with a pane's search where there is something that it has
// not seen.
func (m *Model) searchOn(p *onePane) tea.Cmd {
	if !p.copy.on || p.copy.pattern == "" || p.copy.finding || !p.eng.FindStale() {
		return nil
	}
	p.copy.finding = true
	ctx := m.cmds.ctx
	return func() tea.Msg {
		p.eng.FindMore(ctx)
		return paneSearchedMsg{p.id}
	}
}

func (m *Model) paneSearched(msg paneSearchedMsg) tea.Cmd {
	p := m.panes.byID(msg.id)
	if p == nil {
		return nil
	}
	p.copy.finding = false
	return m.searchOn(p)
}

// copySelected puts what was selected into the clipboard.
func (m *Model) copySelected(text string) tea.Cmd {
	if text == "" {
		m.notices.add(m.now, toneNone, "there is no text in that")
		return nil
	}
	return m.copyText("the selection", text)
}

// copyFooter is the last line in copy mode, and where in it the prompt's cursor
// is, -1 without one.
func (m *Model) copyFooter(p *onePane, w int) (line string, cursor int) {
	c, f := &p.copy, p.frame
	place := fmt.Sprintf("line %d of %d ", f.Line, f.Lines)
	if c.pattern != "" && c.wrong == "" {
		place = foundText(f.Found) + " · " + place
	}
	if c.prompt != nil {
		if c.wrong != "" {
			place = m.st.bad.Render(clip(c.wrong, max(w/2, 12))) + " "
		}
		left := " " + m.st.accent.Render("/") + c.prompt.String()
		return spread(left, place, w), min(2+c.prompt.cursor(), max(w-ansi.StringWidth(place)-1, 2))
	}
	lead := "copy mode"
	if f.Selected {
		lead = "selecting"
	}
	if note := m.noticeText(w / 2); note != "" {
		place = note
	}
	return m.keyLine(viewCopy, lead, w-ansi.StringWidth(place)) + place, -1
}

// foundText says how a search stands.
func foundText(f pane.Found) string {
	n := fmt.Sprint(f.Matches)
	if f.Capped {
		n += "+"
	}
	switch {
	case f.Searching:
		n += "…"
	case f.Matches == 0:
		return "no match"
	}
	if f.At > 0 {
		return fmt.Sprintf("match %d of %s", f.At, n)
	}
	return n + " " + plural(f.Matches, "match", "matches")
}
