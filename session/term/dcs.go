package term

import "strconv"

// dcsOfInterest reports whether the data of a DCS are collected; those of
// others (sixel, ReGIS, tmux passthrough and so on) are skipped.
func dcsOfInterest(prefix, inter, final byte) bool {
	return prefix == 0 && final == 'q' && (inter == '$' || inter == '+')
}

func (t *Terminal) dcs(data []byte) {
	switch t.par.inter {
	case '$':
		t.reportSetting(data)
	case '+':
		t.reportCapabilities(data)
	}
}

// reportSetting is DECRQSS. The answer repeats nothing of the question but
// names that we know.
func (t *Terminal) reportSetting(name []byte) {
	var buf [160]byte
	b := append(buf[:0], "\x1bP1$r"...)
	num := func(v int) { b = strconv.AppendInt(b, int64(v), 10) }
	switch string(name) {
	case "m":
		b = append(b, '0')
		b = appendSGR(b, &t.pen, ':') // as programs that look for direct colours expect
		b = append(b, 'm')
	case "r":
		num(t.top + 1)
		b = append(b, ';')
		num(t.bot + 1)
		b = append(b, 'r')
	case "s":
		num(t.left + 1)
		b = append(b, ';')
		num(t.right + 1)
		b = append(b, 's')
	case " q":
		n := int(t.shape)*2 + 2
		if t.blink {
			n--
		}
		num(n)
		b = append(b, " q"...)
	case `"p`:
		b = append(b, `62;1"p`...)
	case `"q`:
		if t.protect {
			num(1)
		} else {
			num(0)
		}
		b = append(b, `"q`...)
	case "t":
		num(t.rows)
		b = append(b, 't')
	case "*x":
		if t.rectExtent {
			num(2)
		} else {
			num(1)
		}
		b = append(b, "*x"...)
	case "$|":
		num(t.cols)
		b = append(b, "$|"...)
	case "*|":
		num(t.rows)
		b = append(b, "*|"...)
	default:
		t.reply([]byte("\x1bP0$r\x1b\\"))
		return
	}
	t.reply(append(b, "\x1b\\"...))
}
