package tui

import (
	"strings"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// lineEdit is a one-line text field.
type lineEdit struct {
	text  []rune
	at    int // cursor, in runes
	limit int
}

func newLineEdit(s string, limit int) lineEdit {
	r := []rune(s)
	return lineEdit{text: r, at: len(r), limit: limit}
}

func (e *lineEdit) String() string { return string(e.text) }

// key edits and says whether the key was one of the field's.
func (e *lineEdit) key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "backspace", "ctrl+h":
		if e.at > 0 {
			e.text = append(e.text[:e.at-1], e.text[e.at:]...)
			e.at--
		}
	case "delete":
		if e.at < len(e.text) {
			e.text = append(e.text[:e.at], e.text[e.at+1:]...)
		}
	case "left":
		e.at = max(e.at-1, 0)
	case "right":
		e.at = min(e.at+1, len(e.text))
	case "home", "ctrl+a":
		e.at = 0
	case "end", "ctrl+e":
		e.at = len(e.text)
	case "ctrl+u":
		e.text, e.at = e.text[e.at:], 0
	case "ctrl+w":
		head := strings.TrimRight(string(e.text[:e.at]), " ")
		head = head[:strings.LastIndex(head, " ")+1]
		e.text = append([]rune(head), e.text[e.at:]...)
		e.at = len([]rune(head))
	default:
		if k.Text == "" {
			return false
		}
		e.insert(k.Text)
	}
	return true
}

// insert puts text at the cursor, without controls and within the limit.
func (e *lineEdit) insert(s string) {
	var in []rune
	for _, r := range s {
		if unicode.IsPrint(r) && len(e.text)+len(in) < e.limit {
			in = append(in, r)
		}
	}
	e.text = append(e.text[:e.at], append(in, e.text[e.at:]...)...)
	e.at += len(in)
}

// cursor is the cursor's column, in cells.
func (e *lineEdit) cursor() int { return ansi.StringWidth(string(e.text[:e.at])) }
