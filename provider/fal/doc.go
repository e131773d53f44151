// Package fal rents boxes from fal's Compute API: the client, one request a
// method, and the lifecycle on top of it, which keeps a claim ahead of every
// effect. Formats, locks and rules are crabbox's, so that either program can
// go on with what the other began.
//
// The life of a claim is one table, in transitions.go: which state may become
// which, what is written, under which locks, and what may be done once it is
// on disk. Every change of a claim goes through Lifecycle.apply, which looks
// there first. An effect (a create, a delete) is sent only after the write
// that foretells it is durable, and its outcome is written by compare-and-swap.
//
// Locks are taken in the order acquire, slug, operation, and let go by the
// kernel when the process dies. The acquire lock is held for the life of an
// acquire or a resume, and by a release of a lease that is not being deleted
// yet; the operation lock over each exchange with the provider and the write
// of its outcome. Touch, Keep and Extend take neither: compare-and-swap is
// enough for them.
package fal
