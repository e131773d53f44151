package session

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// startSSHD runs the machine's own OpenSSH sshd on loopback, with a
// configuration of its own, and returns the endpoint that reaches it.
func startSSHD(t *testing.T, extra ...string) Endpoint {
	t.Helper()
	sshd, err := exec.LookPath("sshd")
	if err != nil {
		if sshd = "/usr/sbin/sshd"; !isFile(sshd) {
			t.Skip("no OpenSSH sshd on this machine")
		}
	}
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen on this machine")
	}
	if os.Geteuid() == 0 {
		// As root sshd wants its privilege separation folder; it is empty.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Skip("sshd's folder cannot be made:", err)
		}
	}
	me, err := user.Current()
	if err != nil {
		t.Skip("who are we:", err)
	}
	dir := t.TempDir()
	keyFile, public := writeKey(t, dir)
	if err := os.WriteFile(filepath.Join(dir, "authorized_keys"), ssh.MarshalAuthorizedKey(public), 0o600); err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	config := []string{
		fmt.Sprintf("ListenAddress 127.0.0.1:%d", port),
		"AuthorizedKeysFile " + filepath.Join(dir, "authorized_keys"),
		"PidFile none", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
		"KbdInteractiveAuthentication no", "PermitRootLogin yes", "PrintMotd no", "LogLevel ERROR",
	}
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		file := filepath.Join(dir, "host_"+kind)
		if out, err := exec.CommandContext(t.Context(), keygen, "-q", "-t", kind, "-N", "", "-f", file).CombinedOutput(); err != nil {
			t.Fatalf("ssh-keygen: %v %s", err, out)
		}
		config = append(config, "HostKey "+file)
	}
	configFile := filepath.Join(dir, "sshd_config")
	if err := os.WriteFile(configFile, []byte(strings.Join(append(extra, config...), "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(sshd, "-D", "-e", "-f", configFile)
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Skip("sshd does not start:", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("sshd said: %s", log.String())
		}
	})
	e := Endpoint{
		Host: "127.0.0.1", Port: port, User: me.Username, KeyFile: keyFile,
		KnownHosts: filepath.Join(dir, "known_hosts"),
	}
	for {
		c, err := net.Dial("tcp", e.Address())
		if err == nil {
			c.Close()
			return e
		}
		select {
		case <-ended:
			t.Fatalf("sshd ended: %s", log.String())
		case <-t.Context().Done():
			t.Fatal("sshd does not listen")
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// readTo reads a shell until what it printed matches.
func readTo(t *testing.T, s io.Reader, pattern string) string {
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

func TestOpenSSHShell(t *testing.T) {
	c := mustDial(t, startSSHD(t))
	s := mustShell(t, c, Size{Cols: 101, Rows: 37})
	type_ := func(line string) {
		t.Helper()
		if _, err := s.Write([]byte(line)); err != nil {
			t.Fatal(err)
		}
	}
	type_("PS1=; stty size; echo term=$TERM\r")
	readTo(t, s, `37 101[\s\S]*term=xterm-256color`)
	s.Resize(Size{Cols: 90, Rows: 20})
	type_("sleep 0.2; stty size\r")
	readTo(t, s, `20 90`)
	type_("kill -KILL $$\r")
	readAll(t, s)
	var exit *ExitError
	if err := s.Wait(); !errors.As(err, &exit) || exit.Signal != "KILL" {
		t.Errorf("Wait returned %v", err)
	}
	s = mustShell(t, c, Size{80, 24})
	type_("exit 3\r")
	readAll(t, s)
	if err := s.Wait(); !errors.As(err, &exit) || exit.Status != 3 {
		t.Errorf("Wait returned %v", err)
	}
}

func TestOpenSSHPinsOfEachType(t *testing.T) {
	e := startSSHD(t)
	for _, kind := range []string{"rsa", "ecdsa", "ed25519"} {
		line, err := os.ReadFile(filepath.Join(filepath.Dir(e.KeyFile), "host_"+kind+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		e.KnownHosts = filepath.Join(t.TempDir(), "known_hosts")
		if err := os.WriteFile(e.KnownHosts, fmt.Appendf(nil, "[127.0.0.1]:%d %s", e.Port, line), 0o600); err != nil {
			t.Fatal(err)
		}
		mustDial(t, e)
	}
}

// The file is shared with crabbox's ssh, which hashes where it is told to.
func TestOpenSSHClientAndWeShareKnownHosts(t *testing.T) {
	client, err := exec.LookPath("ssh")
	if err != nil {
		t.Skip("no OpenSSH client on this machine")
	}
	e := startSSHD(t)
	ssh := func(extra ...string) {
		t.Helper()
		args := append([]string{
			"-F", "none", "-i", e.KeyFile, "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes",
			"-o", "UserKnownHostsFile=" + e.KnownHosts, "-o", "GlobalKnownHostsFile=none", "-p", fmt.Sprint(e.Port),
		}, extra...)
		out, err := exec.CommandContext(t.Context(), client, append(args, e.User+"@127.0.0.1", "true")...).CombinedOutput()
		if err != nil {
			t.Fatalf("ssh: %v %s", err, out)
		}
	}
	ssh("-o", "StrictHostKeyChecking=accept-new", "-o", "HashKnownHosts=yes")
	hashed := read(t, e.KnownHosts)
	if !strings.HasPrefix(hashed, "|1|") {
		t.Fatalf("ssh wrote %q", hashed)
	}
	mustDial(t, e)
	if got := read(t, e.KnownHosts); got != hashed {
		t.Errorf("the file changed to %q", got)
	}
	if err := os.Remove(e.KnownHosts); err != nil {
		t.Fatal(err)
	}
	mustDial(t, e)
	ssh("-o", "StrictHostKeyChecking=yes")
}

func TestOpenSSHMaxSessions(t *testing.T) {
	c := mustDial(t, startSSHD(t, "MaxSessions 2"))
	mustShell(t, c, Size{80, 24})
	s := mustShell(t, c, Size{80, 24})
	if _, err := c.Shell(t.Context(), Size{80, 24}); !errors.Is(err, ErrSessionRefused) {
		t.Errorf("got %v", err)
	}
	s.Close()
	_, _ = io.Copy(io.Discard, s) // until the box has hung up on it
	mustShell(t, c, Size{80, 24})
}

// A program that ignores the hangup must not keep its pane's reader.
func TestOpenSSHCloseEndsAShellThatIgnoresTheHangup(t *testing.T) {
	s := mustShell(t, mustDial(t, startSSHD(t)), Size{80, 24})
	if _, err := s.Write([]byte("trap '' HUP; PS1=; sleep 1 & echo trap\"ped\"; wait\r")); err != nil {
		t.Fatal(err)
	}
	readTo(t, s, "trapped")
	s.Close()
	within(t, "Done", s.Done())
	read := make(chan []byte, 1)
	go func() { read <- readAll(t, s) }()
	within(t, "the reader ends", read)
}

func TestOpenSSHKeepaliveAndDenial(t *testing.T) {
	e := startSSHD(t)
	c, err := (&Dialer{QuietAfter: 20 * time.Millisecond, AnswerWithin: 10 * time.Second}).Dial(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 3 {
		heard := c.wire.heard.Load()
		for c.wire.heard.Load() == heard {
			select {
			case <-c.Done():
				t.Fatal(c.Err())
			case <-time.After(time.Millisecond):
			}
		}
	}
	e.KeyFile, _ = writeKey(t, t.TempDir())
	if _, err := (&Dialer{}).Dial(t.Context(), e); !errors.Is(err, ErrDenied) {
		t.Errorf("got %v", err)
	}
}

func TestOpenSSHProbe(t *testing.T) {
	e := startSSHD(t)
	c := &climbed{t: t}
	port, err := (&Prober{Ready: "command -v sh >/dev/null", pace: quickPace()}).Probe(probeContext(t), e, []int{e.Port, 22}, c.report)
	if err != nil || port != e.Port || c.done != RungReady+1 {
		t.Errorf("got %d, %v, %+v", port, err, c.steps)
	}
}
