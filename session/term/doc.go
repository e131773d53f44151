// Package term is the terminal behind the pane: it takes the bytes that a
// remote program writes and holds the screen that they make. It knows nothing
// of SSH or of Bubble Tea.
//
// The remote end is hostile until proven otherwise: whatever the bytes, Write
// takes time linear in their number and memory under a fixed ceiling, and
// neither panics nor blocks. What the terminal answers to queries waits in a
// bounded queue for Replies and never holds anything up.
//
// # How it is built
//
// The parser is a VT500-style state machine of our own (parser.go) in front
// of a fast path for runs of printable ASCII. A general ANSI parser ends an
// OSC at any byte 0x9C, which is also the last byte of many UTF-8 characters,
// and takes the control that follows a truncated character for a part of it;
// both lose text that real programs write.
//
// A cell is eight bytes (cell.go): a rune or the number of a grapheme cluster,
// its width and the number of a style. Styles, clusters and links are interned
// in bounded tables (intern.go) that are collected from the live screens when
// full, so no stream of new colours can make them grow. Rows that leave the
// screen are packed as UTF-8 text with inline style changes into a ring of
// chunks bounded in bytes (scrollback.go), so they pin no table.
//
// Widths and clusters are those of github.com/charmbracelet/x/ansi, because
// the screen is measured with it again when it is drawn.
//
// A Terminal is not safe for concurrent use; its owner serialises all calls.
package term
