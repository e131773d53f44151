package cli

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"time"
)

// lent counts the programs that have the terminal, a pager for example. What
// is typed there to interrupt them interrupts all programs of the terminal.
var lent atomic.Int32

// lentAfter is how long an interrupt may take to get here.
const lentAfter = 200 * time.Millisecond

// lend lets interrupts be another program's until back is called.
func lend() (back func()) {
	lent.Add(1)
	return func() { time.AfterFunc(lentAfter, func() { lent.Add(-1) }) }
}

// untilSignal returns a context that an interrupt, a termination or a hang-up
// ends. A second signal ends the program at once, as if nobody listened.
func untilSignal(parent context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, endingSignals...)
	go func() {
		defer cancel()
		defer signal.Stop(signals)
		for {
			select {
			case s := <-signals:
				if s == os.Interrupt && lent.Load() > 0 {
					continue
				}
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, cancel
}
