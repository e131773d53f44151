//go:build linux

package main_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/openclaw/crabbox-tui/session/term"
)

// corporaEnv names a folder of corpora (scripts/corpora makes one); without it
// the benchmark makes its own.
const corporaEnv = "TERM_CORPORA"

// contender is one way to take a corpus, given by its path, in full.
type contender struct {
	name string
	take func(path string, data []byte)
}

// BenchmarkCompare measures, on every corpus and by turns, how fast the
// emulator alone takes it, the parser of x/ansi alone, a detached tmux, plain
// ssh to OpenSSH that is read and dropped, and the whole program with its
// screen drawn: with a plain shell, and with tmux in control mode in between.
// It prints the medians as a table, in MB/s.
func BenchmarkCompare(b *testing.B) {
	dir := corporaFolder(b)
	var table []row
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		cols, rows := size[0], size[1]
		var all []contender
		b.Run(fmt.Sprintf("%dx%d", cols, rows), func(b *testing.B) {
			all = contenders(b, cols, rows)
			files, err := filepath.Glob(filepath.Join(dir, fmt.Sprintf("%dx%d_*", cols, rows)))
			if err != nil || len(files) == 0 {
				b.Fatalf("no corpora in %s: %v", dir, err)
			}
			for _, path := range files {
				_, kind, _ := strings.Cut(filepath.Base(path), "_")
				b.Run(kind, func(b *testing.B) {
					table = append(table, compare(b, path, all))
				})
			}
		})
	}
	fmt.Print("\n" + report(table)) // a log is only shown of what failed
}

// corporaFolder is the folder that the environment names, or a new one.
func corporaFolder(b *testing.B) string {
	if dir := os.Getenv(corporaEnv); dir != "" {
		return dir
	}
	dir := b.TempDir()
	if out, err := exec.Command("go", "run", "../../scripts/corpora", dir).CombinedOutput(); err != nil {
		b.Fatalf("make corpora: %v\n%s", err, out)
	}
	return dir
}

// row is what one corpus gave: the median MB/s of each contender, by name.
type row struct {
	name string
	rate map[string]float64
}

// compare lets each contender take the corpus once an iteration.
func compare(b *testing.B, path string, all []contender) row {
	data, err := os.ReadFile(path)
	if err != nil {
		b.Fatal(err)
	}
	for _, c := range all {
		c.take(path, data) // once uncounted: memory is fetched, and scrollback filled
	}
	took := map[string][]time.Duration{}
	for b.Loop() {
		for _, c := range all {
			start := time.Now()
			c.take(path, data)
			took[c.name] = append(took[c.name], time.Since(start))
		}
	}
	r := row{filepath.Base(path), map[string]float64{}}
	for name, d := range took {
		slices.Sort(d)
		r.rate[name] = float64(len(data)) / 1e6 / d[len(d)/2].Seconds()
		b.ReportMetric(r.rate[name], "MB/s-"+name)
	}
	b.ReportMetric(0, "ns/op") // the sum over all of them says nothing
	return r
}

// The names of the contenders, in the order of their turns.
const (
	byEmulator = "emulator"
	byParser   = "parser"
	byTmux     = "tmux"
	bySSH      = "ssh"
	byPane     = "pane"
	byPaneTmux = "pane+tmux"
)

func contenders(b *testing.B, cols, rows int) []contender {
	vt := term.New(cols, rows, term.Options{})
	parser := ansi.NewParser()
	server := startTmux(b, cols, rows, 2000)
	pane, p := wholePane(b, cols, rows, false)
	paneTmux, _ := wholePane(b, cols, rows, true)
	plain := startPlain(b, p, cols, rows)
	plain.until("$ ")
	n := 0
	return []contender{
		{byEmulator, func(_ string, data []byte) {
			for len(data) > 0 {
				k := min(len(data), 32<<10)
				vt.Write(data[:k])
				data = data[k:]
			}
		}},
		{byParser, func(_ string, data []byte) {
			for _, c := range data {
				parser.Advance(c)
			}
		}},
		{byTmux, func(path string, _ []byte) { server.cat(path) }},
		{bySSH, func(path string, _ []byte) {
			n++
			fmt.Fprintf(plain.tty, "cat %s; echo do''ne%d\r", path, n)
			plain.until(fmt.Sprintf("done%d", n))
		}},
		{byPane, pane},
		{byPaneTmux, paneTmux},
	}
}

