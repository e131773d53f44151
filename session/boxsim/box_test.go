package boxsim

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// fixture is a host with one box, and a client's key to it.
type fixture struct {
	*Box
	host   *Host
	signer ssh.Signer
}

func start(t *testing.T, sshd bool) fixture {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "cbx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	h, err := NewHost(Options{Dir: dir, SSHD: sshd})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { h.Close() })
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	b, err := h.Boot(t.Context(), "inst_1", string(ssh.MarshalAuthorizedKey(signer.PublicKey())), 8)
	if err != nil {
		t.Fatal(err)
	}
	return fixture{b, h, signer}
}

func (f fixture) address() string { return net.JoinHostPort(f.IP(), strconv.Itoa(f.host.Port())) }

func (f fixture) connect() (*ssh.Client, error) {
	return ssh.Dial("tcp", f.address(), &ssh.ClientConfig{
		User: f.host.User(), Auth: []ssh.AuthMethod{ssh.PublicKeys(f.signer)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: 10 * time.Second,
	})
}

func (f fixture) client(t *testing.T) *ssh.Client {
	t.Helper()
	if err := f.SetPhase(PhaseUp); err != nil {
		t.Fatal(err)
	}
	c, err := f.connect()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func output(t *testing.T, c *ssh.Client, command string) string {
	t.Helper()
	s, err := c.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	out, err := s.Output(command)
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return string(out)
}

func eachKind(t *testing.T, f func(t *testing.T, b fixture)) {
	t.Run("simulated", func(t *testing.T) { f(t, start(t, false)) })
	t.Run("OpenSSH", func(t *testing.T) { f(t, start(t, true)) })
}

func TestABoxBootsInPhases(t *testing.T) {
	eachKind(t, func(t *testing.T, b fixture) {
		if _, err := net.Dial("tcp", b.address()); err == nil {
			t.Error("something listens before the box does")
		}
		if err := b.SetPhase(PhaseSilent); err != nil {
			t.Fatal(err)
		}
		conn, err := net.Dial("tcp", b.address())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := conn.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("a silent box said %d bytes, %v", n, err)
		}
		if err := b.SetPhase(PhaseNoKey); err != nil {
			t.Fatal(err)
		}
		if _, err := b.connect(); err == nil || !strings.Contains(err.Error(), "unable to authenticate") {
			t.Errorf("before the key is installed: %v", err)
		}
		b.client(t)
	})
}

func TestABoxServesExecFilesAndForwards(t *testing.T) {
	eachKind(t, func(t *testing.T, b fixture) {
		c := b.client(t)
		if out := output(t, c, "nvidia-smi -L"); strings.Count(out, "NVIDIA H100") != 8 {
			t.Errorf("nvidia-smi -L: %s", out)
		}
		if out := output(t, c, "nvidia-smi --query-gpu=index,memory.total --format=csv,noheader,nounits"); !strings.HasPrefix(out, "0, 81559\n1, 81559\n") {
			t.Errorf("nvidia-smi --query-gpu: %s", out)
		}
		output(t, c, "command -v git && command -v rsync && command -v tar")
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var exit *ssh.ExitError
		if err := s.Run("exit 3"); !errors.As(err, &exit) || exit.ExitStatus() != 3 {
			t.Errorf("exit 3: %v", err)
		}

		files, err := sftp.NewClient(c)
		if err != nil {
			t.Fatal(err)
		}
		defer files.Close()
		f, err := files.Create("from-outside")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte("hello")); err != nil {
			t.Fatal(err)
		}
		f.Close()
		if got := output(t, c, "cat from-outside"); got != "hello" {
			t.Errorf("a file written over sftp reads %q", got)
		}

		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				io.WriteString(conn, "through")
				conn.Close()
			}
		}()
		conn, err := c.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(conn); err != nil || string(got) != "through" {
			t.Errorf("forwarded: %q, %v", got, err)
		}
	})
}

func TestOnlyLoopbackCanBeReachedThroughASimulatedBox(t *testing.T) {
	b := start(t, false)
	if conn, err := b.client(t).Dial("tcp", "203.0.113.9:80"); err == nil {
		conn.Close()
		t.Error("a documentation address was reached")
	}
}

func TestFaults(t *testing.T) {
	eachKind(t, func(t *testing.T, b fixture) {
		c := b.client(t)
		output(t, c, "true")
		if err := b.SetFault(FaultRefuse); err != nil {
			t.Fatal(err)
		}
		if _, err := net.Dial("tcp", b.address()); err == nil {
			t.Error("refuse: it still listens")
		}
		output(t, c, "true") // what is open stays
		if err := b.SetFault(FaultNone); err != nil {
			t.Fatal(err)
		}
		if err := b.SetFault(FaultDrop); err != nil {
			t.Fatal(err)
		}
		if err := c.Wait(); err == nil {
			t.Error("drop: the connection ended without an error")
		}
		again := b.client(t)
		output(t, again, "true")
		b.CloseAfter(1)
		if _, err := b.connect(); err == nil {
			t.Error("close after a byte: it let somebody in")
		}
		b.CloseAfter(0)
	})
}

func TestABlackHoleSwallowsAndGivesBack(t *testing.T) {
	b := start(t, false)
	c := b.client(t)
	if err := b.SetFault(FaultBlackhole); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		c.SendRequest("keepalive@openssh.com", true, nil)
	}()
	select {
	case <-answered:
		t.Error("a black hole answered")
	case <-ctx.Done():
	}
	if err := b.SetFault(FaultNone); err != nil {
		t.Fatal(err)
	}
	<-answered
}

func TestSessionsLeaveNoFileOpen(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("open files are counted through /proc")
	}
	b := start(t, false)
	open := func() int {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries)
	}
	c := b.client(t)
	session := func() {
		s, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.RequestPty("xterm", 24, 80, nil); err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		s.Stdout = &out
		in, err := s.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Shell(); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(in, "exit")
		if err := s.Wait(); err != nil {
			t.Fatalf("%v: %s", err, out.String())
		}
	}
	session()
	before := open()
	for range 30 {
		session()
	}
	if after := open(); after > before+2 {
		t.Errorf("%d files open before, %d after 30 sessions", before, after)
	}
}

func TestAHostKnowsItsBoxesByAddress(t *testing.T) {
	b := start(t, false)
	if !b.host.Owns(b.address()) {
		t.Error("its own box is not recognised")
	}
	for _, other := range []string{"127.0.0.1:22", b.IP() + ":22", "203.0.113.7:" + strconv.Itoa(b.host.Port()), "nonsense"} {
		if b.host.Owns(other) {
			t.Errorf("%s is taken for a box", other)
		}
	}
}
