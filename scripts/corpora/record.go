package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/creack/pty"
)

// Keys are pressed until one of these.
const (
	recordTime  = 10 * time.Second
	recordBytes = 1 << 20
	// restTime is how long a program that has drawn draws nothing: it waits for
	// a key, and one pressed sooner would only queue. One that the key gave
	// nothing to draw gets the next after stillTime.
	restTime  = 10 * time.Millisecond
	stillTime = 400 * time.Millisecond
	// endTime is how long it may take from start to end.
	endTime = 45 * time.Second
)

// program is one that is recorded as it runs.
type program struct {
	kind string
	// command makes its command line; dir is a folder of its own.
	command func(dir string, s size) (*exec.Cmd, error)
	// keys are pressed again and again, each when the one before was drawn;
	// without any the program is left to itself.
	keys []string
	quit string
}

var programs = []program{
	{kind: "vim", command: vim},
	{kind: "htop", command: htop, keys: []string{"\x0c", "\x1b[B", "\x1b[B", "M", "\x1b[6~", "\x1b[5~", "P"}, quit: "q"},
}

// session is what vim is made to do. It asks the terminal nothing: whoever
// prints the recording gets no answers for keys.
const session = `set nocompatible t_RV= t_u7= t_RF= t_RB= t_RC= t_RS= t_RK= t_TI= t_TE= t_ut= ttyfast lazyredraw
set t_Co=256 number ruler showcmd hlsearch incsearch laststatus=2
syntax on
function! Work()
  for i in range(12)
    for key in ["\<C-f>", "\<C-f>", "\<C-d>", "3\<C-e>", "\<C-y>", "10j", "G", "gg", "\<C-f>", "n", "n", "zz", "\<C-b>"]
      silent! exe "normal! " . key
      redraw
    endfor
    for c in split("static int count = 0;", '\zs')
      exe "normal! a" . c
      redraw
    endfor
    exe "normal! o\<Esc>dd"
    redraw
    exe "normal! 5dd"
    redraw
    exe "normal! u"
    redraw
    split
    redraw
    exe "normal! \<C-f>"
    redraw!
    close
    redraw
    set relativenumber!
    redraw
  endfor
  qall!
endfunction
let @/ = "return"
autocmd VimEnter * call timer_start(50, {-> Work()})
`

func vim(dir string, _ size) (*exec.Cmd, error) {
	var source bytes.Buffer
	for i := range 1500 {
		fmt.Fprintf(&source, "/* step %d of the table: see the notes */\nstatic int step_%d(const char *name, size_t n)\n{\n\tif (n > %d && name[0] == '%c')\n\t\treturn printf(\"%%s is %d\\n\", name);\n\treturn 0x%x;\n}\n\n", i, i, i%97, 'a'+i%26, i, i*31)
	}
	for name, data := range map[string][]byte{"source.c": source.Bytes(), "session.vim": []byte(session)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return nil, err
		}
	}
	path, err := exec.LookPath("vim")
	if err != nil {
		return nil, err
	}
	return exec.Command(path, "-u", "session.vim", "-i", "NONE", "-n", "source.c"), nil
}

func htop(string, size) (*exec.Cmd, error) {
	path, err := exec.LookPath("htop")
	if err != nil {
		return nil, err
	}
	return exec.Command(path, "-d", "1"), nil
}

// record runs the program on a PTY of its size and returns what it wrote.
func (p program) record(s size) ([]byte, error) {
	dir, err := os.MkdirTemp("", "corpora-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cmd, err := p.command(dir, s)
	if err != nil {
		return nil, err
	}
	cmd.Dir = dir
	cmd.Env = []string{"TERM=xterm-256color", "LANG=C.UTF-8", "HOME=" + dir, "PATH=" + os.Getenv("PATH")}
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(s.cols), Rows: uint16(s.rows)})
	if err != nil {
		return nil, err
	}
	defer tty.Close()
	data, err := p.drive(tty)
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return nil, err
	}
	return data, cmd.Wait()
}

// drive presses the keys, each after what the one before it drew, and reads to
// the program's end.
func (p program) drive(tty *os.File) ([]byte, error) {
	chunks := make(chan []byte)
	go func() {
		defer close(chunks)
		for {
			buf := make([]byte, 64<<10)
			n, err := tty.Read(buf)
			if err != nil {
				return // Linux calls the end of a PTY EIO
			}
			chunks <- buf[:n]
		}
	}()
	var out []byte
	start := time.Now()
	pressed, drawn := start, false
	for i := 0; ; {
		select {
		case c, more := <-chunks:
			if !more {
				return out, nil
			}
			out, drawn = append(out, c...), true
			continue
		case <-time.After(restTime):
		}
		switch {
		case time.Since(start) > endTime:
			return out, errors.New("it does not end")
		case len(p.keys) == 0, !drawn && time.Since(pressed) < stillTime:
			continue
		}
		key := p.keys[i%len(p.keys)]
		if len(out) > recordBytes || time.Since(start) > recordTime {
			key = p.quit
		}
		i++
		pressed, drawn = time.Now(), false
		if _, err := io.WriteString(tty, key); err != nil {
			return out, err
		}
	}
}
