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

func (p penStyle) hash() uint32 {
	a := uint64(p.Fg) | uint64(p.Bg)<<32
	b := uint64(p.UnderlineColor) | uint64(p.Attrs)<<26 | uint64(p.Underline)<<42 | uint64(p.link)<<46
	h := (a ^ a>>29) * 0x9e3779b97f4a7c15
	h = (h ^ h>>32 ^ b) * 0xd6e8feb86659fd93
	return uint32(h >> 32)
}

// coarse is the style with every direct colour brought down to the 256-colour
// palette: what is used while the table of styles is full of live ones.
func (p penStyle) coarse() penStyle {
	p.Fg, p.Bg, p.UnderlineColor = p.Fg.coarse(), p.Bg.coarse(), DefaultColor
	return p
}

func (c Color) coarse() Color {
	if c&colorKind != colorRGB {
		return c
	}
	step := func(v Color) Color { return (v & 0xff) * 6 / 256 }
	return Indexed(uint8(16 + 36*step(c>>16) + 6*step(c>>8) + step(c)))
}
