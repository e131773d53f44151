package record

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// clock is set by hand.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

func TestARecordingIsAnAsciicast(t *testing.T) {
	c := &clock{t: time.Unix(1_700_000_000, 0)}
	path := filepath.Join(t.TempDir(), "shell.cast")
	r, err := Create(path, Options{Cols: 80, Rows: 24, Shell: `/bin/"z"sh`, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	r.Output([]byte("a\x1b[1mb\"\\\r\n"))
	c.add(1500 * time.Millisecond)
	r.Resize(100, 30)
	c.add(-time.Second) // a clock that is set back
	r.Mark("here")
	c.add(2 * time.Second)
	r.Input([]byte("not recorded\r"))
	r.Output([]byte("z"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"version":2,"width":80,"height":24,"timestamp":1700000000,"env":{"SHELL":"/bin/\"z\"sh","TERM":"xterm-256color"}}
[0.000000, "o", "a\u001b[1mb\"\\\r\n"]
[1.500000, "r", "100x30"]
[1.500000, "m", "here"]
[2.500000, "o", "z"]
`
	if string(file) != want {
		t.Errorf("%s\nwant\n%s", file, want)
	}
	parse(t, file)
}

func TestTheFileIsNewAndPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.cast")
	r, err := Create(path, Options{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, Options{Cols: 80, Rows: 24}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a file was written over: %v", err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
	st, err := os.Stat(path)
	if err != nil || st.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		t.Errorf("%v, %v", st.Mode(), err)
	}
	link := filepath.Join(t.TempDir(), "link.cast")
	if err := os.Symlink(filepath.Join(t.TempDir(), "elsewhere"), link); err == nil {
		if _, err := Create(link, Options{Cols: 80, Rows: 24}); !errors.Is(err, fs.ErrExist) {
			t.Errorf("a link was followed: %v", err)
		}
	}
}

// stuckDisk takes nothing until it is let go, the header apart.
type stuckDisk struct {
	bytes.Buffer
	once    sync.Once
	stuck   chan struct{} // closed when it has got stuck
	release chan struct{}
	wrote   chan struct{} // one slot: it took something
	header  bool
}

func newStuckDisk() *stuckDisk {
	return &stuckDisk{stuck: make(chan struct{}), release: make(chan struct{}), wrote: make(chan struct{}, 1)}
}

func (d *stuckDisk) Write(p []byte) (int, error) {
	if d.header {
		d.once.Do(func() { close(d.stuck) })
		<-d.release
	}
	d.header = true
	select {
	case d.wrote <- struct{}{}:
	default:
	}
	return d.Buffer.Write(p)
}

func TestASlowDiskHoldsNothingUp(t *testing.T) {
	d := newStuckDisk()
	r, err := New(d, Options{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	r.Output([]byte("first"))
	<-d.stuck
	chunk := bytes.Repeat([]byte("x"), 32<<10)
	left := 0
	for range 1000 { // far more than the queue holds
		if !r.Output(chunk) {
			left += len(chunk)
		}
	}
	if left == 0 || r.Ready() || r.MissedBytes() != int64(left) {
		t.Errorf("%d bytes left out, %d said, ready %v", left, r.MissedBytes(), r.Ready())
	}
	for i := range 1000 {
		r.Resize(80+i, 24)
	}
	r.Missed(7)
	close(d.release)
	for !r.Ready() {
		<-d.wrote
	}
	if !r.Output([]byte("after")) {
		t.Error("left out though there is room")
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	c := parse(t, d.Bytes())
	if o := c.all("o"); !strings.HasPrefix(o, "firstxxx") || !strings.HasSuffix(o, "xxxafter") || len(o) != 1000*len(chunk)-left+10 {
		t.Errorf("%d bytes of output", len(o))
	}
	if m := c.all("m"); m != "the disk was too slow, bytes of output left out: "+strconv.Itoa(left+7) {
		t.Errorf("marks %q", m)
	}
	if n := strings.Count(c.all("r"), "x"); n != 1 || !strings.Contains(c.all("r"), "1079x24") {
		t.Errorf("%d sizes, want the newest alone", n)
	}
	if r.MissedBytes() != int64(left+7) {
		t.Errorf("missed %d, want %d", r.MissedBytes(), left+7)
	}
}

// A gap at the end is marked too.
func TestAGapAtTheEndIsMarked(t *testing.T) {
	d := newStuckDisk()
	r, err := New(d, Options{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	r.Output(make([]byte, 1<<20))
	<-d.stuck
	if r.Output(make([]byte, maxQueue)) {
		t.Fatal("taken")
	}
	r.Stop()
	if r.Output([]byte("x")) {
		t.Error("recorded after the end")
	}
	close(d.release)
	<-r.Done()
	if m := parse(t, d.Bytes()).all("m"); !strings.Contains(m, "left out: ") {
		t.Errorf("marks %q", m)
	}
}

func TestTheSizeIsBounded(t *testing.T) {
	for _, most := range []int64{1, 10_000, 300_000} {
		var file bytes.Buffer
		r, err := New(&file, Options{Cols: 80, Rows: 24, MaxBytes: most})
		if err != nil {
			t.Fatal(err)
		}
		// Controls take six bytes each in the file.
		for range 100 {
			r.Output(bytes.Repeat([]byte{1}, 1000))
		}
		<-r.Done()
		if err := r.Close(); !errors.Is(err, ErrTooLarge) {
			t.Errorf("err %v", err)
		}
		if int64(file.Len()) > max(most, minBytes) || int64(file.Len()) < most/2 {
			t.Errorf("%d bytes of %d", file.Len(), most)
		}
		c := parse(t, file.Bytes())
		if last := c.events[len(c.events)-1]; last.code != "m" || !strings.Contains(last.data, "largest size") {
			t.Errorf("it ends in %+v", last)
		}
		if r.Output([]byte("x")) || r.Ready() {
			t.Error("it goes on")
		}
		r.Resize(1, 1)
		r.Mark("x")
	}
}

// fillingDisk is a file on a disk that has room for so many bytes: as with a
// real one, the last write is done in part.
type fillingDisk struct {
	*os.File
	room int
}

func (d *fillingDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	if m, err := d.File.Write(p[:n]); err != nil {
		return m, err
	}
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

func TestAFullDiskEndsTheRecordingInAWholeLine(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "a.cast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := New(&fillingDisk{f, 100_000}, Options{Cols: 80, Rows: 24})
	if err != nil {
		t.Fatal(err)
	}
	for range 1000 {
		r.Output([]byte(strings.Repeat("output ", 100)))
	}
	<-r.Done()
	if err := r.Close(); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("err %v", err)
	}
	if r.Output([]byte("x")) {
		t.Error("it goes on")
	}
	file, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	parse(t, file)
	if len(file) == 0 || len(file) > 100_000 {
		t.Errorf("%d bytes", len(file))
	}
}

// The one disk that is always full, where there is it.
func TestAFullDiskAtTheBeginning(t *testing.T) {
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full")
	}
	defer f.Close()
	if _, err := New(f, Options{Cols: 80, Rows: 24}); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("err %v", err)
	}
	if _, err := Create(filepath.Join(t.TempDir(), "no", "such", "folder"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("err %v", err)
	}
}

// Characters are put together over pieces, and what is none is said once for
// each part, as a terminal shows it.
func TestBytesBecomeText(t *testing.T) {
	for _, c := range []struct {
		in   []string
		want string
	}{
		{[]string{"\xe6", "\x97", "\xa5x"}, "日x"},
		{[]string{"a\xf0\x9f", "\x91\xa9"}, "a\U0001F469"},
		{[]string{"\xe6\x97", "x"}, "\ufffdx"},
		{[]string{"\xe6", "\xe6\x97\xa5"}, "\ufffd日"},
		{[]string{"\xf0\x9f\x91", "\x1b[m"}, "\ufffd\x1b[m"},
		{[]string{"\xff\xfe"}, "\ufffd\ufffd"},
		{[]string{"\xe6\x97\xe6\x97\xa5"}, "\ufffd日"},
		{[]string{"\xed\xa0\x80"}, "\ufffd\ufffd\ufffd"},
		{[]string{"\xc3", "\xc3", "\xa9"}, "\ufffdé"},
		{[]string{"end \xe6\x97"}, "end "},
		{[]string{"\xe6", "", "\x97\xa5"}, "日"},
	} {
		var tx text
		var file []byte
		for _, s := range c.in {
			file = tx.appendEvent(file, 0, output, []byte(s))
		}
		file = append([]byte("{\"version\":2,\"width\":1,\"height\":1}\n"), file...)
		if got := parse(t, file).all("o"); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add([]byte("a\xe6\x97\xa5\"\\\x1b\xff\x00"), uint8(2))
	f.Fuzz(func(t *testing.T, data []byte, at uint8) {
		var whole, cut text
		n := min(int(at), len(data))
		a := whole.append(nil, data)
		b := cut.append(cut.append(nil, data[:n]), data[n:])
		if !bytes.Equal(a, b) {
			t.Errorf("%q cut at %d: %q, want %q", data, n, b, a)
		}
		parse(t, append(append([]byte("{\"version\":2,\"width\":1,\"height\":1}\n[0.0, \"o\", \""), a...), "\"]\n"...))
	})
}

func BenchmarkEncode(b *testing.B) {
	p := bytes.Repeat([]byte("\x1b[32mword\x1b[m text 日本 "), 1000)
	var tx text
	var buf []byte
	b.SetBytes(int64(len(p)))
	b.ReportAllocs()
	for b.Loop() {
		buf = tx.appendEvent(buf[:0], time.Second, output, p)
	}
}
