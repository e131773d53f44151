package record

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxTyped   = 4 << 10 // bytes of one line
	maxPending = 16      // lines that were typed and not decided yet
	maxSeen    = 256     // characters of a line that a remote may draw anew
)

// echoFilter tells typed lines that the remote echoed from those it did not.
//
// A line is what was typed up to Enter or a key that ends one like it (Ctrl-C,
// Ctrl-D, Ctrl-Z). It passes if every printable character of it was echoed: came
// back at the very beginning of a piece of output, control sequences apart,
// where that may also begin with a part of the line that was echoed before,
// since line editors draw it anew. The first piece of output with other text,
// while an echo is owed, makes all lines fail that are owed one. So does
// anything that is not understood: a line that fails is lost, one that passes
// would be a secret told. Since what passes was in the output as well, the
// recording holds no character more for it.
type echoFilter struct {
	lines []typedLine // the last one is being typed, unless it has ended
	out   escapes     // where the output stands
	tail  []rune      // the end of the text of the output's current line
}

type typedLine struct {
	raw    []byte
	runes  []rune // the printable ones
	echoed int    // how many of them
	ended  bool
	failed bool
}

func (l *typedLine) owed() bool { return l.echoed < len(l.runes) }

// typed takes input: one or more keys, or a paste. A key comes whole, so that an
// Escape at the end hides nothing of what is typed next.
func (f *echoFilter) typed(p []byte) {
	var keys escapes
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		l := f.current()
		if len(l.raw)+size > maxTyped {
			l.raw, l.runes, l.echoed, l.failed = nil, nil, 0, true
		}
		if !l.failed {
			l.raw = append(l.raw, p[:size]...)
		}
		if keys.text(r) && !l.failed {
			l.runes = append(l.runes, r)
		}
		if strings.ContainsRune("\r\n\x03\x04\x1a", r) {
			l.ended = true
			l.failed = l.failed || f.asksSecret()
		}
		p = p[size:]
	}
}

// current is the line that is being typed.
func (f *echoFilter) current() *typedLine {
	if n := len(f.lines); n == 0 || f.lines[n-1].ended {
		if n == maxPending {
			f.lines = append(f.lines[:0], f.lines[1:]...)
		}
		f.lines = append(f.lines, typedLine{failed: f.asksSecret()})
	}
	return &f.lines[len(f.lines)-1]
}

// output takes output.
func (f *echoFilter) output(p []byte) {
	var begin []rune // of the text in this piece
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		p = p[size:]
		switch {
		case f.out.text(r):
			if len(begin) < maxSeen+maxTyped {
				begin = append(begin, r)
			}
			if len(f.tail) == maxSeen {
				f.tail = append(f.tail[:0], f.tail[1:]...)
			}
			f.tail = append(f.tail, r)
		case r == '\n':
			f.tail = f.tail[:0]
		}
	}
	if len(begin) > 0 {
		f.match(begin)
	}
}

// lost is called when output went by unseen.
func (f *echoFilter) lost() {
	f.fail()
	f.out, f.tail = escapes{}, nil
}

// match looks for an echo at the beginning of text.
func (f *echoFilter) match(text []rune) {
	for i := range f.lines {
		l := &f.lines[i]
		n := l.echoIn(text)
		if n == 0 {
			continue
		}
		l.echoed += n
		// Echoes come in the order in which things were typed.
		for j := range f.lines[:i] {
			f.lines[j].failed = f.lines[j].failed || f.lines[j].owed()
		}
		return
	}
	f.fail()
}

// fail makes all lines fail that are owed an echo.
func (f *echoFilter) fail() {
	for i := range f.lines {
		f.lines[i].failed = f.lines[i].failed || f.lines[i].owed()
	}
}

// echoIn is how many characters of the line text echoes.
func (l *typedLine) echoIn(text []rune) int {
	if l.failed || !l.owed() {
		return 0
	}
	most := 0
	for again := range min(l.echoed, maxSeen) + 1 {
		from := l.echoed - again
		n := 0
		for n < len(text) && from+n < len(l.runes) && text[n] == l.runes[from+n] {
			n++
		}
		most = max(most, n-again)
	}
	return most
}

// decided calls pass with each line that passes, and forgets those that are
// decided.
func (f *echoFilter) decided(pass func(line []byte)) {
	n := 0
	for n < len(f.lines) {
		l := &f.lines[n]
		if !l.ended || !l.failed && l.owed() {
			break
		}
		if !l.failed {
			pass(l.raw)
		}
		n++
	}
	f.lines = append(f.lines[:0], f.lines[n:]...)
}

// secretWords are what prompts for secrets have in them.
var secretWords = [...]string{"password", "passwort", "passphrase", "passcode", "mot de passe", "contraseña", "pin", "secret", "token", "verification code", "one-time"}

// asksSecret reports whether the output's current line looks like a prompt for
// something that is not to be written down.
func (f *echoFilter) asksSecret() bool {
	s := strings.ToLower(strings.TrimRightFunc(string(f.tail), unicode.IsSpace))
	if s == "" || !strings.ContainsRune(":?：", []rune(s)[len([]rune(s))-1]) {
		return false
	}
	for _, w := range secretWords {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// escapes tells text from control sequences (ECMA-48), for input and output.
type escapes struct{ state byte }

// text takes the next character and reports whether it is printed.
func (e *escapes) text(r rune) bool {
	const ground, escape, csi, str, ss3 = 0, 1, 2, 3, 4
	if r == 0x1b {
		e.state = escape
		return false
	}
	switch e.state {
	case escape:
		switch {
		case r == '[':
			e.state = csi
		case r == 'O':
			e.state = ss3
		case strings.ContainsRune("]PX^_", r):
			e.state = str
		case r < 0x20 || r > 0x2f: // not an intermediate
			e.state = ground
		}
		return false
	case csi:
		if r >= 0x40 && r < 0x7f || r < 0x20 {
			e.state = ground
		}
		return false
	case str:
		if r == 0x07 || r == 0x18 || r == 0x1a {
			e.state = ground
		}
		return false
	case ss3:
		e.state = ground
		return false
	}
	return r >= 0x20 && r != 0x7f && (r < 0x80 || r >= 0xa0)
}
