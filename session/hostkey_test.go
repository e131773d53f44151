package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// serverKeys are host keys of the three types that a stock sshd has.
func serverKeys(t *testing.T) map[string]ssh.Signer {
	t.Helper()
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	e, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]ssh.Signer{"ed25519": newSigner(t)}
	for name, key := range map[string]any{"rsa": r, "ecdsa": e} {
		if keys[name], err = ssh.NewSignerFromKey(key); err != nil {
			t.Fatal(err)
		}
	}
	return keys
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestFirstKeyIsPinnedPrivately(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	mustDial(t, e)
	want := xknownhosts.Line([]string{e.Address()}, b.hostKeys[0].PublicKey()) + "\n"
	if got := read(t, e.KnownHosts); got != want || !strings.HasPrefix(got, "[127.0.0.1]:") {
		t.Errorf("pinned %q, want %q", got, want)
	}
	if info, err := os.Stat(e.KnownHosts); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	mustDial(t, e)
	if got := read(t, e.KnownHosts); got != want {
		t.Errorf("a second connection changed the pin to %q", got)
	}
}

func TestPinIsAppendedToWhatOthersWrote(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	other := xknownhosts.Line([]string{"192.0.2.7"}, newSigner(t).PublicKey())
	if err := os.WriteFile(e.KnownHosts, []byte(other), 0o600); err != nil { // no newline at its end
		t.Fatal(err)
	}
	mustDial(t, e)
	if got := read(t, e.KnownHosts); !strings.HasPrefix(got, other+"\n[127.0.0.1]:") {
		t.Errorf("got %q", got)
	}
}

func TestPinnedKeyOfAnyTypeAndFormIsAccepted(t *testing.T) {
	keys := serverKeys(t)
	b := newFaultBox(t)
	b.hostKeys = []ssh.Signer{keys["rsa"], keys["ecdsa"], keys["ed25519"]}
	e := b.start()
	for name, key := range keys {
		for form, host := range map[string]string{
			"plain":  xknownhosts.Normalize(e.Address()),
			"hashed": xknownhosts.HashHostname(xknownhosts.Normalize(e.Address())),
		} {
			t.Run(name+" "+form, func(t *testing.T) {
				e := e
				e.KnownHosts = filepath.Join(t.TempDir(), "known_hosts")
				line := host + " " + strings.SplitN(xknownhosts.Line([]string{"x"}, key.PublicKey()), " ", 2)[1] + "\n"
				if err := os.WriteFile(e.KnownHosts, []byte(line), 0o600); err != nil {
					t.Fatal(err)
				}
				mustDial(t, e)
				if got := read(t, e.KnownHosts); got != line {
					t.Errorf("the file changed to %q", got)
				}
			})
		}
	}
	t.Run("unknown host pins ed25519", func(t *testing.T) {
		mustDial(t, e)
		if got := read(t, e.KnownHosts); !strings.Contains(got, " ssh-ed25519 ") || strings.Count(got, "\n") != 1 {
			t.Errorf("pinned %q", got)
		}
	})
}

func TestChangedHostKeyIsAFullStop(t *testing.T) {
	keys := serverKeys(t)
	for name, after := range map[string]ssh.Signer{
		"same type": newSigner(t),
		// A server without the pinned type must not pass as "no common algorithm".
		"other type": keys["ecdsa"],
	} {
		t.Run(name, func(t *testing.T) {
			b := newFaultBox(t)
			before := b.hostKeys[0]
			e := b.start()
			mustDial(t, e)
			pinned := read(t, e.KnownHosts)
			b.mu.Lock()
			b.hostKeys = []ssh.Signer{after}
			logins := len(b.logins)
			b.mu.Unlock()

			_, err := (&Dialer{}).Dial(t.Context(), e)
			var changed *HostKeyChangedError
			if !errors.As(err, &changed) {
				t.Fatalf("got %v", err)
			}
			was, is := ssh.FingerprintSHA256(before.PublicKey()), ssh.FingerprintSHA256(after.PublicKey())
			for _, part := range []string{was, is, e.KnownHosts, "nothing was sent", "release the lease"} {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("the error does not say %q: %v", part, err)
				}
			}
			if changed.Offered != after.PublicKey().Type()+" "+is || len(changed.Pinned) != 1 {
				t.Errorf("got %+v", changed)
			}
			if got := read(t, e.KnownHosts); got != pinned {
				t.Errorf("the pin was changed to %q", got)
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.logins) != logins {
				t.Error("a login was tried on a box with a changed key")
			}
		})
	}
}

