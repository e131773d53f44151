// Command term-dump feeds its standard input to the pane's terminal emulator and
// prints the grid that it makes as JSON, so that the emulator can be held
// against any other from outside.
//
//	printf 'a\x1b[1mb' | term-dump --cols 80 --rows 24 --history 1000
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/openclaw/crabbox-tui/session/term"
)

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is the command with its surroundings named; it returns the exit code: 2
// for wrong use, 1 if input or output failed.
func run(args []string, in io.Reader, out, errs io.Writer) int {
	flags := flag.NewFlagSet("term-dump", flag.ContinueOnError)
	flags.SetOutput(errs)
	cols := flags.Int("cols", 80, "columns of the screen")
	rows := flags.Int("rows", 24, "rows of the screen")
	history := flags.Int("history", 10_000, "lines that the scrollback keeps; 0 for none")
	if err := flags.Parse(args); err != nil {
		return 2
	}
	if *cols < 1 || *rows < 1 || *history < 0 || flags.NArg() > 0 {
		fmt.Fprintln(errs, "term-dump: --cols and --rows are at least 1, --history is not negative, and there are no arguments")
		return 2
	}
	if *history == 0 {
		*history = -1
	}
	t := term.New(*cols, *rows, term.Options{ScrollbackLines: *history})
	replies, err := feed(t, in)
	if err != nil {
		fmt.Fprintln(errs, "term-dump: read the input:", err)
		return 1
	}
	w := bufio.NewWriter(out)
	err = json.NewEncoder(w).Encode(dump(t, replies))
	if err == nil {
		err = w.Flush()
	}
	if err != nil {
		fmt.Fprintln(errs, "term-dump: write the grid:", err)
		return 1
	}
	return 0
}

// feed writes all of in to t and returns what the terminal answered.
func feed(t *term.Terminal, in io.Reader) (replies []byte, err error) {
	buf := make([]byte, 32<<10)
	for {
		n, err := in.Read(buf)
		_, _ = t.Write(buf[:n])
		replies = append(replies, t.Replies()...)
		switch {
		case err == io.EOF:
			return replies, nil
		case err != nil:
			return replies, err
		}
	}
}
