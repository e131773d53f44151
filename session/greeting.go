package session

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

var (
	errNotSSH   = errors.New("what answers is not an SSH server")
	errSSHDBusy = errors.New("sshd turns connections away for now")
	errSilent   = errors.New("connected, but sshd says nothing yet")
)

// RFC 4253, 4.2 lets a server send lines before its version, and bounds none.
const (
	maxGreeting     = 4096
	maxGreetingLine = 255
	maxGreetingText = 80 // of it in an error
)

// What sshd says instead of a version when it will not serve: the first since
// OpenSSH 9.8 under PerSourcePenalties, the second at MaxStartups.
var busyLines = []string{"Not allowed at this time", "Exceeded MaxStartups"}

// greeting recognises the SSH version line in what a server sends first.
type greeting struct {
	onBanner func()
	done     bool
	seen     []byte // lines before the version line, and it
	rest     []byte // what to hand on, from the version line
	line     int    // where in seen the current line starts
}

// take adds bytes; an error means that no version line will come.
func (g *greeting) take(b []byte) error {
	g.seen = append(g.seen, b...)
	for !g.done {
		line := g.seen[g.line:]
		end := bytes.IndexByte(line, '\n')
		whole := end >= 0
		if whole {
			line = line[:end]
		}
		switch {
		case isBusy(line):
			return fmt.Errorf("%w: %s", errSSHDBusy, clean(string(line), maxGreetingText))
		case bytes.HasPrefix(line, []byte("HTTP/")),
			len(line) > maxGreetingLine, g.line+len(line) > maxGreeting:
			return g.notSSH()
		case !whole:
			return nil
		case bytes.HasPrefix(line, []byte("SSH-2.0-")), bytes.HasPrefix(line, []byte("SSH-1.99-")):
			g.done = true
			g.rest = g.seen[g.line:]
			g.onBanner()
		case bytes.HasPrefix(line, []byte("SSH-")):
			return g.notSSH()
		default:
			g.line += end + 1
		}
	}
	return nil
}

// cut is the error for a connection that ended before the version line.
func (g *greeting) cut(err error) error {
	if len(g.seen) > 0 && isCut(err) {
		return g.notSSH()
	}
	return err
}

func (g *greeting) notSSH() error {
	first, _, _ := strings.Cut(string(g.seen), "\n")
	return fmt.Errorf("%w: it says %q", errNotSSH, clean(first, maxGreetingText))
}

func isBusy(line []byte) bool {
	for _, busy := range busyLines {
		if bytes.HasPrefix(line, []byte(busy)) {
			return true
		}
	}
	return false
}
