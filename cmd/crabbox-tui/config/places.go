package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// Places are the files and folders that this program uses. Only the real
// program derives them from the environment; demo and tests make their own.
type Places struct {
	Getenv func(string) string

	Own   string   // this program's configuration file
	User  string   // crabbox's configuration file of the person
	Repo  []string // crabbox's configuration files of the working folder
	State string   // crabbox's state folder, shared with it
	Keys  string   // crabbox's folder of keys, shared with it
	Home  string   // this program's own state folder: logs and what else is ours alone
}

// FromEnvironment derives the places of the real program. Those that are
// shared with crabbox follow its rule: XDG_STATE_HOME wherever it is set, else
// below the person's configuration folder. Ours follow the XDG specification.
func FromEnvironment(getenv func(string) string, workingDir string) (Places, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return Places{}, fmt.Errorf("cannot tell where your configuration lives: %w; set HOME", err)
	}
	state := filepath.Join(base, "crabbox", "state")
	if s := getenv("XDG_STATE_HOME"); s != "" {
		state = filepath.Join(s, "crabbox")
	}
	if !filepath.IsAbs(state) {
		return Places{}, errors.New("XDG_STATE_HOME is not an absolute path; claims would land in a different place from each folder")
	}
	p := Places{
		Getenv: getenv,
		Own:    filepath.Join(xdg.ConfigHome, "crabbox-tui", "config.yaml"),
		User:   filepath.Join(base, "crabbox", "config.yaml"),
		State:  state,
		Keys:   filepath.Join(base, "crabbox", "testboxes"),
		Home:   filepath.Join(xdg.StateHome, "crabbox-tui"),
	}
	if only := getenv("CRABBOX_CONFIG"); only != "" {
		p.User = only
		return p, nil
	}
	if workingDir != "" {
		p.Repo = []string{filepath.Join(workingDir, "crabbox.yaml"), filepath.Join(workingDir, ".crabbox.yaml")}
	}
	return p, nil
}

// RepoRoot returns the top level of the git work tree that holds dir, or dir
// itself where there is none.
func RepoRoot(dir string) string {
	for d := dir; ; {
		if _, err := os.Stat(filepath.Join(d, ".git")); err == nil {
			return d
		}
		up := filepath.Dir(d)
		if up == d {
			return dir
		}
		d = up
	}
}
