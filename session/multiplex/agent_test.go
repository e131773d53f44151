package multiplex_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/openclaw/crabbox-tui/session"
)

// A shell that lives on the box finds the agent that is lent to it on every
// connection that comes after; and on none there is one that lends nothing.
func TestAShellKeepsItsAgent(t *testing.T) {
	for _, name := range []string{"tmux", "ssh-add"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skip(err)
		}
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
		t.Fatal(err)
	}
	b := boot(t, true)
	e := b.endpoint
	e.Lend = filepath.Join(filepath.Dir(filepath.Dir(b.Home())), "agent")
	l, err := net.Listen("unix", e.Lend)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = agent.ServeAgent(ring, c)
			}()
		}
	}()
	fingerprint := strings.Fields(string(ssh.MarshalAuthorizedKey(key)))[1][:40]
	var name string
	for i := range 3 {
		c := dial(t, session.Dialer{}, e)
		o := open(t, c, name)
		fmt.Fprintf(o, "ssh-add -L; echo rou''nd-%d\r", i)
		readUntil(t, o, fmt.Sprintf(`%s[^$]*round-%d`, regexp.QuoteMeta(fingerprint), i))
		name = o.Name
		detach(t, o)
		c.Close()
	}
	o := open(t, dial(t, session.Dialer{}, b.endpoint), name)
	o.Write([]byte("clear; ssh-add -L || echo no''ne\r"))
	readUntil(t, o, `none`)
	end(o)
	o = open(t, dial(t, session.Dialer{}, b.endpoint), "")
	o.Write([]byte("echo \"<$SSH_AUTH_SOCK>\"\r"))
	readUntil(t, o, `<>`)
	end(o)
}
