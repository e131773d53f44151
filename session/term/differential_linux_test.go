package term

import (
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Variables that have TestAgainstTmux play more seeds, or one alone.
const (
	casesEnv = "TERM_TMUX_CASES"
	seedEnv  = "TERM_TMUX_SEED"
)

var differentialSizes = [][2]int{{80, 24}, {20, 6}, {9, 4}, {3, 3}}

// TestAgainstTmux plays what seeds say to our emulator and to tmux, which must
// show the same. Where they differ by intent the generator keeps clear of it
// and says why.
func TestAgainstTmux(t *testing.T) {
	seed, cases := uint64(1), 150*len(differentialSizes)
	if s := os.Getenv(casesEnv); s != "" {
		cases, _ = strconv.Atoi(s)
	}
	if s := os.Getenv(seedEnv); s != "" {
		seed, _ = strconv.ParseUint(s, 10, 64)
		cases = 1
	}
	panes := make(map[[2]int]*tmuxPane)
	failed := 0
	for end := seed + uint64(cases); seed < end && failed < 10; seed++ {
		size := differentialSizes[seed%uint64(len(differentialSizes))]
		p := panes[size]
		if p == nil {
			p = startTmux(t, size[0], size[1])
			panes[size] = p
		}
		ops := generateCase(seed, size[0], size[1])
		if diff := p.difference(ops); diff != "" {
			ops = minimize(ops, func(ops []string) bool { return p.difference(ops) != "" })
			failed++
			t.Errorf("%s=%d, %dx%d: %q\n%s", seedEnv, seed, size[0], size[1], showAgreed(New(size[0], size[1], Options{}), ops), p.difference(ops))
		}
	}
}

// difference plays ops to both and tells how the screens differ, or "".
func (p *tmuxPane) difference(ops []string) string {
	p.t.Helper()
	own := New(p.cols, p.rows, Options{})
	input := showAgreed(own, ops)
	if _, err := io.WriteString(p, "\x1bc\x1b7"+input); err != nil {
		p.t.Fatal(err)
	}
	p.settle()
	theirs := p.wholeScreen()
	var out strings.Builder
	if a, b := own.Cursor(), theirs.Cursor(); a.X != b.X || a.Y != b.Y {
		fmt.Fprintf(&out, "cursor at column %d row %d, tmux's at %d %d\n", a.X, a.Y, b.X, b.Y)
	}
	for y := range p.rows {
		for x := range p.cols {
			a, b := describeCell(own, x, y), describeCell(theirs, x, y)
			if x == p.cols-1 && strings.HasPrefix(a, `" "`) && b == `" "` {
				continue // see wholeScreen
			}
			if a != b {
				fmt.Fprintf(&out, "column %d row %d: %s, tmux %s\n", x, y, a, b)
			}
		}
	}
	return out.String()
}

// showAgreed shows ops to term, less what tmux and others do not agree on, and returns
// what it showed.
func showAgreed(term *Terminal, ops []string) string {
	var input strings.Builder
	write := func(s string) {
		_, _ = term.Write([]byte(s))
		input.WriteString(s)
	}
	for _, op := range ops {
		if term.pendWrap && !tmuxWrap.MatchString(op) {
			// Controls move, erase and shift from the last column (DEC STD 070, and
			// xterm); tmux has the cursor beyond it.
			write("\r")
		}
		write(agreed(term, op))
	}
	return input.String()
}

var (
	// tmuxWrap are controls that do to a wrap that is owed the same everywhere.
	tmuxWrap   = regexp.MustCompile(`^([^\x00-\x1f]|[\r\t\x0e\x0f]|\x1b[()]|\x1b\[.*[mHfg]|\x1b\[\d+[hl])`)
	tmuxLines  = regexp.MustCompile(`^\x1b\[\d*[LM]`)
	tmuxInsert = regexp.MustCompile(`^\x1b\[(\d*)@`)
)

// agreed is op, changed where tmux 3.3 departs from the others at this point.
func agreed(term *Terminal, op string) string {
	if m := tmuxInsert.FindStringSubmatch(op); m != nil {
		// ICH leaves blanks, however many; tmux leaves what was there where more
		// than half of the rest of the line goes.
		if n, _ := strconv.Atoi(m[1]); 2*n > term.cols-term.x {
			return ""
		}
	}
	if op == "\b" && term.x == 0 {
		// BS stops at the margin unless mode 45 is set; in tmux it goes back over
		// a wrap.
		return ""
	}
	if tmuxLines.MatchString(op) && (term.y < term.top || term.y > term.bot) {
		// IL and DL do nothing outside of the margins (VT510 manual); tmux forgets
		// the margins there.
		return ""
	}
	if op == "\x1b8" || op == "\x1b[u" {
		// DECRC leads to between the margins under DECOM, as in xterm; in tmux to
		// where it was, from where nothing leads that both agree on.
		return "\x1b[r" + op
	}
	if op[0] >= 0x20 && term.m.insert && term.x+len(op) > term.cols {
		// IRM shifts the line that a wrap leads to as well; in tmux it does not.
		return "\x1b[4l"
	}
	if op[0] >= 0x20 && term.y+2+len(op)/term.cols > term.bot {
		// The line that a wrap scrolls in has the background colour as any other
		// (xterm, terminfo's bce); in tmux that is so for LF and IND only.
		op = "\x1b[49m" + op
	}
	return op
}

// describeCell is a cell as it is seen.
func describeCell(term *Terminal, x, y int) string {
	c := term.Cell(x, y)
	s := term.shownStyle(x, y)
	if c.Text == " " {
		s.Fg, s.Attrs = usualForeground, s.Attrs&(AttrStrike|AttrOverline)
	}
	return strings.TrimSpace(fmt.Sprintf("%q %s", c.Text, describeStyle(s)))
}

// minimize leaves out what is not needed for fails.
func minimize(ops []string, fails func([]string) bool) []string {
	for i := len(ops) - 1; i >= 0; i-- {
		fewer := append(append([]string(nil), ops[:i]...), ops[i+1:]...)
		if fails(fewer) {
			ops = fewer
		}
	}
	return ops
}

// generateCase makes the controls and text of a case.
func generateCase(seed uint64, cols, rows int) []string {
	r := newRand(seed)
	ops := make([]string, 3+r.IntN(40))
	// tmux leaves halves of wide characters behind where they are written over or
	// taken out in part, so that they go with controls alone that do not.
	wide := r.IntN(3) == 0
	for i := range ops {
		for {
			ops[i] = generateOp(r, cols, rows, wide)
			if !wide || tmuxWide.MatchString(ops[i]) {
				break
			}
		}
	}
	return ops
}

// tmuxWide are the controls that reach whole lines, or nothing.
var tmuxWide = regexp.MustCompile(`^([^\x00-\x1f\x7f]|[\n\v\f]|\x1b[DEM]|\x1b\[\d*[HFELMSTABd]|\x1b\[2[JK]|\x1b\[.*[mr]|\x1b\[\?6)`)

func generateOp(r *rand.Rand, cols, rows int, wide bool) string {
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	count := func(limit int) string {
		return pick("", "0", "1", strconv.Itoa(r.IntN(limit+2)), strconv.Itoa(r.IntN(limit+2)), strconv.Itoa(limit), "999")
	}
	switch r.IntN(14) {
	case 0, 1, 2, 3:
		return generateText(r, cols, wide)
	case 4:
		return pick("\b", "\t", "\n", "\r", "\v", "\f", "\r\n")
	case 5:
		return pick("\x1bD", "\x1bE", "\x1bM", "\x1b7", "\x1b8", "\x1bH", "\x1b[s", "\x1b[u")
	case 6:
		return "\x1b[" + count(rows) + ";" + count(cols) + pick("H", "f")
	case 7:
		return "\x1b[" + count(cols) + pick("C", "D", "G", "`", "Z", "@", "P", "X")
	case 8:
		switch n := count(rows); r.IntN(3) {
		case 0: // IL and DL take the cursor to the first column (VT510 manual); in tmux it stays
			return "\x1b[" + n + pick("L", "M") + "\r"
		default:
			return "\x1b[" + n + pick("A", "B", "E", "F", "S", "T", "d")
		}
	case 9:
		return "\x1b[" + pick("", "0", "1", "2") + pick("J", "K")
	case 10:
		// A bottom of 0 is the last line, and the cursor goes to the home position
		// that DECOM says (VT510 manual, DECSTBM); to tmux it is the first, and to
		// the corner of the screen.
		return "\x1b[" + count(rows) + ";" + pick("", strconv.Itoa(1+r.IntN(rows))) + "r\x1b[H"
	case 11:
		return pick("\x1b[4h", "\x1b[4l", "\x1b[?6h", "\x1b[?6l", "\x1b[?7h", "\x1b[?7l", "\x1b[g", "\x1b[3g", "\x0e", "\x0f", "\x1b(0", "\x1b(B", "\x1b)0", "\x1b)B")
	default:
		return generateSGR(r)
	}
}

func generateText(r *rand.Rand, cols int, wide bool) string {
	var b strings.Builder
	if wide {
		b.WriteString("\r\x1b[2K")
	}
	for range 1 + r.IntN(pickInt(r, 3, 10, cols+5)) {
		switch n := r.IntN(12); {
		case n == 0 && wide:
			b.WriteString("日")
		case n == 1:
			b.WriteString("é")
		case n == 2:
			b.WriteString(" ")
		case n == 3 && wide:
			b.WriteString("\U0001F600")
		default:
			b.WriteByte(byte('a' + r.IntN(26)))
		}
	}
	if r.IntN(8) == 0 { // tmux repeats ASCII alone; ECMA-48 8.3.103 says any character
		// and that it wraps as others do.
		fmt.Fprintf(&b, "\rr\x1b[%db", r.IntN(cols))
	}
	return b.String()
}

func pickInt(r *rand.Rand, n ...int) int { return n[r.IntN(len(n))] }

func generateSGR(r *rand.Rand) string {
	var params []string
	for range 1 + r.IntN(3) {
		switch r.IntN(6) {
		case 0:
			params = append(params, strconv.Itoa(30+10*r.IntN(2)+r.IntN(8)))
		case 1:
			params = append(params, strconv.Itoa(90+10*r.IntN(2)+r.IntN(8)))
		case 2:
			params = append(params, fmt.Sprintf("%d;5;%d", 38+10*r.IntN(2), r.IntN(256)))
		case 3:
			params = append(params, fmt.Sprintf("%d;2;%d;%d;%d", 38+10*r.IntN(2), r.IntN(256), r.IntN(256), r.IntN(256)))
		case 4:
			params = append(params, []string{"1", "2", "3", "4", "7", "9", "4:3"}[r.IntN(7)])
		default:
			params = append(params, []string{"", "0", "22", "23", "24", "27", "29", "39", "49"}[r.IntN(9)])
		}
	}
	return "\x1b[" + strings.Join(params, ";") + "m"
}
