package tui

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// runsPrograms lets the programs that get the terminal run without one.
func (d *driver) runsPrograms() {
	d.m.cmds.exec = func(cmd tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
		return func() tea.Msg {
			cmd.SetStdin(strings.NewReader(""))
			return done(cmd.Run())
		}
	}
}

// script makes a program named name that notes its arguments and what its last
// one, a file, is and holds.
func script(t *testing.T, name string) (command, notes string) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no shell scripts")
	}
	dir := t.TempDir()
	command, notes = filepath.Join(dir, name), filepath.Join(dir, "notes")
	text := fmt.Sprintf("#!/bin/sh\nexec >%s\nfor last; do echo \"arg $last\"; done\nls -ld \"$(dirname \"$last\")\" | cut -c1-10\nls -l \"$last\" | cut -c1-10\ncat \"$last\"\n", notes)
	if err := os.WriteFile(command, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return command, notes
}

// saw returns what the script noted, once it did, and the file that it was
// given.
func (d *driver) saw(notes string) (text, file string) {
	d.t.Helper()
	d.until("the program ran", func() bool {
		b, err := os.ReadFile(notes)
		text = string(b)
		return err == nil && strings.Contains(text, "NVIDIA")
	})
	for l := range strings.Lines(text) {
		if arg, ok := strings.CutPrefix(l, "arg "); ok {
			file = strings.TrimSpace(arg)
		}
	}
	return text, file
}

// The whole of what the pane kept opens in a program, from a file that is
// private while it is there, and gone after.
func TestTextOpensInEditorAndPager(t *testing.T) {
	for _, c := range []struct{ name, key, args, text string }{
		{"less", "P", "arg -i\narg -R\narg +G\narg /", "\x1b[1mnvidia-smi\x1b[m -L"},
		{"most", "P", "arg -i\narg /", "ubuntu@ant:~$ nvidia-smi -L"},
		{"edit", "E", "arg -i\narg /", "ubuntu@ant:~$ nvidia-smi -L"},
	} {
		t.Run(c.name, func(t *testing.T) {
			command, notes := script(t, c.name)
			lent := 0
			w := with(ready(1, "ant"))
			deps := w.deps()
			deps.Pager, deps.Editor = command+"  -i", command+" -i"
			deps.Lend = func() func() { lent++; return func() { lent-- } }
			d := runWith(t, w, deps, 120, 36)
			d.runsPrograms()
			sh := d.fakePane("ant")
			sh.prints(strings.Repeat("\r\n", 60) + "newest")
			d.shows("newest")
			d.press("ctrl+]", c.key)
			text, file := d.saw(notes)
			if !strings.HasPrefix(text, c.args) || !strings.Contains(text, c.text) || !strings.HasSuffix(text, "newest\n") {
				t.Errorf("it saw %q", text)
			}
			if !strings.Contains(text, "\ndrwx------\n-rw-------\n") {
				t.Errorf("others can read it: %q", text)
			}
			d.until("it is gone", func() bool { _, err := os.Stat(filepath.Dir(file)); return os.IsNotExist(err) })
			if lent != 0 || filepath.Base(file) != "ant.txt" {
				t.Errorf("lent %d, file %s", lent, file)
			}
		})
	}
}

func TestWithoutEditorOrPagerOthersStandIn(t *testing.T) {
	command, notes := script(t, "more")
	w := with(ready(1, "ant"))
	deps := w.deps()
	deps.Pager, deps.Editor = "mostest -x", ""
	d := runWith(t, w, deps, 120, 36)
	d.runsPrograms()
	d.fakePane("ant")
	t.Setenv("PATH", filepath.Dir(command)+":/usr/bin:/bin")
	d.m.cmds.exec = func(cmd tea.ExecCommand, done tea.ExecCallback) tea.Cmd {
		return func() tea.Msg { return done(cmd.Run()) }
	}
	v := d.m.viewer(false)
	v.others = []string{"nosuch", "more"}
	d.exec(d.m.cmds.writeForViewing(d.m.panes.current(), v))
	d.shows("mostest of PAGER is not there; this is more")
	d.saw(notes)

	t.Setenv("PATH", t.TempDir())
	d.press("ctrl+]", "E")
	d.shows("none of vi, vim, nano is here; set VISUAL or EDITOR")
	d.press("ctrl+]", "P")
	d.shows("mostest of PAGER is not there; none of less, more is here; set PAGER")
}

