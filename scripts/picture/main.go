// Command picture makes the README's picture: it runs the demo on a PTY, uses
// it as a person would, and draws what the screen then shows as SVG. The pane's
// own emulator reads the screen.
//
//	go build -o /tmp/crabbox-tui ./cmd/crabbox-tui
//	go run ./scripts/picture /tmp/crabbox-tui > docs/screen.svg
package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/creack/pty"

	"github.com/openclaw/crabbox-tui/session/term"
)

const (
	columns = 144
	rows    = 36
	// patience is how long one step may take before the script gives up.
	patience = 30 * time.Second
)

// steps are what is typed, each once the screen matches.
var steps = []struct{ shows, keys string }{
	{`amber-crab`, "\r"},
	{`:~\$`, "nvidia-smi\r"},
	{`No running processes[\s\S]*:~\$ *(\n|$)`, "ls -a\r"},
	{`README\.txt[\s\S]*:~\$ *(\n|$)`, ""},
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: picture PROGRAM > picture.svg")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "picture:", err)
		os.Exit(1)
	}
}

func run(program string) error {
	cmd := exec.Command(program, "demo")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "COLORTERM=truecolor", "SHELL=/bin/bash")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: columns, Rows: rows})
	if err != nil {
		return fmt.Errorf("start the demo: %w", err)
	}
	defer tty.Close()

	chunks := make(chan []byte)
	go func() {
		defer close(chunks)
		buf := make([]byte, 32<<10)
		for {
			n, err := tty.Read(buf)
			if n > 0 {
				chunks <- append([]byte(nil), buf[:n]...)
			}
			if err != nil {
				return
			}
		}
	}()

	screen := term.New(columns, rows, term.Options{})
	for _, step := range steps {
		if err := await(screen, tty, chunks, regexp.MustCompile(step.shows)); err != nil {
			return err
		}
		if _, err := tty.WriteString(step.keys); err != nil {
			return fmt.Errorf("type: %w", err)
		}
	}
	if _, err := os.Stdout.WriteString(svg(screen)); err != nil {
		return err
	}
	// The demo ends, with its boxes, when its terminal goes away.
	go func() {
		for range chunks {
		}
	}()
	tty.Close()
	_ = cmd.Wait() // it was hung up on
	return nil
}

// await feeds the emulator until its screen matches.
func await(screen *term.Terminal, tty *os.File, chunks <-chan []byte, want *regexp.Regexp) error {
	late := time.After(patience)
	for !want.MatchString(strings.Join(screen.Text(), "\n")) {
		select {
		case chunk, ok := <-chunks:
			if !ok {
				return errors.New("the demo ended early")
			}
			screen.Write(chunk)
			if answer := screen.Replies(); len(answer) > 0 {
				if _, err := tty.Write(answer); err != nil {
					return fmt.Errorf("answer the demo: %w", err)
				}
			}
		case <-late:
			return fmt.Errorf("never saw %s on this screen:\n%s", want, strings.Join(screen.Text(), "\n"))
		}
	}
	return nil
}
