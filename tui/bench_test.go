package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// What a key's echo costs from the wake to the string that Bubble Tea gets.
func BenchmarkEcho(b *testing.B) {
	w := zoo()
	m := New(w.deps())
	defer m.Close()
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 50})
	m.Update(fleetChangedMsg{w.snap})
	m.Update(key("enter"))
	p := m.panes.current()
	sh := newFakeShell()
	defer func() { _ = sh.Close() }()
	m.Update(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: sh}})
	sh.prints(strings.Repeat(strings.Repeat("word ", 29)+"\r\n", 60))
	<-p.eng.Wake()
	b.ReportAllocs()
	for b.Loop() {
		sh.prints("x\b")
		<-p.eng.Wake()
		m.Update(paneWokeMsg{id: p.id})
		_ = m.View()
	}
}
