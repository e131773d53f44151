package term

import (
	"bufio"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// referenceXterm is a real xterm on a virtual display. It has the master side of a PTY
// (its slave mode), and what is written to the other side it shows. It writes
// the golden screens.
type referenceXterm struct {
	t          *testing.T
	cols, rows int
	dir        string
	tty        *os.File
	in         chan []byte
	pending    []byte // answers that nobody took yet
}

func startReferenceXterm(t *testing.T, cols, rows int) *referenceXterm {
	t.Helper()
	x := &referenceXterm{t: t, cols: cols, rows: rows, dir: t.TempDir(), in: make(chan []byte, 100)}
	display := startDisplay(t)
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	x.tty = tty
	tio, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	tio.Iflag, tio.Oflag, tio.Lflag = 0, 0, 0
	if err := unix.IoctlSetTermios(int(tty.Fd()), unix.TCSETS, tio); err != nil {
		t.Fatal(err)
	}
	args := []string{"-S" + filepath.Base(tty.Name()) + "/3", "-geometry", fmt.Sprintf("%dx%d", cols, rows)}
	resources := map[string]string{
		"utf8": "2", "c132": "false", "colorBLMode": "false", "boldColors": "false", "foreground": xtermColor(xtermForeground), "background": xtermColor(xtermBackground),
	}
	for i := range 16 {
		resources[fmt.Sprint("color", i)] = xtermColor(i)
	}
	for name, value := range resources {
		args = append(args, "-xrm", "XTerm*"+name+": "+value)
	}
	cmd := exec.Command("xterm", args...)
	cmd.ExtraFiles = []*os.File{master}
	cmd.Dir = x.dir
	cmd.Env = append(os.Environ(), "DISPLAY="+display, "LC_ALL=C.UTF-8")
	if err := cmd.Start(); err != nil {
		t.Skipf("no xterm on this host: %v", err)
	}
	master.Close()
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait(); tty.Close() })
	go func() {
		defer close(x.in)
		for {
			b := make([]byte, 4096)
			n, err := tty.Read(b)
			if n > 0 {
				x.in <- b[:n]
			}
			if err != nil {
				return
			}
		}
	}()
	x.wait("^[0-9a-f]+\n") // the number of its window
	return x
}

