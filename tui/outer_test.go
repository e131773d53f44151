package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// Only a terminal that knows mode 2027 gets clusters whole: any other would add
// up the widths of their characters and move what stands behind them.
func TestClustersAreDrawnAsTheOuterTerminalMeasures(t *testing.T) {
	const family, parent = "\U0001F469\u200d\U0001F469\u200d\U0001F467|", "\U0001F469|"
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.fakePane("ant").prints("\r\n" + family)
	d.shows(parent)
	d.lacks(family)
	d.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeReset})
	d.shows(family)
	d.fakePane("ant").prints("\r\n" + family)
	d.shows(family)
	d.send(tea.ModeReportMsg{Mode: ansi.ModeUnicodeCore, Value: ansi.ModeNotRecognized})
	d.shows(parent)
	d.lacks(family)
}
