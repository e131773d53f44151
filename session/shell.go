package session

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// resizeEvery bounds how often a remote program is told to redraw while a
// window is being dragged.
const resizeEvery = 30 * time.Millisecond

// maxCells bounds a terminal's side; nobody has more, and sshd takes 16 bits.
const maxCells = 10000

// Terminal modes sent with pty-req; sshd keeps its defaults for the others.
var terminalModes = ssh.TerminalModes{
	ssh.ECHO:          1,
	ssh.IUTF8:         1, // erase removes a whole character
	ssh.TTY_OP_ISPEED: 115200,
	ssh.TTY_OP_OSPEED: 115200,
}

// Shell is one interactive shell. Read from one goroutine; everything else is
// safe for concurrent use.
type Shell struct {
	client *Client
	sess   *ssh.Session
	out    io.Reader
	in     io.Writer
	input  *inputQueue
	resize chan Size     // one slot, newest wins
	stop   chan struct{} // closed when nothing more can be sent
	done   chan struct{}

	mu      sync.Mutex // guards the following
	exited  bool
	exit    error // of the remote program, once exited
	drained bool
	closed  bool
}

// Shell starts an interactive shell on a PTY of the given size with
// TERM=xterm-256color. When ctx ends first it returns at once and no shell
// stays behind. ErrSessionRefused means that the box has too many already.
func (c *Client) Shell(ctx context.Context, size Size) (*Shell, error) {
	return c.onPTY(ctx, size, (*ssh.Session).Shell)
}

// Program starts a command on a PTY; it is else a Shell.
func (c *Client) Program(ctx context.Context, size Size, command string) (*Shell, error) {
	return c.onPTY(ctx, size, func(sess *ssh.Session) error { return sess.Start(command) })
}

func (c *Client) onPTY(ctx context.Context, size Size, run func(*ssh.Session) error) (*Shell, error) {
	return c.start(ctx, size.clamp(), func(sess *ssh.Session, size Size) error {
		if err := sess.RequestPty("xterm-256color", size.Rows, size.Cols, terminalModes); err != nil {
			return err
		}
		return run(sess)
	})
}

// Command starts a command without a PTY; it is a Shell but for Resize, which
// does nothing. What it writes to stderr is dropped.
func (c *Client) Command(ctx context.Context, command string) (*Shell, error) {
	return c.start(ctx, Size{}, func(sess *ssh.Session, _ Size) error { return sess.Start(command) })
}

