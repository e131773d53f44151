package multiplex_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session"
)

// A shell's last output and its status come, however busy the machine is: 8
// shells, or as many as MULTIPLEX_ENDS says, four at a time beside busy loops.
func TestTheEndIsCertain(t *testing.T) {
	n := 8
	if s, err := strconv.Atoi(os.Getenv("MULTIPLEX_ENDS")); err == nil {
		n = s
	}
	eachKind(t, func(t *testing.T, b box) {
		var idle atomic.Bool
		defer idle.Store(true)
		for range 2 {
			go func() {
				for !idle.Load() {
				}
			}()
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
