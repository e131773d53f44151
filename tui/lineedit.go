package tui

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// maxLine bounds a field that has no limit of its own.
const maxLine = 64

// lineEdit is a one-line text field: Bubbles' text input for its editing, with
// our own drawing. Its zero value is an empty field.
type lineEdit struct {
	input textinput.Model
	made  bool
}

func newLineEdit(s string, limit int) lineEdit {
	in := textinput.New()
	in.CharLimit = limit
	// The terminal's own cursor is shown, so the field draws none, and its
	// blinking is not needed.
	in.SetVirtualCursor(false)
	in.Focus()
	in.SetValue(s)
	in.CursorEnd()
	return lineEdit{input: in, made: true}
}

func (e *lineEdit) make() {
	if !e.made {
		*e = newLineEdit("", maxLine)
	}
}

func (e *lineEdit) String() string { return e.input.Value() }

// key edits the field.
func (e *lineEdit) key(k tea.KeyPressMsg) {
	e.make()
	e.input, _ = e.input.Update(k)
}

// insert puts text at the cursor, without controls and within the limit.
func (e *lineEdit) insert(s string) {
	e.make()
	e.input, _ = e.input.Update(tea.PasteMsg{Content: clean(s)})
}

// cursor is the cursor's column, in cells.
func (e *lineEdit) cursor() int {
	runes := []rune(e.input.Value())
	return ansi.StringWidth(string(runes[:min(e.input.Position(), len(runes))]))
}
