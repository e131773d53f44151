package multiplex

import (
	"bytes"
	"context"
	"crypto/rand"
	_ "embed" // the scripts
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"

	"github.com/openclaw/crabbox-tui/session"
)

// Link is a connection that opens shells that live on the box. It is safe for
// concurrent use, as *session.Client is.
type Link struct{ *session.Client }

// Terminal is a shell as a pane drives it; see session.Shell for the promises.
type Terminal interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	Resize(size session.Size)
	Done() <-chan struct{}
	Wait() error
	Close() error
}

// Opened is a shell, and what is known of how it lives.
type Opened struct {
	Terminal
	// Name is what it is called on the box, for coming back to it; empty for a
	// shell that ends with its connection.
	Name string
	// In is what it lives in: "tmux", or where the box has none, "screen" or
	// "dtach"; empty for a shell that ends with its connection.
	In string
	// Back: the shell was there before. Gone: it was asked for by name, and is
	// there no more; this is another.
	Back, Gone bool
	// Ended: the shell that was come back to has ended meanwhile. Its output is
	// the last screen, if it lived in tmux, and Wait says how it ended.
	Ended bool
	// Boot tells one boot of the box from another; empty if it is not known.
	Boot string
	// Seen is how far a shell in tmux had come that was there before.
	Seen Seen
}

//go:embed open.sh
var openScript string

// maxGreeting bounds what may come before the script's own line: some shells
// print things before they run a command.
const maxGreeting = 64 << 10

var greeting = regexp.MustCompile(`^(none|tmux|screen|dtach) (new|back|ended|gone) (-|pane-[0-9]{1,6}) ([0-9a-f-]{0,64})(?: (.{0,100}))?$`)

// Open opens a shell. With a name it comes back to the shell of that name; with
// none it takes one that nobody is attached to, or else a new one. Errors are
// those of session.Client.Shell.
func (l Link) Open(ctx context.Context, size session.Size, name string) (Opened, error) {
	if name != "" && !sessionName.MatchString(name) {
		name = ""
	}
	token := rand.Text()
	command := script(heldScript+openScript,
		token, name, strconv.Itoa(max(size.Cols, 1)), strconv.Itoa(max(size.Rows, 1)), seenFormat)
	t, err := l.Command(ctx, command)
	if err != nil {
		return Opened{}, err
	}
	first, rest, err := greet(ctx, t, token)
	if err != nil {
		_ = t.Close()
		return Opened{}, fmt.Errorf("open a shell that lives on the box: %w", err)
	}
	o := Opened{
		Back: first[2] == "back" || first[2] == "ended", Ended: first[2] == "ended",
		Gone: first[2] == "gone", Boot: first[4], Seen: readSeen(first[5]),
	}
	if first[1] == "none" {
		_ = t.Close()
		o.Back = false
		o.Terminal, err = l.Shell(ctx, size)
		return o, err
	}
	o.In, o.Name = first[1], first[3]
	if o.In == "tmux" {
		o.Terminal = newShell(t, o.Name, size, rest)
		return o, nil
	}
	_ = t.Close()
	o.Terminal, err = l.hold(ctx, size, o.Name)
	return o, err
}

var sessionName = regexp.MustCompile(`^pane-[0-9]{1,6}$`)

// script is a command line that runs text with arguments. The login shell may be
// any; sh is everywhere.
func script(text string, args ...string) string {
	line := "exec /bin/sh -c " + quote(text) + " sh"
	for _, a := range args {
		line += " " + quote(a)
	}
	return line
}

// quote makes s one word of a POSIX shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

var errNoGreeting = errors.New("the box did not say what it has")

// greet reads up to the script's own line. rest is what came behind it.
func greet(ctx context.Context, t io.ReadCloser, token string) (fields []string, rest []byte, err error) {
	type outcome struct {
		fields []string
		rest   []byte
	}
	result := make(chan outcome, 1)
	go func() {
		var got []byte
		buf := make([]byte, 4<<10)
		for len(got) < maxGreeting {
			n, err := t.Read(buf)
			got = append(got, buf[:n]...)
			if i := bytes.Index(got, []byte(token+" ")); i >= 0 {
				if line, rest, ok := bytes.Cut(got[i+len(token)+1:], []byte{'\n'}); ok {
					result <- outcome{greeting.FindStringSubmatch(string(line)), rest}
					return
				}
			}
			if err != nil {
				break
			}
		}
		result <- outcome{}
	}()
	select {
	case o := <-result:
		if o.fields == nil {
			return nil, nil, errNoGreeting
		}
		return o.fields, o.rest, nil
	case <-ctx.Done():
		return nil, nil, context.Cause(ctx)
	}
}
