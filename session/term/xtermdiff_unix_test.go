//go:build unix

package term

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Random controls on a small screen, played to us and to a real xterm, which
// must then show the same, stand at the same place and answer the same. Left
// out are what the tables of conformance name as a difference, and what xterm
// leaves of the other half of a wide character.
// TERM_XTERM_SEEDS is how many streams; a fault is shown as short as it gets.
func TestRandomControlsAgainstXterm(t *testing.T) {
	seeds := 150
	if s := os.Getenv("TERM_XTERM_SEEDS"); s != "" {
		seeds, _ = strconv.Atoi(s)
	}
	x := startXterm(t, startXvfb(t), 10, 5)
	faults := 0
	for seed := range seeds {
		pieces := randomControls(rand.New(rand.NewPCG(uint64(seed), 7)), 25)
		if x.disagrees(pieces) == "" {
			continue
		}
		for i := 0; i < len(pieces); {
			if fewer := slices.Delete(slices.Clone(pieces), i, i+1); x.disagrees(fewer) != "" {
				pieces = fewer
			} else {
				i++
			}
		}
		t.Errorf("seed %d: %q: %s", seed, pieces, x.disagrees(pieces))
		if faults++; faults == 10 {
			t.Fatal("and so on")
		}
	}
}

// disagrees is how xterm and we differ after the same input; empty if we do not.
func (x *xterm) disagrees(pieces []string) string {
	x.t.Helper()
	in := strings.Join(pieces, "")
	x.reset()
	term := screenOf(x.cols, x.rows, in)
	if ours, theirs := string(term.Replies()), x.ask(in); ours != theirs {
		return fmt.Sprintf("xterm answers %q, we answer %q", theirs, ours)
	}
	_, _ = term.Write([]byte("\x1b[6n"))
	if ours, theirs := string(term.Replies()), x.ask("\x1b[6n"); ours != theirs {
		return fmt.Sprintf("xterm's cursor is at %q, ours at %q", theirs, ours)
	}
	if d := x.differences(term); len(d) > 0 {
		return strings.Join(d[:min(len(d), 3)], "; ")
	}
	return ""
}

// randomControls are n pieces of text and controls with parameters about the
// edges of a screen of 10 columns and 5 rows. Some do not go together, because
// xterm has its own way with them: tabs and side margins; backgrounds and what
// restores the cursor or fills rectangles; rectangles and origin mode.
func randomControls(rnd *rand.Rand, n int) []string {
	pick := func(from ...string) string { return from[rnd.IntN(len(from))] }
	num := func() string { return pick("", "0", "1", "1", "2", "2", "3", "4", "5", "6", "9", "10", "11", "99") }
	type kind struct {
		weight int
		make   func() string
	}
	kinds := []kind{
		{6, func() string {
			return pick("a", "bc", "defghij", "klmnopqrstuvw", "\r", "\n", "\r\n", "\b", "\x1bD", "\x1bE", "\x1bM", "0123456789")
		}},
		{6, func() string {
			return "\x1b[" + num() + pick("@", "A", "B", "C", "D", "E", "F", "G", "L", "M", "P", "S", "X", "`", "a", "d", "e")
		}},
		{2, func() string { return "\x1b[" + num() + ";" + num() + pick("H", "H", "f", "r") }},
		{2, func() string { return "\x1b[" + pick("", "?") + pick("", "0", "1", "2") + pick("J", "K") }},
		{1, func() string { return "\x1b[" + pick("", "1", "4", "7", "31", "22", "39", "49") + "m" }},
		{1, func() string {
			return "\x1b[?" + pick("7h", "7l", "47h", "47l", "1047h", "1047l", "1049h", "1048h", "25h", "25l")
		}},
		{1, func() string { return "\x1b" + pick("7", "6", "9", "(0", "(B", "#8", "l", "m") }},
		{1, func() string { return "\x1b[" + num() + pick(" @", " A", "'}", "'~", "\"q") }},
		{1, func() string { return "\x1b[" + pick("T", "2T", "4h", "4l", "20h", "20l", "6n", "!p", "s") }},
	}
	if rnd.IntN(2) == 0 {
		kinds = append(kinds, kind{1, func() string { return pick("\t", "\t", "\x1bH", "\x1b[2I", "\x1b[g", "\x1b[3g") }})
	} else {
		kinds = append(kinds, kind{2, func() string { return pick("\x1b[?69h", "\x1b[?69h", "\x1b[?69l", "\x1b["+num()+";"+num()+"s") }})
	}
	backgrounds := rnd.IntN(2) == 0
	if backgrounds {
		kinds = append(kinds, kind{1, func() string { return "\x1b[" + pick("44", "1;42", "48;5;200") + "m" }})
	} else {
		kinds = append(kinds, kind{1, func() string { return pick("\x1b8", "\x1b[u", "\x1b[?1048l") }})
	}
	if backgrounds || rnd.IntN(2) == 0 {
		kinds = append(kinds, kind{1, func() string { return pick("\x1b[?6h", "\x1b[?6h", "\x1b[?6l") }})
	} else {
		kinds = append(kinds, kind{2, func() string {
			rect := num() + ";" + num() + ";" + num() + ";" + num()
			return "\x1b[" + pick("88;"+rect+"$x", rect+"${", "2*x\x1b["+rect+";1"+pick("$r", "$t"))
		}})
	}
	total := 0
	for _, k := range kinds {
		total += k.weight
	}
	var out []string
	for range n {
		at := rnd.IntN(total)
		for _, k := range kinds {
			if at -= k.weight; at < 0 {
				out = append(out, k.make())
				break
			}
		}
	}
	return out
}
