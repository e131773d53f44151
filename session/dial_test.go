package session

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func TestDialNamesTheStageThatFailed(t *testing.T) {
	hang := func(c net.Conn, _ int) bool { _, _ = io.Copy(io.Discard, c); return true }
	say := func(text string) func(net.Conn, int) bool {
		return func(c net.Conn, _ int) bool { hangUpAfter(c, text); return true }
	}
	for _, tt := range []struct {
		name   string
		set    func(b *faultBox)
		rung   Rung
		reason Reason
		says   string
	}{
		{"says nothing", func(b *faultBox) { b.greet = hang }, RungBanner, ReasonTimeout, "no progress"},
		{"closes at once", func(b *faultBox) { b.greet = say("") }, RungBanner, ReasonDropped, "closed"},
		{"resets", func(b *faultBox) {
			b.greet = func(c net.Conn, _ int) bool {
				_, _ = c.Read(make([]byte, 1))
				_ = c.(*net.TCPConn).SetLinger(0)
				return true
			}
		}, RungBanner, ReasonDropped, "closed"},
		{"HTTP", func(b *faultBox) { b.greet = say("HTTP/1.1 400 Bad\x1b[31m Request\r\n\r\n") }, RungBanner, ReasonNotSSH, "HTTP/1.1 400 Bad [31m Request"},
		{"mail", func(b *faultBox) { b.greet = say("220 mail ready\r\n") }, RungBanner, ReasonNotSSH, "220 mail ready"},
		{"SSH 1", func(b *faultBox) { b.greet = say("SSH-1.5-old\r\n") }, RungBanner, ReasonNotSSH, "SSH-1.5-old"},
		{"penalised", func(b *faultBox) { b.greet = say("Not allowed at this time\r\n") }, RungBanner, ReasonBusy, "Not allowed"},
		{"MaxStartups", func(b *faultBox) { b.greet = say("Exceeded MaxStartups\r\n") }, RungBanner, ReasonBusy, "MaxStartups"},
		{"drops after its banner", func(b *faultBox) { b.greet = say("SSH-2.0-x\r\n") }, RungHostKey, ReasonDropped, "closed"},
		{"hangs after its banner", func(b *faultBox) {
			b.greet = func(c net.Conn, n int) bool { _, _ = io.WriteString(c, "SSH-2.0-x\r\n"); return hang(c, n) }
		}, RungHostKey, ReasonTimeout, "no progress"},
		{"no common cipher", func(b *faultBox) {
			b.config = func(c *ssh.ServerConfig) { c.Ciphers = []string{ssh.InsecureCipherTripleDESCBC} }
		}, RungHostKey, ReasonNoCommonAlgorithm, "no algorithm in common"},
		{"denies", func(b *faultBox) { b.refuseKey = func(int) bool { return true } }, RungAuth, ReasonDenied, ErrDenied.Error()},
		{"takes only passwords", func(b *faultBox) {
			b.config = func(c *ssh.ServerConfig) {
				c.PublicKeyCallback = nil
				c.PasswordCallback = func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, errors.New("no") }
			}
		}, RungAuth, ReasonDenied, "it takes only password"},
		{"drops while logging in", func(b *faultBox) {
			b.refuseKey = func(int) bool { b.cut(); return true }
		}, RungAuth, ReasonDropped, "closed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newFaultBox(t)
			tt.set(b)
			e := b.start()
			d := &Dialer{Handshake: 10 * time.Second}
			if tt.reason == ReasonTimeout {
				d.Handshake = 200 * time.Millisecond
			}
			_, err := d.Dial(t.Context(), e)
			var failed *DialError
			if !errors.As(err, &failed) {
				t.Fatalf("got %v, want a *DialError", err)
			}
			if failed.Rung != tt.rung || failed.Reason != tt.reason || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("got rung %d, reason %d, %q; want rung %d, reason %d, text with %q",
					failed.Rung, failed.Reason, err, tt.rung, tt.reason, tt.says)
			}
			if errors.Is(err, ErrDenied) != (tt.reason == ReasonDenied) {
				t.Errorf("ErrDenied is wrong for %v", err)
			}
			if strings.ContainsAny(err.Error(), "\x1b\x07\r\n") {
				t.Errorf("the error carries control characters: %q", err)
			}
		})
	}
}

func TestDialRefusedPort(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	e.Port = freePort(t)
	_, err := (&Dialer{}).Dial(t.Context(), e)
	var failed *DialError
	if !errors.As(err, &failed) || failed.Rung != RungTCP || failed.Reason != ReasonRefused {
		t.Errorf("got %v", err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	b := newFaultBox(t)
	reached := make(chan struct{})
	b.greet = func(c net.Conn, _ int) bool {
		close(reached)
		_, _ = io.Copy(io.Discard, c)
		return true
	}
	e := b.start()
	cause := errors.New("the person pressed Esc")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-reached
		cancel(cause)
	}()
	_, err := (&Dialer{}).Dial(ctx, e)
	if !errors.Is(err, cause) {
		t.Errorf("got %v, want the context's cause", err)
	}
}

func TestDialAcceptsLinesBeforeTheBanner(t *testing.T) {
	b := newFaultBox(t)
	b.greet = func(c net.Conn, _ int) bool {
		_, _ = io.WriteString(c, "this box is watched\r\nby nobody\r\n")
		return false
	}
	mustDial(t, b.start())
}

func TestDialOffersOnlyTheLeasesKey(t *testing.T) {
	b := newFaultBox(t)
	b.refuseKey = func(int) bool { return true }
	e := b.start()
	t.Setenv("SSH_AUTH_SOCK", "/nonexistent/agent")
	if _, err := (&Dialer{}).Dial(t.Context(), e); !errors.Is(err, ErrDenied) {
		t.Fatal(err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.logins) != 1 {
		t.Errorf("%d keys were offered, want the lease's alone", len(b.logins))
	}
}

func TestDialUnusableKeyTouchesNoNetwork(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	good, err := os.ReadFile(e.KeyFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"", "not a key", string(good[:len(good)/2])} {
		if err := os.WriteFile(e.KeyFile, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := (&Dialer{}).Dial(t.Context(), e); err == nil || !strings.Contains(err.Error(), "key") {
			t.Errorf("got %v for %q", err, content)
		}
	}
	e.KeyFile += ".gone"
	if _, err := (&Dialer{}).Dial(t.Context(), e); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if n := b.count(); n != 0 {
		t.Errorf("%d connections were made", n)
	}
}

// A try that is not answered holds nobody up: the next one begins beside it.
func TestALostSYNIsNotWaitedFor(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	var tries atomic.Int32
	left := make(chan struct{})
	d := &Dialer{Net: func(ctx context.Context, network, address string) (net.Conn, error) {
		if tries.Add(1) == 1 {
			<-ctx.Done()
			close(left)
			return nil, ctx.Err()
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	began := time.Now()
	c, err := d.Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	if n := tries.Load(); n != 2 {
		t.Errorf("%d tries", n)
	}
	if took := time.Since(began); took > connectLimit/2 {
		t.Errorf("took %s", took)
	}
	within(t, "the first is given up", left)
}
