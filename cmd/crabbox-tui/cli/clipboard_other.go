//go:build !windows

package cli

import "github.com/openclaw/crabbox-tui/tui"

func setClipboard(string) error { return tui.ErrNoDesktop }
