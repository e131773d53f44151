package boxsim

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// There is no PTY to be had here without a console of one's own, so boxes run
// a small shell of the simulator's instead of the person's.

func startOnPTY(*exec.Cmd, winsize) (console, error) { return nil, errors.ErrUnsupported }

func ownGroup(*exec.Cmd) {}

func hangUp(p *os.Process) { _ = p.Kill() }

func signalByName(p *os.Process, name string) bool {
	return (name == "KILL" || name == "TERM" || name == "INT") && p.Kill() == nil
}

func endedBySignal(*exec.ExitError) (string, bool, bool) { return "", false, false }

// builtin is a shell that knows a few words.
func (s *session) builtin(command string) error {
	if command != "" {
		// The ready check asks whether programs are there; here they never are,
		// and none is needed.
		if strings.HasPrefix(command, "command -v ") || command == "true" || command == "exit 0" {
			return nil
		}
		return s.word(strings.Fields(command))
	}
	in := bufio.NewReader(s.channel)
	for {
		fmt.Fprintf(s.channel, "%s@%s:~$ ", s.box.host.user, s.box.name())
		line, err := s.line(in)
		if err != nil {
			return nil
		}
		words := strings.Fields(line)
		if len(words) > 0 && words[0] == "exit" {
			return nil
		}
		if len(words) > 0 {
			_ = s.word(words)
		}
	}
}

// line reads one line, echoing what is typed.
func (s *session) line(in *bufio.Reader) (string, error) {
	var line []rune
	for {
		r, _, err := in.ReadRune()
		if err != nil {
			return "", err
		}
		switch {
		case r == '\r' || r == '\n':
			fmt.Fprint(s.channel, "\r\n")
			return string(line), nil
		case r == 0x7f || r == 0x08:
			if len(line) > 0 {
				line = line[:len(line)-1]
				fmt.Fprint(s.channel, "\b \b")
			}
		case r == 0x03:
			fmt.Fprint(s.channel, "^C\r\n")
			return "", nil
		case r == 0x04 && len(line) == 0:
			return "exit", nil
		case r >= 0x20:
			line = append(line, r)
			fmt.Fprint(s.channel, string(r))
		}
	}
}

func (s *session) word(words []string) error {
	switch words[0] {
	case "echo":
		fmt.Fprint(s.channel, strings.Join(words[1:], " ")+"\r\n")
	case "pwd":
		fmt.Fprint(s.channel, s.box.home.dir+"\r\n")
	case "ls":
		entries, err := os.ReadDir(s.box.home.dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			fmt.Fprint(s.channel, e.Name()+"\r\n")
		}
	case "cat":
		for _, name := range words[1:] {
			text, err := os.ReadFile(filepath.Join(s.box.home.dir, filepath.Base(name)))
			if err != nil {
				fmt.Fprint(s.channel, "cat: "+name+": no such file\r\n")
				continue
			}
			fmt.Fprint(s.channel, strings.ReplaceAll(string(text), "\n", "\r\n"))
		}
	case "nvidia-smi":
		fmt.Fprint(s.channel, "NVIDIA-SMI 570.86.15 (simulated): NVIDIA H100 80GB HBM3\r\n")
	default:
		fmt.Fprint(s.channel, words[0]+": the simulated shell knows echo, pwd, ls, cat, nvidia-smi and exit\r\n")
		return errors.New("no such command")
	}
	return nil
}
