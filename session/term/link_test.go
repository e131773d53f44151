package term

import (
	"strings"
	"testing"
)

// linkOn is the link at the first place of click in what was written.
func linkOn(t *testing.T, term *Terminal, click string) (Link, bool) {
	t.Helper()
	lt := &lineText{}
	lt.read(term, -term.ScrollbackLen(), term.rows)
	i := strings.Index(string(lt.buf), click)
	if i < 0 {
		t.Fatalf("%q is nowhere", click)
	}
	return term.LinkAt(lt.cells(i, i+1).From)
}

func TestAddressesInText(t *testing.T) {
	for _, c := range []struct{ in, click, want string }{
		{"see https://example.com/a?b=c#d now", "example", "https://example.com/a?b=c#d"},
		{"see https://example.com.", "see", ""},
		{"see https://example.com.", "https", "https://example.com"},
		{"see https://example.com.", "example", "https://example.com"},
		{"(https://example.com/a)", "example", "https://example.com/a"},
		{"https://example.com/a_(b)", "_(", "https://example.com/a_(b)"},
		{"(https://example.com/a_(b)).", "_(", "https://example.com/a_(b)"},
		{"[https://example.com]", "example", "https://example.com"},
		{"http://[::1]:8080/x", "8080", "http://[::1]:8080/x"},
		{"<https://example.com/x>", "example", "https://example.com/x"},
		{`"https://example.com/x"`, "example", "https://example.com/x"},
		{"'https://example.com/x'", "example", "https://example.com/x"},
		{"HTTPS://EXAMPLE.COM/x", "EXAMPLE", "HTTPS://EXAMPLE.COM/x"},
		{"https://a.example,https://b.example!", "b.ex", "https://b.example"},
		{"https://a.example,https://b.example!", "a.ex", "https://a.example"},
		{"https://web.example/2020/http://b.example/", "b.ex", "https://web.example/2020/http://b.example/"},
		{"url=https://example.com&x", "example", "https://example.com&x"},
		{"xhttps://example.com", "example", ""},
		{"https://", "https", ""},
		{"mailto:me@example.com, you", "me@", "mailto:me@example.com"},
		{"mailto:nobody", "nobody", ""},
		{"file:///etc/hosts", "hosts", "file:///etc/hosts"},
		{"ftp://example.com/pub/", "pub", "ftp://example.com/pub/"},
		{"javascript://alert(1)", "alert", ""},
		{"https://example.com/日本", "日", "https://example.com/%E6%97%A5%E6%9C%AC"},
		{"日本https://example.com", "example", ""},
		{"、https://example.com。", "example", "https://example.com"},
		{"no address", "no", ""},
	} {
		t.Run(c.in, func(t *testing.T) {
			term := screenOf(80, 3, c.in)
			l, ok := linkOn(t, term, c.click)
			if l.Target != c.want || ok != (c.want != "") || l.Explicit {
				t.Errorf("%+v, %v, want %q", l, ok, c.want)
			}
		})
	}
}

func TestAnAddressOverWrappedRows(t *testing.T) {
	term := screenOf(10, 4, "go https://example.com/path on")
	for y := range 3 {
		x := 5
		l, ok := term.LinkAt(term.at(x, y))
		if want := (Range{term.at(3, 0), term.at(7, 2)}); !ok || l.Target != "https://example.com/path" || l.Range != want {
			t.Errorf("row %d: %+v, %v, want %+v", y, l, ok, want)
		}
	}
	if l, ok := term.LinkAt(term.at(8, 2)); ok {
		t.Errorf("behind it: %+v", l)
	}
	if l, ok := term.LinkAt(Point{Line: 1 << 63}); ok {
		t.Errorf("nowhere: %+v", l)
	}
}

