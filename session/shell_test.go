package session

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestShellEchoesAndTellsItsExit(t *testing.T) {
	b := newFaultBox(t)
	s := mustShell(t, mustDial(t, b.start()), Size{Cols: 132, Rows: 43})
	if got := within(t, "pty-req", b.sizes); got != (Size{132, 43}) {
		t.Errorf("the box was told %+v", got)
	}
	if _, err := s.Write([]byte("héllo")); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 6)
	if _, err := io.ReadFull(s, buf); err != nil || string(buf) != "héllo" {
		t.Fatalf("got %q, %v", buf, err)
	}
	if _, err := s.Write([]byte("exit\r")); err != nil {
		t.Fatal(err)
	}
	readAll(t, s)
	var exit *ExitError
	if err := s.Wait(); !errors.As(err, &exit) || exit.Status != 7 || exit.Error() != "remote program exited with status 7" {
		t.Errorf("Wait returned %v", err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write after the end returned %v", err)
	}
}

func TestShellEndedBySignal(t *testing.T) {
	b := newFaultBox(t)
	b.shell = func(ch ssh.Channel) uint32 {
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Signal string
			Core   bool
			Msg    string
			Lang   string
		}{"KILL\x1b[2J", false, "", ""}))
		return noStatus
	}
	s := mustShell(t, mustDial(t, b.start()), Size{80, 24})
	readAll(t, s)
	var exit *ExitError
	if err := s.Wait(); !errors.As(err, &exit) || !strings.HasPrefix(exit.Error(), "remote program was ended by signal KILL") ||
		strings.Contains(exit.Error(), "\x1b") {
		t.Errorf("Wait returned %q", err)
	}
}

func TestMissingExitStatusIsALostLink(t *testing.T) {
	b := newFaultBox(t)
	b.shell = func(ssh.Channel) uint32 { return noStatus }
	s := mustShell(t, mustDial(t, b.start()), Size{80, 24})
	readAll(t, s)
	if err := s.Wait(); !errors.Is(err, ErrLinkLost) {
		t.Errorf("Wait returned %v", err)
	}
}

// What was printed before the end is read before Done, however late.
func TestDoneWaitsForTheOutput(t *testing.T) {
	b := newFaultBox(t)
	const size = 1 << 20
	ended := make(chan struct{})
	b.shell = func(ch ssh.Channel) uint32 {
		defer close(ended)
		_, _ = ch.Write(bytes.Repeat([]byte("x"), size))
		_, _ = ch.Stderr().Write(bytes.Repeat([]byte("e"), size)) // nobody reads it, and it must not stall
		return 0
	}
	s := mustShell(t, mustDial(t, b.start()), Size{80, 24})
	within(t, "the program ends", ended)
	select {
	case <-s.Done():
		t.Error("Done with a megabyte unread")
	default:
	}
	if got := len(readAll(t, s)); got != size {
		t.Errorf("read %d bytes", got)
	}
	if err := s.Wait(); err != nil {
		t.Error(err)
	}
}

// Output that is not read stops the box, and costs one window of memory.
func TestUnreadOutputHoldsTheBoxUp(t *testing.T) {
	b := newFaultBox(t)
	sent := make(chan int, 10000)
	b.shell = func(ch ssh.Channel) uint32 {
		for {
			n, err := ch.Write(make([]byte, 64<<10))
			if err != nil {
				return 0
			}
			sent <- n
		}
	}
	c := mustDial(t, b.start())
	s := mustShell(t, c, Size{80, 24})
	total := 0
	for stalled := false; !stalled; {
		select {
		case n := <-sent:
			total += n
		case <-time.After(300 * time.Millisecond):
			stalled = true
		}
	}
	if total < 1<<20 || total > 4<<20 {
		t.Errorf("the box sent %d bytes to a reader that reads nothing", total)
	}
	// The rest of the connection is not held up.
	if _, err := c.Run(t.Context(), "true", 10); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	within(t, "a closed shell is done", s.Done())
}

func TestInputThatIsNotReadIsRefusedWhole(t *testing.T) {
	b := newFaultBox(t)
	release := make(chan struct{})
	b.shell = func(ch ssh.Channel) uint32 {
		<-release
		return echoShell(ch)
	}
	c := mustDial(t, b.start())
	s := mustShell(t, c, Size{80, 24})
	accepted := 0
	piece := bytes.Repeat([]byte("p"), 10_000)
	for busy := 0; busy < 3; {
		n, err := s.Write(piece)
		switch {
		case err == nil && n == len(piece):
			accepted += n
		case errors.Is(err, ErrBusy) && n == 0:
			busy++
			// The sender moves what fits into the remote's window meanwhile.
			time.Sleep(50 * time.Millisecond)
		default:
			t.Fatalf("wrote %d, %v", n, err)
		}
		if accepted > 8<<20 {
			t.Fatal("the queue is not bounded")
		}
	}
	// A size passes the input that stands still.
	within(t, "pty-req", b.sizes)
	s.Resize(Size{100, 30})
	if got := within(t, "the size", b.sizes); got != (Size{100, 30}) {
		t.Errorf("got %+v", got)
	}
	// And all that was accepted arrives.
	close(release)
	if _, err := io.CopyN(io.Discard, s, int64(accepted)); err != nil {
		t.Error(err)
	}
	if _, err := s.Write(make([]byte, MaxInput+1)); !errors.Is(err, ErrBusy) {
		t.Errorf("a piece larger than the queue: %v", err)
	}
	if _, err := s.Write(piece); err != nil {
		t.Errorf("a queue that ran empty refuses: %v", err)
	}
}

