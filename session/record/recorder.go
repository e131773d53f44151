package record

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"sync"
	"time"
)

// DefaultMaxBytes is how large a recording gets unless Options say otherwise.
const DefaultMaxBytes = 100 << 20

const (
	// maxQueue is how many bytes wait for the disk, with what their events take.
	maxQueue   = 4 << 20
	eventBytes = 32
	// maxEvent is how much output one line of the file holds.
	maxEvent = 32 << 10
	// flushAt is how much is encoded before it is written.
	flushAt = 64 << 10
	// lastWords is kept free for the marks that a recording ends with.
	lastWords = 1 << 10
	minBytes  = 4 << 10
	maxLabel  = 1 << 10
)

// ErrTooLarge: the recording has reached its largest size and ended there.
var ErrTooLarge = errors.New("the recording has reached its largest size")

// Options of a recording; zero fields mean the default in brackets.
type Options struct {
	Cols, Rows int
	Term       string // TERM of the remote [xterm-256color]
	Shell      string // SHELL of the remote [left out]
	Input      bool   // record what is typed and echoed too
	MaxBytes   int64  // of the file [DefaultMaxBytes, at least 4 KiB]

	Now func() time.Time // for tests [time.Now]
}

// Recorder writes one recording. All methods are safe for concurrent use, and
// none but Close waits for the disk.
type Recorder struct {
	w     io.Writer
	o     Options
	start time.Time
	wake  chan struct{} // one slot
	done  chan struct{} // closed when the last byte is written

	mu      sync.Mutex // guards the following
	queue   queue
	last    time.Duration // of the newest event
	echo    *echoFilter   // nil if input is not recorded
	missing int64         // bytes left out since the last mark about it
	missed  int64         // and in all
	closing bool
	err     error // why it ended
}

// queue is events that wait, their data one behind the other.
type queue struct {
	events []event
	data   []byte
}

type event struct {
	at   time.Duration
	code byte
	n    int // bytes of data
}

func (q *queue) size() int { return len(q.data) + len(q.events)*eventBytes }

func (q *queue) add(at time.Duration, code byte, data []byte) {
	q.events = append(q.events, event{at, code, len(data)})
	q.data = append(q.data, data...)
}

// Create begins a recording in a new file that only its owner can read. It
// fails if there is something of that name.
func Create(path string, o Options) (*Recorder, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	r, err := New(f, o)
	if err != nil {
		f.Close()
		_ = os.Remove(path) // it holds not even a header
		return nil, err
	}
	return r, nil
}

// New begins a recording that is written to w, which is closed at its end if it
// can be. It fails if the header cannot be written. If w has a Truncate method
// as files have, it is used after a failed write.
func New(w io.Writer, o Options) (*Recorder, error) {
	if o.Term == "" {
		o.Term = "xterm-256color"
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	o.MaxBytes = max(o.MaxBytes, minBytes)
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Recorder{w: w, o: o, start: o.Now(), wake: make(chan struct{}, 1), done: make(chan struct{})}
	if o.Input {
		r.echo = &echoFilter{}
	}
	h := encodeHeader(&o, r.start)
	if _, err := w.Write(h); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	go r.run(int64(len(h)))
	return r, nil
}

// now is the time of an event; time never goes back within a recording.
func (r *Recorder) now() time.Duration {
	r.last = max(r.last, r.o.Now().Sub(r.start))
	return r.last
}

func (r *Recorder) over() bool { return r.closing || r.err != nil }

func (r *Recorder) signal() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Output records output of the remote. It returns false if it was left out
// because the disk is too slow or the recording is over: what comes next would
// be played on a screen that lacks it. After that, and when Ready, the screen
// should be drawn anew (term.Terminal.AppendRepaint) before further output.
func (r *Recorder) Output(p []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over() || r.queue.size()+len(p)+eventBytes > maxQueue {
		r.leaveOut(len(p))
		return false
	}
	r.sayMissing()
	at := r.now()
	r.queue.add(at, output, p)
	if r.echo != nil {
		r.echo.output(p)
		r.echo.decided(func(line []byte) { r.queue.add(at, input, line) })
	}
	r.signal()
	return true
}

// leaveOut counts output that is not recorded. Nobody can tell what was echoed
// in it.
func (r *Recorder) leaveOut(n int) {
	r.missing += int64(n)
	if r.echo != nil {
		r.echo.lost()
	}
}

// sayMissing marks where output was left out.
func (r *Recorder) sayMissing() {
	if r.missing > 0 {
		r.queue.add(r.now(), mark, strconv.AppendInt([]byte("the disk was too slow, bytes of output left out: "), r.missing, 10))
		r.missed += r.missing
		r.missing = 0
	}
}

// Ready reports whether there is room to go on after output was left out.
func (r *Recorder) Ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.over() && r.queue.size() < maxQueue/2
}

// Missed counts output that was not even offered, because what came before it
// had been left out.
func (r *Recorder) Missed(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.over() {
		r.leaveOut(n)
	}
}

// Input records what was typed, if Options.Input says so and the remote turns
// out to echo it.
func (r *Recorder) Input(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.echo == nil || r.over() {
		return
	}
	r.echo.typed(p)
	at := r.now()
	r.echo.decided(func(line []byte) { r.queue.add(at, input, line) })
	r.signal()
}

// Resize records a new size. While the disk does not take what waits already,
// only the newest of several is kept.
func (r *Recorder) Resize(cols, rows int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over() {
		return
	}
	size := fmt.Appendf(nil, "%dx%d", cols, rows)
	q := &r.queue
	if n := len(q.events) - 1; n >= 0 && q.events[n].code == resize && q.size() > maxQueue/2 {
		q.data = q.data[:len(q.data)-q.events[n].n]
		q.events = q.events[:n]
	}
	q.add(r.now(), resize, size)
	r.signal()
}

// Mark puts a mark with a label into the recording; players can jump to it. Of
// a label 1 KiB is kept.
func (r *Recorder) Mark(label string) {
	label = label[:min(len(label), maxLabel)]
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over() || r.queue.size()+len(label)+eventBytes > maxQueue {
		return
	}
	r.queue.add(r.now(), mark, []byte(label))
	r.signal()
}

// MissedBytes is how much output was left out, which marks in the recording say
// too.
func (r *Recorder) MissedBytes() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.missed + r.missing
}

// Done is closed when the recording is over: after Stop, or because it ended by
// itself, for which Err says why.
func (r *Recorder) Done() <-chan struct{} { return r.done }

// Err is why the recording ended by itself: ErrTooLarge, or the error of the
// disk. It is nil as long as all is well, and after Stop.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Stop ends the recording. What waits is still written, without anybody waiting
// for it; Done tells.
func (r *Recorder) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closing = true
	r.signal()
}

// Close is Stop, and waits until everything is written. It returns what Err
// does, or what closing the file failed with.
func (r *Recorder) Close() error {
	r.Stop()
	<-r.done
	return r.Err()
}
