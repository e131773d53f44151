package term

// sgr sets the pen from the parameters of SGR.
func (t *Terminal) sgr() {
	p := &t.par
	n := p.count()
	t.penStale = true
	for i := 0; i < n; {
		end := i + 1
		for end < n && p.sub[end] {
			end++
		}
		i = t.sgrOne(i, end, n)
	}
}

// sgrOne acts on the parameter at i, whose subparameters end before end, and
// returns where the next one is.
func (t *Terminal) sgrOne(i, end, n int) int {
	p := &t.par
	s := &t.pen
	v := p.params[i]
	if end > i+1 && v != 4 && v != 38 && v != 48 && v != 58 {
		return end // subparameters change the meaning to one we do not know
	}
	switch v {
	case 0:
		*s = Style{}
	case 1:
		s.Attrs |= AttrBold
	case 2:
		s.Attrs |= AttrFaint
	case 3:
		s.Attrs |= AttrItalic
	case 4:
		s.Underline = UnderlineSingle
		if end > i+1 {
			if u := p.params[i+1]; u <= int(UnderlineDashed) {
				s.Underline = Underline(u)
			}
		}
	case 5, 6:
		s.Attrs |= AttrBlink
	case 7:
		s.Attrs |= AttrInverse
	case 8:
		s.Attrs |= AttrHidden
	case 9:
		s.Attrs |= AttrStrike
	case 21:
		s.Underline = UnderlineDouble
	case 22:
		s.Attrs &^= AttrBold | AttrFaint
	case 23:
		s.Attrs &^= AttrItalic
	case 24:
		s.Underline = UnderlineNone
	case 25:
		s.Attrs &^= AttrBlink
	case 27:
		s.Attrs &^= AttrInverse
	case 28:
		s.Attrs &^= AttrHidden
	case 29:
		s.Attrs &^= AttrStrike
	case 30, 31, 32, 33, 34, 35, 36, 37:
		s.Fg = Indexed(uint8(v - 30))
	case 38:
		return t.sgrColor(i, end, n, &s.Fg)
	case 39:
		s.Fg = DefaultColor
	case 40, 41, 42, 43, 44, 45, 46, 47:
		s.Bg = Indexed(uint8(v - 40))
	case 48:
		return t.sgrColor(i, end, n, &s.Bg)
	case 49:
		s.Bg = DefaultColor
	case 53:
		s.Attrs |= AttrOverline
	case 55:
		s.Attrs &^= AttrOverline
	case 58:
		return t.sgrColor(i, end, n, &s.UnderlineColor)
	case 59:
		s.UnderlineColor = DefaultColor
	case 90, 91, 92, 93, 94, 95, 96, 97:
		s.Fg = Indexed(uint8(v - 90 + 8))
	case 100, 101, 102, 103, 104, 105, 106, 107:
		s.Bg = Indexed(uint8(v - 100 + 8))
	}
	return end
}

// sgrColor reads an extended colour: 38:5:n, 38:2:r:g:b, 38:2:space:r:g:b, or
// the same first two with semicolons.
func (t *Terminal) sgrColor(i, end, n int, c *Color) int {
	p := &t.par
	args := p.params[i+1 : end]
	next := end
	if len(args) == 0 {
		// Semicolons: as many parameters as the kind of colour takes.
		if i+1 >= n {
			return n
		}
		take := 1
		switch p.params[i+1] {
		case 2:
			take = 4
		case 5:
			take = 2
		}
		next = min(i+1+take, n)
		args = p.params[i+1 : next]
	} else if len(args) >= 5 && args[0] == 2 {
		args = p.params[i+2 : end] // without the colour space
		args[0] = 2
	}
	switch {
	case len(args) >= 2 && args[0] == 5 && args[1] <= 255:
		*c = Indexed(uint8(args[1]))
	case len(args) >= 4 && args[0] == 2 && args[1] <= 255 && args[2] <= 255 && args[3] <= 255:
		*c = RGB(uint8(args[1]), uint8(args[2]), uint8(args[3]))
	}
	return next
}
