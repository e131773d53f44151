// Package tui is the screen: the fleet at one side, the boxes' shells at the
// other, and the dialogs between.
//
// Message flow. One Bubble Tea model, Model, has the package's only Update; it
// routes and nothing more. Sub-models (fleet list, form, dialogs, panes, help,
// notices) own their keys, state and drawing and return commands. Whatever
// touches the world (Deps) is a command in commands.go; its reply is a message
// that names what it answers by id and generation, and a stale reply is
// dropped. Producers (fleet, operations, panes) signal through one-slot wakes,
// each with one waiting command that Update re-arms; data is pulled, so that a
// flood costs frames and never memory.
//
// A picture is a function of the model: layout.go says where things are,
// styles.go how they look, keys.go what keys do and why they do not.
package tui
