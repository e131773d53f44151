package boxsim

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// openSSH is where OpenSSH's parts are on this machine.
type openSSH struct {
	sshd, sftpServer string
}

func findOpenSSH() (*openSSH, error) {
	// sshd starts itself again and insists on an absolute path.
	path := executable("sshd", "/usr/sbin", "/usr/local/sbin", "/sbin")
	if path == "" {
		return nil, errors.New("OpenSSH's server is not installed here (the package is openssh-server on Debian)")
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if os.Geteuid() == 0 {
		// As root sshd separates its privileges here, and a machine that never
		// started it lacks the folder.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			return nil, fmt.Errorf("make sshd's folder: %w", err)
		}
	}
	return &openSSH{
		sshd:       path,
		sftpServer: executable("sftp-server", "/usr/lib/openssh", "/usr/libexec/openssh", "/usr/libexec", "/usr/lib/ssh"),
	}, nil
}

// enter starts what was asked for in the box's home and environment: sshd knows
// only the person's own.
const enter = `#!/bin/sh
# Made by the simulator for this box.
%s
cd "$HOME" || exit 1
if [ -n "$SSH_ORIGINAL_COMMAND" ]; then
  exec "$SHELL" -c "$SSH_ORIGINAL_COMMAND"
fi
exec "$SHELL" %s
`

// writeSSHD writes what an sshd of this box reads, as phase and fault are.
// Called with mu held.
func (b *Box) writeSSHD() error {
	if b.host.sshd == nil {
		return nil
	}
	shell := findShell()
	var env strings.Builder
	for _, kv := range b.home.environment(b, shell, "") {
		name, value, _ := strings.Cut(kv, "=")
		if name != "TERM" {
			fmt.Fprintf(&env, "export %s='%s'\n", name, strings.ReplaceAll(value, "'", `'\''`))
		}
	}
	authorized := ""
	if b.phase == PhaseUp {
		authorized = strings.TrimSpace(b.authorized) + "\n"
	}
	etc := b.home.etc
	// With SHLVL bash takes itself for one that another shell started, and leaves
	// the start-up files of the person who runs the simulator alone.
	config := []string{
		"HostKey " + filepath.Join(etc, "host_key"),
		"AuthorizedKeysFile " + filepath.Join(etc, "authorized_keys"),
		"ForceCommand " + filepath.Join(etc, "enter"),
		"PidFile none", "StrictModes no", "UsePAM no", "PermitRootLogin yes", "PubkeyAuthentication yes",
		"PasswordAuthentication no", "KbdInteractiveAuthentication no", "PrintMotd no", "PrintLastLog no",
		"AcceptEnv LANG LC_*", "AllowTcpForwarding yes", "SetEnv " + b.home.marker() + " SHLVL=1", "LogLevel ERROR",
	}
	if s := b.host.sshd.sftpServer; s != "" {
		config = append(config, "Subsystem sftp "+s)
	}
	for _, f := range []struct {
		name, text string
		mode       os.FileMode
	}{
		{"host_key", string(b.hostKey.pem), 0o600},
		{"authorized_keys", authorized, 0o600},
		{"enter", fmt.Sprintf(enter, env.String(), strings.Join(shellArgs(shell, "", b.home), " ")), 0o700},
		{"sshd_config", strings.Join(config, "\n") + "\n", 0o600},
	} {
		path := filepath.Join(etc, f.name)
		if err := os.WriteFile(path+".new", []byte(f.text), f.mode); err != nil {
			return fmt.Errorf("box %s: %w", b.id, err)
		}
		// A connection that starts now reads one whole version or the other.
		if err := os.Rename(path+".new", path); err != nil {
			return fmt.Errorf("box %s: %w", b.id, err)
		}
	}
	return nil
}

// serveOpenSSH hands one connection to an sshd of its own. The wire stays in
// between, so that faults work on it as on any other.
func (b *Box) serveOpenSSH(w *wire) {
	ours, theirs, err := socketPair()
	if err != nil {
		b.host.log.Warn("box cannot start sshd", "box", b.id, "err", err)
		return
	}
	defer ours.Close()
	cmd := exec.Command(b.host.sshd.sshd, "-i", "-e", "-f", filepath.Join(b.home.etc, "sshd_config"))
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), b.home.marker()}
	cmd.Stdin, cmd.Stdout = theirs, theirs
	cmd.Stderr = &logWriter{b}
	ownGroup(cmd)
	err = cmd.Start()
	theirs.Close()
	if err != nil {
		b.host.log.Warn("box cannot start sshd", "box", b.id, "err", err)
		return
	}
	b.relay(w, ours)
	hangUp(cmd.Process)
	_ = cmd.Wait()
}

// logWriter passes on what sshd complains of.
type logWriter struct{ b *Box }

func (l *logWriter) Write(p []byte) (int, error) {
	l.b.host.log.Info("sshd", "box", l.b.id, "says", strings.TrimSpace(string(p)))
	return len(p), nil
}
