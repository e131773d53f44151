package term

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"strconv"
)

// desktop is what the remote asks of the world around the terminal. It gets
// none of it by itself: whoever owns the terminal takes the requests and decides.
type desktop struct {
	clipboard, notice       string
	hasClipboard, hasNotice bool
	progress                Progress
	dir                     string
}

// ProgressState is how the remote's work goes.
type ProgressState uint8

// The states of OSC 9;4, as ConEmu and Windows Terminal number them.
const (
	ProgressNone ProgressState = iota
	ProgressNormal
	ProgressError
	ProgressBusy // it goes on, nobody knows how far
	ProgressPaused
)

// Progress is what a program last said of its progress (OSC 9;4).
type Progress struct {
	State   ProgressState
	Percent int // 0 to 100
}

// Progress returns the progress that the remote last told.
func (t *Terminal) Progress() Progress { return t.desktop.progress }

// WorkingDirectory is the path that the remote's shell last told by OSC 7,
// cleaned; empty if it told none.
func (t *Terminal) WorkingDirectory() string { return t.desktop.dir }

// Wishes reports whether there is something for TakeClipboard or TakeNotice.
func (t *Terminal) Wishes() bool { return t.desktop.hasClipboard || t.desktop.hasNotice }

// TakeClipboard returns the text that the remote wants in the clipboard
// (OSC 52) and forgets the wish; ok is false without one. A later wish replaces
// an earlier one. Reading the clipboard is never granted.
func (t *Terminal) TakeClipboard() (text string, ok bool) {
	text, ok = t.desktop.clipboard, t.desktop.hasClipboard
	t.desktop.clipboard, t.desktop.hasClipboard = "", false
	return text, ok
}

// TakeNotice returns what the remote wants to be told to the person (OSC 9 and
// 777), cleaned like a title, and forgets it.
func (t *Terminal) TakeNotice() (text string, ok bool) {
	text, ok = t.desktop.notice, t.desktop.hasNotice
	t.desktop.notice, t.desktop.hasNotice = "", false
	return text, ok
}

// setDirectory is OSC 7: a file URL.
func (t *Terminal) setDirectory(rest []byte) {
	u, err := url.Parse(string(rest))
	if err != nil || u.Scheme != "file" {
		return
	}
	t.desktop.dir = cleanTitle([]byte(u.Path))
}

// setClipboard is OSC 52: targets and text in base64.
func (t *Terminal) setClipboard(rest []byte) {
	_, data, ok := bytes.Cut(rest, []byte{';'})
	if !ok || string(data) == "?" {
		return
	}
	text, err := base64.StdEncoding.DecodeString(string(data))
	if err != nil || len(text) == 0 {
		return
	}
	t.desktop.clipboard, t.desktop.hasClipboard = string(text), true
}

// notify is OSC 9, which is a text or, with a number first, one of ConEmu's
// requests; of those 4 is progress.
func (t *Terminal) notify(rest []byte) {
	if data, ok := bytes.CutPrefix(rest, []byte("4;")); ok {
		t.setProgress(data)
		return
	}
	if num, _, _ := bytes.Cut(rest, []byte{';'}); len(num) > 0 && len(num) <= 2 && num[0] >= '0' && num[0] <= '9' {
		return
	}
	t.setNotice(rest)
}

func (t *Terminal) setNotice(text []byte) {
	if s := cleanTitle(text); s != "" {
		t.desktop.notice, t.desktop.hasNotice = s, true
	}
}

func (t *Terminal) setProgress(data []byte) {
	state, percent, _ := bytes.Cut(data, []byte{';'})
	s, err := strconv.Atoi(string(state))
	if err != nil || s < 0 || s > int(ProgressPaused) {
		return
	}
	n, _ := strconv.Atoi(string(percent))
	t.desktop.progress = Progress{ProgressState(s), clamp(n, 0, 100)}
}

// notifyExtended is rxvt's OSC 777: notify, title, body.
func (t *Terminal) notifyExtended(rest []byte) {
	if text, ok := bytes.CutPrefix(rest, []byte("notify;")); ok {
		t.setNotice(bytes.ReplaceAll(text, []byte{';'}, []byte(": ")))
	}
}
