//go:build unix

package main_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/session"
)

// acquire fills in the form with a name and waits until the box is ready.
func (s *screen) acquire(name string) {
	s.t.Helper()
	s.startAcquire(name)
	s.shows(name + ` is ready`)
}

// startAcquire fills in the form with a name.
func (s *screen) startAcquire(name string) {
	s.t.Helper()
	s.keys("a")
	s.shows(`acquire the box|TTL`)
	s.keys("\t", name)
	s.shows(name)
	s.answer("Acquire a box", enter)
	s.shows(`acquire ` + name)
}

// pick puts the cursor on a row.
func (s *screen) pick(name string) {
	s.t.Helper()
	s.shows(`(?m)^.{0,6}` + name)
	marked := func(text string) (mark, row int) {
		mark, row = -1, -1
		for i, line := range strings.Split(text, "\n") {
			if strings.HasPrefix(line, "▌") {
				mark = i
			}
			if row < 0 && strings.Contains(line[:min(len(line), 40)], " "+name) {
				row = i
			}
		}
		return mark, row
	}
	for moves := 0; ; {
		mark, row := marked(s.text())
		if mark == row {
			return
		}
		key := "j"
		if row < mark {
			key = "k"
		}
		if moves++; moves > 50 {
			s.t.Fatalf("cannot put the cursor on %s; the screen:\n%s", name, s.text())
		}
		s.keys(key)
		s.until("the cursor moved", func(text string) bool {
			at, _ := marked(text)
			return at != mark
		})
	}
}

// answer takes a choice of the dialog or form on screen. Both ignore for 300 ms
// what was typed ahead, so the key waits that long; it comes again only if the
// program was so late that it ignored it still.
func (s *screen) answer(title, key string) {
	s.t.Helper()
	s.shows(title)
	stop := make(chan struct{})
	defer close(stop)
	go func() {
		for wait := 400 * time.Millisecond; ; wait = 2 * time.Second {
			select {
			case <-stop:
				return
			case <-time.After(wait):
				s.mu.Lock()
				open := strings.Contains(strings.Join(s.term.Text(), "\n"), title)
				s.mu.Unlock()
				if open {
					s.pty.WriteString(key)
				}
			}
		}
	}()
	s.until("the dialog closed", func(text string) bool { return !strings.Contains(text, title) })
}

// shell opens the pane of a ready row and waits for its prompt.
func (s *screen) shell(name string) {
	s.t.Helper()
	s.pick(name)
	s.keys(enter)
	s.shows(`[$#] *(│|$|\n)`)
}

// release gives the picked box back and waits for the proof.
func (s *screen) release(name string) {
	s.t.Helper()
	s.pick(name)
	s.keys("r")
	s.answer("Release "+name+"?", "y")
	s.shows(`Released|Was already gone`)
}

// TestDemoFromFirstFrameToNothingLeft does with the demo what a newcomer does,
// and checks that it leaves nothing behind.
func TestDemoFromFirstFrameToNothingLeft(t *testing.T) {
	p := newPerson(t)
	s := p.open(t, 120, 36, "demo")
	before := s.termios()
	s.shows(`amber-crab`)
	s.shows(`· read-only`)

	s.acquire("workhorse")
	s.shell("workhorse")
	s.keys("nvidia-smi\r")
	s.shows(`NVIDIA-SMI`)
	s.keys("clear; echo $((6*7))$HOME\r")
	s.shows(`42/`)
	if _, err := exec.LookPath("vim"); err == nil {
		s.keys("clear; vim -u NONE note.txt\r")
		s.shows(`note\.txt`)
		s.keys("i", "written in the pane", escape)
		s.shows(`written in the pane`)
		s.keys(":wq\r")
		s.shows(`[$#] *(│|$|\n)`)
		s.keys("clear; sed s/written/read/ note.txt\r")
		s.shows(`read in the pane`)
	}
	s.keys(prefix, "d")
	s.release("workhorse")
	s.keys("x")
	s.lacks(`(?m)^.{0,6}workhorse`)

	s.keys("q")
	s.answer("Quit?", "q")
	if err := s.gone(); err != nil {
		t.Errorf("the demo ended with %v", err)
	}
	s.settled(before)
	s.shows(`billing`) // said on the restored screen
	p.leftNothing(t)
}

// leftNothing checks that no file and no process of a person is left.
func (p person) leftNothing(t *testing.T) {
	t.Helper()
	for _, dir := range []string{p.tmp, p.claims(), p.keys()} {
		entries, err := os.ReadDir(dir)
		if err != nil && !os.IsNotExist(err) {
			t.Error(err)
		}
		for _, e := range entries {
			t.Errorf("left behind: %s", filepath.Join(dir, e.Name()))
		}
	}
	p.noProcesses(t)
}

