package config

import (
	"os"
	"path/filepath"
	"strings"
)

// Home returns a path with a leading ~ replaced by the person's home, as
// crabbox takes paths; "" for what is then not absolute.
func Home(path string) string {
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		path = filepath.Join(home, rest)
	}
	if !filepath.IsAbs(path) {
		return ""
	}
	return path
}
