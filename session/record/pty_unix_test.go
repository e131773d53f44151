//go:build unix

package record

import (
	"bytes"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// A real shell on a real terminal asks for a name, and for a password without
// echo: the name is recorded, and of the password there is nothing anywhere.
func TestAPasswordAtARealTerminal(t *testing.T) {
	script := `printf 'name> '; read n; stty -echo; printf 'say it> '; read p; stty echo; printf '\nhello %s, %d letters\n' "$n" ${#p}`
	cmd := exec.Command("sh", "-c", script)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	var file bytes.Buffer
	r, err := New(&file, Options{Cols: 80, Rows: 24, Input: true})
	if err != nil {
		t.Fatal(err)
	}
	var shown strings.Builder
	until := func(text string) {
		t.Helper()
		buf := make([]byte, 4096)
		for !strings.Contains(shown.String(), text) {
			n, err := tty.Read(buf)
			if n > 0 {
				r.Output(buf[:n])
				shown.Write(buf[:n])
			}
			if err != nil {
				if text == "" || err == io.EOF || strings.Contains(shown.String(), text) {
					return
				}
				t.Fatalf("%v, shown %q", err, shown.String())
			}
		}
	}
	write := func(keys string) {
		t.Helper()
		r.Input([]byte(keys))
		if _, err := io.WriteString(tty, keys); err != nil {
			t.Fatal(err)
		}
	}
	until("name> ")
	for _, k := range "marlene" {
		write(string(k))
		until(shown.String() + string(k))
	}
	write("\r")
	until("say it> ")
	for _, k := range "s3cret\r" {
		write(string(k))
	}
	until("6 letters")
	_ = cmd.Wait()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(file.String(), "s3cret") {
		t.Errorf("the password is in the recording: %s", file.String())
	}
	c := parse(t, file.Bytes())
	if got := c.all("i"); got != "marlene\r" {
		t.Errorf("input %q", got)
	}
	if !strings.Contains(c.all("o"), "hello marlene, 6 letters") {
		t.Errorf("output %q", c.all("o"))
	}
}
