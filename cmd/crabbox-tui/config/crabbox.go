package config

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"
)

// explicit says which of two settings for the same thing a person gave:
// crabbox lets an explicit ssh.user or workRoot beat fal's own, whichever
// source either came from. crabbox's serverType is left aside: it names the
// machine type of whichever provider is the default there.
type explicit struct{ sshUser, workRoot string }

// readCrabbox reads crabbox's own files. What is not about fal leases is
// passed over: the files are crabbox's, and so is judging them.
func (c *Config) readCrabbox(p Places) (explicit, error) {
	var ex explicit
	for i, path := range append([]string{p.User}, p.Repo...) {
		f, err := open(path)
		if err != nil {
			return ex, err
		}
		if f == nil {
			continue
		}
		if i > 0 {
			if n := f.root.get("fal", "apiUrl"); n != nil {
				return ex, n.bad("a configuration file of the working folder may not say where the API key from the environment is sent; set it in " + p.User + " or CRABBOX_FAL_API_URL")
			}
		}
		if err := c.readCrabboxFile(f, &ex); err != nil {
			return ex, err
		}
	}
	return ex, nil
}

func (c *Config) readCrabboxFile(f *file, ex *explicit) error {
	for _, s := range []struct {
		into *string
		path []string
	}{
		{&c.APIURL, []string{"fal", "apiUrl"}},
		{&c.Type, []string{"fal", "instanceType"}},
		{&c.Sector, []string{"fal", "sector"}},
		{&c.User, []string{"fal", "user"}},
		{&c.WorkRoot, []string{"fal", "workRoot"}},
		{&ex.sshUser, []string{"ssh", "user"}},
		{&ex.workRoot, []string{"workRoot"}},
		{&c.SSHKey, []string{"ssh", "key"}},
		{&c.Profile, []string{"profile"}},
		{&c.Class, []string{"class"}},
		{&c.Pond, []string{"pond"}},
	} {
		if n := f.root.get(s.path...); n != nil && n.Value != "" {
			if err := n.text(s.into, nil); err != nil {
				return err
			}
		}
	}
	if n := f.root.get("ssh", "port"); n != nil && n.Value != "" {
		port, err := parsePort(n.Value)
		if err != nil || n.Kind != yaml.ScalarNode {
			return n.bad("must be a port number")
		}
		c.Port = port
	}
	for _, path := range [][]string{{"ttl"}, {"lease", "ttl"}} {
		c.lenientDuration(&c.TTL, f.root.get(path...))
	}
	for _, path := range [][]string{{"idleTimeout"}, {"lease", "idleTimeout"}} {
		c.lenientDuration(&c.Idle, f.root.get(path...))
	}
	return nil
}

// lenientDuration follows crabbox, which ignores what it cannot read.
func (c *Config) lenientDuration(into *time.Duration, n *node) {
	if n == nil {
		return
	}
	if d, err := time.ParseDuration(n.Value); err == nil && d > 0 {
		*into = d
		return
	}
	c.Warnings = append(c.Warnings, n.bad("is not a duration above zero; ignored, as crabbox does").Error())
}

// readEnvironment reads crabbox's variables. An empty one is as good as unset.
func (c *Config) readEnvironment(getenv func(string) string, ex explicit) error {
	for name, into := range map[string]*string{
		"CRABBOX_FAL_API_URL":       &c.APIURL,
		"CRABBOX_FAL_INSTANCE_TYPE": &c.Type,
		"CRABBOX_FAL_SECTOR":        &c.Sector,
		"CRABBOX_FAL_USER":          &c.User,
		"CRABBOX_FAL_WORK_ROOT":     &c.WorkRoot,
		"CRABBOX_SSH_USER":          &ex.sshUser,
		"CRABBOX_WORK_ROOT":         &ex.workRoot,
		"CRABBOX_SSH_KEY":           &c.SSHKey,
		"CRABBOX_PROFILE":           &c.Profile,
		"CRABBOX_DEFAULT_CLASS":     &c.Class,
	} {
		if v := getenv(name); v != "" {
			*into = v
		}
	}
	for name, into := range map[string]*time.Duration{"CRABBOX_TTL": &c.TTL, "CRABBOX_IDLE_TIMEOUT": &c.Idle} {
		v := getenv(name)
		if v == "" {
			continue
		}
		if d, err := time.ParseDuration(v); err == nil && d > 0 {
			*into = d
		} else {
			c.Warnings = append(c.Warnings, fmt.Sprintf("environment: %s is not a duration above zero; ignored, as crabbox does", name))
		}
	}
	if v := getenv("CRABBOX_SSH_PORT"); v != "" {
		port, err := parsePort(v)
		if err != nil {
			return &Error{File: "environment", Key: "CRABBOX_SSH_PORT", Msg: "must be a port number"}
		}
		c.Port = port
	}
	if ex.sshUser != "" {
		c.User = ex.sshUser
	}
	if ex.workRoot != "" {
		c.WorkRoot = ex.workRoot
	}
	for _, name := range []string{"CRABBOX_FAL_KEY", "FAL_KEY"} {
		if key := strings.TrimSpace(getenv(name)); key != "" {
			if strings.ContainsFunc(key, func(r rune) bool { return r < 0x20 || r > 0x7e }) {
				return &Error{File: "environment", Key: name, Msg: "holds characters that no API key has; was it pasted with a line break?"}
			}
			c.Key = NewSecret(key)
			break
		}
	}
	return nil
}

func parsePort(s string) (int, error) {
	port, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || port < 1 || port > 65535 {
		return 0, fmt.Errorf("%q is not a port", s)
	}
	return port, nil
}

// userPattern is crabbox's.
var userPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]{0,31}$`)

// check judges what only makes sense when all sources are in.
func (c *Config) check() error {
	if !userPattern.MatchString(c.User) {
		return &Error{File: "configuration", Key: "fal.user", Msg: fmt.Sprintf("%q cannot be a user name", c.User)}
	}
	if !strings.HasPrefix(c.WorkRoot, "/") {
		return &Error{File: "configuration", Key: "fal.workRoot", Msg: fmt.Sprintf("%q is not an absolute path", c.WorkRoot)}
	}
	return nil
}
