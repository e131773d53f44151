//go:build !windows

package claims

import (
	"os"
)

func replaceFile(from, to string) error { return os.Rename(from, to) }

func removeFile(path string) error { return os.Remove(path) }

func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// lockToRead is false: a rename is atomic, so a reader sees one whole version.
const lockToRead = false
