// Package crash shows that no crash loses a box. It has tests only: they run
// the lifecycle against the simulator, end it at every point at which something
// was just written, sent or answered, go on from what is left on disk, and hold
// the result against the simulator's own books. docs/testing.md has the figures.
package crash
