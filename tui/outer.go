package tui

import (
	"image/color"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// outerColors are the outer terminal's, as 0xRRGGBB; zero where it did not tell.
type outerColors struct{ fg, bg, cursor uint32 }

// rgb is a colour as 0xRRGGBB.
func rgb(c color.Color) uint32 {
	if c == nil {
		return 0
	}
	r, g, b, _ := c.RGBA()
	return r>>8<<16 | g>>8<<8 | b>>8
}

func (p *onePane) dead() bool {
	return p.state == paneEnded || p.state == paneLost || p.state == paneFailed
}

// setColors tells the panes what the outer terminal's colours are.
func (s *paneSet) setColors(change func(*outerColors)) {
	change(&s.colors)
	for _, p := range s.all {
		p.eng.SetColors(s.colors.fg, s.colors.bg, s.colors.cursor)
	}
}

// modeReported takes the outer terminal's answer about a mode. One that knows
// mode 2027 measures whole clusters, as Bubble Tea has it do then; panes are
// drawn plainly for any other.
func (s *paneSet) modeReported(msg tea.ModeReportMsg) {
	if msg.Mode != ansi.ModeUnicodeCore {
		return
	}
	s.clusters = msg.Value.IsSet() || msg.Value.IsReset() || msg.Value.IsPermanentlySet()
	for _, p := range s.all {
		p.eng.SetPlainClusters(!s.clusters)
	}
}
