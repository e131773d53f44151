package multiplex

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// Seen is how far a shell had come: when it was last heard of, or when it was
// come back to. What lies between the two was missed.
type Seen struct {
	// Lines is how many lines it has written: those of the scrollback, and of the
	// screen down to the cursor. -1 if that is not known, as where the scrollback
	// is full.
	Lines int
	// Ran is the program in its foreground; "" if that is not known. It is the
	// box's word, of at most 32 bytes.
	Ran string
}

var unknown = Seen{Lines: -1}

const (
	seenFormat = "#{history_size} #{cursor_y} #{alternate_on} #{pane_current_command}"
	seenReply  = "crabbox-seen,"
	// seenAfter is how long after output a shell is asked how far it has come.
	// tmux 3.2 could tell it by itself ("refresh-client -B"), and would look every
	// second whether anything happened or not.
	seenAfter = time.Second
	// fullHistory is where tmux may have begun to drop lines of the history that
	// open.sh sets: it drops a tenth at a time.
	fullHistory = 9000
)

// readSeen reads what seenFormat became.
func readSeen(value string) Seen {
	field := strings.SplitN(value, " ", 4)
	if len(field) < 4 {
		return unknown
	}
	s := Seen{Lines: -1, Ran: field[3][:min(len(field[3]), 32)]}
	history, err1 := strconv.ParseUint(field[0], 10, 16)
	y, err2 := strconv.ParseUint(field[1], 10, 16)
	if alternate := field[2] != "0"; err1 == nil && err2 == nil && !alternate && history < fullHistory {
		s.Lines = int(history + y)
	}
	return s
}

// askSoon has the shell asked how far it has come, once for all that happens
// until then.
func (s *Shell) askSoon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asks || s.closed {
		return
	}
	s.asks = true
	time.AfterFunc(seenAfter, func() {
		s.mu.Lock()
		s.asks = false
		s.mu.Unlock()
		// A link that has ended takes it no more.
		_, _ = s.link.Write([]byte("display-message -p -t " + s.target + " '" + seenReply + seenFormat + "'\n"))
	})
}

// add counts output that came since.
func (s *Seen) add(output []byte) {
	if s.Lines >= 0 {
		s.Lines += bytes.Count(output, []byte{'\n'})
	}
}

// Missed is how many lines a shell has written since it was last heard of; -1 if
// that is not known.
func (s Seen) Missed(last Seen) int {
	if s.Lines < 0 || last.Lines < 0 {
		return -1
	}
	return max(0, s.Lines-last.Lines)
}
