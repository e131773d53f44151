package tui

import "github.com/openclaw/crabbox-tui/provider"

// cleanLimit bounds text from outside that is drawn somewhere, in characters.
const cleanLimit = 2000

// clean makes text from outside fit to draw on one line.
func clean(s string) string { return provider.Clean(s, cleanLimit) }
