package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// places lays out a person's files in a temporary folder. Names: "own",
// "user", "crabbox.yaml" and ".crabbox.yaml".
func places(t *testing.T, files, env map[string]string) Places {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Places{
		Getenv: func(k string) string { return env[k] },
		Own:    filepath.Join(dir, "own"),
		User:   filepath.Join(dir, "user"),
		Repo:   []string{filepath.Join(dir, "crabbox.yaml"), filepath.Join(dir, ".crabbox.yaml")},
	}
}

func TestNothingConfiguredMeansCrabboxsDefaults(t *testing.T) {
	c, err := Load(places(t, nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	if c.APIURL != "https://api.fal.ai/v1" || c.Type != "gpu_1x_h100_sxm5" || c.User != "ubuntu" ||
		c.Port != 22 || c.TTL != 90*time.Minute || c.Idle != 30*time.Minute || c.Prefix != "ctrl+]" || c.Key.Set() {
		t.Errorf("defaults: %+v", c)
	}
}

func TestLaterSourcesOverrideEarlierOnes(t *testing.T) {
	c, err := Load(places(t,
		map[string]string{
			"user":          "ttl: 2h\nidleTimeout: 10m\nlease: {idleTimeout: 15m}\nfal: {user: alice, sector: sector_1}\nssh: {port: 2200}",
			"crabbox.yaml":  "fal: {user: bob}\nprofile: a",
			".crabbox.yaml": "profile: b",
		},
		map[string]string{"CRABBOX_TTL": "3h", "CRABBOX_FAL_SECTOR": "sector_3"}))
	if err != nil {
		t.Fatal(err)
	}
	for what, ok := range map[string]bool{
		"environment beats file":         c.TTL == 3*time.Hour && c.Sector == "sector_3",
		"lease.* beats top level":        c.Idle == 15*time.Minute,
		"repository beats person's file": c.User == "bob",
		"dotted file beats plain one":    c.Profile == "b",
		"port":                           c.Port == 2200,
	} {
		if !ok {
			t.Errorf("%s: %+v", what, c)
		}
	}
}

func TestExplicitSSHUserBeatsFalsWhereverItStands(t *testing.T) {
	c, err := Load(places(t, map[string]string{"user": "ssh: {user: root}\nworkRoot: /w"}, map[string]string{"CRABBOX_FAL_USER": "carol"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.User != "root" || c.WorkRoot != "/w" {
		t.Errorf("user %q, work root %q", c.User, c.WorkRoot)
	}
}

func TestOneClearErrorNamesFileLineAndKey(t *testing.T) {
	for name, tc := range map[string]struct {
		file, text string
		line       int
		key        string
	}{
		"unknown setting":   {"own", "theme: dark\ncolour: red\n", 2, "colour"},
		"bad theme":         {"own", "theme: pink", 1, "theme"},
		"bad prefix":        {"own", "\n\nprefix: a", 3, "prefix"},
		"tab as prefix":     {"own", "prefix: ctrl+i", 1, "prefix"},
		"no unit":           {"own", "refresh: 10", 1, "refresh"},
		"refresh too fast":  {"own", "refresh: 1ms", 1, "refresh"},
		"price is no price": {"own", "prices:\n  per_hour:\n    gpu_1x_h100_sxm5: cheap", 3, "prices.per_hour.gpu_1x_h100_sxm5"},
		"price below zero":  {"own", "prices: {per_hour: {a: -1}}", 1, "prices.per_hour.a"},
		"price not finite":  {"own", "prices: {per_hour: {a: .nan}}", 1, "prices.per_hour.a"},
		"unknown price key": {"own", "prices: {euros: 1}", 1, "prices.euros"},
		"types not a list":  {"own", "types: a", 1, "types"},
		"hours not a bool":  {"own", "prices: {whole_hours: sometimes}", 1, "prices.whole_hours"},
		"not a mapping":     {"own", "- a", 1, ""},
		"port":              {"user", "ssh:\n  port: ssh", 2, "ssh.port"},
		"key's destination": {"crabbox.yaml", "x: 1\nfal:\n  apiUrl: https://evil.example", 3, "fal.apiUrl"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(places(t, map[string]string{tc.file: tc.text}, nil))
			var bad *Error
			if !errors.As(err, &bad) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if filepath.Base(bad.File) != tc.file || bad.Line != tc.line || bad.Key != tc.key {
				t.Errorf("got file %q line %d key %q: %v", filepath.Base(bad.File), bad.Line, bad.Key, err)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
		})
	}
}

func TestBrokenYAMLIsAnErrorOfItsFile(t *testing.T) {
	for _, text := range []string{"a: [", "a:\n\tb: 1", "a: b: c", strings.Repeat("a", maxFile+1)} {
		_, err := Load(places(t, map[string]string{"own": text}, nil))
		var bad *Error
		if !errors.As(err, &bad) {
			t.Errorf("%.10q: got %v, want an *Error", text, err)
		}
	}
}

func TestUnreadableDurationsOfCrabboxAreIgnoredAsItDoesAndSaid(t *testing.T) {
	c, err := Load(places(t, map[string]string{"user": "ttl: soon"}, map[string]string{"CRABBOX_IDLE_TIMEOUT": "-1m"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.TTL != 90*time.Minute || c.Idle != 30*time.Minute || len(c.Warnings) != 2 {
		t.Errorf("ttl %s, idle %s, warnings %q", c.TTL, c.Idle, c.Warnings)
	}
}

func TestTheKeyComesFromTheEnvironmentAloneAndNeverPrints(t *testing.T) {
	const key = "fal-very-secret"
	c, err := Load(places(t, map[string]string{"user": "fal: {key: from-file}"}, map[string]string{"FAL_KEY": " " + key + "\n"}))
	if err != nil {
		t.Fatal(err)
	}
	if c.Key.Reveal() != key {
		t.Errorf("key not taken from FAL_KEY, trimmed")
	}
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, printed := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%s %q %x", c.Key, c.Key, c.Key), string(asJSON)} {
		if strings.Contains(printed, key) || strings.Contains(printed, fmt.Sprintf("%x", key)) {
			t.Errorf("the key is in %q", printed)
		}
	}
	c, err = Load(places(t, nil, map[string]string{"FAL_KEY": "second", "CRABBOX_FAL_KEY": "first"}))
	if err != nil || c.Key.Reveal() != "first" {
		t.Errorf("CRABBOX_FAL_KEY must win: %v", err)
	}
	_, err = Load(places(t, nil, map[string]string{"FAL_KEY": key + "\n" + key}))
	if err == nil || strings.Contains(err.Error(), key) {
		t.Errorf("a key over two lines must be refused without printing it: %v", err)
	}
}

func TestPlacesFollowCrabboxForWhatIsSharedAndXDGForWhatIsOurs(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("os.UserConfigDir follows XDG_CONFIG_HOME on Linux only")
	}
	home := t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, "cfg"))
	p, err := FromEnvironment(func(string) string { return "" }, "/work")
	if err != nil {
		t.Fatal(err)
	}
	if p.State != filepath.Join(home, "cfg", "crabbox", "state") || p.Keys != filepath.Join(home, "cfg", "crabbox", "testboxes") {
		t.Errorf("state %q, keys %q", p.State, p.Keys)
	}
	env := map[string]string{"XDG_STATE_HOME": filepath.Join(home, "st"), "CRABBOX_CONFIG": "/only"}
	p, err = FromEnvironment(func(k string) string { return env[k] }, "/work")
	if err != nil {
		t.Fatal(err)
	}
	if p.State != filepath.Join(home, "st", "crabbox") || p.User != "/only" || p.Repo != nil {
		t.Errorf("places: %+v", p)
	}
	env["XDG_STATE_HOME"] = "relative"
	if _, err = FromEnvironment(func(k string) string { return env[k] }, "/work"); err == nil {
		t.Error("a relative state folder must be refused")
	}
}

func TestRepoRootIsTheTopOfTheWorkTree(t *testing.T) {
	top := t.TempDir()
	deep := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	if got := RepoRoot(deep); got != deep {
		t.Errorf("outside a work tree: %q, want the folder itself", got)
	}
	if err := os.Mkdir(filepath.Join(top, ".git"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got := RepoRoot(deep); got != top {
		t.Errorf("got %q, want %q", got, top)
	}
}

func TestPanesAndAgents(t *testing.T) {
	env := map[string]string{"SSH_AUTH_SOCK": "/run/agent"}
	c, err := Load(places(t, nil, env))
	if err != nil {
		t.Fatal(err)
	}
	if c.Scrollback != 10_000 || c.PaneMemory != 32<<20 || c.Agent || c.ForwardAgent != nil || c.AgentSocket != "" {
		t.Errorf("unasked: %+v", c)
	}
	c, err = Load(places(t, map[string]string{"own": "pane: {scrollback: 50000, memory: 64MiB}\nagent: auto\nforward_agent: [ant]"}, env))
	if err != nil {
		t.Fatal(err)
	}
	if c.Scrollback != 50_000 || c.PaneMemory != 64<<20 || !c.Agent || len(c.ForwardAgent) != 1 || c.ForwardAgent[0] != "ant" || c.AgentSocket != "/run/agent" {
		t.Errorf("asked: %+v", c)
	}
	if c, err = Load(places(t, map[string]string{"own": "forward_agent: [ant]"}, nil)); err != nil || len(c.Warnings) != 1 {
		t.Errorf("no agent there: %v, %v", err, c.Warnings)
	}
	for own, want := range map[string]string{
		"pane: {scrollback: 0}":   "whole number between 1 and 1000000",
		"pane: {scrollback: ten}": "whole number",
		"pane: {memory: 32}":      `between "16MiB" and "1024MiB"`,
		"pane: {memory: 8MiB}":    "between",
		"pane: {lines: 3}":        "pane.lines",
		"agent: on":               "must be one of off, auto",
		"forward_agent: ant":      "must be a list",
	} {
		var bad *Error
		if _, err := Load(places(t, map[string]string{"own": own}, nil)); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", own, err, want)
		}
	}
}
