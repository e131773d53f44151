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

// Key sends a key event; a press brings the view back to the bottom.
func (e *Engine) Key(k term.Key) error {
	if k.Event != term.KeyRelease {
		e.mu.Lock()
		e.follow()
		e.mu.Unlock()
	}
	return e.send(func(dst []byte) []byte { return e.vt.EncodeKey(dst, k) })
}

// Paste sends s as a paste.
func (e *Engine) Paste(s string) error {
	e.mu.Lock()
	e.follow()
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

// Wheel sends a turn of the wheel by n lines, up if positive, as cursor keys, if
// the remote is on the alternate screen and takes it so (DEC mode 1007); sent
// says whether it does.
func (e *Engine) Wheel(n int) (sent bool, err error) {
	k := term.Key{Code: term.KeyUp}
	if n < 0 {
		k.Code, n = term.KeyDown, -n
	}
	err = e.send(func(dst []byte) []byte {
		if sent = e.vt.Modes().AltScreen && e.vt.AlternateScroll(); sent {
			for range n {
				dst = e.vt.EncodeKey(dst, k)
			}
		}
		return dst
	})
	return sent, err
}

// Focus tells the remote whether the pane has the focus, if it asked.
func (e *Engine) Focus(focused bool) error {
	return e.send(func(dst []byte) []byte { return e.vt.EncodeFocus(dst, focused) })
}

// SetPlainClusters has frames drawn for an outer terminal that measures
// character by character.
func (e *Engine) SetPlainClusters(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.vt.SetPlainClusters(on)
	e.signal()
}

// SetColors tells the terminal, and a remote that asked to hear of it, what the
// outer terminal's colours are, as 0xRRGGBB.
func (e *Engine) SetColors(fg, bg, cursor uint32) {
	e.mu.Lock()
	e.vt.SetColors(fg, bg, cursor)
	e.mu.Unlock()
	e.answer()
}

// Bells is how many bells have rung.
func (e *Engine) Bells() uint64 {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.Bells()
}

// TakeClipboard returns the text that the remote wants in the clipboard and
// forgets the wish; see term.Terminal.
func (e *Engine) TakeClipboard() (text string, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.TakeClipboard()
}

// TakeNotice returns what the remote wants a person to be told, and forgets it.
func (e *Engine) TakeNotice() (text string, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.TakeNotice()
}

// answer sends what the emulator has to answer outside of the reader.
func (e *Engine) answer() {
	e.mu.Lock()
	replies := append([]byte(nil), e.vt.Replies()...)
	sh, mute := e.sh, e.mute
	e.mu.Unlock()
	if sh != nil && !mute && len(replies) > 0 {
		_, _ = sh.Write(replies)
	}
}

// Modes returns the terminal's modes as they are now.
func (e *Engine) Modes() term.Modes {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.vt.Modes()
}
