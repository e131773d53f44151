package record

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// A conversation: what is typed begins with >, what comes back with <.
func TestInputIsRecordedWhereItIsEchoed(t *testing.T) {
	for _, c := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"a command", []string{"<$ ", ">l", "<l", ">s", "<s", ">\r", "<\r\nfile\r\n$ "}, "ls\r"},
		{"a command in one piece", []string{"<$ ", ">ls -l\r", "<ls -l\r\nfile\r\n$ "}, "ls -l\r"},
		{"an echo in pieces", []string{">ls", "<l", "<s", ">\r"}, "ls\r"},
		{"an echo after the line has ended", []string{">ls\r", "<ls\r\n"}, "ls\r"},
		{"a paste", []string{">\x1b[200~echo one\x1b[201~", "<\x1b[7mecho one\x1b[27m", ">\r"}, "\x1b[200~echo one\x1b[201~\r"},
		{"wide characters", []string{">日本\r", "<日本\r\n"}, "日本\r"},
		{"keys that print nothing", []string{"<$ ", ">\x1b[A", "<ls", ">\r", "<\r\n"}, "\x1b[A\r"},
		{"a completion", []string{">cd Do", "<cd Do", ">\t", "<cuments/", ">\r"}, "cd Do\t\r"},
		{"a correction", []string{">lx", "<lx", ">\x7f", "<\b \b", ">s", "<s", ">\r"}, "lx\x7fs\r"},
		{"an editor that draws the line anew", []string{">l", "<l", ">s", "<\b\x1b[32mls\x1b[m", ">\r"}, "ls\r"},
		{"one that suggests", []string{">l", "<l\x1b[90ms -la\x1b[m\x1b[6D", ">s", "<s\x1b[90m -la\x1b[m", ">\r"}, "ls\r"},
		{"only Enter", []string{"<$ ", ">\r", "<\r\n$ "}, "\r"},
		{"Ctrl-C", []string{">sleep 9", "<sleep 9", ">\x03", "<^C"}, "sleep 9\x03"},

		{"a password", []string{"<Password: ", ">hunter2\r", "<\r\n$ ", ">ls\r", "<ls\r\n"}, "ls\r"},
		{"a password at a prompt that says nothing", []string{"<> ", ">hunter2\r", "<\r\n$ ", ">ls\r", "<ls\r\n"}, "ls\r"},
		{"a password key by key", []string{"<> ", ">h", ">u", ">n", ">\r", "<\r\n$ ", ">ls\r", "<ls\r\n"}, "ls\r"},
		{"a password shown as stars", []string{"<Key: ", ">h", "<*", ">i", "<*", ">\r", "<\r\n"}, ""},
		{"a password after Escape", []string{"<> ", ">\x1b", ">[", ">1", ">A\r", "<\r\n$ "}, ""},
		{"a password of a PIN prompt that echoes", []string{"<Enter PIN: ", ">1234\r", "<1234\r\n"}, ""},
		{"a passphrase", []string{"<Enter passphrase for key '/k': ", ">open\r", "<\r\n"}, ""},
		{"a password that was typed ahead", []string{">sudo x\r", "<sudo x\r\n", ">hunter2\r", "<[sudo] password for me: ", "<\r\n", ">ls\r", "<ls\r\n"}, "sudo x\rls\r"},
		{"a password begun late", []string{"<Password: ", "<\x1b[1m", ">a\r", "<a\r\n"}, ""},
		{"a line half echoed", []string{">abc", "<ab", ">\r", "<\r\nx"}, ""},
		{"keys of a program that echoes nothing", []string{">dd", "<\x1b[2J\x1b[HTITLE", ">:q\r", "<\x1b[?1049l$ "}, ""},
		{"a line among other output", []string{">ls", "<Broadcast message", "<ls", ">\r"}, ""},
		{"a line that never ends", []string{">" + strings.Repeat("x", 3*maxTyped), "<" + strings.Repeat("x", 3*maxTyped), ">\r", ">y\r", "<y"}, "y\r"},
		{"an unfinished line", []string{">ls", "<ls"}, ""},
		{"a line whose echo does not come", []string{">ls\r"}, ""},
		{"a line whose echo was left out", []string{">ls\r", "!", "<$ "}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			var file bytes.Buffer
			r, err := New(&file, Options{Cols: 80, Rows: 24, Input: true})
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range c.lines {
				switch l[0] {
				case '>':
					r.Input([]byte(l[1:]))
				case '<':
					r.Output([]byte(l[1:]))
				case '!':
					r.Missed(10)
				}
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			if got := parse(t, file.Bytes()).all("i"); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Under a flood of output no password is taken for echoed, by chance either.
func TestAFloodEchoesNoSecret(t *testing.T) {
	var f echoFilter
	rnd := rand.New(rand.NewPCG(1, 2))
	passed := 0
	for range 2000 {
		secret := make([]byte, 6)
		for i := range secret {
			secret[i] = "abc"[rnd.IntN(3)]
		}
		f.typed(append(secret, '\r'))
		for range 40 {
			f.output([]byte{"abc"[rnd.IntN(3)]})
		}
		f.decided(func([]byte) { passed++ })
	}
	// With three letters, one in 729 comes back whole at once.
	if passed > 12 {
		t.Errorf("%d of 2000 passed", passed)
	}
}

// What is remembered of input is bounded, whatever is typed and never echoed.
func TestTheFilterIsBounded(t *testing.T) {
	var f echoFilter
	for i := range 10_000 {
		f.typed(bytes.Repeat([]byte("x"), i%5000))
		f.typed([]byte("\r"))
		f.output([]byte("\x1b]0;"))
		f.output([]byte(strings.Repeat("y", i%3)))
		held := 0
		for _, l := range f.lines {
			held += cap(l.raw) + cap(l.runes)*4
		}
		if len(f.lines) > maxPending || held > 16*maxPending*maxTyped || len(f.tail) > maxSeen {
			t.Fatalf("%d lines, %d bytes", len(f.lines), held)
		}
	}
}
