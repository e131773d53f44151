package session

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// faultBox is an SSH server on loopback that fails as it is told to. Fields
// are set before start; those behind mu may be changed while it runs.
type faultBox struct {
	t    testing.TB
	ln   net.Listener
	wg   sync.WaitGroup
	user ssh.PublicKey

	// deaf closes the listener at once: the port refuses.
	deaf bool
	// greet is shown each accepted connection, counted from 1; returning true
	// means that it has dealt with the connection.
	greet func(c net.Conn, n int) bool
	// refuseKey says whether the n-th login is denied.
	refuseKey func(n int) bool
	// mute leaves global requests, keepalives among them, unanswered.
	mute bool
	// maxSessions on one connection; 0: any number.
	maxSessions int
	// exec runs a command and returns its status; nil: status 0, no output.
	exec func(command string, ch ssh.Channel) uint32
	// shell runs a shell; nil: it echoes until "exit\r".
	shell  func(ch ssh.Channel) uint32
	config func(*ssh.ServerConfig)

	sizes chan Size // pty-req and window-change, in order

	mu       sync.Mutex
	hostKeys []ssh.Signer
	conns    map[net.Conn]bool
	accepted int
	logins   []time.Time
}

func newFaultBox(t testing.TB) *faultBox {
	return &faultBox{
		t: t, hostKeys: []ssh.Signer{newSigner(t)}, conns: map[net.Conn]bool{},
		sizes: make(chan Size, 1000),
	}
}

func newSigner(t testing.TB) ssh.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// writeKey makes a user's key, and returns its file and public half.
func writeKey(t testing.TB, dir string) (string, ssh.PublicKey) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "id_ed25519")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	return file, key
}

// start listens and returns the endpoint that reaches the box.
func (b *faultBox) start() Endpoint {
	b.t.Helper()
	dir := b.t.TempDir()
	keyFile, public := writeKey(b.t, dir)
	b.user = public
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.t.Fatal(err)
	}
	b.serveOn(ln)
	return Endpoint{
		Host: "127.0.0.1", Port: ln.Addr().(*net.TCPAddr).Port, User: "ubuntu",
		KeyFile: keyFile, KnownHosts: filepath.Join(dir, "known_hosts"),
	}
}

func (b *faultBox) serveOn(ln net.Listener) {
	b.ln = ln
	if b.deaf {
		ln.Close()
	}
	b.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			b.mu.Lock()
			b.accepted++
			n := b.accepted
			b.conns[c] = true
			b.mu.Unlock()
			b.wg.Go(func() {
				defer c.Close()
				if b.greet == nil || !b.greet(c, n) {
					b.serve(c)
				}
			})
		}
	})
	b.t.Cleanup(func() {
		ln.Close()
		b.cut()
		b.wg.Wait()
	})
}

// cut closes all connections with a reset.
func (b *faultBox) cut() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		c.Close()
		delete(b.conns, c)
	}
}

func (b *faultBox) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.accepted
}

func (b *faultBox) loginCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.logins)
}

func (b *faultBox) serve(c net.Conn) {
	config := &ssh.ServerConfig{
		MaxAuthTries: -1,
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			b.mu.Lock()
			b.logins = append(b.logins, time.Now())
			n := len(b.logins)
			b.mu.Unlock()
			if b.refuseKey != nil && b.refuseKey(n) {
				return nil, errors.New("not installed yet")
			}
			if string(key.Marshal()) != string(b.user.Marshal()) {
				return nil, errors.New("unknown key")
			}
			return nil, nil
		},
		BannerCallback: func(ssh.ConnMetadata) string { return "\x1b]0;owned\x07\x1b[2Jwelcome" },
	}
	if b.config != nil {
		b.config(config)
	}
	b.mu.Lock()
	for _, k := range b.hostKeys {
		config.AddHostKey(k)
	}
	b.mu.Unlock()
	conn, chans, reqs, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	defer conn.Close()
	b.wg.Go(func() {
		for r := range reqs {
			if !b.mute {
				_ = r.Reply(false, nil)
			}
		}
	})
	sessions := 0
	for nc := range chans {
		if sessions++; nc.ChannelType() != "session" || b.maxSessions > 0 && sessions > b.maxSessions {
			_ = nc.Reject(ssh.ConnectionFailed, "open failed\x1b[31m")
			continue
		}
		ch, in, err := nc.Accept()
		if err != nil {
			return
		}
		b.wg.Go(func() { b.session(ch, in) })
	}
}

