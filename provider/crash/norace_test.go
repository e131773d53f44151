//go:build !race

package crash

const raceEvery = 1
