package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gopkg.in/natefinch/lumberjack.v2"
)

// openLog starts the log in dir: rotated at 5 MB, three old ones kept, 0600 in
// a 0700 folder, and free of the secrets given. The screen never shows it.
func openLog(dir string, secrets ...string) (*slog.Logger, io.Closer, error) {
	return openLogNamed(dir, "crabbox-tui.log", secrets...)
}

func openLogNamed(dir, name string, secrets ...string) (*slog.Logger, io.Closer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, nil, fmt.Errorf("make the log folder: %w", err)
	}
	rotated := &lumberjack.Logger{Filename: filepath.Join(dir, name), MaxSize: 5, MaxBackups: 3}
	h := slog.NewTextHandler(&redactor{w: rotated, secrets: forms(secrets)}, &slog.HandlerOptions{Level: slog.LevelInfo})
	return slog.New(h), rotated, nil
}

// redactor is the last net under the log: whatever path a secret took to a
// record, its bytes do not get past here. A handler writes a record at a time,
// so a secret is never split over two writes.
type redactor struct {
	w       io.Writer
	secrets [][]byte
}

// forms returns each secret as it is and as a quoted string spells it.
func forms(secrets []string) [][]byte {
	var all [][]byte
	for _, s := range secrets {
		if s == "" {
			continue
		}
		all = append(all, []byte(s))
		if quoted, err := json.Marshal(s); err == nil {
			all = append(all, quoted[1:len(quoted)-1])
		}
		goQuoted := fmt.Sprintf("%q", s)
		all = append(all, []byte(goQuoted[1:len(goQuoted)-1]))
	}
	return all
}

func (r *redactor) Write(p []byte) (int, error) {
	clean := p
	for _, s := range r.secrets {
		clean = bytes.ReplaceAll(clean, s, []byte("[redacted]"))
	}
	if _, err := r.w.Write(clean); err != nil {
		return 0, err
	}
	return len(p), nil
}
