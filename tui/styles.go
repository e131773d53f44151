package tui

import (
	"image/color"

	"charm.land/lipgloss/v2"
)

// styles is how everything looks. Meaning never hangs on colour alone: each
// coloured thing is also a word or a symbol.
type styles struct {
	text, strong, muted, accent  lipgloss.Style
	good, warn, bad              lipgloss.Style
	selected, heading, rule, key lipgloss.Style
	tab, tabActive               lipgloss.Style
	border, borderDanger         lipgloss.Style
	field                        lipgloss.Style
}

// newStyles makes the styles of a theme ("none" has no colours at all) for a
// dark or a light background.
func newStyles(theme string, dark bool) *styles {
	base := lipgloss.NewStyle()
	s := &styles{
		text: base, strong: base.Bold(true), muted: base.Faint(true), accent: base.Bold(true),
		good: base, warn: base.Bold(true), bad: base.Bold(true),
		selected: base.Bold(true), heading: base.Faint(true), rule: base.Faint(true), key: base.Bold(true),
		tab: base.Faint(true), tabActive: base.Bold(true).Underline(true),
		border: base, borderDanger: base.Bold(true), field: base.Underline(true),
	}
	switch theme {
	case "none":
		return s
	case "dark":
		dark = true
	case "light":
		dark = false
	}
	pick := func(light, onDark string) color.Color {
		return lipgloss.LightDark(dark)(lipgloss.Color(light), lipgloss.Color(onDark))
	}
	accent := pick("#2856B8", "#82AAFF")
	muted := pick("#6A6F7D", "#828997")
	s.muted = base.Foreground(muted)
	s.heading = base.Foreground(muted)
	s.rule = base.Foreground(pick("#C9CCD3", "#3A3F4B"))
	s.accent = base.Foreground(accent).Bold(true)
	s.key = base.Foreground(accent)
	s.good = base.Foreground(pick("#1F7A3D", "#7FCB8F"))
	s.warn = base.Foreground(pick("#8A5A00", "#E5B567"))
	s.bad = base.Foreground(pick("#B3261E", "#F28B82"))
	s.selected = base.Background(pick("#E3E8F4", "#2A3040")).Bold(true)
	s.tab = base.Foreground(muted)
	s.tabActive = base.Foreground(accent).Bold(true).Underline(true)
	s.border = base.Foreground(accent)
	s.borderDanger = base.Foreground(pick("#B3261E", "#F28B82"))
	s.field = base.Foreground(accent)
	return s
}

// tone is the style of a tone.
func (s *styles) tone(t tone) lipgloss.Style {
	switch t {
	case toneGood:
		return s.good
	case toneWarn:
		return s.warn
	case toneBad:
		return s.bad
	case toneMuted:
		return s.muted
	}
	return s.text
}