func TestLinksOfOSC8(t *testing.T) {
	const open, shut = "\x1b]8;id=1;https://example.com/x\x1b\\", "\x1b]8;;\x1b\\"
	for _, c := range []struct {
		name, in string
		x, y     int
		from, to [2]int
	}{
		{"on a row", "a " + open + "here" + shut + " b", 3, 0, [2]int{2, 0}, [2]int{6, 0}},
		{"in two styles", "a " + open + "he\x1b[1mre" + shut + "\x1b[m b", 3, 0, [2]int{2, 0}, [2]int{6, 0}},
		{"from row to row", "0123456" + open + "789abcdefghijkl" + shut + "z", 4, 1, [2]int{7, 0}, [2]int{2, 2}},
		{"from its first row", "0123456" + open + "789abcdefghijkl" + shut + "z", 8, 0, [2]int{7, 0}, [2]int{2, 2}},
		{"over a place that a wide character left", open + "012345678日" + shut, 0, 1, [2]int{0, 0}, [2]int{2, 1}},
		{"beside another", open + "ab\x1b]8;;http://other\x1b\\cd" + shut, 1, 0, [2]int{0, 0}, [2]int{2, 0}},
		{"rather than the text", open + "http://other/" + shut, 1, 0, [2]int{0, 0}, [2]int{3, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			term := screenOf(10, 4, c.in)
			want := Range{term.at(c.from[0], c.from[1]), term.at(c.to[0], c.to[1])}
			at := term.at(c.x, c.y)
			for range 2 {
				l, ok := term.LinkAt(at)
				if !ok || l.Target != "https://example.com/x" || !l.Explicit || l.Range != want {
					t.Errorf("%+v, %v, want %+v", l, ok, want)
				}
				_, _ = term.Write([]byte("\x1b[4;1H\n\n\n\n")) // and above the screen
			}
		})
	}
	term := screenOf(10, 4, "ab"+open+"cd"+shut+"ef")
	for _, x := range []int{1, 4, 9} {
		if l, ok := term.LinkAt(term.at(x, 0)); ok {
			t.Errorf("column %d: %+v", x, l)
		}
	}
}

func TestWhatMayBeOpened(t *testing.T) {
	for target, want := range map[string]bool{
		"https://example.com/x":                 true,
		"HTTP://example.com":                    true,
		"ftp://example.com/":                    true,
		"mailto:me@example.com?subject=x":       true,
		"mailto:me@example.com?attach=/etc/x":   false,
		"mailto:me@example.com?Attachment=x":    false,
		"file:///etc/passwd":                    false,
		"file://server/share":                   false,
		"javascript:alert(1)":                   false,
		"data:text/html,x":                      false,
		"vscode://x/y":                          false,
		"ssh://host":                            false,
		"https://":                              false,
		"https:example.com":                     false,
		"https://good.example@evil.example/":    false,
		"//example.com":                         false,
		"":                                      false,
		"--help":                                false,
		"https://exa%zzmple.com/":               false,
		"http://\x1b[31m":                       false,
		"https://xn--e1afmkfd.example/%D0%B0":   true,
		"mailto:me@example.com?subject=%zz&x=1": false,
	} {
		if got := (Link{Target: target}).Openable(); got != want {
			t.Errorf("%q: %v", target, got)
		}
	}
}

// Any text is looked through in linear time, whatever it is full of.
func TestHostileAddresses(t *testing.T) {
	for _, s := range []string{"http://", "http:", ":", "(", ")", "mailto:", "a,http://", "https://(", "://"} {
		term := screenOf(1000, 50, strings.Repeat(s, 50_000/len(s)))
		for y := 0; y < 50; y += 7 {
			for x := 0; x < 1000; x += 97 {
				term.LinkAt(term.at(x, y))
				term.Expand(UnitWord, term.at(x, y), "")
			}
		}
	}
}

func FuzzLinks(f *testing.F) {
	f.Add("see (https://example.com/a_(b)), mailto:x@y or \x1b]8;;file:///x\x07ftp://z\x1b]8;;\x07", uint16(7))
	f.Fuzz(func(t *testing.T, s string, at uint16) {
		if len(s) > 1<<12 {
			return
		}
		term := screenOf(20, 6, s)
		p := Point{term.FirstLine() + uint64(at>>8), int(at & 0xff)}
		for _, u := range []Unit{UnitCell, UnitWord, UnitRow, UnitLine, UnitOutput, UnitBlock} {
			r, ok := term.Expand(u, p, DefaultWordChars)
			if ok && (r.From.Col < 0 || r.To.Col > 20 || !r.From.Before(r.To)) {
				t.Errorf("unit %d: %+v", u, r)
			}
		}
		l, ok := term.LinkAt(p)
		if !ok {
			return
		}
		if !l.Range.Contains(p) {
			t.Errorf("%+v does not contain %+v", l, p)
		}
		for _, b := range []byte(l.Target) {
			if b <= 0x20 || b >= 0x7f {
				t.Errorf("target %q", l.Target)
			}
		}
	})
}

// What is drawn of a row ends a link where its text ends, not with the row.
func TestADrawnLinkEndsWithItsText(t *testing.T) {
	term := screenOf(10, 1, "\x1b]8;;http://x/\alink")
	term.Write([]byte("\x1b]8;;\a"))
	for name, row := range map[string][]byte{"plain": term.AppendRow(nil, 0), "marked": term.AppendMarkedRow(nil, 0, nil)} {
		drawn := screenOf(10, 1, string(row))
		if on, off := drawn.Cell(3, 0).Link, drawn.Cell(4, 0).Link; on != "http://x/" || off != "" {
			t.Errorf("%s: %q under the text, %q behind it", name, on, off)
		}
	}
}
