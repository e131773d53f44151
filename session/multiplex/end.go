package multiplex

import (
	"bytes"
	"regexp"
	"strconv"
)

// A shell's end is told in two places, since tmux drops what it has not sent of
// a session that ends. The session stays, with the time and the status in the
// option @crabbox-ended; and behind the shell's last output stands endText, by
// which the reader knows that it has read everything. endText only makes it ask
// for the option, so that nobody can end a shell by printing it.
const (
	endText  = "\x1b]777;crabbox-exit\x07"
	endReply = "crabbox-end,"
)

// endCommand asks how a shell ended.
func endCommand(target string) []byte {
	return []byte("display-message -p -t " + target + " '" + endReply + "#{@crabbox-ended}'\n")
}

var endValue = regexp.MustCompile(`^[0-9]{0,20}:([0-9]{1,3})$`)

// endStatus is the status in the value of @crabbox-ended; false while the shell
// runs.
func endStatus(told string) (int, bool) {
	m := endValue.FindStringSubmatch(told)
	if m == nil {
		return 0, false
	}
	status, err := strconv.Atoi(m[1])
	return status, err == nil
}

// endMark looks for endText in output that comes in pieces, and says when to ask
// how the shell ended. One question is under way at most.
type endMark struct {
	seam         []byte // the end of what was seen, in case endText began there
	asked, again bool   // asked and not answered; endText came since
}

// seen takes the next output, and says that it is time to ask.
func (m *endMark) seen(data []byte) bool {
	const most = len(endText) - 1
	m.seam = append(m.seam, data[:min(len(data), most)]...)
	found := bytes.Contains(m.seam, []byte(endText)) || bytes.Contains(data, []byte(endText))
	last := m.seam
	if len(data) > most {
		last = data
	}
	m.seam = append(m.seam[:0], last[max(0, len(last)-most):]...)
	m.again = m.again || found && m.asked
	ask := found && !m.asked
	m.asked = m.asked || ask
	return ask
}

// answered says whether to ask once more: the answer may be older than an
// endText that came behind the question.
func (m *endMark) answered() bool {
	m.asked, m.again = m.again, false
	return m.asked
}
