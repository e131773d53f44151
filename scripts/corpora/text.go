package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
)

// texts are the corpora that are made and not recorded.
var texts = []struct {
	kind string
	line func(w *writer, i int)
	end  string
}{
	{"plain", plain, ""},
	{"colour", colour, "\x1b[0m"},
	{"unicode", unicode, ""},
	{"tqdm", tqdm, "\r\n\n\n"},
	{"region", region, "\x1b[r\x1b[H"},
}

// text is the whole corpus, of n bytes or a little more.
func text(t func(*writer, int), end string, s size, n int) []byte {
	w := &writer{size: s, rnd: rand.New(rand.NewPCG(1, uint64(s.cols)))}
	for i := 0; w.Len() < n; i++ {
		t(w, i)
	}
	w.WriteString(end)
	return w.Bytes()
}

type writer struct {
	bytes.Buffer
	size
	rnd *rand.Rand
}

// words writes about n columns of words.
func (w *writer) words(n int) {
	for n > 0 {
		k := min(n, 2+w.rnd.IntN(9))
		for range k {
			w.WriteByte(byte('a' + w.rnd.IntN(26)))
		}
		if n -= k + 1; n > 0 {
			w.WriteByte(' ')
		}
	}
}

// some is a length between a half and the whole of a line.
func (w *writer) some() int { return w.cols - w.rnd.IntN(w.cols/2) }

// plain is what a build or a log prints.
func plain(w *writer, _ int) {
	w.words(w.some())
	w.WriteString("\r\n")
}

// colour is, by turns, a listing in the sixteen colours, a log with its levels,
// a line in the 256 colours and one in direct colours.
func colour(w *writer, i int) {
	switch i % 4 {
	case 0:
		for range w.cols / 20 {
			fmt.Fprintf(w, "\x1b[0m\x1b[01;%dm", 31+w.rnd.IntN(6))
			w.words(6 + w.rnd.IntN(10))
			w.WriteString("\x1b[0m  ")
		}
	case 1:
		fmt.Fprintf(w, "\x1b[2m12:%02d:%02d\x1b[22m \x1b[1;%dmINFO\x1b[0m ", i/60%60, i%60, 32+i%3)
		w.words(w.some() - 20)
		w.WriteString(" \x1b[36mpath=\x1b[39m/var/log")
	case 2:
		for range w.cols / 12 {
			fmt.Fprintf(w, "\x1b[38;5;%dm", w.rnd.IntN(256))
			w.words(12)
		}
		w.WriteString("\x1b[0m")
	case 3:
		for range w.cols / 8 {
			fmt.Fprintf(w, "\x1b[48;2;%d;%d;%dm", w.rnd.IntN(256), i%256, w.rnd.IntN(256))
			w.words(8)
		}
		w.WriteString("\x1b[0m")
	}
	w.WriteString("\r\n")
}

// scripts are samples of many ways to write, boxes, and clusters of several
// characters.
var scripts = []string{
	"日本語の文字列", "中文字符测试", "한국어 텍스트", "Привет, мир", "Ελληνικά", "naïve café über",
	"e\u0301a\u0300o\u0302", "┌──────┬─────┐", "█▉▊▋▌▍▎▏", "→ ✓ ✗ … “quoted”", "العربية", "हिन्दी",
	"👩\u200d👧", "🚀 🎉", "🇫🇷🇯🇵", "👍🏽", "plain words",
}

func unicode(w *writer, _ int) {
	for range w.cols / 16 {
		w.WriteString(scripts[w.rnd.IntN(len(scripts))])
		w.WriteByte(' ')
	}
	w.WriteString("\r\n")
}

// tqdm is three progress bars, one below the other, each drawn again in place.
func tqdm(w *writer, i int) {
	eighths := []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}
	total := 5000
	n := i % total
	bar := i % 3
	tail := fmt.Sprintf("| %d/%d [00:%02d<00:%02d, %6.2fit/s]", n, total, n/100%60, (total-n)/100%60, 90+w.rnd.Float64()*20)
	head := fmt.Sprintf("epoch %d: %3d%%|", bar, n*100/total)
	room := max(w.cols-len(head)-len(tail)-1, 8)
	done := n * room * 8 / total
	fill := strings.Repeat("█", done/8) + eighths[done%8]
	blank := strings.Repeat(" ", room-done/8-min(done%8, 1))
	w.WriteString(strings.Repeat("\n", bar) + "\r" + head + fill + blank + tail + strings.Repeat("\x1b[A", bar))
}

// region is text that scrolls between a heading and a status line.
func region(w *writer, i int) {
	if i%100 == 0 {
		fmt.Fprintf(w, "\x1b[r\x1b[1;1H\x1b[7mheading %d\x1b[0m\x1b[K\x1b[%d;1Hstatus\x1b[K\x1b[3;%dr\x1b[%d;1H", i, w.rows, w.rows-2, w.rows-2)
	}
	w.words(w.some())
	w.WriteString("\r\n")
}
