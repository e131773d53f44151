package cli

import "github.com/atotto/clipboard"

// setClipboard waits for the clipboard, which others may hold, for a second at
// most.
func setClipboard(text string) error { return clipboard.WriteAll(text) }
