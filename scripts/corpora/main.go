// Command corpora writes what the benchmarks feed to terminals: plain text,
// colour, Unicode, progress bars and a scrolling region, made from a fixed seed,
// and vim and htop as they draw on a PTY, each for 80x24 and for 200x50.
//
//	go run ./scripts/corpora /tmp/corpora
//	TERM_CORPORA=/tmp/corpora go test ./session/term -run - -bench Corpora
//
// A file is named for its size and kind, as 80x24_vim. None asks the terminal
// anything, and each leaves it as it was, so that a shell can print it.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// size is a terminal's, in cells.
type size struct{ cols, rows int }

var sizes = []size{{80, 24}, {200, 50}}

func main() {
	megabytes := flag.Int("megabytes", 4, "size of each file")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: corpora [--megabytes N] FOLDER")
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() != 1 || *megabytes < 1 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(flag.Arg(0), *megabytes<<20); err != nil {
		fmt.Fprintln(os.Stderr, "corpora:", err)
		os.Exit(1)
	}
}

// run writes every corpus, of at least bytes each, into dir.
func run(dir string, bytes int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, s := range sizes {
		for _, t := range texts {
			if err := write(dir, s, t.kind, text(t.line, t.end, s, bytes)); err != nil {
				return err
			}
		}
		for _, p := range programs {
			data, err := p.record(s)
			if errors.Is(err, exec.ErrNotFound) {
				fmt.Fprintf(os.Stderr, "corpora: %s is not installed, so there is no corpus of it\n", p.kind)
				continue
			}
			if err != nil {
				return fmt.Errorf("record %s: %w", p.kind, err)
			}
			if err := write(dir, s, p.kind, repeat(data, bytes)); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(dir string, s size, kind string, data []byte) error {
	return os.WriteFile(filepath.Join(dir, fmt.Sprintf("%dx%d_%s", s.cols, s.rows, kind)), data, 0o644)
}

// repeat returns data as often as it takes to reach n bytes.
func repeat(data []byte, n int) []byte {
	out := make([]byte, 0, n+len(data))
	for len(out) < n {
		out = append(out, data...)
	}
	return out
}
