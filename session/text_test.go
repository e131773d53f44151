package session

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestCleanLeavesNothingThatActsOnAScreen(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                     "plain",
		"a\r\nb\tc":                 "a b c",
		"\x1b]0;title\x07x":         "]0;title x",
		"c1 \u009b31m":              "c1 31m",
		"del\x7fete":                "del ete",
		"bidi \u202egnp.exe\u2066":  "bidi gnp.exe",
		"zero\u200bwidth":           "zerowidth",
		"bad \xff\xfe utf8":         "bad utf8",
		"line\u2028sep":             "line sep",
		"  edges  ":                 "edges",
		"日本 ok":                     "日本 ok",
		strings.Repeat("long", 100): strings.Repeat("long", 100)[:20] + "...",
	} {
		if got := clean(in, 20); got != want {
			t.Errorf("clean(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzGreeting(f *testing.F) {
	for _, s := range []string{
		"SSH-2.0-x\r\n", "a\nb\nSSH-1.99-y\nrest", "HTTP/1.1 200\r\n", "Not allowed at this time", strings.Repeat("x", 300), strings.Repeat("\n", 5000),
	} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, step int) {
		step = max(1, step%64)
		banners := 0
		g := greeting{onBanner: func() { banners++ }}
		var err error
		for rest := data; len(rest) > 0 && err == nil && !g.done; {
			n := min(step, len(rest))
			err = g.take(rest[:n])
			rest = rest[n:]
		}
		if err != nil && (!utf8.ValidString(err.Error()) || strings.ContainsAny(err.Error(), "\x1b\r\n\x00")) {
			t.Errorf("error is not clean: %q", err)
		}
		if g.done != (banners == 1) || g.done && !strings.HasPrefix(string(g.rest), "SSH-") {
			t.Errorf("done %v after %d banners, rest %q", g.done, banners, g.rest)
		}
		if len(g.seen) > maxGreeting+maxGreetingLine+64+1 {
			t.Errorf("kept %d bytes", len(g.seen))
		}
	})
}
