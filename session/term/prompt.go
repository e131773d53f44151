package term

// shellMark is OSC 133, by which a shell says where prompts and output begin:
// A before a prompt, C before what a command prints, D behind it.
// https://gitlab.freedesktop.org/Per_Bothner/specifications, semantic-prompts.md
func (t *Terminal) shellMark(args []byte) {
	if len(args) == 0 {
		return
	}
	switch args[0] {
	case 'A':
		t.scr.row(t.y).flags |= rowPrompt
	case 'C':
		t.scr.row(t.y).flags |= rowOutput
	case 'D':
		if t.x == 0 { // else output without a newline stands in the row
			t.scr.row(t.y).flags |= rowEnd
		}
	}
}

// PrevPrompt returns the newest line above line where a prompt begins; ok is
// false if there is none.
func (t *Terminal) PrevPrompt(line uint64) (prompt uint64, ok bool) {
	line = min(line, t.EndLine())
	for first := t.FirstLine(); line > first; {
		line--
		if y, ok := t.RowOf(line); ok && t.RowPrompt(y) {
			return line, true
		}
	}
	return 0, false
}

// NextPrompt returns the oldest line below line where a prompt begins; ok is
// false if there is none.
func (t *Terminal) NextPrompt(line uint64) (prompt uint64, ok bool) {
	for line = max(line+1, t.FirstLine()); line < t.EndLine(); line++ {
		if y, ok := t.RowOf(line); ok && t.RowPrompt(y) {
			return line, true
		}
	}
	return 0, false
}

// output is what the command printed in whose prompt, command line or output
// line stands. Where the shell does not say where output begins, it is taken
// to do so behind the line of the prompt.
func (t *Terminal) output(line uint64) (Range, bool) {
	start, begun := t.PrevPrompt(line + 1)
	end, ended := t.NextPrompt(line)
	if !begun && !ended {
		return Range{}, false
	}
	if !ended {
		end = t.LineOf(t.lastText()) + 1
	}
	from := t.FirstLine() // the prompt may have been dropped already
	if begun {
		y, _ := t.RowOf(start)
		_, to := t.logicalLine(y, t.rows+t.ScrollbackLen())
		from = t.LineOf(to)
	}
	// The mark of a command that printed nothing is where the next prompt is.
	mark := from
	if begun {
		mark = start + 1
	}
	for l := mark; l <= end; l++ {
		if y, ok := t.RowOf(l); ok && t.rowFlags(y)&rowOutput != 0 {
			from = l
			break
		}
	}
	for l := from; l < end; l++ {
		if y, ok := t.RowOf(l); ok && t.rowFlags(y)&rowEnd != 0 {
			end = l
		}
	}
	if from >= end {
		return Range{}, false
	}
	return Range{Point{from, 0}, Point{end - 1, t.cols}}, true
}