func TestAnEditorThatFailsIsSaid(t *testing.T) {
	w := with(ready(1, "ant"))
	deps := w.deps()
	deps.Editor = "false"
	d := runWith(t, w, deps, 120, 36)
	d.runsPrograms()
	d.fakePane("ant")
	d.press("ctrl+]", "E")
	d.shows("false: exit status 1")
}

func TestTextIsSaved(t *testing.T) {
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("USERPROFILE", home)
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.fakePane("ant")
	d.press("ctrl+]", "S")
	d.shows("Save the text of ant", "~/ant-20260914-120000.txt")
	d.settle()
	d.press("enter")
	d.shows("saved 71 bytes: ~/ant-20260914-120000.txt")
	path := filepath.Join(home, "ant-20260914-120000.txt")
	const text = "ubuntu@ant:~$ nvidia-smi -L\nGPU 0: NVIDIA H100 80GB HBM3\nubuntu@ant:~$\n"
	holds := func(want string) {
		t.Helper()
		b, err := os.ReadFile(path)
		info, serr := os.Stat(path)
		if string(b) != want || err != nil || serr != nil || info.Mode() != 0o600 && os.PathSeparator == '/' {
			t.Errorf("%q, %v, %v", b, info.Mode(), err)
		}
	}
	holds(text)

	// One that is there is written over only if a person says so.
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	save := func(to string) {
		d.exec(d.m.saveText(d.m.panes.current(), to))
	}
	save(path)
	d.shows("Write over the file that is there?")
	d.settle()
	d.press("enter")
	holds("mine")
	save(path)
	d.shows("Write over the file that is there?")
	d.settle()
	d.press("y")
	d.until("saved", func() bool { b, _ := os.ReadFile(path); return string(b) == text })
	holds(text)
	if all, _ := os.ReadDir(home); len(all) != 1 {
		t.Errorf("left behind: %v", all)
	}
}

func TestTextThatCannotBeSaved(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.fakePane("ant")
	dir := t.TempDir()
	for path, says := range map[string]string{
		filepath.Join(dir, "no", "such"): "no such file or directory",
		"~root/x":                        "only ~ itself is your home",
	} {
		if runtime.GOOS == "windows" {
			says = "not saved"
		}
		d.exec(d.m.saveText(d.m.panes.current(), path))
		d.shows(says)
	}
	// A folder, or a device, is not written over.
	d.exec(d.m.saveText(d.m.panes.current(), dir))
	d.shows("Write over")
	d.settle()
	d.press("y")
	d.shows("is not a plain file")
	d.press("ctrl+]", "S")
	d.settle()
	d.press("ctrl+u", "enter")
	d.shows("a path is needed")
}

func TestNamesOfFiles(t *testing.T) {
	for name, want := range map[string]string{
		"rapid-otter": "rapid-otter", "../../etc/passwd": "etc-passwd", "a b\x1b[m:c": "a-b-m-c", "": "box", "...": "box",
		strings.Repeat("é", 100): strings.Repeat("é", 64), ".hidden": "hidden", "-rf": "rf",
	} {
		if got := fileName(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
	for n, want := range map[int64]string{
		0: "0 bytes", 1: "1 byte", 1023: "1023 bytes", 1024: "1.0 KiB", 34 << 10: "34 KiB", 1000 << 10: "1.0 MiB", 100 << 20: "100 MiB", 3 << 30: "3.0 GiB",
	} {
		if got := byteCount(n); got != want {
			t.Errorf("%d is %q, want %q", n, got, want)
		}
	}
}
