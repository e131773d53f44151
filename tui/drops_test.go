package tui

import (
	"context"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
	"github.com/openclaw/crabbox-tui/session/faultlink"
	"github.com/openclaw/crabbox-tui/session/multiplex"
)

// A pane comes back by itself, with its own back-off and real clocks: how long
// that takes from when the link is whole again to when a key is echoed at the
// prompt. Once for each kind of failure, or as often as LINK_DROPS says, after
// 0 to 3 s of it.
func TestAPaneComesBackSoon(t *testing.T) {
	n := 1
	if s, err := strconv.Atoi(os.Getenv("LINK_DROPS")); err == nil {
		n = s
	}
	for _, c := range []struct {
		name  string
		fails func(*faultlink.Link)
		heals func(*faultlink.Link) error
	}{
		{"reset", func(l *faultlink.Link) { l.Cut(true) }, nil},
		{"unbound", (*faultlink.Link).Unbind, (*faultlink.Link).Bind},
		{"swallowed", (*faultlink.Link).Swallow, func(l *faultlink.Link) error { l.Heal(); return nil }},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, b := realWorld(t)
			link, err := faultlink.New(net.JoinHostPort(b.IP(), strconv.Itoa(w.snap.Rows[0].Port)))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = link.Close() })
			dialer := &session.Dialer{QuietAfter: 200 * time.Millisecond, AnswerWithin: 300 * time.Millisecond}
			w.dial = func(ctx context.Context, l provider.Lease) (Link, error) {
				client, err := dialer.Dial(ctx, session.Endpoint{
					Host: "127.0.0.1", Port: link.Port(), User: l.User, KeyFile: l.KeyPath, KnownHosts: l.KnownHostsPath,
				})
				if err != nil {
					return nil, err
				}
				return multiplex.Link{Client: client}, nil
			}
			d := run(t, w, 120, 36)
			d.m.cmds.after = d.m.cmds.timer
			d.press("enter")
			p := d.m.panes.current()
			d.until("open", func() bool { return p.state == paneOpen })
			var took []time.Duration
			for i := range n {
				// What was there before the failure is there after it, once.
				d.types("echo before-" + strconv.Itoa(i))
				d.press("enter")
				d.until("echoed", func() bool { return seen(p, "before-"+strconv.Itoa(i)) })
				gen := p.gen
				c.fails(link)
				d.until("lost", func() bool { return p.gen != gen || p.dead() })
				if c.heals != nil {
					d.sleeps(time.Duration(i*997%3000) * time.Millisecond)
					if err := c.heals(link); err != nil {
						t.Fatal(err)
					}
				}
				back := time.Now()
				d.until("open again", func() bool { return p.gen != gen && p.state == paneOpen })
				d.types("echo after-" + strconv.Itoa(i))
				d.press("enter")
				d.until("echoed", func() bool { return seen(p, "after-"+strconv.Itoa(i)) })
				took = append(took, time.Since(back))
				if !seen(p, "before-"+strconv.Itoa(i)) {
					t.Fatalf("not the shell of before: %q", p.eng.Text())
				}
			}
			slices.Sort(took)
			t.Logf("%d times; link back to prompt: p50 %s, p99 %s", n,
				took[n/2].Round(time.Millisecond), took[(n*99+99)/100-1].Round(time.Millisecond))
			if limit := 1500 * time.Millisecond; n >= 100 && took[n/2] > limit {
				t.Errorf("p50 is above %s", limit)
			}
		})
	}
}

// seen says whether a pane shows a line of exactly that text.
func seen(p *onePane, text string) bool {
	return slices.ContainsFunc(p.eng.Text(), func(line string) bool { return strings.TrimSpace(line) == text })
}

// sleeps lets real time pass, and the model go on meanwhile.
func (d *driver) sleeps(f time.Duration) {
	over := time.After(f)
	for {
		select {
		case msg := <-d.msgs:
			d.send(msg)
		case <-over:
			return
		}
	}
}
