//go:build linux

package main_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/session/term"
)

// Each benchmark runs the built program on a PTY and reports what a person
// feels. docs/benchmarks.md has figures, and the command that makes each.

// BenchmarkFirstFrame is the time from start to the first frame that shows
// rows, with 1,000 claims on disk and no key.
func BenchmarkFirstFrame(b *testing.B) {
	p := newPerson(b)
	store, err := claims.Open(claims.Roots{State: filepath.Join(p.home, ".config", "crabbox", "state"), Keys: p.keys()})
	if err != nil {
		b.Fatal(err)
	}
	for i := range 1000 {
		id := fmt.Sprintf("cbx_%012x", i)
		_, err := store.Create(context.Background(), claims.Claim{
			LeaseID: id, Slug: fmt.Sprintf("box-%d", i), Provider: "fal", CloudID: fmt.Sprintf("inst-%d", i),
			ProviderScope: "endpoint:https://api.fal.ai/v1", ClaimedAt: "2026-11-23T22:44:52Z", LastUsedAt: "2026-11-23T22:44:52Z",
			Labels: map[string]string{"state": "ready", "lease": id, "keep": "false", "created_at": "1795473892", "ttl_secs": "5400"},
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if _, err := binary(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		s := p.open(b, 120, 36)
		s.shows(`box-\d+`)
		s.close()
	}
}

// attached is a pane with a shell in it, on a simulated box of a kind.
func attached(b *testing.B, cols, rows int, args ...string) (*screen, person) {
	b.Helper()
	return newPerson(b).attached(b, cols, rows, args...)
}

// attached is such a pane of another person, on a box of p's.
func (p person) attached(b *testing.B, cols, rows int, args ...string) (*screen, person) {
	b.Helper()
	sim := p.simulator(b, append([]string{"--boot", "0s"}, args...)...)
	client := newPerson(b)
	client.env = append(client.env, sim.env...)
	s := client.open(b, cols, rows)
	s.shows(`No boxes|\d box`)
	s.acquire("bench")
	s.shell("bench")
	return s, client
}

// sshTo is the command line of plain ssh to the one box there is, with its
// key and pinned host key.
func sshTo(b *testing.B, p person) *exec.Cmd {
	b.Helper()
	c, key := p.onlyClaim(b)
	cmd := exec.Command("ssh", "-F", "none", "-tt", "-i", key, "-o", "IdentitiesOnly=yes", "-o", "StrictHostKeyChecking=yes",
		"-o", "UserKnownHostsFile="+filepath.Join(filepath.Dir(key), "known_hosts"),
		"-p", strconv.Itoa(c.SSHPort), c.Labels["ssh_user"]+"@"+c.SSHHost)
	cmd.Env = p.env
	return cmd
}

// plain is ssh on a PTY of its own.
type plain struct {
	b   *testing.B
	tty *os.File
	buf []byte
}

func startPlain(b *testing.B, p person, cols, rows int) *plain {
	b.Helper()
	cmd := sshTo(b, p)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		tty.Close()
	})
	return &plain{b: b, tty: tty, buf: make([]byte, 64<<10)}
}

func (p *plain) until(what string) {
	p.b.Helper()
	var seen []byte
	for !bytes.Contains(seen, []byte(what)) {
		p.tty.SetReadDeadline(time.Now().Add(patience))
		n, err := p.tty.Read(p.buf)
		if err != nil {
			p.b.Fatalf("ssh: %v before %q in %q", err, what, seen)
		}
		seen = append(seen[max(0, len(seen)-len(what)):], p.buf[:n]...)
	}
}

// BenchmarkPrompt is the time from the key that opens a pane to the prompt in
// it, on an OpenSSH box that accepts already; beside it, plain ssh to the same
// box.
func BenchmarkPrompt(b *testing.B) {
	s, p := attached(b, 120, 36, "--sshd")
	var pane, ssh time.Duration
	n := 0
	for b.Loop() {
		s.keys(prefix, "c")
		s.lacks(`\[1 bench`)
		start := time.Now()
		s.keys(enter)
		s.shows(`\$ *(│|$|\n)`)
		pane += time.Since(start)

		start = time.Now()
		plain := startPlain(b, p, 80, 24)
		plain.until("$ ")
		ssh += time.Since(start)
		plain.tty.WriteString("exit\r")
		n++
	}
	b.ReportMetric(float64(pane.Milliseconds())/float64(n), "ms/pane")
	b.ReportMetric(float64(ssh.Milliseconds())/float64(n), "ms/ssh")
	b.ReportMetric(float64(pane)/float64(ssh), "pane/ssh")
}

// echo is a remote program that answers each key with two others, so that
// what is waited for cannot be a local echo.
const echo = "stty raw -echo; printf 're''ady'; while :; do k=$(dd bs=1 count=1 2>/dev/null); printf '\\033[H<%s>' \"$k\"; done\r"

// BenchmarkKeyToScreen is the time from a key to its echo on the screen, in
// the pane and in plain ssh by turns, at a person's pace: with nothing else to
// do, and while a tab out of sight prints as fast as it can; on a box without
// tmux and on one with it.
func BenchmarkKeyToScreen(b *testing.B) {
	for _, load := range []string{"idle", "load"} {
		for _, box := range []string{"plain", "tmux"} {
			b.Run(load+"/"+box, func(b *testing.B) { keyToScreen(b, load == "load", box == "tmux") })
		}
	}
}

func keyToScreen(b *testing.B, load, tmux bool) {
	server := newPerson(b)
	if !tmux {
		server.withoutKeepers(b)
	}
	s, p := server.attached(b, 80, 24, "--sshd")
	s.keys(prefix, "z")
	if load {
		s.keys("yes\r")
		s.shows(`(?m)^y *$`)
		s.keys(prefix, "t")
		s.shows(`\[2 bench`)
		s.shows(`\$ *(│|$|\n)`)
	}
	s.keys(echo)
	s.shows("ready")
	plain := startPlain(b, p, 80, 24)
	plain.until("$ ")
	plain.tty.WriteString(echo)
	plain.until("ready")
	var pane, ssh []time.Duration
	i := 0
	for b.Loop() {
		key := string(rune('a' + i%26))
		i++
		start := time.Now()
		s.keys(key)
		s.until(key, func(text string) bool { return strings.Contains(text, "<"+key+">") })
		pane = append(pane, time.Since(start))

		start = time.Now()
		plain.tty.WriteString(key)
		plain.until("<" + key + ">")
		ssh = append(ssh, time.Since(start))
		// A person's pace, so that each key finds a quiet link, and no beat with
		// the program's own clock.
		time.Sleep(time.Duration(15+rand.IntN(20)) * time.Millisecond)
	}
	for name, d := range map[string][]time.Duration{"pane": pane, "ssh": ssh} {
		slices.Sort(d)
		b.ReportMetric(ms(d[len(d)/2]), "ms-p50/"+name)
		b.ReportMetric(ms(d[len(d)*99/100]), "ms-p99/"+name)
	}
	b.ReportMetric(ms(pane[len(pane)/2]-ssh[len(ssh)/2]), "ms-p50/added")
	b.ReportMetric(ms(pane[len(pane)*99/100]-ssh[len(ssh)*99/100]), "ms-p99/added")
}

// BenchmarkInterrupt is the time from Ctrl-C to the prompt, while the pane in
// use prints as fast as it can.
func BenchmarkInterrupt(b *testing.B) {
	server := newPerson(b)
	server.withoutKeepers(b)
	s, _ := server.attached(b, 80, 24, "--sshd")
	s.keys(prefix, "z")
	var all []time.Duration
	for b.Loop() {
		s.keys("yes\r")
		s.lacks(`\$ *\n`)
		time.Sleep(300 * time.Millisecond) // until every buffer on the way is full
		start := time.Now()
		s.keys("\x03")
		s.shows(`\^C\s*\n.*\$ *\n`)
		all = append(all, time.Since(start))
		s.keys("clear\r")
		s.lacks(`\^C`)
	}
	slices.Sort(all)
	b.ReportMetric(ms(all[len(all)/2]), "ms-p50")
	b.ReportMetric(ms(all[len(all)-1]), "ms-max")
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// BenchmarkResident is the program's resident memory with one pane just
// opened; beside it, that of a tmux server with one.
func BenchmarkResident(b *testing.B) {
	s, _ := attached(b, 120, 36)
	server := startTmux(b, 120, 36, 2000)
	for b.Loop() {
		b.ReportMetric(resident(b, s.cmd.Process.Pid), "MiB")
		b.ReportMetric(resident(b, server.pid()), "MiB-tmux")
	}
}

// resident is the resident memory of a process, in MiB.
func resident(b *testing.B, pid int) float64 {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(status)
	kb, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kb / 1024
}

// BenchmarkScrollback is the heap that 10,000 lines of 200 columns in ten
// styles each take in the emulator; beside it, what the same adds to a tmux
// server.
func BenchmarkScrollback(b *testing.B) {
	const lines, cols = 10_000, 200
	var text bytes.Buffer
	for y := range lines + 50 {
		for x := range 10 {
			fmt.Fprintf(&text, "\x1b[1;38;2;%d;%d;%d;4%dm%020d", y%256, x, y/256, x%8, y*10+x)
		}
		text.WriteString("\x1b[m\r\n")
	}
	path := filepath.Join(b.TempDir(), "lines")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		b.Fatal(err)
	}
	server := startTmux(b, cols, 50, lines)
	before := resident(b, server.pid())
	server.cat(path)
	tmux := resident(b, server.pid()) - before
	for b.Loop() {
		vt := term.New(cols, 50, term.Options{})
		empty := heap()
		vt.Write(text.Bytes())
		used := heap() - empty
		if n := vt.ScrollbackLen(); n != lines {
			b.Fatalf("%d lines are kept", n)
		}
		b.ReportMetric(used, "MiB")
	}
	b.ReportMetric(tmux, "MiB-tmux")
}

// heap is what is alive on the heap, in MiB.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// BenchmarkIdle is the share of one core that the program uses with a pane
// open and nothing to do, over ten seconds an iteration.
func BenchmarkIdle(b *testing.B) {
	const span = 10 * time.Second
	s, _ := attached(b, 120, 36)
	ticks := func() float64 {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
		user, err := strconv.ParseFloat(fields[12], 64)
		if err != nil {
			b.Fatal(err)
		}
		system, err := strconv.ParseFloat(fields[13], 64)
		if err != nil {
			b.Fatal(err)
		}
		return user + system
	}
	var used float64
	n := 0
	for b.Loop() {
		before := ticks()
		time.Sleep(span) // what is measured is time passing
		used += ticks() - before
		n++
	}
	// A tick of /proc is 10 ms on every Linux that Go runs on.
	b.ReportMetric(used*10/float64(n)/float64(span.Milliseconds())*100, "%cpu")
}
