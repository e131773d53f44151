package tui

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"unicode"
)

// Files that a person asks for. All of this waits for the disk, so it is called
// by commands only.

// writeNew writes a file that only its owner can read, and returns its size. It
// fails with fs.ErrExist if there is something of that name; a file that could
// not be written whole is removed.
func writeNew(path string, write func(io.Writer) error) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	if size, err = fill(f, write); err != nil {
		_ = os.Remove(path)
	}
	return size, err
}

// writeOver is writeNew in place of a file that is there. That one stays as it
// is until the new one is whole.
func writeOver(path string, write func(io.Writer) error) (size int64, err error) {
	if path, err = filepath.EvalSymlinks(path); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	if !info.Mode().IsRegular() {
		return 0, errors.New("it is not a plain file")
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".crabbox-tui-*") // 0600
	if err != nil {
		return 0, err
	}
	size, err = fill(f, func(w io.Writer) error {
		if err := write(w); err != nil {
			return err
		}
		return f.Sync() // or the name could be there before the text is
	})
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return size, err
}

// fill writes a file and closes it.
func fill(f *os.File, write func(io.Writer) error) (int64, error) {
	err := write(f)
	size, serr := f.Seek(0, io.SeekCurrent)
	return size, errors.Join(err, serr, f.Close())
}

// expand makes a path that a person typed absolute; ~ is their home.
func expand(path string) (string, error) {
	if rest, ok := strings.CutPrefix(path, "~"); ok {
		if rest != "" && !os.IsPathSeparator(rest[0]) {
			return "", errors.New("only ~ itself is your home; write the path of another's out")
		}
		home, err := os.UserHomeDir()
		if err != nil {
			return "", err
		}
		path = home + rest
	}
	return filepath.Abs(path)
}

// shownPath is a path as a person would type it.
func shownPath(path string) string {
	if home, err := os.UserHomeDir(); err == nil {
		if rest, ok := strings.CutPrefix(path, home+string(filepath.Separator)); ok {
			return filepath.Join("~", rest)
		}
	}
	return path
}

// shownFile is a path with what matters of it first, for where there may be
// little room.
func shownFile(path string) string {
	dir, name := filepath.Split(path)
	return clean(name) + " in " + clean(shownPath(filepath.Clean(dir)))
}

// fileName makes a name from elsewhere fit for a file, on any system.
func fileName(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_' || r == '.' {
			return r
		}
		return '-'
	}, clean(s))
	s = strings.TrimLeft(s, "-.")
	if r := []rune(s); len(r) > 64 {
		s = string(r[:64])
	}
	if s == "" {
		return "box"
	}
	return s
}

// stamp is the time as part of a file's name.
const stamp = "20060102-150405"

// byteCount is n as people read it: 312 bytes, 4.1 KiB, 20 MiB.
func byteCount(n int64) string {
	if n < 1<<10 {
		return fmt.Sprintf("%d %s", n, plural(int(n), "byte", "bytes"))
	}
	x, unit := float64(n)/(1<<10), "KiB"
	for _, next := range []string{"MiB", "GiB"} {
		if x < 1000 {
			break
		}
		x, unit = x/(1<<10), next
	}
	if x < 10 {
		return fmt.Sprintf("%.1f %s", x, unit)
	}
	return fmt.Sprintf("%.0f %s", x, unit)
}

// diskTrouble is an error of a file without the path, which is said beside it.
func diskTrouble(err error) string {
	var p *fs.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return clean(err.Error())
}
