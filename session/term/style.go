package term

// Color is a colour of a cell: default, one of 256, or RGB.
type Color uint32

// DefaultColor is what the outer terminal uses by itself.
const DefaultColor Color = 0

const (
	colorIndexed Color = 1 << 24
	colorRGB     Color = 2 << 24
	colorKind    Color = 3 << 24
)

// Indexed returns palette colour i.
func Indexed(i uint8) Color { return colorIndexed | Color(i) }

// RGB returns a direct colour.
func RGB(r, g, b uint8) Color {
	return colorRGB | Color(r)<<16 | Color(g)<<8 | Color(b)
}

// Index returns the number of a palette colour.
func (c Color) Index() (i uint8, ok bool) { return uint8(c), c&colorKind == colorIndexed }

// RGB returns the parts of a direct colour.
func (c Color) RGB() (r, g, b uint8, ok bool) {
	return uint8(c >> 16), uint8(c >> 8), uint8(c), c&colorKind == colorRGB
}

// Attr is a set of text attributes.
type Attr uint16

// The attributes of a cell, as SGR 1, 2, 3, 5, 7, 8, 9 and 53 set them.
const (
	AttrBold Attr = 1 << iota
	AttrFaint
	AttrItalic
	AttrBlink
	AttrInverse
	AttrHidden
	AttrStrike
	AttrOverline
)

// Underline is an underline style.
type Underline uint8

// The underline styles of SGR 4:0 to 4:5.
const (
	UnderlineNone Underline = iota
	UnderlineSingle
	UnderlineDouble
	UnderlineCurly
	UnderlineDotted
	UnderlineDashed
)

// Style is how a cell looks.
type Style struct {
	Fg, Bg, UnderlineColor Color
	Attrs                  Attr
	Underline              Underline
}

// penStyle is what the table of styles holds: a style and the link under it.
type penStyle struct {
	Style
	link uint16
}

// styleKey is a penStyle in two words, which are quick to compare.
type styleKey struct{ a, b uint64 }

// keyOf reads field by field: to copy a style that was just changed would wait
// for the change to reach memory.
func keyOf(s *Style, link uint16) styleKey {
	return styleKey{
		uint64(s.Fg) | uint64(s.Bg)<<32,
		uint64(s.UnderlineColor) | uint64(s.Attrs)<<26 | uint64(s.Underline)<<42 | uint64(link)<<46,
	}
}

func (k styleKey) hash() uint32 {
	h := k.a*0x9e3779b97f4a7c15 ^ k.b*0xd6e8feb86659fd93
	return uint32(h>>32 ^ h>>12)
}

// coarse is the style with every direct colour brought down to the 256-colour
// palette: what is used while the table of styles is full of live ones.
func (s Style) coarse() Style {
	s.Fg, s.Bg, s.UnderlineColor = s.Fg.coarse(), s.Bg.coarse(), DefaultColor
	return s
}

func (c Color) coarse() Color {
	if c&colorKind != colorRGB {
		return c
	}
	step := func(v Color) Color { return (v & 0xff) * 6 / 256 }
	return Indexed(uint8(16 + 36*step(c>>16) + 6*step(c>>8) + step(c)))
}
