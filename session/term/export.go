package term

import (
	"bytes"
	"io"
)

// exportChunk is how much text is gathered before it is written out.
const exportChunk = 64 << 10

// WriteText writes the lines as plain text, wrapped ones joined, without blanks
// at their ends, each with a newline. The first error of w ends it.
func (s *Snapshot) WriteText(w io.Writer) error {
	return s.write(w, func(dst []byte, from, to int) []byte {
		start := len(dst)
		dst = s.appendText(dst, start, from, to, 0, s.t.cols)
		// The last row may say that it goes on, and have nothing to go on with.
		return dst[:start+len(bytes.TrimRight(dst[start:], " "))]
	})
}

// WriteANSI is WriteText with SGR sequences and OSC 8 links, so that the text
// looks in a pager as it did in the terminal, but for a background colour
// behind the end of a line. Each line ends in a reset state.
func (s *Snapshot) WriteANSI(w io.Writer) error {
	return s.write(w, s.appendANSI)
}

// write writes one logical line after the other, each made by text.
func (s *Snapshot) write(w io.Writer, text func(dst []byte, from, to int) []byte) error {
	var buf []byte
	for i := 0; i < s.Len(); {
		next := i + 1
		for next < s.Len() && s.wrapped(next-1) {
			next++
		}
		buf = append(text(buf, i, next), '\n')
		i = next
		if len(buf) >= exportChunk || i == s.Len() {
			if _, err := w.Write(buf); err != nil {
				return err
			}
			buf = buf[:0]
		}
	}
	return nil
}

// appendANSI appends the lines from to to-1, which are one line of text.
func (s *Snapshot) appendANSI(dst []byte, from, to int) []byte {
	w := rowWriter{t: s.t, dst: dst, lastText: -1}
	var link []byte
	owed := 0 // blanks that count only if something comes after them
	for i := from; i < to; i++ {
		p := s.reader(i)
		for p.next() {
			if p.spacer {
				continue
			}
			blank := p.blank || len(p.text) == 1 && p.text[0] == ' '
			if blank && p.style == (Style{}) && len(p.link) == 0 && len(link) == 0 {
				owed += p.width
				continue
			}
			w.pad(w.x+owed, &Style{})
			owed = 0
			w.setStyle(&p.style)
			if string(link) != string(p.link) {
				link = append(link[:0], p.link...)
				w.setLink(string(link))
			}
			if p.blank {
				w.pad(w.x+p.width, &p.style)
			} else {
				w.put(p.text, p.width)
			}
		}
	}
	return w.finish()
}
