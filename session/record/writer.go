package record

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// writer is the recorder's goroutine: it encodes what waits and writes it.
type writer struct {
	r       *Recorder
	buf     []byte
	written int64 // whole lines that are in the file
	out, in text
}

// run writes until the recording is over.
func (r *Recorder) run(written int64) {
	defer close(r.done)
	w := &writer{r: r, written: written}
	err := w.all()
	if c, ok := r.w.(io.Closer); ok {
		if cerr := c.Close(); err == nil {
			err = cerr
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue, r.echo = queue{}, nil
	if err == nil {
		return
	}
	r.err = err
	if !errors.Is(err, ErrTooLarge) {
		r.err = fmt.Errorf("recording: %w", err)
	}
}

// all writes one batch after the other.
func (w *writer) all() error {
	var batch queue
	for {
		<-w.r.wake
		last := false
		batch, last = w.take(batch)
		if err := w.write(&batch); err != nil {
			return err
		}
		if last {
			return nil
		}
	}
}

// take returns what waits, and whether nothing comes after it. Its memory is
// used in turn with spare's.
func (w *writer) take(spare queue) (queue, bool) {
	r := w.r
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		r.sayMissing()
	}
	if cap(spare.data) > flushAt {
		spare = queue{} // a flood is over; do not keep its size
	}
	batch := r.queue
	r.queue = queue{spare.events[:0], spare.data[:0]}
	return batch, r.closing
}

func (w *writer) write(q *queue) error {
	data := q.data
	for _, e := range q.events {
		if err := w.event(e, data[:e.n]); err != nil {
			return err
		}
		data = data[e.n:]
	}
	return w.flush()
}

func (w *writer) event(e event, data []byte) error {
	for first := true; first || len(data) > 0; first = false {
		n := min(len(data), maxEvent)
		if err := w.line(e.at, e.code, data[:n]); err != nil {
			return err
		}
		data = data[n:]
	}
	return nil
}

// line encodes one line, or ends the recording when there is no room for it.
func (w *writer) line(at time.Duration, code byte, data []byte) error {
	start := len(w.buf)
	switch code {
	case output:
		w.buf = w.out.appendEvent(w.buf, at, code, data)
	case input:
		w.buf = w.in.appendEvent(w.buf, at, code, data)
	default:
		w.buf = new(text).appendEvent(w.buf, at, code, data)
	}
	if w.written+int64(len(w.buf)) > w.r.o.MaxBytes-lastWords {
		w.buf = new(text).appendEvent(w.buf[:start], at, mark, []byte(ErrTooLarge.Error()+" and ends here"))
		if err := w.flush(); err != nil {
			return err
		}
		return ErrTooLarge
	}
	if len(w.buf) >= flushAt {
		return w.flush()
	}
	return nil
}

// flush writes what is encoded. After a failure nothing of it stays, so that
// the file ends in a whole line.
func (w *writer) flush() error {
	if len(w.buf) == 0 {
		return nil
	}
	n, err := w.r.w.Write(w.buf)
	if err != nil {
		if f, ok := w.r.w.(interface{ Truncate(int64) error }); ok && n > 0 {
			_ = f.Truncate(w.written) // the write's failure is the one to tell
		}
		return err
	}
	w.written += int64(n)
	w.buf = w.buf[:0]
	return nil
}
