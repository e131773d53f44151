package session

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// startAgent serves an agent that holds one key on a Unix socket, and counts
// who connects to it.
func startAgent(t *testing.T) (socket string, key ssh.PublicKey, asked *atomic.Int32) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private, Comment: "of the test"}); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "agent") // a socket's path has to be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket = filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Skip("no Unix sockets here:", err)
	}
	t.Cleanup(func() { l.Close() })
	asked = new(atomic.Int32)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked.Add(1)
			go func() {
				defer c.Close()
				_ = agent.ServeAgent(ring, c)
			}()
		}
	}()
	return socket, signer.PublicKey(), asked
}

// authorize replaces the keys that an endpoint of startSSHD takes.
func authorize(t *testing.T, e Endpoint, keys ...ssh.PublicKey) {
	t.Helper()
	var text []byte
	for _, k := range keys {
		text = append(text, ssh.MarshalAuthorizedKey(k)...)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(e.KeyFile), "authorized_keys"), text, 0o600); err != nil {
		t.Fatal(err)
	}
}

// An agent's keys log in where the endpoint names the agent, and are never
// offered where it does not.
func TestAnAgentLogsIn(t *testing.T) {
	e := startSSHD(t)
	socket, key, asked := startAgent(t)
	authorize(t, e, key)
	var d Dialer
	if _, err := d.Dial(t.Context(), e); !errors.Is(err, ErrDenied) {
		t.Fatalf("without the agent: %v", err)
	}
	if asked.Load() != 0 {
		t.Fatal("an agent was asked that nobody named")
	}
	e.Agent = socket
	c, err := d.Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	c.Close()
	e.KeyFile = filepath.Join(t.TempDir(), "none")
	if c, err = d.Dial(t.Context(), e); err != nil {
		t.Fatalf("without a key of the lease's: %v", err)
	}
	c.Close()
	e.Agent += "-gone"
	if _, err := d.Dial(t.Context(), e); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("with neither: %v", err)
	}
}

// Programs on the box can use an agent that is lent to them, and not change it;
// where none is lent there is none.
func TestAnAgentIsLent(t *testing.T) {
	e := startSSHD(t)
	socket, key, asked := startAgent(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var d Dialer
	const ask = `[ -S "$SSH_AUTH_SOCK" ] || { echo none; exit; }; ssh-add -L; ssh-add -D && echo emptied`
	says := func() string {
		t.Helper()
		c, err := d.Dial(ctx, e)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		var all string
		for range 2 { // sshd grants it once a connection, for all its sessions
			s, err := c.Command(ctx, ask)
			if err != nil {
				t.Fatal(err)
			}
			all += string(readAll(t, s))
		}
		return all
	}
	if got := says(); strings.Count(got, "none") != 2 || asked.Load() != 0 {
		t.Errorf("nothing was lent, and the box says %q", got)
	}
	e.Lend = socket
	got := says()
	if want := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key))); strings.Count(got, want) != 2 || strings.Contains(got, "emptied") {
		t.Errorf("the box says %q, want %q twice", got, want)
	}
}
