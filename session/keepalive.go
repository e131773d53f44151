package session

import (
	"fmt"
	"sync"
	"time"
)

// suspendSlack is how far the wall clock may run ahead of the monotonic one
// between two looks before the machine counts as having slept. Corrections by
// NTP are smaller or rare.
const suspendSlack = 2 * time.Second

// Check probes the link at once, whatever was heard of it before: after the
// machine woke up or the network changed. It returns at once; a dead link
// shows in Done.
func (c *Client) Check() {
	select {
	case c.check <- struct{}{}:
	default: // one is waiting already
	}
}

// watch asks for a sign of life when there was none for quiet, and ends the
// connection when none comes within answer. One request is outstanding at
// most: a second would queue behind the first inside x/crypto for ever. The
// timer is all that it costs while idle.
func (c *Client) watch(quiet, answer time.Duration) {
	timer := time.NewTimer(quiet)
	defer timer.Stop()
	looked := time.Now()
	for {
		asked := false
		select {
		case <-c.done:
			return
		case <-c.check:
			asked = true
		case <-timer.C:
		}
		now := time.Now()
		slept := suspended(now.Round(0).Sub(looked.Round(0)), now.Sub(looked))
		looked = now
		if silent := c.wire.quiet(); !asked && !slept && silent < quiet {
			timer.Reset(quiet - silent)
			continue
		}
		c.probe(answer)
		timer.Reset(quiet)
	}
}

// suspended says whether the machine slept while the two clocks advanced so
// far: the monotonic one stops then on Linux, the wall clock does not.
func suspended(wall, monotonic time.Duration) bool { return wall-monotonic > suspendSlack }

// probe sends one keepalive and returns when it was answered or the
// connection has ended. A refusal is an answer. So is any other byte: an
// answer may be queued behind a long output on a slow link.
func (c *Client) probe(answer time.Duration) {
	var (
		mu       sync.Mutex
		answered bool
		timer    *time.Timer
	)
	sent := time.Since(c.wire.born)
	mu.Lock()
	timer = time.AfterFunc(answer, func() {
		mu.Lock()
		defer mu.Unlock()
		if answered {
			return
		}
		if silent := c.wire.quiet(); time.Duration(c.wire.heard.Load()) > sent && silent < answer {
			timer.Reset(answer - silent)
			return
		}
		c.end(fmt.Errorf("%w: no answer for %s", ErrLinkLost, answer))
	})
	mu.Unlock()

	// The error is the connection's end, which the other goroutine reports.
	_, _, _ = c.ssh.SendRequest("keepalive@openssh.com", true, nil)

	mu.Lock()
	answered = true
	timer.Stop()
	mu.Unlock()
}
