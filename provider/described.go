package provider

import (
	"cmp"
	"math"
	"net/netip"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
)

// claimSecond is how finely claims tell time.
const claimSecond = time.Second

// described fills in all of a claim's row but its standing: the provider's own
// word where the instance is seen, else the labels.
func (m *merger) described(rec claims.Record, inst Instance, seen bool) Lease {
	c := rec.Claim
	label := func(name string, max int) string { return Clean(c.Labels[name], max) }
	l := Lease{
		ID:         c.LeaseID,
		InstanceID: Clean(c.CloudID, maxID),
		Slug:       Clean(c.Slug, maxWord),
		Provider:   Clean(c.Provider, maxWord),
		Type:       label(labelServerType, maxWord),
		Region:     label("region", maxWord),
		Sector:     label("sector", maxWord),
		Creator:    label("creator_user_nickname", maxWord),
		RepoRoot:   Clean(c.RepoRoot, maxPath),

		Keep:          strings.EqualFold(strings.TrimSpace(c.Labels["keep"]), "true"),
		CreatedAt:     createdAt(c),
		LastTouchedAt: claimTime(c.Labels["last_touched_at"]),
		TTL:           claimDuration(c.Labels["ttl_secs"]),
		Idle: cmp.Or(claimDuration(c.Labels["idle_timeout_secs"]), claimDuration(c.Labels["idle_timeout"]),
			seconds(int64(c.IdleTimeoutSecs))),
		Revision: string(rec.Revision),
	}
	if seen {
		l.Type = cmp.Or(Clean(inst.Type, maxWord), l.Type)
		l.Region = cmp.Or(Clean(inst.Region, maxWord), l.Region)
		l.Sector = cmp.Or(Clean(inst.Sector, maxWord), l.Sector)
		l.Creator = cmp.Or(Clean(inst.Creator, maxWord), l.Creator)
		l.Status = Clean(status(inst), maxWord)
	}
	if c.CloudID != "" && m.mine(c) {
		l.FirstSeen = m.FirstSeen[c.CloudID]
	}
	if l.CreatedAt.IsZero() && c.Provider != m.Name {
		l.CreatedAt = claimTime(c.ClaimedAt)
	}
	l.ExpiresAt = expiresAt(c, l)
	m.addressed(&l, c, inst)
	return l
}

// addressed fills in how to reach the box. What a claim says is used only if
// it is well-formed: it ends up on command lines that people copy.
func (m *merger) addressed(l *Lease, c claims.Claim, inst Instance) {
	labelPort, _ := strconv.Atoi(c.Labels["ssh_port"])
	if c.Provider == m.Name {
		l.Host = cmp.Or(host(c.SSHHost), host(c.Labels["ssh_host"]), host(inst.IP))
		l.Port = cmp.Or(validPort(c.SSHPort), validPort(labelPort), port(m.DefaultPort))
		l.User = cmp.Or(user(c.Labels["ssh_user"]), user(m.DefaultUser))
	} else {
		staticPort, _ := strconv.Atoi(c.StaticPort)
		l.Host = cmp.Or(host(c.SSHHost), host(c.StaticHost), host(c.Labels["ssh_host"]))
		l.Port = cmp.Or(validPort(c.SSHPort), validPort(staticPort), validPort(labelPort), defaultPort)
		l.User = cmp.Or(user(c.StaticUser), user(c.Labels["ssh_user"]), user(m.DefaultUser))
	}
	if key, ok := m.Keys[c.LeaseID]; ok {
		l.KeyPath, l.KnownHostsPath = key.PrivatePath, key.KnownHostsPath
	} else if c.Provider != m.Name && m.DefaultKey != "" {
		l.KeyPath, l.KnownHostsPath = m.DefaultKey, filepath.Join(filepath.Dir(m.DefaultKey), "known_hosts")
	}
}

// defaultPort is sshd's.
const defaultPort = 22

func validPort(p int) int {
	if p < 1 || p > math.MaxUint16 {
		return 0
	}
	return p
}

func port(configured int) int { return cmp.Or(validPort(configured), defaultPort) }

// A name that begins with a dash would be an option on an ssh command line.
var hostPattern = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?$`)

// host returns a host name or an IP address, or "" for anything else.
func host(s string) string {
	s = strings.TrimSpace(s)
	if hostPattern.MatchString(s) {
		return s
	}
	if a, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")); err == nil && (a.Zone() == "" || hostPattern.MatchString(a.Zone())) {
		return a.String()
	}
	return ""
}

// userPattern is what crabbox takes for a user's name.
var userPattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]{0,31}$`)

func user(s string) string {
	if s = strings.TrimSpace(s); userPattern.MatchString(s) {
		return s
	}
	return ""
}

// createdAt is when the create of a claim began; zero if it does not say.
func createdAt(c claims.Claim) time.Time {
	if t := claimTime(c.Labels["created_at"]); !t.IsZero() {
		return t
	}
	return claimTime(c.Labels["create_started_at"])
}

// expiresAt is the claim's own deadline, or what crabbox would work out of the
// other clocks where it has none that can be read.
func expiresAt(c claims.Claim, l Lease) time.Time {
	for _, label := range []string{"expires_at", "ttl"} {
		if t := claimTime(c.Labels[label]); !t.IsZero() {
			return t
		}
	}
	var deadline time.Time
	if !l.LastTouchedAt.IsZero() && l.Idle > 0 {
		deadline = l.LastTouchedAt.Add(l.Idle)
	}
	if !l.CreatedAt.IsZero() && l.TTL > 0 {
		if t := l.CreatedAt.Add(l.TTL); deadline.IsZero() || t.Before(deadline) {
			deadline = t
		}
	}
	return deadline
}

// lastSecond is the last one that a calendar with four-digit years has.
var lastSecond = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC).Unix()

// claimTime reads a time as claims write it, in decimal Unix seconds or RFC
// 3339. Anything else, and what lies outside the calendar, is zero.
func claimTime(s string) time.Time {
	s = strings.TrimSpace(s)
	if secs, err := strconv.ParseInt(s, 10, 64); err == nil {
		if secs <= 0 || secs > lastSecond {
			return time.Time{}
		}
		return time.Unix(secs, 0).UTC()
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil || t.Unix() <= 0 || t.Unix() > lastSecond {
		return time.Time{}
	}
	return t.UTC()
}

// longest bounds durations so that adding them to a time cannot overflow.
const longest = 100 * 365 * 24 * time.Hour

// claimDuration reads a duration as claims write it, in decimal seconds or
// Go's syntax; zero for anything else and for what is not positive.
func claimDuration(s string) time.Duration {
	s = strings.TrimSpace(s)
	if secs, err := strconv.ParseInt(s, 10, 64); err == nil {
		return seconds(secs)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0
	}
	return min(max(d, 0), longest)
}

func seconds(n int64) time.Duration {
	return time.Duration(min(max(n, 0), int64(longest/time.Second))) * time.Second
}
