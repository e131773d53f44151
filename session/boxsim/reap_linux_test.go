package boxsim

import (
	"errors"
	"os"
	"os/exec"
	"testing"
)

// TestNothingOutlivesItsBox: processes that left their session, and a tmux
// server, end with it.
func TestNothingOutlivesItsBox(t *testing.T) {
	eachKind(t, func(t *testing.T, b fixture) {
		c := b.client(t)
		output(t, c, "setsid sleep 1000 >/dev/null 2>&1 </dev/null & setsid nohup sleep 1001 >/dev/null 2>&1 </dev/null & true")
		if _, err := exec.LookPath("tmux"); err == nil {
			output(t, c, "tmux -f /dev/null new-session -d 'sleep 1002'")
		}
		marker := b.home.marker()
		if len(marked(marker)) < 2 {
			t.Fatalf("processes of the box: %v", marked(marker))
		}
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		if left := marked(marker); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		if _, err := os.Stat(b.home.root); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("its home is left: %v", err)
		}
	})
}