// wholePane is the program with a pane of that size on an OpenSSH box, with or
// without a tmux there. It takes a corpus when its end is on the screen.
func wholePane(b *testing.B, cols, rows int, tmux bool) (take func(string, []byte), p person) {
	b.Helper()
	server := newPerson(b)
	if !tmux {
		server.withoutKeepers(b)
	}
	s, p := server.attached(b, cols, rows+2, "--sshd")
	s.keys(prefix, "z")
	// How much of the screen a zoomed pane has is the layout's own affair.
	s.keys("clear; stty size\r")
	s.shows(`(?m)^\d+ \d+ *$`)
	m := regexp.MustCompile(`(?m)^(\d+) (\d+) *$`).FindStringSubmatch(s.text())
	if got := m[2] + "x" + m[1]; got != fmt.Sprintf("%dx%d", cols, rows) {
		b.Fatalf("the pane is %s, not %dx%d", got, cols, rows)
	}
	n := 0
	return func(path string, _ []byte) {
		n++
		s.keys(fmt.Sprintf("clear; cat %s; echo do''ne%d\r", path, n))
		s.shows(fmt.Sprintf(`done%d`, n))
	}, p
}

// withoutKeepers leaves the boxes of p everything that is on the PATH but what a
// shell could live in.
func (p *person) withoutKeepers(b *testing.B) {
	b.Helper()
	all := filepath.Join(p.home, "without")
	if err := os.MkdirAll(all, 0o700); err != nil {
		b.Fatal(err)
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		files, _ := os.ReadDir(dir) // a folder of the PATH need not be there
		for _, f := range files {
			if !slices.Contains([]string{"tmux", "screen", "dtach"}, f.Name()) {
				_ = os.Symlink(filepath.Join(dir, f.Name()), filepath.Join(all, f.Name())) // the first of a name counts
			}
		}
	}
	for i, kv := range p.env {
		if strings.HasPrefix(kv, "PATH=") {
			p.env[i] = "PATH=" + all
		}
	}
}

// tmuxServer is a tmux of its own with one detached session, whose shell
// prints what it is told the path of.
type tmuxServer struct {
	b      *testing.B
	socket string
	orders *os.File
}

// startTmux starts one that keeps so many lines of history.
func startTmux(b *testing.B, cols, rows, history int) *tmuxServer {
	b.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		b.Skip("there is no tmux")
	}
	s := &tmuxServer{b: b, socket: filepath.Join(b.TempDir(), "s")}
	fifo := s.socket + ".orders"
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		b.Fatalf("mkfifo: %v\n%s", err, out)
	}
	loop := fmt.Sprintf("exec sh -c 'while read -r f; do cat \"$f\"; tmux -S %s wait-for -S done; done < %s'", s.socket, fifo)
	s.tmux("set-option", "-g", "history-limit", strconv.Itoa(history), ";", "new-session", "-d", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows), loop)
	orders, err := os.OpenFile(fifo, os.O_WRONLY, 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { orders.Close() }) // which ends the loop, and so the server
	s.orders = orders
	return s
}

func (s *tmuxServer) tmux(args ...string) string {
	s.b.Helper()
	cmd := exec.Command("tmux", append([]string{"-S", s.socket, "-f", "/dev/null", "-u"}, args...)...)
	cmd.Env = append(os.Environ(), "TMUX=", "SHELL=/bin/sh", "LANG=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.b.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

func (s *tmuxServer) pid() int {
	s.b.Helper()
	pid, err := strconv.Atoi(strings.TrimSpace(s.tmux("display-message", "-p", "#{pid}")))
	if err != nil {
		s.b.Fatal(err)
	}
	return pid
}

// cat returns when tmux has taken the file.
func (s *tmuxServer) cat(path string) {
	s.b.Helper()
	if _, err := s.orders.WriteString(path + "\n"); err != nil {
		s.b.Fatal(err)
	}
	s.tmux("wait-for", "done")
}

// report is the table of docs/benchmarks.md. The last column is the pane over
// the slower of plain ssh and the emulator alone.
func report(table []row) string {
	var out strings.Builder
	fmt.Fprintf(&out, "| corpus | emulator | parser | tmux | ssh | pane | pane+tmux | emulator/tmux | emulator/parser | pane/least |\n|---|---|---|---|---|---|---|---|---|---|\n")
	sum := 0.0
	for _, r := range table {
		over := r.rate[byEmulator] / r.rate[byTmux]
		sum += math.Log(over)
		fmt.Fprintf(&out, "| %s | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f | %.1f | %.2f | %.2f |\n", r.name,
			r.rate[byEmulator], r.rate[byParser], r.rate[byTmux], r.rate[bySSH], r.rate[byPane], r.rate[byPaneTmux],
			over, r.rate[byEmulator]/r.rate[byParser], r.rate[byPane]/min(r.rate[bySSH], r.rate[byEmulator]))
	}
	fmt.Fprintf(&out, "emulator/tmux, geometric mean: %.1f\n", math.Exp(sum/float64(len(table))))
	return out.String()
}
