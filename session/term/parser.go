package term

import "unicode/utf8"

// parserState is where in a control sequence the input stands.
type parserState uint8

const (
	stGround parserState = iota
	stEscape
	stEscapeInter
	stCSI
	stCSIInter
	stCSIIgnore
	stOSC
	stDCS
	stDCSInter
	stDCSData
	stString // DCS of no interest, SOS, PM, APC: skipped to their end
)

const (
	maxParams     = 32
	maxParamValue = 65535
	maxStringData = 64 << 10
)

// parser holds what has been read of an unfinished sequence or character, so
// that both may be split over Writes at any byte.
type parser struct {
	state  parserState
	prefix byte // one of < = > ?
	inter  byte // the intermediate; 0xff when there was more than one
	final  byte // of a DCS

	params  [maxParams]int
	sub     [maxParams]bool // set if a colon led to the parameter
	nparams int
	seen    bool // a parameter byte was read

	data     []byte
	overflow bool // data did not fit and will not be acted on

	utf8    [utf8.UTFMax]byte
	utf8Len int
}

func (p *parser) reset() {
	p.state = stGround
	p.data = p.data[:0]
	p.utf8Len = 0
}

func (p *parser) begin(s parserState) {
	p.state = s
	p.prefix, p.inter, p.seen = 0, 0, false
	p.nparams = 1
	p.params[0], p.sub[0] = 0, false
}

func (p *parser) beginString(s parserState) {
	p.state = s
	p.data = p.data[:0]
	p.overflow = false
}

// param takes a byte of '0'..'9', ':' or ';'.
func (p *parser) param(b byte) {
	p.seen = true
	if b <= '9' {
		if i := p.nparams - 1; i < maxParams {
			p.params[i] = min(p.params[i]*10+int(b-'0'), maxParamValue)
		}
		return
	}
	// Parameters beyond the last are counted once, so that their digits fall
	// nowhere.
	if p.nparams <= maxParams {
		p.nparams++
		if i := p.nparams - 1; i < maxParams {
			p.params[i], p.sub[i] = 0, b == ':'
		}
	}
}

// digits takes the decimal digits at the start of b and returns their number.
func (p *parser) digits(b []byte) int {
	v, n := 0, 0
	if i := p.nparams - 1; i < maxParams {
		v = p.params[i]
	}
	for ; n < len(b) && b[n]-'0' <= 9; n++ {
		v = min(v*10+int(b[n]-'0'), maxParamValue)
	}
	p.seen = true
	if i := p.nparams - 1; i < maxParams {
		p.params[i] = v
	}
	return n
}

func (p *parser) intermediate(b byte) {
	if p.inter != 0 {
		b = 0xff
	}
	p.inter = b
}

// count is the number of parameters that were kept.
func (p *parser) count() int { return min(p.nparams, maxParams) }

// arg returns parameter i, or def if it is absent or zero.
func (p *parser) arg(i, def int) int {
	if i < p.count() && p.params[i] != 0 {
		return p.params[i]
	}
	return def
}

// feed runs input through the state machine.
func (t *Terminal) feed(p []byte) {
	for i := 0; i < len(p); {
		if t.par.state != stGround {
			i += t.sequence(p[i:])
			continue
		}
		b := p[i]
		switch {
		case t.par.utf8Len > 0:
			i += t.continueUTF8(b)
		case b >= 0x20 && b < 0x7f:
			j := i + 1
			for j < len(p) && p[j]-0x20 < 0x5f {
				j++
			}
			t.printASCII(p[i:j])
			i = j
		case b >= utf8.RuneSelf:
			i += t.decode(p[i:])
		case b == 0x1b && i+1 < len(p) && p[i+1] == '[':
			// The most common sequence, without the steps between.
			t.par.begin(stCSI)
			i += 2 + t.csiParams(p[i+2:])
		case b == 0x1b:
			t.par.begin(stEscape)
			i++
		default:
			t.execute(b)
			i++
		}
	}
}

