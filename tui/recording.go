package tui

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/openclaw/crabbox-tui/session/record"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// recordMark stands on every pane that is recorded.
const recordMark = "● rec"

// cast is a pane's recording.
type cast struct {
	rec   *record.Recorder // nil until the file is there
	path  string
	since time.Time
}

// recorded says whether a recording of the pane is under way.
func (p *onePane) recorded() bool { return p.cast != nil && p.cast.rec != nil }

// casts are the recordings whose files are open.
type casts struct {
	mu     sync.Mutex // guards the following
	open   map[*record.Recorder]bool
	closed bool
}

// add notes an open recording; false after the end.
func (cs *casts) add(r *record.Recorder) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if cs.closed {
		return false
	}
	if cs.open == nil {
		cs.open = map[*record.Recorder]bool{}
	}
	cs.open[r] = true
	return true
}

func (cs *casts) done(r *record.Recorder) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	delete(cs.open, r)
}

// close ends all recordings and returns when their files are whole. None
// begins after it.
func (cs *casts) close() {
	cs.mu.Lock()
	cs.closed = true
	var all []*record.Recorder
	for r := range cs.open {
		all = append(all, r)
	}
	cs.mu.Unlock()
	for _, r := range all {
		r.Stop()
	}
	for _, r := range all {
		<-r.Done()
	}
}

// toggleRecording begins a pane's recording, or ends it.
func (m *Model) toggleRecording(p *onePane) tea.Cmd {
	switch {
	case m.deps.Recordings == "":
		m.notices.add(m.now, toneWarn, "no recording: there is no folder for it here")
		return nil
	case p.cast == nil:
		p.cast = &cast{}
		return m.cmds.record(p.id, p.eng, p.lease.Name())
	case p.cast.rec == nil:
		return nil // the disk is slow; it is about to begin
	}
	p.eng.StopRecording()
	p.cast = nil
	return nil
}

// recordingBegun takes note of a recording, or ends it at once if its pane was
// closed meanwhile.
func (m *Model) recordingBegun(msg recordingBegunMsg) tea.Cmd {
	p := m.panes.byID(msg.id)
	if msg.err != nil {
		if p != nil {
			p.cast = nil
		}
		m.notices.add(m.now, toneBad, "no recording: "+clean(msg.err.Error()))
		return nil
	}
	if p == nil {
		msg.cast.rec.Stop()
	} else {
		p.cast = &msg.cast
		m.notices.add(m.now, toneGood, "recording, "+m.deps.Prefix+" R ends it: "+shownFile(msg.cast.path))
	}
	return m.cmds.recorded(msg.id, msg.cast)
}

// recordingEnded says what came of a recording, whoever ended it.
func (m *Model) recordingEnded(msg recordingEndedMsg) {
	if p := m.panes.byID(msg.id); p != nil && p.cast != nil && p.cast.rec == msg.rec {
		p.eng.StopRecording()
		p.cast = nil
	}
	said := fmt.Sprintf("%s, %s: %s", duration(msg.length), byteCount(msg.size), shownFile(msg.path))
	if msg.missed > 0 {
		said = byteCount(msg.missed) + " of output are left out of it, the disk was too slow; " + said
	}
	switch {
	case errors.Is(msg.err, record.ErrTooLarge):
		m.notices.add(m.now, toneWarn, "the recording has its largest size and has ended; "+said)
	case msg.err != nil:
		m.notices.add(m.now, toneBad, "the recording has ended: "+diskTrouble(msg.err)+"; what is there plays; "+said)
	default:
		m.notices.add(m.now, toneGood, "recorded "+said)
	}
}

// record begins the recording of a pane.
func (c *commands) record(id int, e *pane.Engine, name string) tea.Cmd {
	return func() tea.Msg {
		made := cast{since: c.now()}
		rec, err := e.Record(func(cols, rows int) (*record.Recorder, error) {
			o := record.Options{Cols: cols, Rows: rows, Now: c.d.Now}
			r, path, err := c.createCast(fileName(name)+"-"+made.since.Local().Format(stamp), o)
			made.path = path
			return r, err
		})
		if err != nil {
			return recordingBegunMsg{id: id, err: err}
		}
		made.rec = rec
		if !c.casts.add(rec) {
			_ = rec.Close() // the program ends; a header is all that is lost
			return nil
		}
		return recordingBegunMsg{id: id, cast: made}
	}
}

// createCast makes the file of a recording. Two of a second get names that
// differ.
func (c *commands) createCast(name string, o record.Options) (*record.Recorder, string, error) {
	dir := c.d.Recordings
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", err
	}
	for n := 1; ; n++ {
		path := filepath.Join(dir, name+".cast")
		if n > 1 {
			path = filepath.Join(dir, fmt.Sprintf("%s-%d.cast", name, n))
		}
		r, err := c.newCast(path, o)
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return r, path, err
		}
	}
}

// recorded waits for the end of a recording. It does so beyond the end of the
// program, which sees to it that recordings end.
func (c *commands) recorded(id int, made cast) tea.Cmd {
	return func() tea.Msg {
		<-made.rec.Done()
		c.casts.done(made.rec)
		msg := recordingEndedMsg{
			cast: made, id: id, length: c.now().Sub(made.since),
			missed: made.rec.MissedBytes(), err: made.rec.Err(),
		}
		if info, err := os.Stat(made.path); err == nil {
			msg.size = info.Size()
		}
		return msg
	}
}