func (b *faultBox) session(ch ssh.Channel, in <-chan *ssh.Request) {
	defer ch.Close()
	started := false
	run := func(f func() uint32) {
		if started {
			return
		}
		started = true
		b.wg.Go(func() {
			status := f()
			if status != noStatus {
				_, _ = ch.SendRequest("exit-status", false, binary.BigEndian.AppendUint32(nil, status))
			}
			ch.Close()
		})
	}
	for r := range in {
		switch r.Type {
		case "pty-req":
			var p struct {
				Term             string
				Cols, Rows, W, H uint32
				Modes            string
			}
			ok := ssh.Unmarshal(r.Payload, &p) == nil && p.Term == "xterm-256color"
			b.sizes <- Size{Cols: int(p.Cols), Rows: int(p.Rows)}
			_ = r.Reply(ok, nil)
		case "window-change":
			b.sizes <- Size{
				Cols: int(binary.BigEndian.Uint32(r.Payload)), Rows: int(binary.BigEndian.Uint32(r.Payload[4:])),
			}
		case "shell":
			_ = r.Reply(true, nil)
			run(func() uint32 {
				if b.shell != nil {
					return b.shell(ch)
				}
				return echoShell(ch)
			})
		case "exec":
			var p struct{ Command string }
			_ = ssh.Unmarshal(r.Payload, &p)
			_ = r.Reply(true, nil)
			run(func() uint32 {
				if b.exec != nil {
					return b.exec(p.Command, ch)
				}
				return 0
			})
		default:
			_ = r.Reply(false, nil)
		}
	}
}

// noStatus ends a session without saying how the program ended.
const noStatus = 1 << 31

// echoShell sends back what it gets, and ends with 7 on "exit\r".
func echoShell(ch ssh.Channel) uint32 {
	buf := make([]byte, 32<<10)
	for {
		n, err := ch.Read(buf)
		if err != nil {
			return 0
		}
		if string(buf[:n]) == "exit\r" {
			return 7
		}
		if _, err := ch.Write(buf[:n]); err != nil {
			return 0
		}
	}
}

// mustDial connects with quick limits and closes at the end of the test.
func mustDial(t *testing.T, e Endpoint) *Client {
	t.Helper()
	c, err := (&Dialer{Handshake: 10 * time.Second}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		<-c.Done()
	})
	return c
}

func mustShell(t *testing.T, c *Client, z Size) *Shell {
	t.Helper()
	s, err := c.Shell(t.Context(), z)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// within fails the test when ch is not closed or sent to in time; the limit
// is far above what is expected, so that it bounds a hang and measures nothing.
func within[T any](t *testing.T, what string, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatal("never: " + what)
		panic("unreachable")
	}
}

func readAll(t *testing.T, s *Shell) []byte {
	t.Helper()
	b, err := io.ReadAll(s)
	if err != nil {
		t.Error(err)
	}
	return b
}

// hangUpAfter says text and ends the connection in order: it reads the client's
// version first, for unread input would turn the end into a reset, which may
// overtake the text.
func hangUpAfter(c net.Conn, text string) {
	_, _ = io.WriteString(c, text)
	_, _ = bufio.NewReader(c).ReadString('\n')
}

// freePort is a port on which nothing listens.
func freePort(t *testing.T) int {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}

func listenOn(t *testing.T, port int) net.Listener {
	t.Helper()
	ln, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		t.Fatal(err)
	}
	return ln
}