// sequence consumes at least one byte outside of the ground state, or returns
// to it without consuming.
func (t *Terminal) sequence(p []byte) int {
	switch t.par.state {
	case stOSC, stDCSData, stString:
		return t.stringData(p)
	case stCSI:
		return t.csiParams(p)
	}
	b := p[0]
	switch {
	case b == 0x1b:
		t.par.begin(stEscape)
	case b == 0x18, b == 0x1a:
		t.par.state = stGround
	case b < 0x20:
		if t.par.state != stDCS && t.par.state != stDCSInter {
			t.execute(b)
		}
	case b == 0x7f:
	case b >= 0x80:
		t.par.state = stGround
		return 0
	default:
		t.sequenceByte(b)
	}
	return 1
}

// csiParams runs over the parameter bytes of a control sequence.
func (t *Terminal) csiParams(p []byte) int {
	for i := 0; i < len(p); i++ {
		b := p[i]
		switch {
		case b-'0' <= 9:
			i += t.par.digits(p[i:]) - 1
		case b == ':' || b == ';':
			t.par.param(b)
		case b >= 0x40 && b < 0x7f:
			t.par.state = stGround
			t.csi(b)
			return i + 1
		case b >= '<' && b <= '?':
			if t.par.seen || t.par.prefix != 0 {
				t.par.state = stCSIIgnore
				return i + 1
			}
			t.par.prefix = b
		case b >= 0x20 && b < 0x30:
			t.par.intermediate(b)
			t.par.state = stCSIInter
			return i + 1
		case b == 0x1b:
			t.par.begin(stEscape)
			return i + 1
		case b == 0x18, b == 0x1a:
			t.par.state = stGround
			return i + 1
		case b < 0x20:
			t.execute(b)
			if t.par.state != stCSI {
				return i + 1
			}
		case b == 0x7f:
		default:
			t.par.state = stGround
			return i
		}
	}
	return len(p)
}

// sequenceByte takes a graphic byte in the states that are not loops.
func (t *Terminal) sequenceByte(b byte) {
	p := &t.par
	switch p.state {
	case stEscape, stEscapeInter:
		switch {
		case b < 0x30:
			p.intermediate(b)
			p.state = stEscapeInter
		default:
			p.state = stGround
			t.escape(b)
		}
	case stCSIInter:
		switch {
		case b < 0x30:
			p.intermediate(b)
		case b < 0x40:
			p.state = stCSIIgnore
		default:
			p.state = stGround
			t.csi(b)
		}
	case stCSIIgnore:
		if b >= 0x40 {
			p.state = stGround
		}
	case stDCS, stDCSInter:
		switch {
		case b < 0x30:
			p.intermediate(b)
			p.state = stDCSInter
		case b <= ';' && p.state == stDCS:
			p.param(b)
		case b < 0x40 && p.state == stDCS && !p.seen && p.prefix == 0:
			p.prefix = b
		case b < 0x40:
			p.beginString(stString)
		default:
			p.final = b
			if dcsOfInterest(p.prefix, p.inter, b) {
				p.beginString(stDCSData)
			} else {
				p.beginString(stString)
			}
		}
	}
}

// stringData takes or skips the body of an OSC, DCS or other string. Only ESC,
// CAN, SUB and, for an OSC, BEL end it; 0x9C does not, since it occurs inside
// UTF-8 text.
func (t *Terminal) stringData(p []byte) int {
	s := &t.par
	for i := 0; i < len(p); {
		j := i
		for j < len(p) && p[j] >= 0x20 {
			j++
		}
		if s.state != stString && j > i {
			if len(s.data)+j-i > maxStringData {
				s.overflow = true
			} else if !s.overflow {
				s.data = append(s.data, p[i:j]...)
			}
		}
		if j == len(p) {
			return j
		}
		switch b := p[j]; {
		case b == 0x1b:
			t.endString()
			s.begin(stEscape)
			return j + 1
		case b == 0x18, b == 0x1a:
			s.state = stGround
			return j + 1
		case b == 0x07 && s.state == stOSC:
			t.endString()
			s.state = stGround
			return j + 1
		}
		i = j + 1
	}
	return len(p)
}

func (t *Terminal) endString() {
	s := &t.par
	if s.overflow {
		return
	}
	switch s.state {
	case stOSC:
		t.osc(s.data)
	case stDCSData:
		t.dcs(s.data)
	}
}
