package term

import (
	"bytes"
	"strconv"
)

// palette is the colours that the remote can ask for and change: the 256 of
// the palette (OSC 4), and foreground, background and cursor (OSC 10 to 12).
// What it changed holds until it is reset (OSC 104, 110 to 112, RIS).
type palette struct {
	own     [3]uint32 // the outer terminal's foreground, background and cursor
	dynamic [3]Color  // what the remote made of them; DefaultColor: nothing
	entries map[uint8]uint32
}

func (p *palette) reset() { p.dynamic, p.entries = [3]Color{}, nil }

// changed reports whether drawing has to look colours up.
func (p *palette) changed() bool {
	return len(p.entries) > 0 || p.dynamic[0] != DefaultColor || p.dynamic[1] != DefaultColor
}

// shown is s in the colours that are to be drawn.
func (p *palette) shown(s Style) Style {
	s.Fg, s.Bg = p.color(s.Fg, 0), p.color(s.Bg, 1)
	if s.UnderlineColor != DefaultColor {
		s.UnderlineColor = p.color(s.UnderlineColor, 0)
	}
	return s
}

func (p *palette) color(c Color, dynamic int) Color {
	switch c & colorKind {
	case DefaultColor:
		return p.dynamic[dynamic]
	case colorIndexed:
		if v, ok := p.entries[uint8(c)]; ok {
			return colorRGB | Color(v)
		}
	}
	return c
}

// value is palette entry i as 0xRRGGBB: the remote's, or xterm's own.
func (p *palette) value(i uint8) uint32 {
	if v, ok := p.entries[i]; ok {
		return v
	}
	switch {
	case i < 16:
		return baseColors[i]
	case i < 232:
		level := func(n uint8) uint32 {
			if n == 0 {
				return 0
			}
			return 55 + 40*uint32(n)
		}
		n := i - 16
		return level(n/36)<<16 | level(n/6%6)<<8 | level(n%6)
	}
	g := 8 + 10*uint32(i-232)
	return g<<16 | g<<8 | g
}

// baseColors are xterm's first sixteen.
var baseColors = [16]uint32{
	0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5,
	0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
}

// SetColors sets what the outer terminal's foreground, background and cursor
// are, as 0xRRGGBB: queries (OSC 10, 11 and 12) are answered with them, and by
// that programs choose themes for light or dark. A remote that asked to be told
// (mode 2031) hears of a change between the two.
func (t *Terminal) SetColors(fg, bg, cursor uint32) {
	was := t.dark()
	t.colors.own = [3]uint32{fg & 0xffffff, bg & 0xffffff, cursor & 0xffffff}
	if t.m.schemeReports && was != t.dark() {
		t.reportScheme()
	}
}

// dark reports whether the background is nearer to black than to white.
func (t *Terminal) dark() bool {
	c := t.colors.own[1]
	return 299*(c>>16)+587*(c>>8&0xff)+114*(c&0xff) < 127_500
}

// reportScheme tells whether colours are dark or light (contour's "Color
// Palette Update Notifications").
func (t *Terminal) reportScheme() {
	if t.dark() {
		t.replyCSI("?", "n", 997, 1)
	} else {
		t.replyCSI("?", "n", 997, 2)
	}
}

// recolored makes all rows be drawn again.
func (t *Terminal) recolored() { t.touchAll() }

// paletteColors is OSC 4: pairs of a number and a colour, or of a number and a
// question mark.
func (t *Terminal) paletteColors(rest []byte) {
	for len(rest) > 0 {
		var num, spec []byte
		num, rest, _ = bytes.Cut(rest, []byte{';'})
		spec, rest, _ = bytes.Cut(rest, []byte{';'})
		i, err := strconv.Atoi(string(num))
		if err != nil || i < 0 || i > 255 {
			return
		}
		if string(spec) == "?" {
			t.replyColor("4;"+strconv.Itoa(i), t.colors.value(uint8(i)))
			continue
		}
		if v, ok := parseColor(spec); ok {
			if t.colors.entries == nil {
				t.colors.entries = make(map[uint8]uint32)
			}
			t.colors.entries[uint8(i)] = v
			t.recolored()
		}
	}
}

// resetPalette is OSC 104: the entries named, or all.
func (t *Terminal) resetPalette(rest []byte) {
	if len(rest) == 0 {
		t.colors.entries = nil
	}
	for len(rest) > 0 {
		var num []byte
		num, rest, _ = bytes.Cut(rest, []byte{';'})
		if i, err := strconv.Atoi(string(num)); err == nil && i >= 0 && i <= 255 {
			delete(t.colors.entries, uint8(i))
		}
	}
	t.recolored()
}

// dynamicColors is OSC 10, 11 and 12; several in one command are for the
// colours that follow.
func (t *Terminal) dynamicColors(n int, rest []byte) {
	for ; n <= 12 && len(rest) > 0; n++ {
		var spec []byte
		spec, rest, _ = bytes.Cut(rest, []byte{';'})
		if string(spec) == "?" {
			v := t.colors.own[n-10]
			if c := t.colors.dynamic[n-10]; c != DefaultColor {
				v = uint32(c & 0xffffff)
			}
			t.replyColor(strconv.Itoa(n), v)
			continue
		}
		if v, ok := parseColor(spec); ok {
			t.colors.dynamic[n-10] = colorRGB | Color(v)
			t.recolored()
		}
	}
}

// parseColor reads rgb:R/G/B with one to four digits each, #RGB with as many,
// and names (XParseColor).
func parseColor(spec []byte) (uint32, bool) {
	var parts [][]byte
	switch {
	case bytes.HasPrefix(spec, []byte("rgb:")):
		parts = bytes.Split(spec[4:min(len(spec), 20)], []byte{'/'})
	case len(spec) > 1 && spec[0] == '#' && len(spec) <= 13 && (len(spec)-1)%3 == 0:
		n := (len(spec) - 1) / 3
		parts = [][]byte{spec[1 : 1+n], spec[1+n : 1+2*n], spec[1+2*n:]}
	}
	if len(parts) != 3 {
		return namedColor(spec)
	}
	var out uint32
	for _, p := range parts {
		v, err := strconv.ParseUint(string(p), 16, 16)
		if err != nil || len(p) > 4 {
			return 0, false
		}
		if spec[0] == '#' {
			v = v << (16 - 4*len(p)) >> 8 // the digits are the leading ones
		} else {
			v = v * 255 / (1<<(4*len(p)) - 1)
		}
		out = out<<8 | uint32(v)
	}
	return out, true
}

// replyColor answers a query for the colour called name.
func (t *Terminal) replyColor(name string, c uint32) {
	var buf [48]byte
	b := append(append(append(buf[:0], "\x1b]"...), name...), ";rgb:"...)
	b = append(appendChannel(b, uint8(c>>16)), '/')
	b = append(appendChannel(b, uint8(c>>8)), '/')
	t.reply(append(appendChannel(b, uint8(c)), "\x1b\\"...))
}

// appendChannel appends a byte as the 16-bit value that means the same.
func appendChannel(b []byte, v uint8) []byte {
	const hex = "0123456789abcdef"
	return append(b, hex[v>>4], hex[v&15], hex[v>>4], hex[v&15])
}
