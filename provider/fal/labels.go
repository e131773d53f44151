package fal

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/openclaw/crabbox-tui/claims"
	"github.com/openclaw/crabbox-tui/provider"
)

// providerKey names crabbox's cloud key pair; fal has none, and every direct
// lease of crabbox carries the name all the same.
const providerKey = "crabbox-steipete"

func unixSeconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }
func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }
func stamp(t time.Time) string       { return t.UTC().Format("2006-01-02T15:04:05Z") }

// expiry is the earlier of the idle and the TTL deadline.
func expiry(created, touched time.Time, ttl, idle time.Duration) time.Time {
	byIdle, byTTL := touched.Add(idle), created.Add(ttl)
	if byTTL.Before(byIdle) {
		return byTTL
	}
	return byIdle
}

// leaseLabels are the labels of any direct lease of crabbox, sanitised, and
// fal's three, which are not.
func leaseLabels(t terms, st string, touched time.Time) map[string]string {
	labels := map[string]string{
		"class": t.class, "crabbox": "true", "created_by": "crabbox",
		labelKeep: strconv.FormatBool(t.keep), labelLease: t.leaseID, "slug": t.slug,
		"profile": t.profile, "provider": Name, "provider_key": providerKey, "target": "linux",
		labelState:     st,
		labelCreatedAt: unixSeconds(t.started), labelTouchedAt: unixSeconds(touched),
		labelIdle: seconds(t.idle), labelIdleSecs: seconds(t.idle), labelTTL: seconds(t.ttl),
		labelExpiresAt: unixSeconds(expiry(t.started, touched, t.ttl, t.idle)),
	}
	if t.pond != "" {
		labels["pond"] = t.pond
	}
	for k, v := range labels {
		labels[k] = claims.SanitizeLabel(v)
	}
	labels[labelWorkRoot], labels[labelServerType], labels[labelSector] = t.workRoot, t.instanceType, t.sector
	return labels
}

// reclaim sets the fields of a claim that every rewrite by an acquire sets.
func reclaim(c *claims.Claim, t terms, now time.Time) {
	c.Slug, c.RepoRoot = t.slug, cmp.Or(c.RepoRoot, t.repoRoot)
	c.Provider, c.ProviderScope = Name, t.scope
	c.Pond = cmp.Or(t.pond, c.Pond)
	c.LastUsedAt = stamp(now)
	c.ClaimedAt = cmp.Or(c.ClaimedAt, stamp(now))
	c.IdleTimeoutSecs = int(t.idle / time.Second)
	c.SSHPort = t.port
}

// carried are the labels that outlive a rebuild of the others.
func carried(into map[string]string, c claims.Claim, keys ...string) {
	for _, k := range keys {
		if v, ok := c.Labels[k]; ok {
			into[k] = v
		}
	}
}

// editIntent makes the first claim of a lease.
func editIntent(c *claims.Claim, ch change) {
	*c = claims.Claim{LeaseID: ch.terms.leaseID, Labels: map[string]string{
		labelBinding: ch.terms.binding, labelRequest: ch.terms.request, labelLifetime: "1",
	}}
	editRecovery(c, ch, stateCreateIntent, "")
}

// editRecovery rebuilds a claim for a state of an acquire that is not through.
func editRecovery(c *claims.Claim, ch change, to state, attempt string) {
	labels := leaseLabels(ch.terms, string(to), ch.terms.started)
	labels[labelRecovery] = string(to)
	labels[labelCreateStarted] = unixSeconds(ch.terms.started)
	if attempt != "" {
		labels[labelAttempt] = attempt
	}
	carried(labels, *c, labelBinding, labelRequest, labelLifetime)
	reclaim(c, ch.terms, ch.now)
	c.Labels = labels
}

// liveLabels are what an instance itself says.
func liveLabels(inst provider.Instance, t terms) map[string]string {
	labels := map[string]string{
		labelInstance: inst.ID, labelServerType: inst.Type, "name": cmp.Or(t.slug, inst.ID),
		"region": inst.Region, labelSector: inst.Sector, "creator_user_nickname": inst.Creator,
		"ssh_host": inst.IP, "ssh_user": t.user, "ssh_port": strconv.Itoa(t.port),
	}
	maps.DeleteFunc(labels, func(_, v string) bool { return v == "" })
	labels[labelState] = cmp.Or(inst.Status, "unknown")
	return labels
}

