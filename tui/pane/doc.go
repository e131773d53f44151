// Package pane is the engine behind one terminal pane: it joins a shell to a
// terminal emulator and hands out frames to draw.
//
// Goroutines: one reader a shell, started by Attach. It reads the shell, feeds
// the emulator under the engine's mutex, sends the emulator's answers back and
// signals the one-slot Wake. It ends when the shell's Read does. Everything
// else runs on the caller's goroutine; keys go straight to the shell's queue,
// so that a flood of output never holds up what is typed.
package pane
