package claims

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// CredentialBinding names an API key without telling it: a claim says by it
// which key made the lease. It is empty for an empty key.
func CredentialBinding(key string) string {
	key = strings.TrimSpace(key)
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("crabbox/fal/credential-binding/v1\x00" + key))
	return hex.EncodeToString(sum[:])
}

// RequestBinding names the exact body of a create, so that a replay is known to
// be the same request.
func RequestBinding(instanceType, sector, publicKey string) string {
	sum := sha256.Sum256([]byte(instanceType + "\x00" + sector + "\x00" + strings.TrimSpace(publicKey)))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Scope returns the provider scope of claims made through an API endpoint;
// empty for an empty one. Scopes are compared as strings.
func Scope(endpoint string) string {
	endpoint = strings.TrimSpace(endpoint)
	if endpoint == "" {
		return ""
	}
	u, err := url.Parse(endpoint)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return "endpoint:" + strings.TrimRight(endpoint, "/")
	}
	scheme, host, port := strings.ToLower(u.Scheme), strings.ToLower(u.Hostname()), u.Port()
	if scheme == "https" && port == "443" || scheme == "http" && port == "80" {
		port = ""
	}
	switch {
	case port != "":
		host = net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		host = "[" + host + "]"
	}
	clean := url.URL{Scheme: scheme, Host: host, Path: strings.TrimRight(u.Path, "/")}
	return "endpoint:" + clean.String()
}

// SanitizeLabel makes a value fit for a label as crabbox does.
func SanitizeLabel(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return "unknown"
	}
	var b strings.Builder
	for _, r := range s {
		if b.Len() >= 63 {
			break
		}
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '.' || r == '-' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	if out := strings.Trim(b.String(), "_.-"); out != "" {
		return out
	}
	return "unknown"
}

// LabelTime reads a label that holds a time: Unix seconds, or RFC 3339.
func (c Claim) LabelTime(key string) (time.Time, bool) {
	s := strings.TrimSpace(c.Labels[key])
	if n, err := strconv.ParseInt(s, 10, 64); err == nil && n > 0 {
		return time.Unix(n, 0).UTC(), true
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	return t.UTC(), err == nil
}

// LabelDuration reads a label that holds a duration above zero: seconds, or as
// Go writes durations.
func (c Claim) LabelDuration(key string) (time.Duration, bool) {
	s := strings.TrimSpace(c.Labels[key])
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(n) * time.Second, n > 0 && n < int64(1<<62/time.Second)
	}
	d, err := time.ParseDuration(s)
	return d, err == nil && d > 0
}
