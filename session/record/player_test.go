package record

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"go.uber.org/goleak"

	"github.com/openclaw/crabbox-tui/session/term"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cast is a recording as a player reads it.
type cast struct {
	header struct {
		Version, Width, Height int
		Timestamp              int64
		Env                    map[string]string
	}
	events []played
}

type played struct {
	at   float64
	code string
	data string
}

// parse reads a recording and fails if any of it is not as the format says.
func parse(t testing.TB, file []byte) cast {
	t.Helper()
	if !utf8.Valid(file) {
		t.Fatal("not UTF-8")
	}
	if len(file) == 0 || file[len(file)-1] != '\n' {
		t.Fatalf("the last line is cut: %.80q", file[max(0, len(file)-80):])
	}
	var c cast
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 1<<24)
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
			d.DisallowUnknownFields()
			if err := d.Decode(&c.header); err != nil {
				t.Fatalf("header %q: %v", lines.Bytes(), err)
			}
			if c.header.Version != 2 || c.header.Width < 1 || c.header.Height < 1 {
				t.Fatalf("header %q", lines.Bytes())
			}
			continue
		}
		var raw []json.RawMessage
		var p played
		if err := json.Unmarshal(lines.Bytes(), &raw); err != nil || len(raw) != 3 {
			t.Fatalf("line %d: %.200q: %v", n, lines.Bytes(), err)
		}
		for i, to := range []any{&p.at, &p.code, &p.data} {
			if err := json.Unmarshal(raw[i], to); err != nil {
				t.Fatalf("line %d: %.200q: %v", n, lines.Bytes(), err)
			}
		}
		if k := len(c.events); k > 0 && p.at < c.events[k-1].at {
			t.Errorf("line %d: time goes back from %v to %v", n, c.events[k-1].at, p.at)
		}
		if !strings.Contains("oirm", p.code) {
			t.Errorf("line %d: code %q", n, p.code)
		}
		c.events = append(c.events, p)
	}
	return c
}

// all is the data of all events of a code, joined.
func (c cast) all(code string) string {
	var b strings.Builder
	for _, p := range c.events {
		if p.code == code {
			b.WriteString(p.data)
		}
	}
	return b.String()
}

// play plays a recording into a new terminal.
func (c cast) play(t testing.TB) *term.Terminal {
	t.Helper()
	vt := term.New(c.header.Width, c.header.Height, term.Options{})
	for _, p := range c.events {
		switch p.code {
		case "o":
			_, _ = vt.Write([]byte(p.data))
		case "r":
			var cols, rows int
			if n, err := fmt.Sscanf(p.data, "%dx%d", &cols, &rows); n != 2 || err != nil {
				t.Fatalf("size %q", p.data)
			}
			vt.Resize(cols, rows)
		}
	}
	return vt
}

// wantSame fails unless both terminals show the same.
func wantSame(t testing.TB, got, want *term.Terminal) {
	t.Helper()
	gc, gr := got.Size()
	wc, wr := want.Size()
	if gc != wc || gr != wr {
		t.Fatalf("%dx%d, want %dx%d", gc, gr, wc, wr)
	}
	for y := -want.ScrollbackLen(); y < wr; y++ {
		if g, w := string(got.AppendRow(nil, y)), string(want.AppendRow(nil, y)); g != w {
			t.Fatalf("row %d: %q, want %q", y, g, w)
		}
	}
	if got.Cursor() != want.Cursor() {
		t.Errorf("cursor %+v, want %+v", got.Cursor(), want.Cursor())
	}
}

// A program's output, cut anywhere, with resizes between, plays to the same
// screen; what is not UTF-8 included.
func TestARecordingPlaysToTheSameScreen(t *testing.T) {
	pieces := []string{
		"plain text ", "\r\n", "日本語", "e\u0301", "\U0001F469\u200d\U0001F467", "\x1b[31;1m", "\x1b[m", "\x1b[2;3H", "\x1b[K",
		"\x1b]0;title \"quoted\" \\ 本\x07", "\x1b]8;;http://x/?a=1&b=<2>\x1b\\link\x1b]8;;\x1b\\", "\t", "\b", "\x7f", "\x00",
		"\xff", "\xe6\x9c", "\xc3", "\xf0\x9f\x91", "\xed\xa0\x80", "\xf5", "\x80\x80", "\xe6\x9c\x1b[4m", "\u2028", "\u009b31m",
		"\x1b[?1049h", "\x1b[?1049l", "\x1b[?25l", "\x1b[5 q", "\ufffd", "\ufeff", "long " + strings.Repeat("line ", 30),
	}
	for seed := range uint64(50) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		var in []byte
		for range 400 {
			in = append(in, pieces[rnd.IntN(len(pieces))]...)
		}
		var file bytes.Buffer
		r, err := New(&file, Options{Cols: 40, Rows: 10})
		if err != nil {
			t.Fatal(err)
		}
		vt := term.New(40, 10, term.Options{})
		for len(in) > 0 {
			n := min(1+rnd.IntN(20), len(in))
			if !r.Output(in[:n]) {
				t.Fatal("left out")
			}
			_, _ = vt.Write(in[:n])
			in = in[n:]
			if rnd.IntN(40) == 0 {
				cols, rows := 1+rnd.IntN(60), 1+rnd.IntN(20)
				r.Resize(cols, rows)
				vt.Resize(cols, rows)
			}
		}
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
		// An unfinished character shows nothing yet, here and there.
		wantSame(t, parse(t, file.Bytes()).play(t), vt)
	}
}