// editReady makes the claim of a box that can be used.
func editReady(c *claims.Claim, ch change) {
	t := ch.terms
	touched := t.started
	if !ch.touched.IsZero() {
		touched = ch.touched
	}
	labels := leaseLabels(t, "leased", touched)
	maps.Copy(labels, liveLabels(ch.instance, t))
	carried(labels, *c, labelBinding, labelLifetime)
	reclaim(c, t, ch.now)
	c.SSHHost, c.SSHPort = ch.instance.IP, ch.port
	c.Labels = labels
}

// editMove changes the address of a ready claim and nothing else.
func editMove(c *claims.Claim, ch change) {
	c.SSHHost, c.SSHPort = ch.instance.IP, ch.port
	c.LastUsedAt = stamp(ch.now)
	c.Labels["ssh_host"] = ch.instance.IP
}

// mark sets a delete label.
func mark(c *claims.Claim, key string) {
	if c.Labels == nil {
		c.Labels = map[string]string{}
	}
	c.Labels[key] = c.CloudID
}

// verbatim are the labels that a touch leaves alone: sanitising them would
// break what they are for.
var verbatim = []string{
	labelWorkRoot, labelSector, labelBinding, labelRequest, labelAttempt, labelCreateStarted,
}

// editTouch moves the idle clock and writes the labels as crabbox does.
func editTouch(c *claims.Claim, ch change) {
	t := ch.terms
	labels := liveLabels(provider.Instance{
		ID: c.CloudID, Type: c.Labels[labelServerType], Region: c.Labels["region"],
		Creator: c.Labels["creator_user_nickname"], IP: c.SSHHost, Status: cmp.Or(strings.TrimSpace(c.Labels[labelState]), "ready"),
	}, t)
	for k, v := range c.Labels {
		if strings.TrimSpace(v) != "" {
			labels[k] = v
		}
	}
	created, ok := c.LabelTime(labelCreatedAt)
	if !ok {
		created = ch.now
	}
	labels[labelCreatedAt], labels[labelTouchedAt] = unixSeconds(created), unixSeconds(ch.now)
	labels[labelIdle], labels[labelIdleSecs], labels[labelTTL] = seconds(t.idle), seconds(t.idle), seconds(t.ttl)
	labels[labelExpiresAt] = unixSeconds(expiry(created, ch.now, t.ttl, t.idle))
	for k, v := range labels {
		labels[k] = claims.SanitizeLabel(v)
	}
	carried(labels, *c, verbatim...)
	labels[labelLifetime] = c.Labels[labelLifetime]
	c.Labels = labels
}

// editClocks sets keep or new clocks.
func editClocks(c *claims.Claim, ch change) {
	if ch.keep != nil {
		c.Labels[labelKeep] = strconv.FormatBool(*ch.keep)
	}
	t := ch.terms
	if d := ch.clocks.TTL; d > 0 {
		t.ttl = d
		c.Labels[labelTTL] = seconds(d)
	}
	if d := ch.clocks.Idle; d > 0 {
		t.idle = d
		c.Labels[labelIdle], c.Labels[labelIdleSecs] = seconds(d), seconds(d)
		c.IdleTimeoutSecs = int(d / time.Second)
	}
	created, touched := touchedOf(*c, ch.now)
	c.Labels[labelExpiresAt] = unixSeconds(expiry(created, touched, t.ttl, t.idle))
}

// touchedOf returns when a claim's clocks began, now where it does not say.
func touchedOf(c claims.Claim, now time.Time) (created, touched time.Time) {
	created, ok := c.LabelTime(labelCreatedAt)
	if !ok {
		created = now
	}
	touched, ok = c.LabelTime(labelTouchedAt)
	if !ok {
		touched = created
	}
	return created, touched
}
