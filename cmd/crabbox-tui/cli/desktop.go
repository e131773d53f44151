package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/openclaw/crabbox-tui/tui"
)

const (
	// pipesAfter is how long a program's pipes may outlive it: those that own a
	// clipboard go on in the background.
	pipesAfter = time.Second
	// opensIn is how soon a program that cannot open a link says so. One that
	// goes on longer is a browser.
	opensIn = 2 * time.Second
)

// desktop is the desktop that this program runs on, if there is one.
type desktop struct {
	os     string // as GOOS
	getenv func(string) string
}

// none says that there is no desktop, or that it is not the person's own: who
// came by SSH sits before another machine.
func (d desktop) none() bool {
	for _, v := range []string{"SSH_CONNECTION", "SSH_CLIENT", "SSH_TTY"} {
		if d.getenv(v) != "" {
			return true
		}
	}
	return false
}

func (d desktop) wayland() bool { return d.getenv("WAYLAND_DISPLAY") != "" }
func (d desktop) x11() bool     { return d.getenv("DISPLAY") != "" }
func (d desktop) wsl() bool     { return d.getenv("WSL_DISTRO_NAME") != "" }

// copier is the command that takes a text for the clipboard on its standard
// input; nil if there is none.
func (d desktop) copier() []string {
	var all [][]string
	if d.os == "darwin" {
		all = append(all, []string{"pbcopy"})
	}
	if d.wayland() {
		all = append(all, []string{"wl-copy", "--type", "text/plain;charset=utf-8"})
	}
	if d.x11() {
		all = append(all, []string{"xclip", "-in", "-selection", "clipboard"}, []string{"xsel", "--input", "--clipboard"})
	}
	if d.wsl() {
		all = append(all, []string{clipExe})
	}
	return installed(all)
}

// clipExe is Windows' own; it takes UTF-16.
const clipExe = "clip.exe"

// opener is the command that opens an address, which is still to be added; nil
// if there is none.
func (d desktop) opener() []string {
	var all [][]string
	switch d.os {
	case "darwin":
		all = append(all, []string{"open"})
	case "windows":
		all = append(all, []string{"rundll32", "url.dll,FileProtocolHandler"})
	default:
		// Without a display xdg-open would start a browser that wants our terminal.
		if d.wayland() || d.x11() {
			all = append(all, []string{"xdg-open"})
		}
		if d.wsl() {
			all = append(all, []string{"wslview"})
		}
	}
	return installed(all)
}

// installed is the first command that is there.
func installed(all [][]string) []string {
	for _, argv := range all {
		if _, err := exec.LookPath(argv[0]); err == nil {
			return argv
		}
	}
	return nil
}

// Clipboard implements tui.Deps. It takes no longer than ctx allows.
func (d desktop) Clipboard(ctx context.Context, text string) error {
	if d.none() {
		return tui.ErrNoDesktop
	}
	if d.os == "windows" {
		return setClipboard(text)
	}
	argv := d.copier()
	if argv == nil {
		return tui.ErrNoDesktop
	}
	if argv[0] == clipExe {
		text = utf16le(text)
	}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Stdin = strings.NewReader(text)
	cmd.Env = append(os.Environ(), "LC_CTYPE=UTF-8") // by which pbcopy goes
	cmd.WaitDelay = pipesAfter
	// What owns the clipboard should outlive this terminal.
	detach(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return fmt.Errorf("%s: %w", argv[0], err)
	}
	return nil
}

func utf16le(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

// OpenLink implements tui.Deps. The address is an argument of the program that
// opens it; no shell sees it.
func (d desktop) OpenLink(ctx context.Context, url string) error {
	argv := d.opener()
	if argv == nil || d.none() {
		return tui.ErrNoDesktop
	}
	// Not of ctx: a browser goes on when this program ends.
	cmd := exec.Command(argv[0], append(argv[1:], url)...)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t := time.NewTimer(opensIn)
	defer t.Stop()
	select {
	case err := <-ended:
		if err != nil {
			return fmt.Errorf("%s: %w", argv[0], err)
		}
	case <-t.C:
	case <-ctx.Done():
	}
	return nil
}
