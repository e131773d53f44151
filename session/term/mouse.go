package term

import (
	"strconv"
	"unicode/utf8"
)

// Mouse is an event of the mouse. Buttons are numbered as xterm's: 0 left, 1
// middle, 2 right, 3 none, 4 and 5 the wheel up and down, 6 and 7 left and
// right.
type Mouse struct {
	X, Y   int // 0-based cell
	Button int
	Kind   MouseKind
	Mods   Mod
}

// MouseKind is what the mouse did.
type MouseKind uint8

// The kinds of mouse events.
const (
	MousePress MouseKind = iota
	MouseRelease
	MouseMotion
)

const mouseNone = 3

// EncodeMouse appends the report of m, if the remote asked for such events.
// Cells outside of the screen are moved to its edge.
func (t *Terminal) EncodeMouse(dst []byte, m Mouse) []byte {
	code, ok := t.mouseCode(m)
	if !ok {
		return dst
	}
	x, y := clamp(m.X, 0, t.cols-1)+1, clamp(m.Y, 0, t.rows-1)+1
	switch {
	case t.m.mouse == MouseX10:
		return legacyMouse(dst, code, x, y)
	case t.m.mouseSGR, t.m.mousePixels:
		if t.m.mousePixels { // the middle of the cell: nothing finer is known
			x, y = x*cellWidth-cellWidth/2, y*cellHeight-cellHeight/2
		}
		dst = strconv.AppendInt(append(dst, "\x1b[<"...), int64(code), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(x), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(y), 10)
		if m.Kind == MouseRelease {
			return append(dst, 'm')
		}
		return append(dst, 'M')
	}
	if m.Kind == MouseRelease {
		code = code&^3 | mouseNone // the older encodings do not tell which
	}
	switch {
	case t.m.mouseURXVT:
		dst = strconv.AppendInt(append(dst, "\x1b["...), int64(code+32), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(x), 10)
		dst = strconv.AppendInt(append(dst, ';'), int64(y), 10)
		return append(dst, 'M')
	case t.m.mouseUTF8:
		dst = append(dst, "\x1b[M"...)
		dst = utf8.AppendRune(dst, rune(code+32))
		dst = utf8.AppendRune(dst, rune(x+32))
		return utf8.AppendRune(dst, rune(y+32))
	}
	return legacyMouse(dst, code, x, y)
}

// mouseCode is the number of the event, and whether the mode reports it.
func (t *Terminal) mouseCode(m Mouse) (int, bool) {
	if m.Button < 0 || m.Button > 7 {
		return 0, false
	}
	wheel := m.Button >= 4
	code := m.Button
	if wheel {
		code = m.Button - 4 + 64
	}
	switch t.m.mouse {
	case MouseOff:
		return 0, false
	case MouseX10:
		return code, m.Kind == MousePress && m.Button < mouseNone
	case MouseButtons:
		if m.Kind == MouseMotion {
			return 0, false
		}
	case MouseDrag:
		if m.Kind == MouseMotion && m.Button == mouseNone {
			return 0, false
		}
	}
	switch {
	case wheel && m.Kind != MousePress:
		return 0, false
	case m.Kind == MouseMotion:
		code += 32
	case m.Button == mouseNone && m.Kind == MousePress:
		return 0, false
	}
	if m.Mods&ModShift != 0 {
		code |= 4
	}
	if m.Mods&(ModAlt|ModMeta) != 0 {
		code |= 8
	}
	if m.Mods&ModCtrl != 0 {
		code |= 16
	}
	return code, true
}

// legacyMouse is one byte a number; what is beyond 223 stays there.
func legacyMouse(dst []byte, code, x, y int) []byte {
	return append(dst, 0x1b, '[', 'M', byte(code+32), byte(min(x, 223)+32), byte(min(y, 223)+32))
}
