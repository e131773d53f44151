//go:build race

package crash

// raceEvery: the race detector looks at code, not at crashes, and makes a
// process five times as slow. It gets a part of the matrix.
const raceEvery = 12
