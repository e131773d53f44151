// Command crabbox-tui rents GPU boxes, shows what they cost, opens shells in
// them and gives them back with nothing left running.
package main

import (
	"os"

	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.Stdio{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
