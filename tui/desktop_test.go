package tui

import (
	"errors"
	"strings"
	"testing"

	"github.com/openclaw/crabbox-tui/session/term"
)

func TestCopyingGoesToTheTerminalAndTheDesktop(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 120, 36)
	d.fakePane("ant")
	for _, c := range []struct {
		err  error
		says string
	}{
		{nil, "copied the screen, 71 bytes"},
		{ErrNoDesktop, "copied the screen, 71 bytes"},
		{errors.New("xclip: exit status 1"), "the desktop's clipboard was not set: xclip: exit status 1"},
	} {
		d.clip = ""
		d.w.onDesktop(func(string) error { return c.err })
		d.w.mu.Lock()
		d.w.calls = nil
		d.w.mu.Unlock()
		d.press("ctrl+]", "y")
		d.did(`clipboard "ubuntu@ant:~$ nvidia-smi -L\nGPU 0: NVI`)
		d.press("ctrl+]", "d", "N")
		d.shows(c.says)
		d.until("the terminal got it", func() bool { return strings.HasPrefix(d.clip, "ubuntu@ant") || strings.Contains(d.clip, "NVIDIA H100") })
		d.press("esc", "tab")
	}
}

// More than a terminal takes goes to the desktop alone; without one a person
// hears that nothing was copied.
func TestCopyingMoreThanATerminalTakes(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 200, 50)
	d.fakePane("ant")
	text := strings.Repeat("0123456789", 100<<10)
	for _, c := range []struct {
		err  error
		says string
	}{
		{nil, "copied the selection, 1024000 bytes"},
		{ErrNoDesktop, "not copied: 1.0 MiB is more than a terminal takes; ctrl+] S saves it"},
		{errors.New("timed out"), "not copied: timed out"},
	} {
		d.w.onDesktop(func(got string) error {
			if got != text {
				t.Errorf("the desktop got %d bytes", len(got))
			}
			return c.err
		})
		d.exec(d.m.copyText("the selection", text))
		d.shows(c.says)
		if d.clip != "" {
			t.Fatal("the terminal got it")
		}
	}
}

func TestOpeningALink(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 200, 50)
	d.fakePane("ant")
	d.w.onDesktop(func(string) error { return nil })
	link := term.Link{Target: "https://example.org/a?b=1"}
	d.exec(d.m.openLink(link))
	d.did("open https://example.org/a?b=1")
	d.shows("opened https://example.org/a?b=1")

	// One whose text may say something else is asked about first.
	link = term.Link{Target: "https://other.example/", Explicit: true}
	d.exec(d.m.openLink(link))
	d.shows("Open this link?", "https://other.example/")
	d.settle()
	d.press("enter")
	if log := d.w.log(); strings.Contains(log, "other.example") {
		t.Errorf("opened unasked: %s", log)
	}
	d.exec(d.m.openLink(link))
	d.settle()
	d.press("o")
	d.did("open https://other.example/")
}

func TestALinkThatCannotBeOpenedIsCopied(t *testing.T) {
	d := run(t, with(ready(1, "ant")), 200, 50)
	d.fakePane("ant")
	for target, says := range map[string]string{
		"https://example.org/":       "copied, not opened, since there is no desktop here to open it: https://example.org/",
		"file:///home/you/.ssh/id":   "copied, not opened, since it is no web or mail address: file:///home/you/.ssh/id",
		"https://bank.example@evil/": "copied, not opened, since it is no web or mail address: https://bank.example@evil/",
	} {
		d.clip = ""
		d.exec(d.m.openLink(term.Link{Target: target}))
		d.shows(says)
		d.until("copied", func() bool { return d.clip == target })
	}
	if log := d.w.log(); strings.Contains(log, "open file") || strings.Contains(log, "evil") && strings.Contains(log, "open https://bank") {
		t.Errorf("the desktop was asked: %s", log)
	}
	d.w.onDesktop(func(string) error { return errors.New("xdg-open: exit status 4") })
	d.exec(d.m.openLink(term.Link{Target: "mailto:a@example.org"}))
	d.shows("the link was not opened: xdg-open: exit status 4")
}
