package crash

import (
	"os"
	"runtime"
	"strconv"
)

func numCPU() int { return runtime.NumCPU() }

// thinned is every CRASH_EVERY-th cell, all by default: the second run of a CI,
// under the race detector, plays a part of the matrix that the first played whole.
func thinned[T any](all []T) []T {
	every := raceEvery
	if n, err := strconv.Atoi(os.Getenv("CRASH_EVERY")); err == nil {
		every = n
	}
	if every < 2 {
		return all
	}
	var some []T
	for i := 0; i < len(all); i += every {
		some = append(some, all[i])
	}
	return some
}
