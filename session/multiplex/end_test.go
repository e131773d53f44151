package multiplex_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

// A shell's last output and its status come, however busy the machine is: 8
// shells, or as many as MULTIPLEX_ENDS says, four at a time beside busy loops.
func TestTheEndIsCertain(t *testing.T) {
	n := 8
	if s, err := strconv.Atoi(os.Getenv("MULTIPLEX_ENDS")); err == nil {
		n = s
	}
	eachKind(t, func(t *testing.T, b box) {
		var over atomic.Bool
		var busy sync.WaitGroup
		defer busy.Wait()
		defer over.Store(true)
		for range 2 {
			busy.Go(func() {
				for !over.Load() {
				}
			})
		}
		c := dial(t, session.Dialer{}, b.endpoint)
		free := make(chan struct{}, 4)
		outcome := make(chan error, n)
		for i := range n {
			free <- struct{}{}
			o := open(t, c, "")
			go func() {
				defer func() { <-free }()
				status := 1 + i%250
				fmt.Fprintf(o, "seq 1 3000; echo la''st-%d; exit %d\r", i, status)
				out, _ := io.ReadAll(o)
				var exit *session.ExitError
				switch err := o.Wait(); {
				case !errors.As(err, &exit) || exit.Status != status:
					outcome <- fmt.Errorf("shell %d ended with %v, want status %d", i, err, status)
				case !strings.Contains(string(out), fmt.Sprintf("last-%d", i)):
					outcome <- fmt.Errorf("shell %d lost its last line; its output ends with %q", i, out[max(0, len(out)-100):])
				default:
					outcome <- nil
				}
			}()
		}
		for range n {
			if err := <-outcome; err != nil {
				t.Error(err)
			}
		}
	})
}

// A tmux server that was not scheduled finds a shell's last output and its end
// at the same time.
func TestTheEndOfAShellOnAStalledServer(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		o.Write([]byte("p=$(tmux -L crabbox display-message -p '#{pid}'); kill -STOP $p; (sleep 0.7; kill -CONT $p) & echo la''st; exit 5\r"))
		out, _ := io.ReadAll(o)
		var exit *session.ExitError
		if err := o.Wait(); !errors.As(err, &exit) || exit.Status != 5 {
			t.Errorf("ended with %v, want status 5", err)
		}
		if !strings.Contains(string(out), "last") {
			t.Errorf("the output ends with %q", out[max(0, len(out)-100):])
		}
	})
}

// A reader that stands still loses nothing of what was written meanwhile.
func TestTheEndWaitsForASlowReader(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		readUntil(t, o, `\$ `)
		o.Write([]byte("seq 1 150000; echo la''st; touch ended; exit 5\r"))
		until(t, "the shell ended", func() bool {
			_, err := os.Stat(filepath.Join(b.Home(), "ended"))
			return err == nil
		})
		out, _ := io.ReadAll(o)
		var exit *session.ExitError
		if err := o.Wait(); !errors.As(err, &exit) || exit.Status != 5 {
			t.Errorf("ended with %v, want status 5", err)
		}
		if !strings.Contains(string(out), "\n150000\r\nlast\r\n") {
			t.Errorf("of %d bytes the end is %q", len(out), out[max(0, len(out)-100):])
		}
	})
}

// until polls for at most 20 s.
func until(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !f(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// What a shell wrote while its link was down is counted, and what ended in it is
// told, and so is the shell's own end.
func TestTheTimeAwayIsTold(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		c := dial(t, session.Dialer{}, b.endpoint)
		o := open(t, c, "")
		readUntil(t, o, `\$ `)
		o.Write([]byte("seq 1 30; sh -c 'echo wai''ts; until [ -e go ]; do sleep 0.05; done; seq 1 500; echo >gone; exec cat'\r"))
		readUntil(t, o, `waits`)
		go io.Copy(io.Discard, o)
		s := o.Terminal.(*multiplex.Shell)
		until(t, "what runs is told", func() bool { return s.Seen().Ran == "sh" || s.Seen().Ran == "sleep" })
		if n := s.Seen().Lines; n < 30 {
			t.Errorf("%d lines seen", n)
		}
		c.Close()
		o.Wait()
		last := s.Seen()
		c = dial(t, session.Dialer{}, b.endpoint)
		run := func(command string) string {
			out, _ := c.Run(t.Context(), command, 1000)
			return string(out)
		}
		run("touch go")
		until(t, "the lines are written", func() bool { return run("cat gone") != "" })
		var back multiplex.Opened
		until(t, "tmux has read them", func() bool {
			back = open(t, c, o.Name)
			if back.Seen.Lines < 500 {
				detach(t, back)
			}
			return back.Seen.Lines >= 500
		})
		if n := back.Seen.Missed(last); n < 499 || n > 501 {
			t.Errorf("%d lines missed, want 500: from %+v to %+v", n, last, back.Seen)
		}
		until(t, "the program is known", func() bool { return back.Seen.Ran == "cat" || reopen(t, c, &back) })

		detach(t, back)
		run("tmux -L crabbox send-keys -t =" + o.Name + ": C-d '' 'exit 6' Enter")
		until(t, "the shell has ended", func() bool {
			return run("tmux -L crabbox display-message -p -t ="+o.Name+": '#{@crabbox-ended}'") != "\n"
		})
		again := open(t, c, o.Name)
		if !again.Back || !again.Ended || again.Gone {
			t.Errorf("came back to %+v", again)
		}
		text, _ := io.ReadAll(again)
		if !strings.Contains(string(text), "\n500\x1b[m\r\n") {
			t.Errorf("the last screen is %q", text[max(0, len(text)-200):])
		}
		var exit *session.ExitError
		if err := again.Wait(); !errors.As(err, &exit) || exit.Status != 6 {
			t.Errorf("ended with %v, want status 6", err)
		}
		if left := run("tmux -L crabbox list-sessions 2>/dev/null"); left != "" {
			t.Errorf("left behind: %q", left)
		}
	})
}

func reopen(t *testing.T, c *session.Client, o *multiplex.Opened) bool {
	t.Helper()
	detach(t, *o)
	*o = open(t, c, o.Name)
	return o.Seen.Ran == "cat"
}

// Who prints what stands at a shell's end does not end it.
func TestAnEndCannotBeForged(t *testing.T) {
	eachKind(t, func(t *testing.T, b box) {
		o := open(t, dial(t, session.Dialer{}, b.endpoint), "")
		readUntil(t, o, `\$ `)
		o.Write([]byte("for i in 1 2 3; do printf '\\033]777;crabbox-exit\\007'; done; echo st''ill\r"))
		readUntil(t, o, `still`)
		o.Write([]byte("echo he''re; exit 4\r"))
		readUntil(t, o, `here`)
		io.Copy(io.Discard, o)
		var exit *session.ExitError
		if err := o.Wait(); !errors.As(err, &exit) || exit.Status != 4 {
			t.Errorf("ended with %v, want status 4", err)
		}
	})
}
