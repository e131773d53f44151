package multiplex

import "bytes"

// maxLine bounds one line of control mode; what is longer is dropped to its end.
const maxLine = 1 << 20

// events are what lines of control mode mean to a shell.
type events interface {
	// output is what a program wrote.
	output(data []byte)
	// reply is a line of what a command printed; done is set, with no line, at
	// the end of one that we sent.
	reply(line []byte, done bool)
	// attached is that the client shows a session now: commands that were sent
	// before may have run without one.
	attached()
}

// control takes control mode apart (tmux(1), "Control mode").
type control struct {
	to   events
	line []byte
	long bool // the line is too long and will be dropped
	// Inside of a block: its number, as it must be in the line that ends it.
	block []byte
	ours  bool // the block answers a command that came from us
}

// feed takes input in pieces of any length.
func (c *control) feed(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		piece := p
		if i >= 0 {
			piece = p[:i]
		}
		if len(c.line)+len(piece) > maxLine {
			c.long = true
		} else {
			c.line = append(c.line, piece...)
		}
		if i < 0 {
			return
		}
		p = p[i+1:]
		if !c.long {
			c.take(bytes.TrimSuffix(c.line, []byte{'\r'}))
		}
		c.line, c.long = c.line[:0], false
	}
}

func (c *control) take(line []byte) {
	word, rest, _ := bytes.Cut(line, []byte{' '})
	if c.block != nil {
		if w := string(word); (w == "%end" || w == "%error") && bytes.Equal(rest, c.block) {
			c.block = nil
			if c.ours {
				c.to.reply(nil, true)
			}
			return
		}
		if c.ours {
			c.to.reply(line, false)
		}
		return
	}
	switch string(word) {
	case "%begin":
		c.block = append([]byte{}, rest...)
		c.ours = bytes.HasSuffix(rest, []byte(" 1"))
	case "%output":
		if _, data, ok := bytes.Cut(rest, []byte{' '}); ok {
			c.to.output(unescape(data))
		}
	case "%session-changed":
		c.to.attached()
	}
}

// unescape undoes the octal escapes of output, in place.
func unescape(b []byte) []byte {
	out := b[:0]
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' && i+3 < len(b) && octal(b[i+1]) && octal(b[i+2]) && octal(b[i+3]) {
			out = append(out, (b[i+1]-'0')<<6|(b[i+2]-'0')<<3|(b[i+3]-'0'))
			i += 3
			continue
		}
		out = append(out, b[i])
	}
	return out
}

func octal(b byte) bool { return b >= '0' && b <= '7' }
