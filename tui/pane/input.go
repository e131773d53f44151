package pane

import (
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/term"
)

// send writes what encode appends to the shell's queue. It returns
// session.ErrBusy when the remote does not read, session.ErrClosed without a
// shell; in both cases nothing was queued.
func (e *Engine) send(encode func([]byte) []byte) error {
	e.mu.Lock()
	p := encode(nil)
	sh := e.sh
	e.mu.Unlock()
	if len(p) == 0 {
		return nil
	}
	if sh == nil {
		return session.ErrClosed
	}
	_, err := sh.Write(p)
	return err
}

// Key sends a key press, and brings the view back to the bottom.
func (e *Engine) Key(k term.Key) error {
	e.mu.Lock()
	e.scroll = 0
	e.mu.Unlock()
	return e.send(func(dst []byte) []byte { return e.vt.EncodeKey(dst, k) })
}

// Paste sends s as a paste.
func (e *Engine) Paste(s string) error {
	e.mu.Lock()
	e.scroll = 0
	e.mu.Unlock()
	return e.send(func(dst []byte) []byte { return e.vt.EncodePaste(dst, s) })
}

// Mouse sends a mouse event if the remote asked for such; sent says whether it did.
func (e *Engine) Mouse(m term.Mouse) (sent bool, err error) {
	err = e.send(func(dst []byte) []byte {
		p := e.vt.EncodeMouse(dst, m)
		sent = len(p) > 0
		return p
	})
	return sent, err
}

// Focus tells the remote whether the pane has the focus, if it asked.
func (e *Engine) Focus(focused bool) error {
	return e.send(func(dst []byte) []byte { return e.vt.EncodeFocus(dst, focused) })
}

// Modes returns the terminal's modes as they are now.
func (e *Engine) Modes() term.Modes {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.Modes()
}

// Scroll moves the view by n lines, up if positive, within the scrollback.
func (e *Engine) Scroll(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.back = e.vt.ScrollbackLen()
	e.scroll = min(max(e.scroll+n, 0), e.back)
}
