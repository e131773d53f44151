package claims

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// heldLocks asks the kernel, since trying a lock would take it.
func heldLocks(dir string) ([]HeldLock, error) {
	table, err := os.ReadFile("/proc/locks")
	if err != nil {
		return nil, errors.ErrUnsupported
	}
	holders := map[string]int{}
	for line := range strings.Lines(string(table)) {
		// "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF"
		f := strings.Fields(line)
		if len(f) < 6 || f[1] != "FLOCK" {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil {
			_, inode, _ := strings.Cut(f[5], ":")
			_, inode, _ = strings.Cut(inode, ":")
			holders[inode] = pid
		}
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var held []HeldLock
	for _, e := range entries {
		var st syscall.Stat_t
		if syscall.Stat(filepath.Join(dir, e.Name()), &st) != nil {
			continue
		}
		if pid, ok := holders[fmt.Sprint(st.Ino)]; ok {
			held = append(held, HeldLock{Name: e.Name(), PID: pid})
		}
	}
	return held, nil
}