// noProcesses checks that nothing runs that was started below this person's
// home or temporary folder.
func (p person) noProcesses(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return
	}
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range environs {
		env, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(env), p.tmp+"/") {
			continue
		}
		cmdline, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
		if len(cmdline) > 0 {
			t.Errorf("still running: %s", strings.ReplaceAll(string(cmdline), "\x00", " "))
		}
	}
}

// books is what the simulator wrote down of its requests.
type books struct {
	Requests []struct {
		Method   string `json:"method"`
		Path     string `json:"path"`
		Status   int    `json:"status"`
		Instance string `json:"instance"`
		Effect   bool   `json:"effect"`
	} `json:"requests"`
	Instances []struct {
		ID        string     `json:"id"`
		DeletedAt *time.Time `json:"deleted_at"`
	} `json:"instances"`
}

func (s sim) read(t testing.TB) books {
	t.Helper()
	b, err := fetchBooks(s.books)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func fetchBooks(url string) (books, error) {
	var b books
	resp, err := http.Get(url)
	if err != nil {
		return b, err
	}
	defer resp.Body.Close()
	return b, json.NewDecoder(resp.Body).Decode(&b)
}

// count counts requests of a method that had an effect.
func (b books) count(method string) int {
	n := 0
	for _, r := range b.Requests {
		if r.Method == method && r.Effect {
			n++
		}
	}
	return n
}

// alive counts instances that exist.
func (b books) alive() int {
	n := 0
	for _, i := range b.Instances {
		if i.DeletedAt == nil {
			n++
		}
	}
	return n
}

// TestTheSameWithOpenSSHBoxesInAnotherProcess goes the whole way against the
// simulator in a process of its own, with real sshds.
func TestTheSameWithOpenSSHBoxesInAnotherProcess(t *testing.T) {
	if _, err := os.Stat("/usr/sbin/sshd"); err != nil {
		t.Skip("OpenSSH's server is not installed")
	}
	server := newPerson(t)
	sim := server.simulator(t, "--sshd", "--boot", "1s")
	p := newPerson(t)
	p.env = append(p.env, sim.env...)
	s := p.open(t, 120, 36)
	s.shows(`No boxes|\d box`)

	s.acquire("steady")
	s.shell("steady")
	s.keys("nvidia-smi\r")
	s.shows(`NVIDIA-SMI`)
	if _, err := exec.LookPath("vim"); err == nil {
		s.keys("clear; vim -u NONE letter.txt\r")
		s.shows(`letter\.txt`)
		s.keys("i", "Grüße aus dem Terminal", escape)
		s.shows(`Grüße aus dem Terminal`)
		s.keys(":wq\r")
		s.shows(`[$#] *(│|$|\n)`)
		if got := p.fetch(t, "letter.txt"); got != "Grüße aus dem Terminal\n" {
			t.Errorf("over sftp the file is %q", got)
		}
	}
	s.keys(prefix, "d")
	s.release("steady")
	s.keys("x")
	s.lacks(`(?m)^.{0,6}steady`)
	s.keys("q")
	if err := s.gone(); err != nil {
		t.Errorf("the program ended with %v", err)
	}
	b := sim.read(t)
	if b.count("POST") != 1 || b.count("DELETE") != 1 || b.alive() != 0 {
		t.Errorf("%d creates, %d deletes, %d alive; want 1, 1, 0", b.count("POST"), b.count("DELETE"), b.alive())
	}
	p.leftNothing(t)
}

// fetch reads a file of the one box there is, over sftp.
func (p person) fetch(t *testing.T, name string) string {
	t.Helper()
	c, key := p.onlyClaim(t)
	var d session.Dialer
	client, err := d.Dial(t.Context(), session.Endpoint{
		Host: c.SSHHost, Port: c.SSHPort, User: c.Labels["ssh_user"], KeyFile: key, KnownHosts: filepath.Join(filepath.Dir(key), "known_hosts"),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	files, err := sftp.NewClient(client.SSH())
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	f, err := files.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// onlyClaim returns the one claim there is, and its private key.
func (p person) onlyClaim(t testing.TB) (claims.Claim, string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(p.claims(), "*.json"))
	if err != nil || len(found) != 1 {
		t.Fatalf("claims: %v, %v", found, err)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	c, err := claims.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return c, filepath.Join(p.keys(), c.LeaseID, "id_ed25519")
}

// TestTwoProcessesShareOneStateFolder: a row acquired in one appears in the
// other, and a release that both ask for at once happens once.
func TestTwoProcessesShareOneStateFolder(t *testing.T) {
	server := newPerson(t)
	sim := server.simulator(t, "--boot", "1s")
	p := newPerson(t)
	p.env = append(p.env, sim.env...)
	a, b := p.open(t, 120, 36), p.open(t, 120, 36)
	a.shows(`No boxes|\d box`)
	b.shows(`No boxes|\d box`)

	a.acquire("shared")
	b.shows(`(?m)^.{0,6}shared`)
	for _, s := range []*screen{a, b} {
		s.pick("shared")
		s.shows(`● ready`)
		s.keys("r")
		s.shows(`Release shared\?`)
	}
	for _, s := range []*screen{a, b} {
		s.answer("Release shared?", "y")
	}
	for _, s := range []*screen{a, b} {
		s.shows(`Released|Was already gone|already`)
		s.keys("x")
		s.lacks(`(?m)^.{0,6}shared`)
		s.keys("q")
		if err := s.gone(); err != nil {
			t.Errorf("ended with %v", err)
		}
	}
	if got := sim.read(t); got.count("DELETE") != 1 || got.alive() != 0 {
		t.Errorf("%d deletes, %d alive; want 1, 0", got.count("DELETE"), got.alive())
	}
	p.leftNothing(t)
}

// TestKilledInTheMiddleOfAnAcquire: after a restart the box is listed with what
// happened, and can be taken on, or released.
func TestKilledInTheMiddleOfAnAcquire(t *testing.T) {
	server := newPerson(t)
	sim := server.simulator(t, "--boot", "3s")
	p := newPerson(t)
	p.env = append(p.env, sim.env...)
	for _, end := range []string{"taken on", "released"} {
		s := p.open(t, 120, 36)
		s.shows(`No boxes|\d box`)
		s.startAcquire("halfway")
		s.until("the create answered", func(string) bool { return sim.read(t).alive() == 1 })
		s.cmd.Process.Kill()
		s.gone()

		s = p.open(t, 120, 36)
		s.answer("1 unfinished lease", "l")
		s.pick("halfway")
		if end == "taken on" {
			s.shows(`(?i)resume`)
			s.keys("u")
			s.shows(`halfway is ready`)
		}
		s.release("halfway")
		s.keys("x")
		s.lacks(`(?m)^.{0,6}halfway`)
		s.keys("q")
		s.gone()
		if b := sim.read(t); b.alive() != 0 {
			t.Errorf("%s: %d alive", end, b.alive())
		}
	}
	if b := sim.read(t); b.count("POST") != 2 {
		t.Errorf("%d creates, want one an acquire", b.count("POST"))
	}
	p.leftNothing(t)
}

// TestKilledInTheMiddleOfARelease: the delete had its effect and its answer
// never came. After a restart the box is listed as being deleted, and releasing
// it again proves that it is gone without a second delete.
func TestKilledInTheMiddleOfARelease(t *testing.T) {
	server := newPerson(t)
	scenario := filepath.Join(server.home, "slow-delete.yaml")
	const slow = "requests:\n  - {on: delete, nth: 1, action: delay, delay: 10m, after_effect: true}\n"
	if err := os.WriteFile(scenario, []byte(slow), 0o600); err != nil {
		t.Fatal(err)
	}
	sim := server.simulator(t, "--boot", "0s", "--scenario", scenario)
	p := newPerson(t)
	p.env = append(p.env, sim.env...)
	s := p.open(t, 120, 36)
	s.shows(`No boxes|\d box`)
	s.acquire("doomed")
	s.pick("doomed")
	s.keys("r")
	s.answer("Release doomed?", "y")
	s.until("the delete had its effect", func(string) bool { return sim.read(t).alive() == 0 })
	s.cmd.Process.Kill()
	s.gone()

	s = p.open(t, 120, 36)
	s.answer("1 unfinished lease", "n")
	s.pick("doomed")
	s.shows(`delet`)
	s.release("doomed")
	s.keys("x")
	s.lacks(`(?m)^.{0,6}doomed`)
	s.keys("q")
	s.gone()
	deletes := 0
	for _, r := range sim.read(t).Requests {
		if r.Method == "DELETE" {
			deletes++
		}
	}
	if deletes != 1 {
		t.Errorf("%d deletes were sent, want the one whose answer was lost", deletes)
	}
	p.leftNothing(t)
}
