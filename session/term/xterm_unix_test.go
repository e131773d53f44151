//go:build unix

package term

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	xterminal "github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// A real xterm on a display that nobody sees. It is told what to show through
// its slave mode, and its screen is read back cell by cell with DECRQCRA and
// XTREPORTSGR.
type xterm struct {
	t          *testing.T
	cols, rows int
	display    string
	tty        *os.File // the end at which programs are
	stop       context.CancelFunc
}

func startXterm(t *testing.T, display string, cols, rows int) *xterm {
	t.Helper()
	x := &xterm{t: t, cols: cols, rows: rows, display: display}
	x.start()
	t.Cleanup(func() { x.stop() })
	return x
}

// startXvfb skips the test on a host without xterm or Xvfb.
func startXvfb(t *testing.T) (display string) {
	t.Helper()
	if testing.Short() || raceEnabled {
		t.Skip("starts programs, and the race detector finds nothing more with them")
	}
	for _, name := range []string{"xterm", "Xvfb"} {
		if _, err := exec.LookPath(name); err != nil {
			t.Skipf("no %s on this host", name)
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x1200x24", "-nolisten", "tcp", "-noreset")
	cmd.ExtraFiles = []*os.File{w}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it removes its socket and lock
		_ = cmd.Wait()
		r.Close()
	})
	var line [16]byte
	n, err := r.Read(line[:])
	if err != nil {
		t.Fatalf("Xvfb told no display: %v", err)
	}
	return ":" + strings.TrimSpace(string(line[:n]))
}

func (x *xterm) start() {
	x.t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		x.t.Fatal(err)
	}
	defer master.Close()
	raw, err := tty.SyscallConn()
	if err == nil {
		_ = raw.Control(func(fd uintptr) { _, err = xterminal.MakeRaw(fd) })
	}
	if err != nil {
		x.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	args := []string{"-S/x/3", "-geometry", fmt.Sprintf("%dx%d", x.cols, x.rows), "-u8",
		"-fg", "rgb:01/02/03", "-bg", "rgb:11/12/13", "-cr", "rgb:21/22/23"}
	for _, resource := range []string{
		"checksumExtension: 31", "disallowedWindowOps: 20,21,GetSelection,SetSelection,SetXprop",
		"allowTcapOps: true", "allowColorOps: true", "boldColors: false", "curses: false", "saveLines: 100", "printerCommand:",
	} {
		args = append(args, "-xrm", "*"+resource)
	}
	cmd := exec.CommandContext(ctx, "xterm", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+x.display, "LC_ALL=C.UTF-8")
	cmd.ExtraFiles = []*os.File{master}
	if err := cmd.Start(); err != nil {
		cancel()
		x.t.Fatal(err)
	}
	x.tty, x.stop = tty, func() {
		cancel()
		_ = cmd.Wait()
		tty.Close()
	}
	x.until("\n") // the number of its window
}

// until reads what xterm sends up to mark, and takes mark off.
func (x *xterm) until(mark string) string {
	x.t.Helper()
	if err := x.tty.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		x.t.Fatal(err)
	}
	var got []byte
	buf := make([]byte, 4096)
	for !bytes.HasSuffix(got, []byte(mark)) {
		n, err := x.tty.Read(buf)
		if err != nil && err != io.EOF {
			x.t.Fatalf("xterm sent %q and no %q: %v", got, mark, err)
		}
		got = append(got, buf[:n]...)
	}
	return string(got[:len(got)-len(mark)])
}

// ask sends queries and returns all that is answered. Its mark is asked for
// with 7-bit answers, whatever s made of them.
func (x *xterm) ask(s string) string {
	x.t.Helper()
	if _, err := x.tty.WriteString(s + "\x1b F\x1b[?7777$p"); err != nil {
		x.t.Fatal(err)
	}
	return x.until("\x1b[?7777;0$y")
}

// reset makes xterm as new.
func (x *xterm) reset() {
	x.t.Helper()
	if x.ask("\x18\x1b\\\x1bc\x1b[18t") != fmt.Sprintf("\x1b[8;%d;%dt", x.rows, x.cols) {
		x.stop()
		x.start()
	}
	x.ask("\x1b[?47h\x1b[H\x1b7\x1b[2J\x1b[?47l\x1bc\x1b7\x1b]104\x07\x1b]110\x07\x1b]111\x07\x1b]112\x07\x1b[>m\x1b[0 q\x1b[?12l")
}

// screen reads all cells.
func (x *xterm) screen() [][]xtermCell {
	x.t.Helper()
	rows := make([][]xtermCell, x.rows)
	for y := range rows {
		var b strings.Builder
		for col := range x.cols {
			place := fmt.Sprintf("%d;%d;%d;%d", y+1, col+1, y+1, col+1)
			fmt.Fprintf(&b, "\x1b[1;1;%s*y\x1b[%s#|", place, place)
		}
		answers := strings.Split(x.ask("\x1b[64;1\"p\x1b[?6l"+b.String()), "\x1bP1!~")
		if len(answers) != x.cols+1 {
			x.t.Fatalf("%d answers of %d in row %d", len(answers)-1, x.cols, y)
		}
		for _, a := range answers[1:] {
			sum, sgr, ok := strings.Cut(a, "\x1b\\\x1b[")
			code, err := strconv.ParseUint(sum, 16, 16)
			if !ok || err != nil {
				x.t.Fatalf("xterm says %q of a cell", a)
			}
			styled := screenOf(2, 1, "\x1b["+sgr+"x")
			rows[y] = append(rows[y], xtermCell{uint16(code), styled.Cell(0, 0).Style})
		}
	}
	return rows
}

// xtermCell is what xterm tells of a cell: its character in 16 bits, marks left
// out, 0 if it was never written, 0xffff in the right half of a wide one.
type xtermCell struct {
	char  uint16
	style Style
}

// String is the cell as faults show it.
func (c xtermCell) String() string {
	return fmt.Sprintf("%q [%s]", rune(c.char), styleText(c.style))
}

// asXterm is a cell of ours as xterm would tell it.
func asXterm(c Cell) xtermCell {
	out := xtermCell{style: c.Style}
	if c.Width == 0 {
		out.char = 0xffff
		return out
	}
	r, _ := utf8.DecodeRuneInString(c.Text)
	out.char = uint16(r)
	return out
}

// same reports whether both show the same. What is hidden xterm does not tell
// either, and of a blank neither foreground nor weight can be seen.
func (c xtermCell) same(other xtermCell) bool {
	if c.char|other.char <= ' ' {
		for _, s := range []*Style{&c.style, &other.style} {
			s.Attrs &^= AttrBold | AttrFaint | AttrItalic
			if s.Attrs == 0 && s.Underline == UnderlineNone {
				s.Fg = DefaultColor
			}
		}
	}
	if other.style.Attrs&AttrHidden != 0 {
		other.char, other.style.Attrs = 0, other.style.Attrs&^AttrHidden
	}
	return c.style == other.style && c.sameText(other)
}

// sameText takes what was never written for a blank.
func (c xtermCell) sameText(other xtermCell) bool {
	return c.char == other.char || c.char|other.char == ' '
}

// differences are where xterm and our terminal do not show the same.
func (x *xterm) differences(term *Terminal) []string {
	var out []string
	for y, row := range x.screen() {
		for col, theirs := range row {
			if ours := asXterm(term.Cell(col, y)); !theirs.same(ours) {
				out = append(out, fmt.Sprintf("row %d column %d: xterm has %v, we have %v", y+1, col+1, theirs, ours))
			}
		}
	}
	return out
}
