package config

import (
	"slices"
	"strings"
	"time"
)

// readOwn reads this program's own file, strictly: a key that it does not know
// is more likely a typing error than a wish.
func (c *Config) readOwn(path string) error {
	f, err := open(path)
	if err != nil || f == nil {
		return err
	}
	return f.each(f.root, "", map[string]func(*node) error{
		"prefix":  func(n *node) error { return n.text(&c.Prefix, checkPrefix) },
		"theme":   func(n *node) error { return n.text(&c.Theme, oneOf("auto", "dark", "light", "none")) },
		"refresh": func(n *node) error { return n.duration(&c.Refresh, 2*time.Second, time.Hour) },
		"pane": func(n *node) error {
			return f.each(n, "pane", map[string]func(*node) error{
				"scrollback": func(n *node) error { return n.count(&c.Scrollback, 1, 1_000_000) },
				"memory":     func(n *node) error { return n.mebibytes(&c.PaneMemory, 16, 1024) },
			})
		},
		"agent": func(n *node) error {
			var word string
			err := n.text(&word, oneOf("off", "auto"))
			c.Agent = word == "auto"
			return err
		},
		"forward_agent": func(n *node) error { return n.texts(&c.ForwardAgent) },
		"types":         func(n *node) error { return n.texts(&c.Types) },
		"prices": func(n *node) error {
			return f.each(n, "prices", map[string]func(*node) error{
				"per_hour":    func(n *node) error { return n.prices(&c.Prices) },
				"dated":       func(n *node) error { return n.text(&c.PricesDate, nil) },
				"whole_hours": func(n *node) error { return n.boolean(&c.WholeHours) },
			})
		},
	})
}

func oneOf(values ...string) func(string) string {
	return func(s string) string {
		if slices.Contains(values, s) {
			return ""
		}
		return "must be one of " + strings.Join(values, ", ")
	}
}

// checkPrefix takes the keys that a shell seldom needs and that every terminal
// can send.
func checkPrefix(s string) string {
	rest, ok := strings.CutPrefix(s, "ctrl+")
	if ok && len(rest) == 1 && strings.Contains("abcdefghjklnopqrstuvwxyz]\\^_@", rest) {
		return ""
	}
	if len(s) > 1 && s[0] == 'f' && strings.Trim(s[1:], "0123456789") == "" && len(s) <= 3 {
		return ""
	}
	return `must be ctrl with a letter or one of ] \ ^ _ @ (not i or m, which are Tab and Enter), or a function key, for example "ctrl+]" or "f12"`
}
