// Package claims is the ownership store: one claim a lease, saying which
// instance is ours, under which key and endpoint it was made, and how far its
// life has got. A claim is the only evidence of ownership there is, so every
// write is durable before it is relied upon and every change is a
// compare-and-swap.
//
// The file store shares its folders, format and locks with the crabbox command
// line tool: either program can go on with what the other began. The contract
// is crabbox's own; see docs/architecture.md for its shape.
package claims
