package tui

import (
	"time"

	"github.com/charmbracelet/colorprofile"

	"github.com/openclaw/crabbox-tui/tui/direct"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

const (
	// aheadRows is how many rows are drawn ahead of Bubble Tea at most: an echo
	// changes one, or two where it wraps. More is no echo, and waits.
	aheadRows = 4
	// aheadRest is how long a pane must have been quiet.
	aheadRest = 20 * time.Millisecond
)

// Ahead shows rows before Bubble Tea's next frame does; *direct.Screen
// satisfies it.
type Ahead interface {
	Draw(rows []direct.Row, x, y int)
	SetProfile(p colorprofile.Profile)
}

// drawAhead shows at once what changed in a pane since its frame was, if it
// looks like the echo of a key.
func (m *Model) drawAhead(p *onePane, was pane.Frame, at time.Time) {
	rested := at.Sub(p.wokeAt) >= aheadRest
	p.wokeAt = at
	now, r := p.frame, p.screen
	if m.deps.Ahead == nil || !rested || !p.visible || p.state != paneOpen || p.copy.on || m.covered() {
		return
	}
	if now.Cols != r.w || was.Cols != r.w || len(now.Rows) != r.h || len(was.Rows) != r.h {
		return
	}
	var rows []direct.Row
	for i, text := range now.Rows {
		if text != was.Rows[i] {
			rows = append(rows, direct.Row{X: r.x, Y: r.y + i, Text: text})
		}
	}
	if c := m.paneCursor(); c != nil && len(rows) <= aheadRows {
		m.deps.Ahead.Draw(rows, c.X, c.Y)
	}
}
