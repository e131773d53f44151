package tui

import "time"

// noticeFor is how long a notice stays in the status line; problems stay
// longer, and all stay in the history.
const (
	noticeFor   = 8 * time.Second
	problemFor  = 30 * time.Second
	noticesKept = 200
)

// notice is something that happened.
type notice struct {
	at   time.Time
	tone tone
	text string
}

func (n notice) symbol() string {
	switch n.tone {
	case toneGood:
		return "✓"
	case toneWarn:
		return "!"
	case toneBad:
		return "✕"
	}
	return "·"
}

// notices is the status line and its history.
type notices struct {
	all    []notice
	offset int // of the history's view, from the newest
}

func (n *notices) add(at time.Time, t tone, text string) {
	n.all = append(n.all, notice{at, t, clean(text)})
	if len(n.all) > noticesKept {
		n.all = n.all[len(n.all)-noticesKept:]
	}
}

// current is what the status line shows now, if anything.
func (n *notices) current(now time.Time) (notice, bool) {
	if len(n.all) == 0 {
		return notice{}, false
	}
	last := n.all[len(n.all)-1]
	keep := noticeFor
	if last.tone == toneBad || last.tone == toneWarn {
		keep = problemFor
	}
	return last, now.Sub(last.at) < keep
}

// key moves through the history; done says that it is to close.
func (n *notices) key(act action, page int) (done bool) {
	switch act {
	case actUp:
		n.offset--
	case actDown:
		n.offset++
	case actPageUp:
		n.offset -= page
	case actPageDown:
		n.offset += page
	case actEscape:
		n.offset = 0
		return true
	}
	n.offset = min(max(n.offset, 0), max(len(n.all)-1, 0))
	return false
}

// view draws the history, newest first, in w by h cells.
func (n *notices) view(st *styles, w, h int) []string {
	if len(n.all) == 0 {
		return []string{st.muted.Render("Nothing has happened yet.")}
	}
	var lines []string
	for i := len(n.all) - 1 - n.offset; i >= 0 && len(lines) < h; i-- {
		it := n.all[i]
		for j, l := range wrap(it.text, max(w-11, 10)) {
			head := "           "
			if j == 0 {
				head = st.muted.Render(it.at.Format("15:04:05")) + " " + st.tone(it.tone).Render(it.symbol()) + " "
			}
			lines = append(lines, head+l)
		}
	}
	return lines[:min(len(lines), h)]
}
