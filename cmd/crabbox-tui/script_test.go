//go:build unix

package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestCommands runs the scripts in testdata/script: each is a person with a
// state folder of their own, at a shell, with the built program.
//
//	sim [ARGS]           starts a simulator and points the environment at it
//	code N CMD ARGS...   runs a command that has to exit with N
//	json PATH VALUE      checks a value of the JSON on standard output; a[0].b
//	grab VAR PATH        puts one into the environment
//	boxes N              waits until the simulator's books have so many instances alive
//	deletes N            waits until so many DELETEs had an effect, and no more
//	until PATTERN CMD... runs a command until its standard output matches
//	claims N             checks how many claims and how many keys are left
func TestCommands(t *testing.T) {
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("testdata", "script"),
		Setup: func(e *testscript.Env) error {
			home := filepath.Join(e.WorkDir, "home")
			for _, kv := range [][2]string{
				{"HOME", home}, {"XDG_STATE_HOME", filepath.Join(home, "state")}, {"XDG_CONFIG_HOME", filepath.Join(home, ".config")},
				{"PATH", filepath.Dir(path) + string(os.PathListSeparator) + os.Getenv("PATH")},
			} {
				e.Setenv(kv[0], kv[1])
			}
			return os.MkdirAll(home, 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"sim": simCommand, "code": codeCommand, "json": jsonCommand, "grab": grabCommand, "boxes": boxesCommand, "deletes": deletesCommand, "claims": claimsCommand, "until": untilCommand,
		},
		RequireExplicitExec: true,
	})
}

func simCommand(ts *testscript.TestScript, _ bool, args []string) {
	path, err := binary()
	ts.Check(err)
	cmd := exec.Command(path, append([]string{"sim"}, args...)...)
	cmd.Env, cmd.Dir = os.Environ(), ts.Getenv("WORK")
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	})
	for _, kv := range exportsOf(out) {
		ts.Setenv(kv[0], kv[1])
	}
	if ts.Getenv("SIM_BOOKS_URL") == "" {
		ts.Fatalf("the simulator did not start")
	}
}

func codeCommand(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: code N CMD ARGS...")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func untilCommand(ts *testscript.TestScript, _ bool, args []string) {
	pattern := regexp.MustCompile(args[0])
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ts.Check(ts.Exec(args[1], args[2:]...))
		out := ts.ReadFile("stdout")
		if pattern.MatchString(out) {
			return
		}
		if time.Now().After(late) {
			ts.Fatalf("never matched %s:\n%s", pattern, out)
		}
	}
}

// pick walks a path like leases[0].standing; a last len is a length.
func pick(ts *testscript.TestScript, path string) string {
	var v any
	text := ts.ReadFile("stdout")
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		ts.Fatalf("standard output is no JSON: %v\n%s", err, text)
	}
	for _, step := range strings.Split(strings.ReplaceAll(path, "[", ".["), ".") {
		switch {
		case step == "":
		case step == "len":
			v = float64(len(v.([]any)))
		case strings.HasPrefix(step, "["):
			i, err := strconv.Atoi(strings.Trim(step, "[]"))
			ts.Check(err)
			list, ok := v.([]any)
			if !ok || i >= len(list) {
				ts.Fatalf("there is no %s in\n%s", path, text)
			}
			v = list[i]
		default:
			o, ok := v.(map[string]any)
			if !ok {
				ts.Fatalf("there is no %s in\n%s", path, text)
			}
			if v, ok = o[step]; !ok {
				ts.Fatalf("there is no %s in\n%s", path, text)
			}
		}
	}
	return fmt.Sprint(v)
}

func jsonCommand(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: json PATH VALUE")
	}
	if got := pick(ts, args[0]); (got == args[1]) == neg {
		ts.Fatalf("%s is %q, and %q was asked for (not: %t)", args[0], got, args[1], neg)
	}
}

func grabCommand(ts *testscript.TestScript, _ bool, args []string) {
	ts.Setenv(args[0], pick(ts, args[1]))
}

func booksOf(ts *testscript.TestScript) books {
	b, err := fetchBooks(ts.Getenv("SIM_BOOKS_URL"))
	ts.Check(err)
	return b
}

func number(ts *testscript.TestScript, args []string) int {
	if len(args) != 1 {
		ts.Fatalf("one number is needed")
	}
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	return n
}

func boxesCommand(ts *testscript.TestScript, _ bool, args []string) {
	want := number(ts, args)
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := booksOf(ts).alive()
		if got == want {
			return
		}
		if time.Now().After(late) {
			ts.Fatalf("%d instances are alive, want %d", got, want)
		}
	}
}

func deletesCommand(ts *testscript.TestScript, _ bool, args []string) {
	want := number(ts, args)
	for late := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		got := booksOf(ts).count("DELETE")
		if got == want {
			return
		}
		if got > want || time.Now().After(late) {
			ts.Fatalf("%d deletes, want %d", got, want)
		}
	}
}

func claimsCommand(ts *testscript.TestScript, _ bool, args []string) {
	want := number(ts, args)
	for _, pattern := range []string{
		filepath.Join(ts.Getenv("XDG_STATE_HOME"), "crabbox", "claims", "*.json"),
		filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "crabbox", "testboxes", "cbx_*"),
	} {
		found, err := filepath.Glob(pattern)
		ts.Check(err)
		if len(found) != want {
			ts.Fatalf("%d of %s, want %d", len(found), pattern, want)
		}
	}
}
