package term

import "bytes"

// maxColorName is longer than any name of a colour.
const maxColorName = 32

// namedColor is a colour by the name that X11 gives it (XParseColor); blanks
// and case do not matter. The seventy or so that programs use are known.
func namedColor(name []byte) (uint32, bool) {
	if len(name) > maxColorName {
		return 0, false
	}
	name = bytes.ToLower(bytes.ReplaceAll(name, []byte{' '}, nil))
	name = bytes.Replace(name, []byte("grey"), []byte("gray"), 1)
	v, ok := colorNames[string(name)]
	return v, ok
}

var colorNames = map[string]uint32{
	"black": 0x000000, "white": 0xffffff, "red": 0xff0000, "green": 0x00ff00, "blue": 0x0000ff,
	"cyan": 0x00ffff, "magenta": 0xff00ff, "yellow": 0xffff00,
	"gray": 0xbebebe, "darkgray": 0xa9a9a9, "lightgray": 0xd3d3d3, "dimgray": 0x696969, "slategray": 0x708090,
	"darkred": 0x8b0000, "darkgreen": 0x006400, "darkblue": 0x00008b, "darkcyan": 0x008b8b, "darkmagenta": 0x8b008b,
	"lightblue": 0xadd8e6, "lightgreen": 0x90ee90, "lightyellow": 0xffffe0, "lightcyan": 0xe0ffff, "lightpink": 0xffb6c1,
	"orange": 0xffa500, "darkorange": 0xff8c00, "orangered": 0xff4500, "pink": 0xffc0cb, "hotpink": 0xff69b4, "deeppink": 0xff1493,
	"purple": 0xa020f0, "violet": 0xee82ee, "orchid": 0xda70d6, "plum": 0xdda0dd, "maroon": 0xb03060, "lavender": 0xe6e6fa,
	"brown": 0xa52a2a, "sienna": 0xa0522d, "chocolate": 0xd2691e, "tan": 0xd2b48c, "wheat": 0xf5deb3, "beige": 0xf5f5dc,
	"gold": 0xffd700, "goldenrod": 0xdaa520, "khaki": 0xf0e68c, "ivory": 0xfffff0, "snow": 0xfffafa, "salmon": 0xfa8072,
	"coral": 0xff7f50, "tomato": 0xff6347, "firebrick": 0xb22222, "navy": 0x000080, "midnightblue": 0x191970,
	"royalblue": 0x4169e1, "dodgerblue": 0x1e90ff, "skyblue": 0x87ceeb, "steelblue": 0x4682b4, "slateblue": 0x6a5acd,
	"cornflowerblue": 0x6495ed, "deepskyblue": 0x00bfff, "turquoise": 0x40e0d0, "aquamarine": 0x7fffd4,
	"limegreen": 0x32cd32, "forestgreen": 0x228b22, "seagreen": 0x2e8b57, "springgreen": 0x00ff7f, "lawngreen": 0x7cfc00,
	"olivedrab": 0x6b8e23, "greenyellow": 0xadff2f, "chartreuse": 0x7fff00,
}