// startDisplay starts an X server and returns its name.
func startDisplay(t *testing.T) string {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd := exec.Command("Xvfb", "-displayfd", "3", "-screen", "0", "1600x1000x24", "-nolisten", "tcp")
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Skipf("no Xvfb on this host: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	number, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return ":" + strings.TrimSpace(number)
}

func (x *referenceXterm) answers() <-chan []byte { return x.in }

// enter is what its RETURN key sends under the mode that it is in.
func (x *referenceXterm) enter() string {
	fmt.Fprint(x, "\x1b[20$p")
	if string(x.wait("\x1b\\[20;([12])\\$y")[1]) == "1" {
		return "\r\n"
	}
	return "\r"
}

// Write shows b.
func (x *referenceXterm) Write(b []byte) (int, error) { return x.tty.Write(b) }

// wait takes the first match of expr out of the answers and returns it with
// its groups.
func (x *referenceXterm) wait(expr string) [][]byte {
	x.t.Helper()
	re := regexp.MustCompile(expr)
	net := time.After(hangNet)
	for {
		if at := re.FindIndex(x.pending); at != nil {
			found := re.FindSubmatch(append([]byte(nil), x.pending...))
			x.pending = append(x.pending[:at[0]], x.pending[at[1]:]...)
			return found
		}
		select {
		case b, ok := <-x.in:
			if !ok {
				x.t.Fatal("xterm ended")
			}
			x.pending = append(x.pending, b...)
		case <-net:
			x.t.Fatalf("xterm never answered %s: %q", expr, x.pending)
		}
	}
}

// picture is what it shows, from its dump as XHTML, which has the erased cells
// too.
func (x *referenceXterm) picture() picture {
	x.t.Helper()
	const position = "\x1b\\[(\\d+);(\\d+)R"
	fmt.Fprint(x, "\x1b[6n\x1b[?5$p")
	at := x.wait(position)
	reverse := x.wait("\x1b\\[\\?5;([12])\\$y")
	// Only what is between the margins is dumped, so they are put aside.
	fmt.Fprint(x, "\x1bP$qr\x1b\\")
	margins := x.wait("\x1bP1\\$r(\\d+;\\d+)r\x1b\\\\")
	fmt.Fprintf(x, "\x1b[r\x1b[10i\x1b[%sr\x1b[%s;%sH\x1b[6n", margins[1], at[1], at[2])
	x.wait(position)
	p := picture{reverse: string(reverse[1]) == "1"}
	p.y, _ = strconv.Atoi(string(at[1]))
	p.x, _ = strconv.Atoi(string(at[2]))
	_, dump, _ := strings.Cut(x.dump(), "<pre>")
	dump, _, _ = strings.Cut(dump, "\n</pre>")
	for _, line := range strings.Split(dump, "\n") {
		var text []string
		var styles []Style
		for _, m := range xtermSpan.FindAllStringSubmatch(line, -1) {
			style := xtermStyle(m)
			for _, r := range strings.ReplaceAll(html.UnescapeString(m[8]), "\u00a0", " ") {
				styles = append(styles, style)
				text = append(text, string(r))
			}
		}
		p.addLine(text, styles)
	}
	return p
}

// dump takes the file that xterm wrote.
func (x *referenceXterm) dump() string {
	x.t.Helper()
	names, err := filepath.Glob(filepath.Join(x.dir, "*.xhtml"))
	if err != nil || len(names) != 1 {
		x.t.Fatalf("xterm wrote %q: %v", names, err)
	}
	b := readData(x.t, names[0])
	_ = os.Remove(names[0])
	return string(b)
}

var xtermSpan = regexp.MustCompile(`<span class='([^']*)' style='color: rgb\(([\d.]+)%, ([\d.]+)%, ([\d.]+)%\); background: rgb\(([\d.]+)%, ([\d.]+)%, ([\d.]+)%\)'>([^<]*)</span>`)

// Numbers of the default colours among xterm's own.
const xtermForeground, xtermBackground = 16, 17

// xtermColor is what its colour i is set to, so that its dump tells which one
// was meant.
func xtermColor(i int) string { return fmt.Sprintf("#01%02x03", i*10) }

func xtermStyle(m []string) Style {
	var s Style
	for class := range strings.FieldsSeq(m[1]) {
		switch class {
		case "bd":
			s.Attrs |= AttrBold
		case "it":
			s.Attrs |= AttrItalic
		case "st":
			s.Attrs |= AttrStrike
		case "ul":
			s.Underline = UnderlineSingle
		case "lu":
			s.Attrs |= AttrStrike
			s.Underline = UnderlineSingle
		}
	}
	color := func(m []string) Color {
		var part [3]uint8
		for i := range part {
			f, _ := strconv.ParseFloat(m[i], 64)
			part[i] = uint8(f*255/100 + 0.5)
		}
		if part[0] == 1 && part[2] == 3 {
			if i := part[1] / 10; i < 16 {
				return Indexed(i)
			}
			return map[uint8]Color{xtermForeground * 10: usualForeground, xtermBackground * 10: usualBackground}[part[1]]
		}
		return RGB(part[0], part[1], part[2])
	}
	s.Fg, s.Bg = color(m[2:5]), color(m[5:8])
	switch white, red := RGB(255, 255, 255), RGB(255, 0, 0); {
	case s.Fg == white && s.Bg == red: // this is how a dump shows what blinks
		s.Attrs |= AttrBlink
		s.Fg, s.Bg = usualForeground, usualBackground
	case s.Fg == red && s.Bg == white:
		s.Attrs |= AttrBlink
		s.Fg, s.Bg = usualBackground, usualForeground
	}
	return s
}
