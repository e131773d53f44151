package tui

import (
	"time"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session/multiplex"
	"github.com/openclaw/crabbox-tui/tui/pane"
)

// Messages are facts in the past tense. Each names what it is about, so that
// one that comes too late can be told and dropped.
type (
	// fleetChangedMsg: the fleet has a newer snapshot. One is under way at any
	// time: readFleet makes the first, waitFleet each one after it.
	fleetChangedMsg struct{ snap provider.FleetSnapshot }
	// opsChangedMsg: operations have moved. waited is set on those of waitOps,
	// which is to be armed again.
	opsChangedMsg struct {
		ops    []provider.Progress
		waited bool
	}
	// opStartedMsg: an operation was started, or joined. From the commands
	// that start one.
	opStartedMsg struct{ id int }
	// guardMsg: the guard was looked for, started or stopped.
	guardMsg struct {
		asked   bool // a person wants to see it
		none    bool // there can be none here
		running bool
		said    string
		err     error
		changed bool
		quit    bool
	}
	// clocksChangedMsg: keep or extend was answered.
	clocksChangedMsg struct {
		key, name string
		gen       int
		done      string // said when it worked
		what      string // said when it did not
		err       error
	}
	// tickedMsg: a second has passed. From tick; gen tells the live chain.
	tickedMsg struct{ gen int }
	// spunMsg: the spinner's next frame is due.
	spunMsg struct{ gen int }

	// networkChangedMsg: the machine slept, or its addresses changed while a
	// pane was lost. From waitNetwork.
	networkChangedMsg struct{ slept bool }
	// paneRetryMsg: a lost pane's next try to connect is due.
	paneRetryMsg struct{ id, gen int }
	// paneOpenedMsg: a shell runs. Whoever gets it owns what is in it.
	paneOpenedMsg struct {
		id, gen int
		lines   lines
	}
	// paneFailedMsg: no shell could be opened.
	paneFailedMsg struct {
		id, gen int
		err     error
		at      time.Time
	}
	// paneEndedMsg: the shell ended or its link was lost.
	paneEndedMsg struct {
		id, gen int
		lost    bool
		err     error
		at      time.Time
	}
	// paneSearchedMsg: what a pane has shown was searched to its end.
	paneSearchedMsg struct{ id int }
	// selectedMsg: text was selected that is to go into the clipboard.
	selectedMsg struct{ text string }
	// draggedMsg: a selection is still held beyond the edge of its pane.
	draggedMsg struct{ gen int }
	// recordingBegunMsg: the file of a recording is open, or could not be.
	recordingBegunMsg struct {
		id   int
		cast cast
		err  error
	}
	// recordingEndedMsg: the file of a recording is closed, and whole.
	recordingEndedMsg struct {
		cast
		id     int
		length time.Duration
		size   int64
		missed int64 // bytes of output that are not in it
		err    error // why it ended by itself
	}
	// clipboardSetMsg: the desktop was asked to copy a text. alone: the
	// terminal was not.
	clipboardSetMsg struct {
		what  string
		n     int
		alone bool
		err   error
	}
	// linkOpenedMsg: the desktop was asked to open a link.
	linkOpenedMsg struct {
		target string
		err    error
	}
	// textWrittenMsg: a pane's text is in a file in dir, for a program to show.
	textWrittenMsg struct {
		dir  string
		argv []string
		note string
		err  error
	}
	// textViewedMsg: that program has ended, and the file is gone.
	textViewedMsg struct {
		name string
		err  error
	}
	// textSavedMsg: a pane's text was saved, or not. over: it was to take the
	// place of a file.
	textSavedMsg struct {
		pane *onePane
		path string
		over bool
		size int64
		err  error
	}

	// paneWokeMsg: there is something new to draw in a pane.
	paneWokeMsg struct {
		id int
		at time.Time
	}
)

// lines is what a live pane holds of the world outside.
type lines struct {
	link  *linkRef
	shell pane.Shell
	hold  Hold
	life  life
}

// life is how a shell lives on its box; see multiplex.Opened.
type life struct {
	name, in, boot    string
	back, ended, gone bool
	seen              multiplex.Seen
}
