package tui

import (
	"context"
	"fmt"
	"testing"
	"time"
)

// A pane that is closed while it dials takes nobody with it who waits for the
// same connection.
func TestAClosedPaneDoesNotFailTheOthers(t *testing.T) {
	ls := newLinks()
	ctx, closes := context.WithCancel(t.Context())
	dialling := make(chan struct{})
	failed := make(chan error, 1)
	go func() {
		_, err := ls.open(ctx, "box", func(ctx context.Context) (Link, error) {
			close(dialling)
			<-ctx.Done()
			return nil, fmt.Errorf("connect: %w", ctx.Err())
		})
		failed <- err
	}()
	<-dialling
	joined := make(chan error, 1)
	go func() {
		ref, err := ls.open(t.Context(), "box", func(context.Context) (Link, error) { return &checked{}, nil })
		if err == nil {
			ref.release()
		}
		joined <- err
	}()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		ls.mu.Lock()
		both := ls.byKey["box"].refs == 2
		ls.mu.Unlock()
		if both {
			break
		}
		if time.Now().After(end) {
			t.Fatal("nobody joined")
		}
	}
	closes()
	if err := <-failed; err == nil {
		t.Error("a dialling that was given up is no failure")
	}
	if err := <-joined; err != nil {
		t.Errorf("who joined: %v", err)
	}
	if len(ls.byKey) != 0 {
		t.Errorf("left: %v", ls.byKey)
	}
}
