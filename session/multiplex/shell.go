package multiplex

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/openclaw/crabbox-tui/session"
)

// ErrTaken is returned when another program attached to the shell, or ended it:
// tmux does not tell which.
var ErrTaken = errors.New("it was ended, or taken over, from elsewhere on the box")

const (
	// keysALine bounds the bytes of one send-keys command.
	keysALine = 256
	// goodbye bounds how long Close waits for the shell to be ended.
	goodbye = 2 * time.Second
)

// Shell is a shell in a tmux session, whose promises are session.Shell's: Read
// from one goroutine; everything else is safe for concurrent use.
type Shell struct {
	link   Terminal // the control client
	target string

	// The reader's own.
	ctl    control
	refill refill
	end    endMark
	out    []byte // decoded, not read yet
	buf    []byte

	mu      sync.Mutex // guards the following
	status  int        // how the shell ended, once it is known; else -1
	seen    Seen
	asks    bool // it will be asked for seen
	closed  bool
	size    session.Size
	started bool // attached, and asked for what there is
}

// newShell drives the control client t, of which rest was read already.
func newShell(t Terminal, name string, size session.Size, rest []byte) *Shell {
	s := &Shell{link: t, target: "=" + name + ":", buf: make([]byte, 32<<10), status: -1, seen: unknown}
	s.ctl.to = s
	s.refill.stage = refillAwaited
	s.size = size
	s.ctl.feed(rest)
	return s
}

// attached asks for what the session holds. Before it is attached tmux would
// answer, and then send nothing of what its programs write meanwhile.
func (s *Shell) attached() {
	s.mu.Lock()
	again, size := s.started, s.size
	s.started = true
	s.mu.Unlock()
	if again {
		return
	}
	s.Resize(size)
	// From then on the session may be taken by others, once it is left.
	s.askSoon()
	_, _ = s.link.Write([]byte(refillCommands(s.target) + "set-option -t " + s.target + " @crabbox 1\n"))
}

// AnswersQueries says that tmux answers its programs' queries itself: what an
// emulator answers besides is not to be sent.
func (s *Shell) AnswersQueries() bool { return true }

// Refills says that the output begins with the whole screen and scrollback.
func (s *Shell) Refills() bool { return true }

// Refilled says that Read has returned all of that. It is for the goroutine that
// reads.
func (s *Shell) Refilled() bool { return s.refill.stage == refillDone && len(s.out) == 0 }

// Read returns output of the shell's programs; see session.Shell.
func (s *Shell) Read(p []byte) (int, error) {
	for len(s.out) == 0 {
		n, err := s.link.Read(s.buf)
		s.ctl.feed(s.buf[:n])
		if err != nil && len(s.out) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, s.out)
	if s.out = s.out[n:]; len(s.out) == 0 {
		s.out = nil
	}
	return n, nil
}

func (s *Shell) output(data []byte) {
	if s.refill.stage != refillDone {
		return // the answers hold it
	}
	s.out = append(s.out, data...)
	s.mu.Lock()
	s.seen.add(data)
	s.mu.Unlock()
	s.askSoon()
	if s.end.seen(data) {
		_, _ = s.link.Write(endCommand(s.target))
	}
}

// Seen is how far the shell had come when it was last heard of.
func (s *Shell) Seen() Seen {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen
}

func (s *Shell) reply(line []byte, done bool) {
	switch {
	case s.refill.stage == refillDone:
		if told, ok := bytes.CutPrefix(line, []byte(endReply)); ok {
			again := s.end.answered()
			if !s.finish(string(told)) && again {
				_, _ = s.link.Write(endCommand(s.target))
			}
		} else if value, ok := bytes.CutPrefix(line, []byte(seenReply)); ok {
			s.mu.Lock()
			s.seen = readSeen(string(value))
			s.mu.Unlock()
		}
	case s.refill.stage == refillAwaited:
		// Answers to keys that were sent before come first.
		if state, ok := bytes.CutPrefix(line, []byte(refillMark)); ok {
			s.refill.stage = refillState
			s.out = s.refill.line(s.out, state)
		}
	case done:
		s.out = s.refill.end(s.out)
		if s.refill.stage == refillDone {
			s.finish(s.refill.field(stateEnded))
		}
	default:
		s.out = s.refill.line(s.out, line)
	}
}

// finish takes what the session tells of the shell's end, and ends the session,
// which stayed for it; false if the shell runs.
func (s *Shell) finish(told string) bool {
	status, ok := endStatus(told)
	if !ok {
		return false
	}
	s.mu.Lock()
	s.status = status
	s.mu.Unlock()
	_, _ = s.link.Write([]byte("kill-session -t " + s.target + "\n"))
	return true
}

// Write queues input and never blocks; all of it or nothing, as session.Shell.
func (s *Shell) Write(p []byte) (int, error) {
	const hex = "0123456789abcdef"
	var b []byte
	for rest := p; len(rest) > 0; {
		n := min(len(rest), keysALine)
		b = append(append(b, "send-keys -t "...), s.target...)
		b = append(b, " -H"...)
		for _, c := range rest[:n] {
			b = append(b, ' ', hex[c>>4], hex[c&15])
		}
		b = append(b, '\n')
		rest = rest[n:]
	}
	if len(b) == 0 {
		return 0, nil
	}
	if _, err := s.link.Write(b); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Resize tells tmux the size of the pane. It never blocks; a size that a remote
// has no room for, since it does not read, is lost.
func (s *Shell) Resize(size session.Size) {
	s.mu.Lock()
	s.size = size
	started := s.started
	s.mu.Unlock()
	if started {
		_, _ = s.link.Write(fmt.Appendf(nil, "refresh-client -C %dx%d\n", max(size.Cols, 1), max(size.Rows, 1)))
	}
}

// Done is closed when the shell has ended or the connection to it; see Wait.
func (s *Shell) Done() <-chan struct{} { return s.link.Done() }

// Wait blocks until Done and returns nil or an *session.ExitError for a shell
// that ended, ErrTaken, session.ErrLinkLost, or session.ErrClosed when it was
// closed or left from here.
func (s *Shell) Wait() error {
	err := s.link.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.status > 0:
		return &session.ExitError{Status: s.status}
	case s.status == 0:
		return nil
	case s.closed:
		return session.ErrClosed
	case errors.Is(err, session.ErrLinkLost):
		return err
	}
	return ErrTaken
}

// Close ends the shell on the box, and waits for that 2 s at most.
func (s *Shell) Close() error { return s.leave("kill-session -t " + s.target) }

// Detach leaves the shell as it is on the box; it may be come back to by name. It
// waits 2 s at most: a client that is only cut off while it has something to
// write stays attached in tmux 3.3, and its session is nobody's to take.
func (s *Shell) Detach() error { return s.leave("detach-client") }

// leave has the client end by a command. The output has to be read meanwhile.
func (s *Shell) leave(command string) error {
	if s.close() {
		if _, err := s.link.Write([]byte(command + "\n")); err == nil {
			t := time.NewTimer(goodbye)
			defer t.Stop()
			select {
			case <-s.link.Done():
			case <-t.C:
			}
		}
	}
	return s.link.Close()
}

// close notes that the end comes from here; true the first time.
func (s *Shell) close() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := !s.closed
	s.closed = true
	return first
}
