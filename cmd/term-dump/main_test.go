package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func dumped(t *testing.T, input string, args ...string) map[string]any {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(args, strings.NewReader(input), &out, &errs); code != 0 {
		t.Fatalf("exit %d: %s", code, errs.String())
	}
	var v map[string]any
	if err := json.Unmarshal(out.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func at(v map[string]any, key string, y, x int) map[string]any {
	return v[key].([]any)[y].([]any)[x].(map[string]any)
}

func TestTheGridIsPrintedAsDocumented(t *testing.T) {
	v := dumped(t, "\x1b]2;hi\x07a\x1b[1;4:3;38;2;1;2;3;48;5;4;58:5:9mb\x1b[m日\x1b]8;;http://x/\x07c\x1b]8;;\x07\x1b[6n\x1b[4 q\x1b[?25l", "--cols", "10", "--rows", "2")
	for key, want := range map[string]any{
		"cols": 10.0, "rows": 2.0, "alt": false, "title": "hi", "replies": "G1sxOzZS",
		"cursor":     map[string]any{"x": 5.0, "y": 0.0, "visible": false, "shape": "underline"},
		"scrollback": []any{},
	} {
		if !reflect.DeepEqual(v[key], want) {
			t.Errorf("%s is %v, want %v", key, v[key], want)
		}
	}
	cell := func(text string, width float64, more ...string) map[string]any {
		c := map[string]any{"t": text, "w": width, "fg": "default", "bg": "default", "ul": "", "a": []any{}, "link": ""}
		for i := 0; i+1 < len(more); i += 2 {
			c[more[i]] = more[i+1]
		}
		return c
	}
	bold := cell("b", 1, "fg", "#010203", "bg", "idx:4", "ul", "idx:9")
	bold["a"] = []any{"bold", "curly-underline"}
	for x, want := range []map[string]any{cell("a", 1), bold, cell("日", 2), cell("", 0), cell("c", 1, "link", "http://x/"), cell(" ", 1)} {
		if got := at(v, "cells", 0, x); !reflect.DeepEqual(got, want) {
			t.Errorf("column %d is %v, want %v", x, got, want)
		}
	}
}

func TestScrollbackAndModes(t *testing.T) {
	v := dumped(t, "one\r\ntwo\r\nthree\x1b[?2004h\x1b[?1049h", "--cols", "5", "--rows", "1", "--history", "1")
	if v["alt"] != true {
		t.Error("not on the alternate screen")
	}
	modes := v["modes"].([]any)
	for _, want := range []float64{7, 25, 1049, 2004} {
		found := false
		for _, m := range modes {
			found = found || m == want
		}
		if !found {
			t.Errorf("mode %v is not among %v", want, modes)
		}
	}
	v = dumped(t, "one\r\ntwo\r\nthree", "--cols", "5", "--rows", "1", "--history", "1")
	if lines := v["scrollback"].([]any); len(lines) != 1 || at(v, "scrollback", 0, 0)["t"] != "t" {
		t.Errorf("the scrollback is %v", v["scrollback"])
	}
	if v = dumped(t, "one\r\ntwo", "--rows", "1", "--history", "0"); len(v["scrollback"].([]any)) != 0 {
		t.Error("history without a bound of lines")
	}
}

func TestWrongUse(t *testing.T) {
	for _, args := range [][]string{{"--cols", "0"}, {"--rows", "x"}, {"--history", "-1"}, {"file"}, {"--nonesuch"}} {
		var out, errs bytes.Buffer
		if code := run(args, strings.NewReader(""), &out, &errs); code != 2 || errs.Len() == 0 || out.Len() > 0 {
			t.Errorf("%v: exit %d, %q", args, code, errs.String())
		}
	}
}
