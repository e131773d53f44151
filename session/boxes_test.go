package session_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/boxsim"
)

// box is a simulated box, up, with the endpoint that reaches it.
type box struct {
	*boxsim.Box
	endpoint session.Endpoint
}

func boot(t *testing.T, sshd bool) box {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "cbx-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	host, err := boxsim.NewHost(boxsim.Options{Dir: dir, SSHD: sshd})
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	keys := t.TempDir()
	file := filepath.Join(keys, "id_ed25519")
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	b, err := host.Boot(t.Context(), "inst-1", string(ssh.MarshalAuthorizedKey(key)), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.SetPhase(boxsim.PhaseUp); err != nil {
		t.Fatal(err)
	}
	return box{b, session.Endpoint{
		Host: b.IP(), Port: host.Port(), User: host.User(), KeyFile: file, KnownHosts: filepath.Join(keys, "known_hosts"),
	}}
}

// eachKind runs a test on both kinds of box.
func eachKind(t *testing.T, f func(t *testing.T, b box)) {
	t.Run("simulated", func(t *testing.T) { f(t, boot(t, false)) })
	t.Run("OpenSSH", func(t *testing.T) { f(t, boot(t, true)) })
}

func dial(t *testing.T, d session.Dialer, e session.Endpoint) *session.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	c, err := d.Dial(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// readUntil reads a shell until what it printed matches.
func readUntil(t *testing.T, s io.Reader, pattern string) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	var all strings.Builder
	buf := make([]byte, 4096)
	for !re.MatchString(all.String()) {
		n, err := s.Read(buf)
		all.Write(buf[:n])
		if err != nil {
			t.Fatalf("%v before /%s/ in %q", err, pattern, all.String())
		}
	}
	return all.String()
}

func TestAShellRunsAndTellsHowItEnded(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		s, err := c.Shell(t.Context(), session.Size{Cols: 80, Rows: 24})
		if err != nil {
			t.Fatal(err)
		}
		s.Write([]byte("stty size; echo $HOME; nvidia-smi -L\r"))
		out := readUntil(t, s, `GPU 0: NVIDIA H100`)
		if !strings.Contains(out, "24 80") || !strings.Contains(out, b.Home()) {
			t.Errorf("size or home is not the box's: %q", out)
		}
		s.Resize(session.Size{Cols: 132, Rows: 43})
		s.Write([]byte("while [ \"$(stty size)\" != '43 132' ]; do :; done; echo resi''zed\r"))
		readUntil(t, s, `resized`)
		s.Write([]byte("exit 7\r"))
		io.Copy(io.Discard, s)
		var exit *session.ExitError
		if err := s.Wait(); !errors.As(err, &exit) || exit.Status != 7 {
			t.Errorf("ended with %v, want status 7", err)
		}
	})
}

func TestSecretsOfThePersonDoNotGetIntoABox(t *testing.T) {
	t.Setenv("FAL_KEY", "very-secret")
	t.Setenv("SSH_AUTH_SOCK", "/tmp/agent")
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		out, err := c.Run(t.Context(), "env", 1<<16)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(out), "very-secret") || strings.Contains(string(out), "SSH_AUTH_SOCK") || !strings.Contains(string(out), "HOME="+b.Home()) {
			t.Errorf("environment of the box:\n%s", out)
		}
	})
}

func TestACutLinkIsNotTakenForAnEnd(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		s, err := c.Shell(t.Context(), session.Size{Cols: 80, Rows: 24})
		if err != nil {
			t.Fatal(err)
		}
		s.Write([]byte("echo he''re\r"))
		readUntil(t, s, "here")
		b.SetFault(boxsim.FaultDrop)
		io.Copy(io.Discard, s)
		if err := s.Wait(); !errors.Is(err, session.ErrLinkLost) {
			t.Errorf("shell ended with %v", err)
		}
		<-c.Done()
		if err := c.Err(); !errors.Is(err, session.ErrLinkLost) {
			t.Errorf("connection ended with %v", err)
		}
	})
}

func TestASilentLinkIsFoundDead(t *testing.T) {
	b := boot(t, false)
	c := dial(t, session.Dialer{QuietAfter: 50 * time.Millisecond, AnswerWithin: 50 * time.Millisecond}, b.endpoint)
	b.SetFault(boxsim.FaultBlackhole)
	<-c.Done()
	if err := c.Err(); !errors.Is(err, session.ErrLinkLost) {
		t.Errorf("connection ended with %v", err)
	}
	b.SetFault(boxsim.FaultNone)
}

func TestAQuietLinkThatAnswersStays(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{QuietAfter: 5 * time.Millisecond, AnswerWithin: 10 * time.Second}, b.endpoint)
		// Each round trip lets many keepalives by.
		for range 5 {
			if _, err := c.Run(t.Context(), "sleep 0.05", 0); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestAChangedHostKeyIsAFullStop(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		dial(t, session.Dialer{}, b.endpoint)
		pinned, err := os.ReadFile(b.endpoint.KnownHosts)
		if err != nil {
			t.Fatal(err)
		}
		b.SetFault(boxsim.FaultNewHostKey)
		var d session.Dialer
		_, err = d.Dial(t.Context(), b.endpoint)
		var changed *session.HostKeyChangedError
		if !errors.As(err, &changed) || len(changed.Pinned) != 1 || changed.Offered == changed.Pinned[0] {
			t.Fatalf("got %v, want both fingerprints", err)
		}
		after, err := os.ReadFile(b.endpoint.KnownHosts)
		if err != nil || string(after) != string(pinned) {
			t.Errorf("known_hosts changed: %q", after)
		}
	})
}

func TestAProbeReportsEachRungOnceInOrder(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		b.SetPhase(boxsim.PhaseNoListener)
		refused := false
		var done []session.Rung
		var p session.Prober
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		port, err := p.Probe(ctx, b.endpoint, []int{b.endpoint.Port}, func(s session.Step) {
			if s.Reason == session.ReasonRefused && !refused {
				refused = true
				b.SetPhase(boxsim.PhaseUp)
			}
			if s.Phase == session.RungDone {
				done = append(done, s.Rung)
			}
		})
		if err != nil || port != b.endpoint.Port {
			t.Fatalf("port %d, %v", port, err)
		}
		want := []session.Rung{session.RungTCP, session.RungBanner, session.RungHostKey, session.RungAuth, session.RungReady}
		if len(done) != len(want) || !refused {
			t.Fatalf("rungs done: %v, refused first: %v", done, refused)
		}
		for i := range want {
			if done[i] != want[i] {
				t.Fatalf("rungs done: %v", done)
			}
		}
	})
}
