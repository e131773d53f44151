package term

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corporaEnv names a folder whose files are benchmarked in the place of the
// built-in corpora. A name that begins with a size, as 80x24_vim, is fed to a
// terminal of that size, others to one of 80x24.
const corporaEnv = "TERM_CORPORA"

// BenchmarkCorpora feeds the files of the folder that TERM_CORPORA names
// (scripts/corpora makes one).
func BenchmarkCorpora(b *testing.B) {
	dir := os.Getenv(corporaEnv)
	if dir == "" {
		b.Skip(corporaEnv + " names no folder")
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		b.Fatal(err)
	}
	for _, f := range files {
		if f.IsDir() {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			b.Fatal(err)
		}
		cols, rows := 80, 24
		if _, err := fmt.Sscanf(f.Name(), "%dx%d", &cols, &rows); err != nil {
			cols, rows = 80, 24
		}
		b.Run(f.Name(), func(b *testing.B) {
			term := New(cols, rows, Options{})
			feedChunks(term, data, 32<<10)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				feedChunks(term, data, 32<<10)
			}
		})
	}
}

// corpora are about a megabyte each of what programs write.
func corpora(cols, rows int) map[string][]byte {
	rnd := rand.New(rand.NewPCG(1, 2))
	build := func(line func(b *strings.Builder, i int)) []byte {
		var b strings.Builder
		for i := 0; b.Len() < 1<<20; i++ {
			line(&b, i)
		}
		return []byte(b.String())
	}
	word := func(b *strings.Builder, n int) {
		for range n {
			b.WriteByte(byte('a' + rnd.IntN(26)))
		}
	}
	return map[string][]byte{
		"ascii": build(func(b *strings.Builder, _ int) {
			word(b, cols-rnd.IntN(cols/2))
			b.WriteString("\r\n")
		}),
		"short": build(func(b *strings.Builder, _ int) { b.WriteString("y\r\n") }),
		"sgr": build(func(b *strings.Builder, i int) {
			for c := 0; c+6 < cols; c += 6 {
				fmt.Fprintf(b, "\x1b[38;5;%dm", rnd.IntN(256))
				word(b, 6)
			}
			b.WriteString("\x1b[0m\r\n")
		}),
		"truecolor": build(func(b *strings.Builder, i int) {
			for range cols {
				fmt.Fprintf(b, "\x1b[48;2;%d;%d;%dm ", rnd.IntN(8), i%256, rnd.IntN(8))
			}
			b.WriteString("\x1b[0m\r\n")
		}),
		"unicode": build(func(b *strings.Builder, i int) {
			for range cols / 20 {
				b.WriteString("日本語テキ e\u0301 ü→ ")
			}
			b.WriteString("👩‍👧\r\n")
		}),
		"cjk": build(func(b *strings.Builder, i int) {
			for range cols / 2 {
				b.WriteRune(rune(0x4e00 + rnd.IntN(0x2000)))
			}
			b.WriteString("\r\n")
		}),
		"region": build(func(b *strings.Builder, i int) {
			if i%100 == 0 {
				fmt.Fprintf(b, "\x1b[3;%dr\x1b[%d;1H", rows-2, rows-2)
			}
			word(b, cols-rnd.IntN(cols/2))
			b.WriteString("\r\n")
		}),
		"cursor": build(func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "\x1b[%d;%dH", 1+rnd.IntN(rows), 1+rnd.IntN(cols))
			word(b, 4)
		}),
		"edit": build(func(b *strings.Builder, i int) {
			fmt.Fprintf(b, "\x1b[%d;%dH\x1b[4@abcd\x1b[2P\x1b[K\x1b[L\x1b[M", 1+rnd.IntN(rows), 1+rnd.IntN(cols))
		}),
	}
}

func BenchmarkWrite(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		c := corpora(size[0], size[1])
		for _, name := range []string{"ascii", "short", "sgr", "truecolor", "unicode", "cjk", "region", "cursor", "edit"} {
			b.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], name), func(b *testing.B) {
				term := New(size[0], size[1], Options{})
				feedChunks(term, c[name], 32<<10) // fills the scrollback
				b.SetBytes(int64(len(c[name])))
				b.ReportAllocs()
				for b.Loop() {
					feedChunks(term, c[name], 32<<10)
				}
			})
		}
	}
}

// BenchmarkRecording feeds what vim wrote.
func BenchmarkRecording(b *testing.B) {
	data := readData(b, "testdata/alacritty-ref/vim_24bitcolors_bce/alacritty.recording")
	term := New(174, 96, Options{})
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		feedChunks(term, data, 32<<10)
	}
}

// BenchmarkAppendRow draws a whole screen of coloured text.
func BenchmarkAppendRow(b *testing.B) {
	for _, size := range [][2]int{{80, 24}, {200, 50}} {
		for _, name := range []string{"ascii", "sgr", "unicode"} {
			b.Run(fmt.Sprintf("%dx%d/%s", size[0], size[1], name), func(b *testing.B) {
				term := New(size[0], size[1], Options{})
				feedChunks(term, corpora(size[0], size[1])[name][:64<<10], 32<<10)
				var buf []byte
				b.ReportAllocs()
				for b.Loop() {
					buf = buf[:0]
					for y := range size[1] {
						buf = term.AppendRow(buf, y)
					}
				}
			})
		}
	}
}

// BenchmarkResize changes the width with the scrollback full.
func BenchmarkResize(b *testing.B) {
	term := New(80, 24, Options{})
	for range 20 {
		feedChunks(term, corpora(80, 24)["sgr"], 32<<10)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		term.Resize(80-i%2*30, 24)
	}
}
