package multiplex

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// refillFlags are what tmux knows of a pane's modes, and the sequence that sets
// each (tmux(1), "Formats").
var refillFlags = []struct{ name, set, reset string }{
	{"keypad_cursor_flag", "\x1b[?1h", ""},
	{"keypad_flag", "\x1b=", ""},
	{"cursor_flag", "", "\x1b[?25l"},
	{"insert_flag", "\x1b[4h", ""},
	{"mouse_standard_flag", "\x1b[?1000h", ""},
	{"mouse_button_flag", "\x1b[?1002h", ""},
	{"mouse_all_flag", "\x1b[?1003h", ""},
	{"mouse_sgr_flag", "\x1b[?1006h", ""},
	{"wrap_flag", "", "\x1b[?7l"},
	{"bracket_paste_flag", "\x1b[?2004h", ""},
}

// The fields of the first answer, before refillFlags.
const (
	stateAlternate = iota
	stateHistory   // lines above the screen
	stateCursorX
	stateCursorY
	stateEnded // see the end of a shell; empty while it runs
	stateFlags
)

// refillMark begins the first answer, by which it is told from others.
const refillMark = "crabbox,"

// refillCommands ask for everything that a terminal is filled with. They stand
// in one line, so that tmux answers them with no output in between.
func refillCommands(target string) string {
	format := refillMark + "#{alternate_on},#{history_size},#{cursor_x},#{cursor_y},#{@crabbox-ended}"
	for _, f := range refillFlags {
		format += ",#{" + f.name + "}"
	}
	return "display-message -p -t " + target + " '" + format + "'" +
		" ; capture-pane -p -e -J -S - -E -1 -t " + target +
		" ; capture-pane -p -e -q -a -t " + target +
		" ; capture-pane -p -e -J -t " + target + "\n"
}

// The answers of refillCommands, in their order.
const (
	refillAwaited = iota - 1
	refillState
	refillHistory
	refillSaved // the normal screen behind an alternate one
	refillScreen
	refillDone
)

// refill turns the answers into what a terminal would have been sent.
type refill struct {
	stage int
	state []string
	lines int // of the answer at hand
	// carry are the attributes that tmux leaves on from one line to the next. A
	// line feed must not scroll in a line of their background.
	carry []byte
}

func (r *refill) on(i int) bool { return r.field(i) == "1" }

// field is one of the first answer's; empty if the box left it out.
func (r *refill) field(i int) string {
	if i >= len(r.state) {
		return ""
	}
	return r.state[i]
}

func (r *refill) number(i int) int {
	n, _ := strconv.Atoi(r.field(i))
	return max(0, min(n, 1<<20))
}

// wanted says whether the answer at hand is drawn.
func (r *refill) wanted() bool {
	switch r.stage {
	case refillHistory:
		return r.number(stateHistory) > 0
	case refillSaved:
		return r.on(stateAlternate)
	}
	return r.stage == refillScreen
}

// line appends a line of an answer.
func (r *refill) line(dst, line []byte) []byte {
	if r.stage == refillState {
		r.state = strings.Split(string(line[:min(len(line), 256)]), ",")
		return dst
	}
	if !r.wanted() {
		return dst
	}
	if r.lines > 0 {
		dst = append(append(dst, "\x1b[m\r\n"...), r.carry...)
	}
	r.lines++
	r.carry = carried(r.carry, line)
	return append(dst, line...)
}

// end appends what belongs behind an answer.
func (r *refill) end(dst []byte) []byte {
	drawn := r.lines > 0
	r.lines, r.carry = 0, nil
	switch r.stage {
	case refillHistory:
		if drawn {
			dst = append(dst, "\x1b[m\r\n"...)
		}
	case refillSaved:
		if r.on(stateAlternate) {
			dst = append(dst, "\x1b[m\x1b[?1049h\x1b[H"...)
		}
	case refillScreen:
		dst = fmt.Appendf(dst, "\x1b[m\x1b[%d;%dH", r.number(stateCursorY)+1, r.number(stateCursorX)+1)
		for i, f := range refillFlags {
			switch {
			case r.on(stateFlags + i):
				dst = append(dst, f.set...)
			case r.field(stateFlags+i) == "0":
				dst = append(dst, f.reset...)
			}
		}
	}
	r.stage++
	return dst
}

// carried is what of carry and the attributes set in line holds at its end.
func carried(carry, line []byte) []byte {
	for {
		i := bytes.Index(line, []byte("\x1b["))
		if i < 0 {
			return carry
		}
		line = line[i:]
		j := bytes.IndexByte(line, 'm')
		if j < 0 {
			return carry
		}
		seq := line[:j+1]
		switch {
		case string(seq) == "\x1b[0m" || string(seq) == "\x1b[m":
			carry = carry[:0]
		case bytes.HasPrefix(seq, []byte("\x1b[0;")):
			carry = append(carry[:0], seq...)
		case len(carry)+len(seq) < 256:
			carry = append(carry, seq...)
		}
		line = line[j+1:]
	}
}
