package term

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
)

func exported(t *testing.T, term *Terminal) (text, styled string) {
	t.Helper()
	var a, b strings.Builder
	s := term.History()
	if err := s.WriteText(&a); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteANSI(&b); err != nil {
		t.Fatal(err)
	}
	return a.String(), b.String()
}

func TestExportedHistory(t *testing.T) {
	for _, c := range []struct{ name, in, text, styled string }{
		{"lines above the screen and on it", "1\r\n2\r\n3\r\n4\r\n5", "1\n2\n3\n4\n5\n", "1\n2\n3\n4\n5\n"},
		{"wrapped lines joined", "0123456789abc 日本語日本語日本\r\nx", "0123456789abc 日本語日本語日本\nx\n", "0123456789abc 日本語日本語日本\nx\n"},
		{"a style over a wrap", "\x1b[31m0123456789ab\x1b[mc", "0123456789abc\n", "\x1b[31m0123456789ab\x1b[mc\n"},
		{"every line ends its style", "\x1b[31ma\r\nb", "a\nb\n", "\x1b[31ma\x1b[m\n\x1b[31mb\x1b[m\n"},
		{"blanks within, not behind", "a\x1b[3Cb   \r\n\r\nc", "a   b\n\nc\n", "a   b\n\nc\n"},
		{"coloured blanks", "a\x1b[44m  \x1b[mb", "a  b\n", "a\x1b[44m  \x1b[mb\n"},
		{"links", "\x1b]8;;http://x\x07a\x1b]8;;\x07b", "ab\n", "\x1b]8;;http://x\x1b\\a\x1b]8;;\x1b\\b\n"},
		{"not the rows below the text", "a\r\n", "a\n\n", "a\n\n"},
		{"not the alternate screen", "before\x1b[?1049hfull", "before\n", "before\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, styled := exported(t, screenOf(10, 3, c.in))
			if text != c.text {
				t.Errorf("text %q, want %q", text, c.text)
			}
			if styled != c.styled {
				t.Errorf("styled %q, want %q", styled, c.styled)
			}
		})
	}
}

// The styled export, written to a terminal of the same size, gives the same
// text again.
func TestStyledExportCanBeReplayed(t *testing.T) {
	for seed := range uint64(60) {
		rnd := rand.New(rand.NewPCG(seed, 21))
		term := New(2+rnd.IntN(30), 1+rnd.IntN(12), Options{ScrollbackLines: 50})
		play(t, term, generate(rnd, 200), seed)
		text, styled := exported(t, term)
		again := New(term.cols, term.rows, Options{})
		_, _ = again.Write([]byte(strings.ReplaceAll(styled, "\n", "\r\n")))
		if got, _ := exported(t, again); strings.TrimRight(got, "\n") != strings.TrimRight(text, "\n") {
			t.Errorf("seed %d: %q, was %q", seed, got, text)
		}
		if unstyled := regexp.MustCompile(" +(?m:$)").ReplaceAllString(stripStyling(styled), ""); unstyled != text {
			t.Errorf("seed %d: styled %q, text %q", seed, styled, text)
		}
	}
}

// A snapshot stays as it is while the terminal goes on.
func TestASnapshotIsApart(t *testing.T) {
	term := New(20, 4, Options{ScrollbackLines: 100, ScrollbackBytes: 1 << 14})
	for i := range 200 {
		_, _ = fmt.Fprintf(term, "\x1b[3%dmline %d\r\n", i%8, i)
	}
	s := term.History()
	var before, after strings.Builder
	_ = s.WriteANSI(&before)
	for i := range 1000 {
		_, _ = fmt.Fprintf(term, "other %d %s\r\n", i, strings.Repeat("x", 50))
	}
	term.Resize(7, 9)
	_ = s.WriteANSI(&after)
	if before.String() != after.String() || !strings.Contains(before.String(), "line 199") {
		t.Error("it changed")
	}
	if n := term.Snapshot(5, 2).Len() + term.Snapshot(0, 0).Len() + term.Snapshot(1<<62, 1<<63).Len(); n != 0 {
		t.Errorf("%d lines where there are none", n)
	}
}

type fullDisk struct{ left int }

var errDisk = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if d.left -= len(p); d.left < 0 {
		return 0, errDisk
	}
	return len(p), nil
}

func TestExportTellsThatTheDiskIsFull(t *testing.T) {
	s := history10k().History()
	if err := s.WriteText(&fullDisk{100_000}); !errors.Is(err, errDisk) {
		t.Errorf("err %v", err)
	}
}

// Each cell of a screen may have another long link; a snapshot is bounded all
// the same.
func TestASnapshotOfManyLinksIsBounded(t *testing.T) {
	term := New(1000, 200, Options{})
	for i := range 500 {
		_, _ = fmt.Fprintf(term, "\x1b]8;;http://%d/%s\x07x", i, strings.Repeat("u", 1900))
	}
	for range 200 {
		_, _ = term.Write([]byte("\x1b[1;1;1;500;1;2;1$v\x1b[2;1H\x1b[1;1;1;500;1;1;1$v"))
	}
	row := "\x1b[1;1;1;500;1;%d;1$v"
	for y := 2; y <= 200; y++ {
		_, _ = fmt.Fprintf(term, row, y)
	}
	if n := len(term.History().buf); n > 8<<20 {
		t.Errorf("%d bytes", n)
	}
}

func BenchmarkSnapshot(b *testing.B) {
	term := history10k()
	b.ReportAllocs()
	for b.Loop() {
		term.History()
	}
}

func BenchmarkExport(b *testing.B) {
	s := history10k().History()
	for name, write := range map[string]func(*fullDisk) error{
		"text": func(w *fullDisk) error { return s.WriteText(w) },
		"ansi": func(w *fullDisk) error { return s.WriteANSI(w) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s.buf)))
			for b.Loop() {
				if err := write(&fullDisk{1 << 30}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
