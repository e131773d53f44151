//go:build !unix

package cli

import "os"

var endingSignals = []os.Signal{os.Interrupt}
