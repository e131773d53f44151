package session

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// valve is a net.Conn whose inbound side can be shut without closing it: the
// link is cut and nobody says so.
type valve struct {
	net.Conn
	shut atomic.Bool
	end  chan struct{}
}

func (v *valve) Read(p []byte) (int, error) {
	n, err := v.Conn.Read(p)
	if v.shut.Load() {
		<-v.end
		return 0, net.ErrClosed
	}
	return n, err
}

func (v *valve) Close() error {
	select {
	case <-v.end:
	default:
		close(v.end)
	}
	return v.Conn.Close()
}

func TestDeadLinkIsFoundAndUnblocksEverything(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	var link *valve
	d := &Dialer{
		QuietAfter: 50 * time.Millisecond, AnswerWithin: 100 * time.Millisecond,
		Net: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := (&net.Dialer{}).DialContext(ctx, network, address)
			link = &valve{Conn: c, end: make(chan struct{})}
			return link, err
		},
	}
	c, err := d.Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := mustShell(t, c, Size{80, 24})
	if c.Err() != nil {
		t.Fatalf("the connection ended: %v", c.Err())
	}
	link.shut.Store(true)
	read := make(chan []byte, 1)
	go func() { read <- readAll(t, s) }()

	within(t, "the dead link is found", c.Done())
	if !errors.Is(c.Err(), ErrLinkLost) {
		t.Errorf("Err is %v", c.Err())
	}
	within(t, "Read ends", read)
	within(t, "the shell ends", s.Done())
	if err := s.Wait(); !errors.Is(err, ErrLinkLost) {
		t.Errorf("Wait returned %v: a cut link is no exit", err)
	}
	if _, err := s.Write([]byte("x")); !errors.Is(err, ErrLinkLost) {
		t.Errorf("Write returned %v", err)
	}
	if _, err := c.Shell(t.Context(), Size{80, 24}); !errors.Is(err, ErrLinkLost) {
		t.Errorf("Shell returned %v", err)
	}
}

// A server that answers no keepalive and says nothing else is as good as dead.
func TestMutedKeepaliveEndsAnIdleLink(t *testing.T) {
	b := newFaultBox(t)
	b.mute = true
	e := b.start()
	c, err := (&Dialer{QuietAfter: 20 * time.Millisecond, AnswerWithin: 50 * time.Millisecond}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	within(t, "the muted link is given up", c.Done())
	if !errors.Is(c.Err(), ErrLinkLost) {
		t.Errorf("Err is %v", c.Err())
	}
}

// Any inbound byte is a sign of life, also while an answer is outstanding.
func TestOutputCountsAsAlive(t *testing.T) {
	b := newFaultBox(t)
	b.mute = true
	stop := make(chan struct{})
	b.shell = func(ch ssh.Channel) uint32 {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return 0
			case <-tick.C:
				if _, err := ch.Write([]byte(".")); err != nil {
					return 0
				}
			}
		}
	}
	e := b.start()
	c, err := (&Dialer{QuietAfter: 10 * time.Millisecond, AnswerWithin: time.Second}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	s := mustShell(t, c, Size{80, 24})
	buf := make([]byte, 100)
	for begin := time.Now(); time.Since(begin) < 2*time.Second; {
		if _, err := s.Read(buf); err != nil {
			t.Fatalf("the link was given up though it spoke: %v", c.ended())
		}
	}
	close(stop)
	within(t, "the muted link is given up once it is silent", c.Done())
}

// A refusal of the keepalive, which is what OpenSSH sends, keeps the link.
func TestRefusedKeepaliveIsAnAnswer(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	c, err := (&Dialer{QuietAfter: 10 * time.Millisecond, AnswerWithin: 5 * time.Second}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 20 {
		heard := c.wire.heard.Load()
		for c.wire.heard.Load() == heard {
			select {
			case <-c.Done():
				t.Fatal(c.Err())
			case <-time.After(time.Millisecond):
			}
		}
	}
}

func TestCheckProbesAtOnce(t *testing.T) {
	b := newFaultBox(t)
	b.mute = true
	e := b.start()
	c, err := (&Dialer{QuietAfter: time.Hour, AnswerWithin: 50 * time.Millisecond}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Check()
	within(t, "the probe finds the link dead", c.Done())
}

func TestSleepIsSeenInTheClocks(t *testing.T) {
	for _, tt := range []struct {
		wall, monotonic time.Duration
		want            bool
	}{
		{5 * time.Second, 5 * time.Second, false},
		{6 * time.Second, 5 * time.Second, false}, // a correction by NTP
		{8 * time.Hour, 5 * time.Second, true},
		{-time.Hour, 5 * time.Second, false}, // the clock was set back
	} {
		if got := suspended(tt.wall, tt.monotonic); got != tt.want {
			t.Errorf("wall %s, monotonic %s: got %v", tt.wall, tt.monotonic, got)
		}
	}
}

func TestBoxThatHangsUpIsALostLink(t *testing.T) {
	b := newFaultBox(t)
	c := mustDial(t, b.start())
	b.cut()
	within(t, "the end is seen", c.Done())
	if !errors.Is(c.Err(), ErrLinkLost) || errors.Is(c.Err(), ErrClosed) {
		t.Errorf("Err is %v", c.Err())
	}
}

func TestCloseIsNoLoss(t *testing.T) {
	b := newFaultBox(t)
	c := mustDial(t, b.start())
	s := mustShell(t, c, Size{80, 24})
	if err := errors.Join(c.Close(), c.Close()); err != nil {
		t.Error("Close failed")
	}
	within(t, "the connection ends", c.Done())
	within(t, "the shell ends", s.Done())
	if !errors.Is(c.Err(), ErrClosed) || !errors.Is(s.Wait(), ErrClosed) {
		t.Errorf("Err is %v, Wait %v", c.Err(), s.Wait())
	}
	if _, err := c.Run(t.Context(), "true", 1); !errors.Is(err, ErrClosed) {
		t.Errorf("Run returned %v", err)
	}
}
