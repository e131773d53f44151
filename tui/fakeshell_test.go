package tui

import (
	"io"
	"sync"

	"github.com/openclaw/crabbox-tui/session"
)

// fakeShell is a shell whose every byte the test decides, for screens that
// must be the same each time.
type fakeShell struct {
	out  chan []byte
	done chan struct{}
	once sync.Once

	mu    sync.Mutex
	err   error
	typed []byte
	sizes []session.Size
}

func newFakeShell() *fakeShell {
	return &fakeShell{out: make(chan []byte, 64), done: make(chan struct{})}
}

func (s *fakeShell) Read(p []byte) (int, error) {
	select {
	case b := <-s.out:
		return copy(p, b), nil
	default:
	}
	select {
	case b := <-s.out:
		return copy(p, b), nil
	case <-s.done:
		return 0, io.EOF
	}
}

func (s *fakeShell) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.typed = append(s.typed, p...)
	return len(p), nil
}

func (s *fakeShell) input() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.typed)
}

func (s *fakeShell) Resize(size session.Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sizes = append(s.sizes, size)
}
func (s *fakeShell) Done() <-chan struct{} { return s.done }
func (s *fakeShell) Wait() error {
	<-s.done
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

func (s *fakeShell) Close() error {
	s.once.Do(func() { close(s.done) })
	return nil
}

// cut ends the shell with an error.
func (s *fakeShell) cut(err error) {
	s.mu.Lock()
	s.err = err
	s.mu.Unlock()
	_ = s.Close()
}

func (s *fakeShell) prints(text string) { s.out <- []byte(text) }

// fakePane opens a pane on a row with a shell of the test's.
func (d *driver) fakePane(name string) *fakeShell {
	d.t.Helper()
	if d.m.focus == focusPane {
		d.press("ctrl+]", "d")
	}
	d.press("home")
	for i := 0; i < len(d.m.fleet.rows); i++ {
		if r, _ := d.m.fleet.selected(); r.name() == name {
			break
		}
		d.press("down")
	}
	before := len(d.m.panes.all)
	if before == 0 {
		d.press("enter")
	} else {
		d.press("t")
	}
	d.until("dialled", func() bool { p := d.m.panes.current(); return p != nil && p.state == paneFailed })
	return d.adopt(d.m.panes.current())
}

// adopt gives a pane whose dialling failed a shell after all.
func (d *driver) adopt(p *onePane) *fakeShell {
	d.t.Helper()
	sh := newFakeShell()
	d.send(paneOpenedMsg{id: p.id, gen: p.gen, lines: lines{shell: sh, hold: fakeHold{d.w, p.lease.ID}, life: life{name: "pane-1", in: "tmux"}}})
	sh.prints("ubuntu@" + p.lease.Name() + ":~$ \x1b[1mnvidia-smi\x1b[m -L\r\nGPU 0: NVIDIA H100 80GB HBM3\r\nubuntu@" + p.lease.Name() + ":~$ ")
	d.until("drawn", func() bool { return len(p.frame.Rows) > 2 && p.frame.Cursor.Y >= 2 })
	return sh
}
