//go:build unix

package cli

import (
	"context"
	"syscall"
	"testing"
	"time"
)

// An interrupt ends the program, but for one that is meant for a program that
// has the terminal. A hang-up is meant for all.
func TestInterruptsOfALentTerminalAreNotOurs(t *testing.T) {
	send := func(s syscall.Signal) {
		t.Helper()
		if err := syscall.Kill(syscall.Getpid(), s); err != nil {
			t.Fatal(err)
		}
	}
	ended := func(ctx context.Context) {
		t.Helper()
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Second):
			t.Fatal("it did not end")
		}
	}
	back := lend()
	ctx, stop := untilSignal(context.Background())
	defer stop()
	send(syscall.SIGINT)
	back()
	for deadline := time.Now().Add(20 * time.Second); lent.Load() > 0; time.Sleep(time.Millisecond) {
		if ctx.Err() != nil || time.Now().After(deadline) {
			t.Fatal("another program's interrupt ended this one, or stays another's")
		}
	}
	send(syscall.SIGINT)
	ended(ctx)

	defer lend()()
	ctx, stop = untilSignal(context.Background())
	defer stop()
	send(syscall.SIGHUP)
	ended(ctx)
}
