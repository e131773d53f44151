//go:build unix

package cli

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/tui"
)

// onDesktop is a desktop with the programs given, as shell scripts, and
// nothing else on the path but what scripts need.
func onDesktop(t *testing.T, system string, env map[string]string, programs map[string]string) desktop {
	t.Helper()
	dir := t.TempDir()
	for name, text := range programs {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir)
	return desktop{os: system, getenv: func(name string) string { return env[name] }}
}

func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestTheClipboardIsSetByWhatIsThere(t *testing.T) {
	x11, wayland := map[string]string{"DISPLAY": ":0"}, map[string]string{"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}
	const text = "two\nlines of 日本"
	for _, c := range []struct {
		name, system string
		env          map[string]string
		has          []string
		want         string // what runs; "" for no desktop
	}{
		{"wayland", "linux", wayland, []string{"wl-copy", "xclip"}, "wl-copy"},
		{"wayland by its X server", "linux", wayland, []string{"xclip"}, "xclip"},
		{"X11", "linux", x11, []string{"wl-copy", "xsel", "xclip"}, "xclip"},
		{"X11 with xsel", "freebsd", x11, []string{"xsel"}, "xsel"},
		{"macOS", "darwin", nil, []string{"pbcopy"}, "pbcopy"},
		{"WSL", "linux", map[string]string{"WSL_DISTRO_NAME": "Debian"}, []string{"clip.exe"}, "clip.exe"},
		{"no display", "linux", nil, []string{"wl-copy", "xclip", "xsel"}, ""},
		{"nothing installed", "linux", x11, nil, ""},
		{"another's machine", "linux", map[string]string{"DISPLAY": "localhost:10.0", "SSH_CONNECTION": "203.0.113.9 1 203.0.113.1 22"}, []string{"xclip"}, ""},
		{"another's Mac", "darwin", map[string]string{"SSH_TTY": "/dev/ttys001"}, []string{"pbcopy"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := filepath.Join(t.TempDir(), "got")
			programs := map[string]string{}
			for _, name := range c.has {
				programs[name] = "echo " + name + " >" + got + "; /bin/cat >>" + got
			}
			err := onDesktop(t, c.system, c.env, programs).Clipboard(within(t, 20*time.Second), text)
			b, _ := os.ReadFile(got)
			want := c.want + "\n" + text
			switch c.want {
			case "":
				if !errors.Is(err, tui.ErrNoDesktop) || len(b) > 0 {
					t.Errorf("err %v, %q ran", err, b)
				}
				return
			case "clip.exe":
				want = "clip.exe\nt\x00w\x00o\x00\n\x00l\x00i\x00n\x00e\x00s\x00 \x00o\x00f\x00 \x00\xe5\x65\x2c\x67"
			}
			if err != nil || string(b) != want {
				t.Errorf("got %q, %v", b, err)
			}
		})
	}
}

// A clipboard's owner that goes on in the background is not waited for, and one
// that hangs is given up.
func TestTheClipboardIsNotWaitedForForEver(t *testing.T) {
	x11 := map[string]string{"DISPLAY": ":0"}
	pid := filepath.Join(t.TempDir(), "pid")
	d := onDesktop(t, "linux", x11, map[string]string{"xclip": "/bin/cat >/dev/null; /bin/sleep 60 & echo $! >" + pid})
	begun := time.Now()
	if err := d.Clipboard(within(t, 20*time.Second), "text"); err != nil {
		t.Error(err)
	}
	end(t, pid)
	d = onDesktop(t, "linux", x11, map[string]string{"xclip": "exec /bin/sleep 60"})
	if err := d.Clipboard(within(t, 100*time.Millisecond), strings.Repeat("x", 1<<20)); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err %v", err)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
	d = onDesktop(t, "linux", x11, map[string]string{"xclip": "exit 3"})
	if err := d.Clipboard(within(t, 20*time.Second), "text"); err == nil || err.Error() != "xclip: exit status 3" {
		t.Errorf("err %v", err)
	}
}

// end ends the process whose id is in a file.
func end(t *testing.T, file string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, c := range strings.TrimSpace(string(b)) {
		n = n*10 + int(c-'0')
	}
	if err := syscall.Kill(n, syscall.SIGKILL); err != nil {
		t.Errorf("%d did not go on: %v", n, err)
	}
}

func TestLinksAreOpenedWithoutAShell(t *testing.T) {
	x11 := map[string]string{"DISPLAY": ":0"}
	const url = "https://example.org/a?b=$(touch+x);c&d='e'"
	for _, c := range []struct {
		name, system string
		env          map[string]string
		has, want    string
	}{
		{"linux", "linux", x11, "xdg-open", url},
		{"macOS", "darwin", nil, "open", url},
		{"windows", "windows", nil, "rundll32", "url.dll,FileProtocolHandler " + url},
		{"no display", "linux", nil, "xdg-open", ""},
		{"another's machine", "linux", map[string]string{"DISPLAY": ":0", "SSH_CLIENT": "203.0.113.9 1 22"}, "xdg-open", ""},
		{"nothing installed", "linux", x11, "firefox", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := filepath.Join(t.TempDir(), "got")
			d := onDesktop(t, c.system, c.env, map[string]string{c.has: `echo "$*" >` + got})
			err := d.OpenLink(within(t, 20*time.Second), url)
			b, _ := os.ReadFile(got)
			if c.want == "" {
				if !errors.Is(err, tui.ErrNoDesktop) || len(b) > 0 {
					t.Errorf("err %v, %q ran", err, b)
				}
			} else if err != nil || strings.TrimSpace(string(b)) != c.want {
				t.Errorf("got %q, %v", b, err)
			}
		})
	}
}

// A browser that goes on is left alone; an opener that fails is told.
func TestABrowserGoesOn(t *testing.T) {
	x11 := map[string]string{"DISPLAY": ":0"}
	d := onDesktop(t, "linux", x11, map[string]string{"xdg-open": "exit 4"})
	if err := d.OpenLink(within(t, 20*time.Second), "https://example.org/"); err == nil || err.Error() != "xdg-open: exit status 4" {
		t.Errorf("err %v", err)
	}
	pid := filepath.Join(t.TempDir(), "pid")
	d = onDesktop(t, "linux", x11, map[string]string{"xdg-open": "echo $$ >" + pid + ".new; /bin/mv " + pid + ".new " + pid + "; exec /bin/sleep 60"})
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		for {
			if _, err := os.Stat(pid); err == nil {
				cancel()
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	if err := d.OpenLink(ctx, "https://example.org/"); err != nil {
		t.Error(err)
	}
	end(t, pid)
}
