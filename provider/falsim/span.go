package falsim

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// Span is a duration that is fixed, or drawn anew each time from a range with
// both ends in it.
type Span struct{ Min, Max time.Duration }

// Exactly is a fixed span.
func Exactly(d time.Duration) Span { return Span{d, d} }

// Forever is a span that does not end while its instance or its server exists.
var Forever = Exactly(math.MaxInt64)

func parseSpan(text string) (Span, error) {
	if text == "forever" {
		return Forever, nil
	}
	low, high, isRange := strings.Cut(text, "..")
	from, err := time.ParseDuration(low)
	to := from
	if err == nil && isRange {
		to, err = time.ParseDuration(high)
	}
	if err != nil || from < 0 || to < from {
		return Span{}, fmt.Errorf("%.60q is not a duration such as 1500ms, a range such as 2s..5s, or forever", text)
	}
	return Span{from, to}, nil
}

func (s Span) valid() bool { return 0 <= s.Min && s.Min <= s.Max }

// draw returns a duration of the span.
func (s Span) draw(r *rand.Rand) time.Duration {
	if s.Max <= s.Min {
		return s.Min
	}
	// One more than the difference overflows for a range over everything.
	return s.Min + time.Duration(r.Uint64N(uint64(s.Max-s.Min)+1))
}

// plus adds without running over: forever and something is forever.
func plus(a, b time.Duration) time.Duration {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}
