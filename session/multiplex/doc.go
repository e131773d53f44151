// Package multiplex opens shells that live on the box and not in the
// connection: in a tmux server of our own there, driven in control mode. Nothing
// of tmux is seen. What the shell's programs write comes as they wrote it, so
// that screen, scrollback and keys are our emulator's; tmux keeps a copy, from
// which a later connection is filled.
//
// Where a box has no tmux 3 the shell lives in screen, and where it has no screen
// in dtach: with options of ours, in a folder of ours that no other user can
// read. Their clients draw on a PTY, so that what is missed while away is not
// filled in. Where there is none of these the shell is an ordinary one. What the
// box has is looked for each time, and nothing is installed.
//
// The protocol is that of the section "Control mode" of the manual tmux(1), of
// tmux 3.0 and later. The server listens on a socket of its own (-L crabbox) and
// reads no configuration, so that a person's own tmux there is not touched.
//
// Everything that comes from the box is taken for hostile: lines are bounded,
// and nothing in them is acted on but what is documented.
package multiplex
