package boxsim

import (
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// home is a box's part of the file system.
type home struct {
	root string // everything of the box
	dir  string // HOME
	bin  string // first on its PATH
	etc  string // what serves the box and is not its own
	tmp  string // sockets; its path is short
	id   string
}

// markerName is in the environment of every process of a box.
const markerName = "CRABBOX_BOX"

func (h home) marker() string { return markerName + "=" + h.id }

//go:embed nvidia-smi.sh
var nvidiaSMI string

const bashrc = `# Made by the simulator for this box.
PS1='\[\e[1;32m\]'"$USER"'@'"$BOX_NAME"'\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]$ '
alias ls='ls --color=auto' ll='ls -l' grep='grep --color=auto'
HISTFILE=$HOME/.bash_history
`

const welcome = `This is a simulated box: a shell of your own machine, in a throw-away home.

  nvidia-smi    shows simulated GPUs
  exit          ends the shell; the box goes on until it is released
`

// furnish makes the box's folders and what is on its PATH.
func (b *Box) furnish(gpus int) error {
	root := filepath.Join(b.host.dir, filepath.Base(b.id))
	h := home{
		root: root, dir: filepath.Join(root, "home"), bin: filepath.Join(root, "bin"),
		etc: filepath.Join(root, "etc"), tmp: filepath.Join(root, "tmp"),
		// The folder makes the marker this simulator's, not another's.
		id: root,
	}
	for _, dir := range []string{h.root, h.dir, h.bin, h.etc, h.tmp} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return err
		}
	}
	b.home = h
	files := map[string]string{
		filepath.Join(h.dir, ".bashrc"): bashrc,
		// A login shell's /etc/profile may have set another PATH.
		filepath.Join(h.dir, ".bash_profile"): "PATH='" + h.bin + "':$PATH\n. ~/.bashrc\n",
		filepath.Join(h.dir, "README.txt"):    welcome,
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return err
		}
	}
	tools := map[string]string{"nvidia-smi": strings.ReplaceAll(nvidiaSMI, "@GPUS@", fmt.Sprint(gpus))}
	// The ready check of crabbox asks for these; a stand-in says what it is.
	for _, name := range []string{"git", "rsync", "tar"} {
		if executable(name) == "" {
			tools[name] = "#!/bin/sh\necho '" + name + ": this host has none; the simulated box only pretends' >&2\nexit 127\n"
		}
	}
	for name, text := range tools {
		if err := os.WriteFile(filepath.Join(h.bin, name), []byte(text), 0o700); err != nil {
			return err
		}
	}
	return nil
}

// environment is built from nothing, so that no agent, key or token of the
// person gets into a box.
func (h home) environment(b *Box, shell, term string) []string {
	if term == "" {
		term = "dumb"
	}
	env := []string{
		"HOME=" + h.dir, "USER=" + b.host.user, "LOGNAME=" + b.host.user, "SHELL=" + shell, "TERM=" + term,
		"LANG=C.UTF-8", "PATH=" + h.path(), "PWD=" + h.dir, "TMUX_TMPDIR=" + h.tmp, "BOX_NAME=" + b.name(), h.marker(),
	}
	if runtime.GOOS == "windows" {
		env = append(env, "SystemRoot="+os.Getenv("SystemRoot"))
	}
	return env
}

func (h home) path() string {
	path := os.Getenv("PATH")
	if path == "" {
		path = "/usr/local/bin:/usr/bin:/bin"
	}
	return h.bin + string(filepath.ListSeparator) + path
}

// name is how the box calls itself at its prompt.
func (b *Box) name() string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(b.id))
	return name[:min(len(name), 12)]
}

// findShell is the person's shell where it is one that we know how to start,
// else one that every Unix has; "" where there is none.
func findShell() string {
	if own := os.Getenv("SHELL"); own != "" {
		switch filepath.Base(own) {
		case "bash", "zsh", "fish", "sh", "dash", "ksh":
			if path := executable(filepath.Base(own), filepath.Dir(own)); path != "" {
				return path
			}
		}
	}
	if path := executable("bash", "/bin", "/usr/bin"); path != "" {
		return path
	}
	return executable("sh", "/bin")
}

// shellArgs starts a shell with the box's own start-up files and no others.
func shellArgs(shell, command string, h home) []string {
	if command != "" {
		return []string{"-c", command}
	}
	if filepath.Base(shell) == "bash" {
		return []string{"--noprofile", "--rcfile", filepath.Join(h.dir, ".bashrc"), "-i"}
	}
	return []string{"-i"}
}
