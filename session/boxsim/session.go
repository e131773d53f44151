package boxsim

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// lastOutput is how long a PTY's output may follow the end of its shell: a
// process in the background can hold the PTY open for ever.
const lastOutput = 250 * time.Millisecond

// winsize is a terminal's size as pty-req and window-change carry it.
type winsize struct{ Cols, Rows, Width, Height uint32 }

// session is one session channel (RFC 4254, 6).
type session struct {
	box     *Box
	channel ssh.Channel
	env     []string

	mu      sync.Mutex
	pty     bool
	term    string
	size    winsize
	console console // set while a program runs on a PTY
	process *os.Process
	over    bool // the channel has ended; nothing is started any more
}

// console is the PTY of a running program.
type console interface {
	io.ReadWriteCloser
	resize(winsize)
}

func (b *Box) session(c ssh.NewChannel) {
	channel, requests, err := c.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	s := &session{box: b, channel: channel}
	var running sync.WaitGroup
	defer running.Wait()
	defer s.hangUp()
	started := false
	for r := range requests {
		ok := false
		switch r.Type {
		case "pty-req":
			ok = s.requestPTY(r.Payload)
		case "env":
			ok = s.setenv(r.Payload)
		case "window-change":
			ok = s.windowChange(r.Payload)
		case "signal":
			ok = s.signal(r.Payload)
		case "shell", "exec", "subsystem":
			if started {
				break
			}
			run := s.program(r.Type, r.Payload)
			if run == nil {
				break
			}
			started, ok = true, true
			_ = r.Reply(true, nil)
			running.Add(1)
			go func() {
				defer running.Done()
				s.end(run())
			}()
			continue
		}
		if r.WantReply {
			_ = r.Reply(ok, nil)
		}
	}
}

// program returns what a request asks to run.
func (s *session) program(kind string, payload []byte) func() error {
	var text struct{ Value string }
	if kind != "shell" && ssh.Unmarshal(payload, &text) != nil {
		return nil
	}
	switch kind {
	case "shell":
		return func() error { return s.run("") }
	case "exec":
		return func() error { return s.run(text.Value) }
	}
	if text.Value != "sftp" {
		return nil
	}
	return s.sftp
}

func (s *session) sftp() error {
	server, err := sftp.NewServer(s.channel, sftp.WithServerWorkingDirectory(s.box.home.dir))
	if err != nil {
		return err
	}
	defer func() { _ = server.Close() }()
	if err := server.Serve(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func (s *session) requestPTY(payload []byte) bool {
	var req struct {
		Term                      string
		Cols, Rows, Width, Height uint32
		Modes                     string
	}
	if ssh.Unmarshal(payload, &req) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pty, s.term, s.size = true, req.Term, winsize{req.Cols, req.Rows, req.Width, req.Height}
	return true
}

// setenv takes what Ubuntu's sshd takes: the locale.
func (s *session) setenv(payload []byte) bool {
	var v struct{ Name, Value string }
	if ssh.Unmarshal(payload, &v) != nil || v.Name != "LANG" && !strings.HasPrefix(v.Name, "LC_") {
		return false
	}
	s.env = append(s.env, v.Name+"="+v.Value)
	return true
}

func (s *session) windowChange(payload []byte) bool {
	var size winsize
	if ssh.Unmarshal(payload, &size) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.size = size
	if s.console != nil {
		s.console.resize(size)
	}
	return true
}

func (s *session) signal(payload []byte) bool {
	var req struct{ Name string }
	if ssh.Unmarshal(payload, &req) != nil {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil && signalByName(s.process, req.Name)
}

// hangUp is what a program gets when its connection goes.
func (s *session) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
	if s.console != nil {
		s.console.Close()
	}
	if s.process != nil {
		hangUp(s.process)
	}
}

// run runs the person's shell, or a command in it, and returns how it ended.
func (s *session) run(command string) error {
	shell := findShell()
	if shell == "" {
		return s.builtin(command)
	}
	s.mu.Lock()
	cmd := exec.Command(shell, shellArgs(shell, command, s.box.home)...)
	cmd.Dir = s.box.home.dir
	cmd.Env = append(s.box.home.environment(s.box, shell, s.term), s.env...)
	pty := s.pty
	s.mu.Unlock()
	if pty {
		return s.runPTY(cmd)
	}
	cmd.Stdout, cmd.Stderr = s.channel, s.channel.Stderr()
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	ownGroup(cmd)
	// A background process may hold the pipes open after the end.
	cmd.WaitDelay = lastOutput
	if err := s.start(cmd, cmd.Start); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(in, s.channel)
		in.Close()
	}()
	err = cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil
	}
	return err
}

// start starts a program where a hang-up can find it.
func (s *session) start(cmd *exec.Cmd, start func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return errors.New("the channel ended before its program began")
	}
	if err := start(); err != nil {
		return err
	}
	s.process = cmd.Process
	return nil
}

func (s *session) runPTY(cmd *exec.Cmd) error {
	if err := s.start(cmd, func() (err error) {
		s.console, err = startOnPTY(cmd, s.size)
		return err
	}); err != nil {
		return err
	}
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		_, _ = io.Copy(s.channel, s.console)
	}()
	go func() {
		_, _ = io.Copy(s.console, s.channel)
	}()
	err := cmd.Wait()
	select {
	case <-drained:
	case <-time.After(lastOutput):
	}
	s.console.Close()
	<-drained
	return err
}

// end reports how the program ended and closes the channel.
func (s *session) end(err error) {
	s.mu.Lock()
	s.process = nil
	s.mu.Unlock()
	var status struct{ Status uint32 }
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		if name, dumped, signalled := endedBySignal(exit); signalled {
			_, _ = s.channel.SendRequest("exit-signal", false, ssh.Marshal(struct {
				Signal  string
				Dumped  bool
				Message string
				Lang    string
			}{name, dumped, "", ""}))
			s.channel.Close()
			return
		}
		status.Status = uint32(exit.ExitCode())
	case err != nil:
		status.Status = 255
	}
	_, _ = s.channel.SendRequest("exit-status", false, ssh.Marshal(status))
	s.channel.Close()
}
