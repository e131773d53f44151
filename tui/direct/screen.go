// Package direct shows rows at once, between two frames of Bubble Tea, whose
// flush waits for a tick of its own clock: 4 ms on average, which is most of
// what a key takes on its way to the screen.
//
// Bubble Tea draws by what it believes to be on the screen. That stays true:
// all that it writes passes through a Screen, whose emulator reads it and so
// knows what every cell then holds. Rows drawn ahead are put back, with cursor
// and pen, in the same write as the next bytes of Bubble Tea and before them, or
// by themselves if none come. Whatever the rows were, what the terminal shows
// after that is what Bubble Tea alone would have made of it.
package direct

import (
	"bytes"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"
	xterm "github.com/charmbracelet/x/term"

	"github.com/openclaw/crabbox-tui/session/term"
)

// patience is how long a row may be ahead of Bubble Tea. Its next frame comes
// long before that if it has any difference to draw.
const patience = 60 * time.Millisecond

// Row is text for the screen from column X of row Y on, with its colours, and
// ending in the default ones.
type Row struct {
	X, Y int
	Text string
}

// Screen is the terminal that Bubble Tea writes to. All methods are safe for
// concurrent use.
type Screen struct {
	file *os.File // the terminal, for all but writing
	out  io.Writer
	size func() (cols, rows int, err error)

	mu      sync.Mutex // guards the following
	shadow  *term.Terminal
	ahead   []int // rows that show something else than shadow
	settle  *time.Timer
	profile colorprofile.Profile
	buf     []byte
}

// New returns a Screen on the terminal f.
func New(f *os.File) *Screen {
	s := newScreen(f, func() (int, int, error) { return xterm.GetSize(f.Fd()) })
	s.file, s.profile = f, colorprofile.Detect(f, os.Environ())
	return s
}

func newScreen(out io.Writer, size func() (int, int, error)) *Screen {
	s := &Screen{out: out, size: size, shadow: term.New(1, 1, term.Options{ScrollbackLines: -1}), profile: colorprofile.TrueColor}
	s.settle = time.AfterFunc(patience, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if len(s.ahead) > 0 {
			_, _ = s.out.Write(s.putBack(nil))
		}
	})
	s.settle.Stop()
	return s
}

// File is the terminal itself, for programs that get it while Bubble Tea steps
// aside.
func (s *Screen) File() *os.File { return s.file }

// Read reads from the terminal, Close closes it, and Fd is its descriptor: with
// these Bubble Tea takes a Screen for the terminal that it is.
func (s *Screen) Read(p []byte) (int, error) { return s.file.Read(p) }
func (s *Screen) Close() error               { return s.file.Close() }
func (s *Screen) Fd() uintptr                { return s.file.Fd() }

var _ xterm.File = (*Screen)(nil)

// SetProfile says which colours the terminal has.
func (s *Screen) SetProfile(p colorprofile.Profile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile = p
}

// Write writes what Bubble Tea has for the terminal.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := p
	if len(s.ahead) > 0 {
		// Inside of the synchronized update, so that what is put back is not seen.
		frame, _ := bytes.CutPrefix(p, []byte(ansi.SetModeSynchronizedOutput))
		s.buf = append(s.buf[:0], p[:len(p)-len(frame)]...)
		s.buf = append(s.putBack(s.buf), frame...)
		out = s.buf
	}
	_, err := s.out.Write(out)
	if err != nil {
		return 0, err
	}
	s.fit()
	_, _ = s.shadow.Write(p)
	s.shadow.Replies() // the terminal itself answers
	return len(p), nil
}

// fit gives the emulator the terminal's size, and reports whether it had it.
// After a change Bubble Tea draws everything anew.
func (s *Screen) fit() bool {
	cols, rows, err := s.size()
	c, r := s.shadow.Size()
	if err != nil || c == cols && r == rows {
		return err == nil
	}
	s.shadow.Resize(cols, rows)
	return false
}

// Draw shows rows, and puts the cursor at column x of row y. It does nothing
// where it is not certain to be undone: outside of the alternate screen, with
// the cursor hidden or at the edge, and while the size changes.
func (s *Screen) Draw(rows []Row, x, y int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.shadow.Cursor()
	cols, height := s.shadow.Size()
	if len(rows) == 0 || !s.shadow.Modes().AltScreen || !c.Visible || c.X >= cols-1 || !s.fit() {
		return
	}
	out := bytes.NewBuffer(s.buf[:0])
	colours := colorprofile.Writer{Forward: out, Profile: s.profile}
	for _, r := range rows {
		if r.Y < 0 || r.Y >= height {
			continue
		}
		out.WriteString("\x1b[m" + ansi.CursorPosition(r.X+1, r.Y+1))
		_, _ = colours.WriteString(r.Text)
		if !slices.Contains(s.ahead, r.Y) {
			s.ahead = append(s.ahead, r.Y)
		}
	}
	out.WriteString(ansi.CursorPosition(x+1, y+1))
	s.buf = out.Bytes()
	_, _ = s.out.Write(s.buf)
	s.settle.Reset(patience)
}

// putBack appends what makes the terminal as Bubble Tea left it.
func (s *Screen) putBack(dst []byte) []byte {
	if len(s.ahead) == 0 {
		return dst
	}
	s.settle.Stop()
	for _, y := range s.ahead {
		dst = append(dst, "\x1b[m"+ansi.CursorPosition(1, y+1)...)
		dst = s.shadow.AppendRow(dst, y)
	}
	s.ahead = s.ahead[:0]
	c := s.shadow.Cursor()
	dst = append(dst, ansi.CursorPosition(c.X+1, c.Y+1)...)
	return append(dst, s.pen()...)
}

// pen is the sequence that sets what Bubble Tea last set by SGR, which the
// emulator tells when asked with DECRQSS.
func (s *Screen) pen() []byte {
	_, _ = s.shadow.Write([]byte("\x1bP$qm\x1b\\"))
	sgr, _ := bytes.CutPrefix(s.shadow.Replies(), []byte("\x1bP1$r"))
	sgr, _ = bytes.CutSuffix(sgr, []byte("\x1b\\"))
	return append([]byte("\x1b["), sgr...)
}
