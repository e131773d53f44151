package claims

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

func move(from, to string) error {
	f, err := windows.UTF16PtrFromString(from)
	if err != nil {
		return err
	}
	t, err := windows.UTF16PtrFromString(to)
	if err != nil {
		return err
	}
	return windows.MoveFileEx(f, t, windows.MOVEFILE_REPLACE_EXISTING|windows.MOVEFILE_WRITE_THROUGH)
}

func replaceFile(from, to string) error { return move(from, to) }

// removeFile moves the file aside with write-through first: a plain delete may
// not have reached the disk when it returns.
func removeFile(path string) error {
	tombstone := path + ".deleted"
	if err := os.Remove(tombstone); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := move(path, tombstone); err != nil {
		return err
	}
	return os.Remove(tombstone)
}

// syncDir does nothing: Windows has no such call, and moves are written through.
func syncDir(string) error { return nil }

const lockToRead = true
