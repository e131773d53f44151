package session

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

const (
	// maxInput bounds what is typed and not yet taken by the remote.
	maxInput = 256 << 10
	// resizeEvery is how often a remote is told of a new size at most.
	resizeEvery = 30 * time.Millisecond
)

// Shell is one interactive shell. Read from one goroutine; everything else is
// safe for concurrent use.
type Shell struct {
	client  *Client
	session *ssh.Session
	out     io.Reader
	in      io.WriteCloser

	done chan struct{} // ended, and output drained
	quit chan struct{} // closed: the goroutines end
	once sync.Once
	eof  chan struct{}
	read sync.Once // closes eof

	mu     sync.Mutex
	queue  []byte
	size   Size
	err    error
	typed  chan struct{} // one slot: there is something in queue
	resize chan struct{} // one slot: size is new
}

// Shell starts an interactive shell on a PTY of the given size with
// TERM=xterm-256color.
func (c *Client) Shell(ctx context.Context, size Size) (*Shell, error) {
	session, err := c.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("open a shell: %w", err)
	}
	s := &Shell{
		client: c, session: session, size: size,
		done: make(chan struct{}), quit: make(chan struct{}), eof: make(chan struct{}),
		typed: make(chan struct{}, 1), resize: make(chan struct{}, 1),
	}
	if err := guarded(ctx, session, s.start); err != nil {
		session.Close()
		return nil, fmt.Errorf("open a shell: %w", c.because(err))
	}
	go s.feed()
	go s.tell()
	go s.wait()
	return s, nil
}

func (s *Shell) start() (err error) {
	if s.out, err = s.session.StdoutPipe(); err != nil {
		return err
	}
	if s.in, err = s.session.StdinPipe(); err != nil {
		return err
	}
	// A PTY has one output; what comes beside it would stall the channel unread.
	s.session.Stderr = io.Discard
	// Servers pass on what they allow, and most allow no more than this.
	_ = s.session.Setenv("LANG", "C.UTF-8")
	modes := ssh.TerminalModes{ssh.ECHO: 1, ssh.IUTF8: 1, ssh.TTY_OP_ISPEED: 38400, ssh.TTY_OP_OSPEED: 38400}
	if err := s.session.RequestPty("xterm-256color", s.size.Rows, s.size.Cols, modes); err != nil {
		return fmt.Errorf("the box gives no terminal: %w", err)
	}
	return s.session.Shell()
}

// Read returns output of the shell; io.EOF when it ended or the link was lost
// (Wait says which).
func (s *Shell) Read(p []byte) (int, error) {
	n, err := s.out.Read(p)
	if err != nil {
		s.read.Do(func() { close(s.eof) })
		err = io.EOF
	}
	return n, err
}

// Write queues input and never blocks. When the bounded queue cannot take all
// of p it takes nothing and returns ErrBusy.
func (s *Shell) Write(p []byte) (int, error) {
	select {
	case <-s.quit:
		return 0, ErrClosed
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue)+len(p) > maxInput {
		return 0, ErrBusy
	}
	s.queue = append(s.queue, p...)
	signal(s.typed)
	return len(p), nil
}

func signal(slot chan struct{}) {
	select {
	case slot <- struct{}{}:
	default:
	}
}

// feed carries what is queued to the remote.
func (s *Shell) feed() {
	for {
		select {
		case <-s.quit:
			return
		case <-s.typed:
		}
		s.mu.Lock()
		p := s.queue
		s.mu.Unlock()
		if len(p) == 0 {
			continue
		}
		// What is on its way still counts as queued, so that the bound holds.
		if _, err := s.in.Write(p); err != nil {
			return
		}
		s.mu.Lock()
		s.queue = s.queue[len(p):]
		if len(s.queue) > 0 {
			signal(s.typed)
		} else {
			s.queue = nil
		}
		s.mu.Unlock()
	}
}

// Resize tells the remote its new size. The newest wins; never blocks.
func (s *Shell) Resize(size Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if size != s.size {
		s.size = size
		signal(s.resize)
	}
}

// tell carries sizes to the remote, not more often than it can use.
func (s *Shell) tell() {
	for {
		select {
		case <-s.quit:
			return
		case <-s.resize:
		}
		s.mu.Lock()
		size := s.size
		s.mu.Unlock()
		if err := s.session.WindowChange(size.Rows, size.Cols); err != nil {
			return
		}
		select {
		case <-s.quit:
			return
		case <-time.After(resizeEvery):
		}
	}
}

// wait collects how the shell ended.
func (s *Shell) wait() {
	err := s.client.ended(s.session.Wait())
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	s.mu.Unlock()
	select {
	case <-s.eof:
	case <-s.quit:
	}
	s.stop()
	close(s.done)
}

func (s *Shell) stop() { s.once.Do(func() { close(s.quit) }) }

// Done is closed when the shell has ended and its output is drained, or it was
// closed.
func (s *Shell) Done() <-chan struct{} { return s.done }

// Wait blocks until Done and returns nil, an *ExitError, ErrLinkLost, or
// ErrClosed.
func (s *Shell) Wait() error {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close ends the shell. Its connection stays.
func (s *Shell) Close() error {
	s.mu.Lock()
	if s.err == nil {
		s.err = ErrClosed
	}
	s.mu.Unlock()
	s.stop()
	// Closing sends on the connection, which a dead link could hold up.
	go s.session.Close()
	return nil
}
