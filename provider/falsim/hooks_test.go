package falsim

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestAHeldRequestWaitsForItsRelease(t *testing.T) {
	for _, after := range []bool{false, true} {
		w := newWire(t, Options{})
		held := w.Hold(RequestFault{On: "create", AfterEffect: after})
		defer held.Release()
		done := make(chan reply, 1)
		go func() {
			r, _ := w.do(t, "POST", instancesPath, createBody(newPublicKey(t)))
			done <- r
		}()
		<-held.Arrived()
		want := 0
		if after {
			want = 1
		}
		if n := len(w.Books().Instances); n != want {
			t.Errorf("after effect %v: %d instances while held, want %d", after, n, want)
		}
		select {
		case r := <-done:
			t.Errorf("answered while held: %d", r.status)
		default:
		}
		held.Release()
		held.Release()
		if r := <-done; r.status != 200 {
			t.Errorf("after the release: %d", r.status)
		}
		if r, err := w.do(t, "POST", instancesPath, createBody(newPublicKey(t))); err != nil || r.status != 200 {
			t.Errorf("a later one: %d %v", r.status, err)
		}
	}
}

func TestAHeldRequestCanBeHarmedWhenItGoesOn(t *testing.T) {
	s := newServer(t, Options{})
	held := s.Hold(RequestFault{On: "list", Action: "status", Status: 502})
	held.Release()
	if r := list(t, s); r.status != 502 {
		t.Errorf("%d", r.status)
	}
}

func TestCloseDropsWhatIsHeldWithoutEffect(t *testing.T) {
	w := newWire(t, Options{})
	held := w.Hold(RequestFault{On: "create"})
	w.Inject(RequestFault{On: "list", Delay: Forever})
	failed := make(chan error, 2)
	for _, method := range []string{"POST", "GET"} {
		go func() {
			_, err := w.do(t, method, instancesPath, createBody(newPublicKey(t)))
			failed <- err
		}()
	}
	<-held.Arrived()
	if err := w.Close(); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := <-failed; err == nil {
			t.Error("it was answered")
		}
	}
	if n := len(w.Books().Instances); n != 0 {
		t.Errorf("%d instances", n)
	}
}

func TestAwaitReturnsWhenTheBooksSaySo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer(t, Options{Boot: 10 * time.Second})
		began := time.Now()
		create(t, s)
		if err := s.Await(t.Context(), func(b Books) bool { return b.Instances[0].Status == "ready" }); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took != 5*time.Second {
			t.Errorf("it was ready after %v", took)
		}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, errors.New("too long"))
		defer cancel()
		if err := s.Await(ctx, func(Books) bool { return false }); err == nil || err.Error() != "too long" {
			t.Errorf("%v", err)
		}
	})
}
