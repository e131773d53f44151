package tui

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/session/boxsim"
)

// Panes of one box are closed in any order, while their shells run, after these
// ended, and after their connection was lost and came back: 15 panes, or as many
// as PANES_CLOSED says. Each time nothing is left: no goroutine, no open file, no
// PTY, no channel, and on the box no process.
func TestNothingIsLeftOfPanes(t *testing.T) {
	n := 15
	if s, err := strconv.Atoi(os.Getenv("PANES_CLOSED")); err == nil {
		n = s
	}
	w, b := realWorld(t)
	d := run(t, w, 120, 36)
	d.press("enter")
	first := d.m.panes.current()
	d.until("open", func() bool { return first.state == paneOpen })
	d.exec(d.m.closePane(first))
	d.nothing(t, b, 1<<20, 1<<20)
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	luck := rand.New(rand.NewPCG(1, 2))
	for closed := 0; closed < n; {
		var panes []*onePane
		for i := range 1 + luck.IntN(4) {
			if i == 0 {
				d.press("enter")
			} else {
				d.press("ctrl+]", "t")
			}
			p := d.m.panes.current()
			d.until("open", func() bool { return p.state == paneOpen })
			panes = append(panes, p)
		}
		switch luck.IntN(3) {
		case 0:
			d.types("exit 3")
			d.press("enter")
			p := panes[len(panes)-1]
			d.until("ended", func() bool { return p.state == paneEnded })
		case 1:
			if err := b.SetFault(boxsim.FaultDrop); err != nil {
				t.Fatal(err)
			}
			for _, p := range panes {
				d.until("lost", func() bool { return p.state != paneOpen })
			}
			for _, p := range panes {
				d.exec(d.m.panes.hurry(p, p.lease, d.m.now))
				d.until("back", func() bool { return p.state == paneOpen })
			}
		}
		for len(panes) > 0 {
			i := luck.IntN(len(panes))
			p := panes[i]
			panes = slices.Delete(panes, i, i+1)
			d.exec(d.m.closePane(p))
			closed++
		}
		d.nothing(t, b, goroutines, files)
	}
	t.Logf("%d panes; %d goroutines and %d files before, %d and %d after", n, goroutines, files, runtime.NumGoroutine(), openFiles(t))
}

// nothing waits until closed panes have left nothing behind, for 20 s at most.
func (d *driver) nothing(t *testing.T, b *boxsim.Box, goroutines, files int) {
	t.Helper()
	var links, running, open, processes int
	for end := time.Now().Add(20 * time.Second); ; {
		select {
		case msg := <-d.msgs:
			d.send(msg)
			continue
		case <-time.After(2 * time.Millisecond):
		}
		d.m.cmds.links.mu.Lock()
		links = len(d.m.cmds.links.byKey)
		d.m.cmds.links.mu.Unlock()
		running, open, processes = runtime.NumGoroutine(), openFiles(t), inBox(b)
		if links == 0 && running <= goroutines && open <= files && processes == 0 {
			return
		}
		if time.Now().After(end) {
			stacks := make([]byte, 1<<20)
			t.Fatalf("left: %d connections, %d goroutines of %d, %d files of %d, %d processes on the box\n%s",
				links, running, goroutines, open, files, processes, stacks[:runtime.Stack(stacks, true)])
		}
	}
}

// openFiles counts this process's files, the PTYs and connections of simulated
// boxes among them.
func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// inBox counts the processes that were started on a box.
func inBox(b *boxsim.Box) int {
	all, _ := filepath.Glob("/proc/[0-9]*/environ")
	n := 0
	for _, path := range all {
		if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, []byte("HOME="+b.Home()+"\x00")) {
			n++
		}
	}
	return n
}