func (c *Client) start(ctx context.Context, size Size, run func(*ssh.Session, Size) error) (*Shell, error) {
	s := &Shell{
		client: c, input: newInputQueue(), resize: make(chan Size, 1),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	sess, err := c.open(ctx, func(sess *ssh.Session) error {
		if err := s.prepare(sess); err != nil {
			return err
		}
		return run(sess, size)
	})
	if err != nil {
		return nil, err
	}
	s.sess = sess
	go s.awaitExit()
	go s.sendInput()
	if size != (Size{}) {
		go s.sendSizes(size)
	}
	return s, nil
}

// prepare joins the session's ends, before anything runs in it.
func (s *Shell) prepare(sess *ssh.Session) (err error) {
	if s.in, err = sess.StdinPipe(); err != nil {
		return err
	}
	if s.out, err = sess.StdoutPipe(); err != nil {
		return err
	}
	if s.client.lends {
		// Without a reply, since sshd grants it once a connection.
		if _, err := sess.SendRequest(agentRequest, false, nil); err != nil {
			return err
		}
	}
	// Asked without a reply: most sshds refuse what is not in AcceptEnv, and
	// waiting to hear so costs a round trip.
	env := ssh.Marshal(struct{ Name, Value string }{"LANG", "C.UTF-8"})
	_, err = sess.SendRequest("env", false, env)
	return err
}

func (z Size) clamp() Size {
	return Size{Cols: min(max(z.Cols, 1), maxCells), Rows: min(max(z.Rows, 1), maxCells)}
}

// Read returns output of the shell; io.EOF when it ended or the link was lost
// (Wait says which). Output that is not read holds the remote program up once
// about 2 MiB of it wait.
func (s *Shell) Read(p []byte) (int, error) {
	n, err := s.out.Read(p)
	if err == nil || n > 0 {
		return n, nil // an error that comes with bytes comes again without
	}
	s.settle(func() { s.drained = true })
	return 0, io.EOF // how it ended is Wait's to say
}

// Write queues input and never blocks. When the bounded queue (MaxInput)
// cannot take all of p it takes nothing and returns ErrBusy; once the shell
// has ended it returns ErrClosed or ErrLinkLost.
func (s *Shell) Write(p []byte) (int, error) { return s.input.put(p) }

// sendInput moves input to the remote, which may take it slowly or never.
func (s *Shell) sendInput() {
	var spare []byte
	for {
		select {
		case <-s.stop:
			return
		case <-s.input.wake:
		}
		spare = s.input.take(spare)
		for rest := spare; len(rest) > 0; {
			n := min(len(rest), inputPiece)
			if _, err := s.in.Write(rest[:n]); err != nil {
				return // the shell ended, which awaitExit reports
			}
			s.input.sent(n)
			rest = rest[n:]
		}
		if cap(spare) > inputPiece {
			spare = nil // a paste is over; do not keep its size
		}
	}
}

// Resize tells the remote its new size. The newest wins; never blocks.
func (s *Shell) Resize(size Size) {
	size = size.clamp()
	for {
		select {
		case s.resize <- size:
			return
		default:
		}
		select {
		case <-s.resize:
		default:
		}
	}
}

// sendSizes sends the first change at once and then the newest of each
// interval. It is apart from sendInput because a size must pass input that
// the remote does not read.
func (s *Shell) sendSizes(last Size) {
	for {
		var size Size
		select {
		case <-s.stop:
			return
		case size = <-s.resize:
		}
		if size == last {
			continue
		}
		if err := s.sess.WindowChange(size.Rows, size.Cols); err != nil {
			return // the shell ended, which awaitExit reports
		}
		last = size
		pause := time.NewTimer(resizeEvery)
		select {
		case <-s.stop:
			pause.Stop()
			return
		case <-pause.C:
		}
	}
}

func (s *Shell) awaitExit() {
	err := s.client.exitError(s.sess.Wait())
	s.settle(func() {
		s.exited, s.exit = true, err
		// Nobody reads on after Client.Close, so nothing is left to wait for.
		s.drained = s.drained || s.client.closed()
	})
}

// settle changes the state and closes stop and done when they are due.
func (s *Shell) settle(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
	if s.exited || s.closed {
		s.input.shut(s.refusal())
		closeOnce(s.stop)
	}
	if s.closed || s.exited && s.drained {
		closeOnce(s.done)
	}
}

// refusal is what Write returns after the end.
func (s *Shell) refusal() error {
	if !s.closed && errors.Is(s.exit, ErrLinkLost) {
		return s.exit
	}
	return ErrClosed
}

// closeOnce closes c unless it is closed; the caller holds the lock.
func closeOnce(c chan struct{}) {
	select {
	case <-c:
	default:
		close(c)
	}
}

// Done is closed when the shell has ended and its output is drained, or Close
// was called on it or on its Client.
func (s *Shell) Done() <-chan struct{} { return s.done }

// Wait blocks until Done and returns nil, an *ExitError, ErrLinkLost, or
// ErrClosed when it was closed from here before it ended.
func (s *Shell) Wait() error {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed && (!s.exited || errors.Is(s.exit, ErrLinkLost)) {
		return ErrClosed // the box need not say how a program ended that we hung up on
	}
	return s.exit
}

// Close ends the shell: the box hangs up on it. Its connection stays. It does
// not wait for the remote and may be called more than once; a Read under way
// ends once the box confirms, which sshd does when the program has ended, or
// with the connection.
func (s *Shell) Close() error {
	s.settle(func() { s.closed = true })
	go s.sess.Close() // it may wait for a link that is full
	return nil
}