func TestRevokedKeyIsRefused(t *testing.T) {
	b := newFaultBox(t)
	e := b.start()
	line := "@revoked * " + strings.SplitN(xknownhosts.Line([]string{"x"}, b.hostKeys[0].PublicKey()), " ", 2)[1] + "\n"
	if err := os.WriteFile(e.KnownHosts, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (&Dialer{}).Dial(t.Context(), e); err == nil || !strings.Contains(err.Error(), "revoked") {
		t.Errorf("got %v", err)
	}
}

func TestUnreadableKnownHostsTrustsNothing(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, file string){
		"garbage": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte("[127.0.0.1]:22 ssh-ed25519 !!!\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"a folder": func(t *testing.T, file string) {
			if err := os.Mkdir(file, 0o700); err != nil {
				t.Fatal(err)
			}
		},
		"too large": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(strings.Repeat("#\n", maxKnownHosts)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFaultBox(t)
			e := b.start()
			spoil(t, e.KnownHosts)
			if _, err := (&Dialer{}).Dial(t.Context(), e); err == nil || !strings.Contains(err.Error(), "known hosts") {
				t.Errorf("got %v", err)
			}
			if b.loginCount() != 0 {
				t.Error("a login was tried")
			}
		})
	}
	t.Run("the lease's folder is gone", func(t *testing.T) {
		b := newFaultBox(t)
		e := b.start()
		e.KnownHosts = filepath.Join(t.TempDir(), "released", "known_hosts")
		if _, err := (&Dialer{}).Dial(t.Context(), e); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
		if b.loginCount() != 0 {
			t.Error("a login was tried with a key that could not be pinned")
		}
	})
}

// Two connections that race to an address behind which two machines answer:
// one key is pinned, and every connection to the other one fails.
func TestRacersPinOneKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "known_hosts")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		key := newSigner(t).PublicKey()
		wg.Go(func() { errs[i] = pin(t.Context(), file, "192.0.2.1:22", key) })
	}
	wg.Wait()
	pinned := 0
	for _, err := range errs {
		var changed *HostKeyChangedError
		switch {
		case err == nil:
			pinned++
		case !errors.As(err, &changed):
			t.Error(err)
		}
	}
	if lines := strings.Count(read(t, file), "\n"); pinned != 1 || lines != 1 {
		t.Errorf("%d keys were accepted and %d pinned, want one", pinned, lines)
	}
}

func TestLaterKeyExchangesAskForTheSameKey(t *testing.T) {
	b := newFaultBox(t)
	b.config = func(c *ssh.ServerConfig) { c.RekeyThreshold = 4096 }
	b.exec = func(_ string, ch ssh.Channel) uint32 {
		_, _ = ch.Write(make([]byte, 64<<10))
		return 0
	}
	e := b.start()
	c := mustDial(t, e)
	// The file is looked at once a connection: its removal with the lease must
	// not break a shell that is still open.
	if err := os.Remove(e.KnownHosts); err != nil {
		t.Fatal(err)
	}
	out, err := c.Run(t.Context(), "x", 1<<20)
	if err != nil || len(out) != 64<<10 {
		t.Errorf("got %d bytes, %v", len(out), err)
	}
	h := &handshake{accepted: b.hostKeys[0].PublicKey().Marshal()}
	if h.checkHostKey(pins{}, "x:22", newSigner(t).PublicKey()) == nil {
		t.Error("another key was taken within one connection")
	}
}