func TestOnlyTheNewestSizeCounts(t *testing.T) {
	b := newFaultBox(t)
	s := mustShell(t, mustDial(t, b.start()), Size{80, 24})
	within(t, "pty-req", b.sizes)
	last := Size{500, 100}
	for i := 1; i <= 500; i++ {
		s.Resize(Size{i, 100})
	}
	told := 0
	for {
		got := within(t, "the last size", b.sizes)
		told++
		if got == last {
			break
		}
	}
	if told > 50 {
		t.Errorf("the box was told %d sizes for one drag", told)
	}
	s.Resize(Size{-1, 1 << 20})
	if got := within(t, "a clamped size", b.sizes); got != (Size{1, maxCells}) {
		t.Errorf("got %+v", got)
	}
}

func TestCloseEndsOnlyItsShell(t *testing.T) {
	b := newFaultBox(t)
	c := mustDial(t, b.start())
	one, two := mustShell(t, c, Size{80, 24}), mustShell(t, c, Size{80, 24})
	read := make(chan []byte, 1)
	go func() { read <- readAll(t, one) }()
	if err := errors.Join(one.Close(), one.Close()); err != nil {
		t.Error("Close failed")
	}
	within(t, "its reader ends", read)
	if err := one.Wait(); !errors.Is(err, ErrClosed) {
		t.Errorf("Wait returned %v", err)
	}
	if _, err := one.Write([]byte("x")); !errors.Is(err, ErrClosed) {
		t.Errorf("Write returned %v", err)
	}
	if _, err := two.Write([]byte("still")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(two, make([]byte, 5)); err != nil {
		t.Error(err)
	}
}

func TestTooManySessionsIsSaidPlainly(t *testing.T) {
	b := newFaultBox(t)
	b.maxSessions = 1
	c := mustDial(t, b.start())
	mustShell(t, c, Size{80, 24})
	_, err := c.Shell(t.Context(), Size{80, 24})
	if !errors.Is(err, ErrSessionRefused) || !strings.Contains(err.Error(), "MaxSessions") || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("got %q", err)
	}
	if c.Err() != nil {
		t.Errorf("the connection went down with it: %v", c.Err())
	}
}

// A box that answers no request holds up neither the caller nor, afterwards,
// anything else.
func TestShellEndsWithItsContext(t *testing.T) {
	b := newFaultBox(t)
	hold := make(chan struct{})
	entered := make(chan struct{}, 1)
	b.greet = nil
	b.exec = func(string, ssh.Channel) uint32 {
		entered <- struct{}{}
		<-hold
		return 0
	}
	c := mustDial(t, b.start())
	cause := errors.New("the pane was closed")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-entered
		cancel(cause)
	}()
	if _, err := c.Run(ctx, "sleep", 10); !errors.Is(err, cause) {
		t.Errorf("Run returned %v", err)
	}
	if _, err := c.Shell(ctx, Size{80, 24}); !errors.Is(err, cause) {
		t.Errorf("Shell returned %v", err)
	}
	close(hold)
	if err := c.Err(); err != nil {
		t.Errorf("the connection went down with it: %v", err)
	}
	if _, err := mustShell(t, c, Size{80, 24}).Write([]byte("x")); err != nil {
		t.Error(err)
	}
}

func TestRunReturnsOutputAndStatus(t *testing.T) {
	b := newFaultBox(t)
	b.exec = func(command string, ch ssh.Channel) uint32 {
		if _, err := io.Copy(io.Discard, ch); err != nil { // its input must end by itself
			return 99
		}
		_, _ = ch.Stderr().Write(make([]byte, 3<<20)) // more than a window
		_, _ = io.WriteString(ch, strings.Repeat(command, 100_000))
		return uint32(len(command))
	}
	c := mustDial(t, b.start())
	out, err := c.Run(t.Context(), "abc", 7)
	var exit *ExitError
	if string(out) != "abcabca" || !errors.As(err, &exit) || exit.Status != 3 {
		t.Errorf("got %q, %v", out, err)
	}
	if out, err := c.Run(t.Context(), "abc", 0); len(out) != 0 || !errors.As(err, &exit) {
		t.Errorf("got %q, %v", out, err)
	}
}

func BenchmarkShellEcho(b *testing.B) {
	box := newFaultBox(b)
	c, err := (&Dialer{}).Dial(b.Context(), box.start())
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	s, err := c.Shell(b.Context(), Size{80, 24})
	if err != nil {
		b.Fatal(err)
	}
	key, buf := []byte("k"), make([]byte, 32<<10)
	for b.Loop() {
		if _, err := s.Write(key); err != nil {
			b.Fatal(err)
		}
		if _, err := s.Read(buf); err != nil {
			b.Fatal(err)
		}
	}
}
