package term

// charset is a 94-character set; all but ASCII, DEC special graphics and the
// British one are taken for ASCII.
type charset uint8

const (
	charsetASCII charset = iota
	charsetGraphics
	charsetBritish
)

// charsets are the four designated sets, the one locked into GL, and the one
// that a single shift takes for one character.
type charsets struct {
	g      [4]charset
	gl     uint8
	single uint8 // 2 or 3 after SS2 or SS3
}

// mapped reports whether ASCII does not stand for itself at present.
func (c *charsets) mapped() bool { return c.single != 0 || c.g[c.gl] != charsetASCII }

// take translates b and uses up a single shift.
func (c *charsets) take(b byte) rune {
	set := c.g[c.gl]
	if c.single != 0 {
		set, c.single = c.g[c.single], 0
	}
	switch {
	case set == charsetGraphics && b >= 0x5f && b <= 0x7e:
		return specialGraphics[b-0x5f]
	case set == charsetBritish && b == '#':
		return '£'
	}
	return rune(b)
}

// specialGraphics are the DEC special characters 0x5f to 0x7e.
var specialGraphics = [...]rune{
	' ', '◆', '▒', '␉', '␌', '␍', '␊', '°', '±', '␤', '␋', '┘', '┐', '┌', '└', '┼',
	'⎺', '⎻', '─', '⎼', '⎽', '├', '┤', '┴', '┬', '│', '≤', '≥', 'π', '≠', '£', '·',
}

// designate is ESC ( and its like.
func (c *charsets) designate(slot int, final byte) {
	switch final {
	case '0':
		c.g[slot] = charsetGraphics
	case 'A':
		c.g[slot] = charsetBritish
	default:
		c.g[slot] = charsetASCII
	}
}
