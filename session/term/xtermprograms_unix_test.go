//go:build unix

package term

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What real programs sent us, up to some point, makes the same screen in a real
// xterm: text, attributes and cursor.
func TestProgramsAsInXterm(t *testing.T) {
	display := startXvfb(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "file.go")
	text := "package main\n\n// A comment, 日本語.\nfunc main() {\n" + strings.Repeat("\tprintln(\"text\", 42)\n", 60) + "}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	type step struct{ send, shows string } // what is typed, once this is to be seen
	for _, c := range []struct {
		command []string
		steps   []step
	}{
		{[]string{"vim", "--clean", "+syntax on", "+set ruler", file}, []step{{":split\r", "func main"}, {"\x06", "file.go"}, {"/42\r", "println"}, {":set number\r", "/42"}, {"", " 20"}}},
		{[]string{"nvim", "--clean", "-n", file}, []step{{":vsplit\r", "func main"}, {":set number\r", "│"}, {"\x06", " 7"}, {"", " 30"}}},
		{[]string{"emacs", "-nw", "-Q", file}, []step{{"\x1b>", "func main"}, {"\x182", "Bot"}, {"\x1bxcalc\r", "}"}, {"", "Calculator"}}},
		{[]string{"less", file}, []step{{"/42\r", "func main"}, {"G", "42"}, {"b", "END"}, {"", "println"}}},
		{[]string{"htop"}, []step{{"\x1bOP", "Quit"}, {"", "Released under"}}},
		{[]string{"btop", "--utf-force"}, []step{{"h", "cpu"}, {"", "Esc"}}},
		{[]string{"mc", "-u"}, []step{{"\x1b9", "Quit"}, {"\r", "File"}, {"", "Quit"}}},
		{[]string{"fish", "--no-config"}, []step{{"echo one-(math 40 + 2)\r", "~"}, {"ls --color=always /\t\r", "one-42"}, {"", "etc"}}},
		{[]string{"sh", "-c", "tput clear; for i in $(seq 0 255); do tput setab $i; printf ' %3s' $i; done; tput sgr0; tput cup 22 3; echo end"}, []step{{"", "end"}}},
	} {
		t.Run(c.command[0], func(t *testing.T) {
			p := startProgram(t, 100, 30, c.command[0], c.command[1:]...)
			for _, s := range c.steps {
				p.until(s.shows, p.shows(s.shows))
				p.send(s.send)
			}
			x := startXterm(t, display, 100, 30)
			x.ask(string(p.seen))
			const cpr = "\x18\x1b\\\x1b[6n" // first it ends what was cut off
			_, _ = p.term.Write([]byte(cpr))
			if ours, theirs := string(p.term.Replies()), x.ask(cpr); ours != theirs {
				t.Errorf("xterm's cursor is at %q, ours at %q", theirs, ours)
			}
			for _, d := range x.differences(p.term) {
				t.Error(d)
			}
		})
	}
}
