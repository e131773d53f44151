package fal

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/openclaw/crabbox-tui/claims"
)

const defaultEndpoint = "https://api.fal.ai/v1"

// Scope returns the provider scope of claims made through an API base URL, and
// an error where the URL is not one that a key may be sent to. An empty URL
// means the default one.
func Scope(baseURL string) (string, error) {
	u, err := parseEndpoint(baseURL)
	if err != nil {
		return "", err
	}
	return claims.Scope(u.String()), nil
}

// Binding returns the credential binding of an API key; "" of "".
func Binding(key string) string { return claims.CredentialBinding(key) }

// parseEndpoint accepts what a key may be sent to: https, or http that does
// not leave this machine, and nothing in the URL but origin and plain path.
// Errors do not repeat the URL: it may hold a password.
func parseEndpoint(raw string) (*url.URL, error) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		raw = defaultEndpoint
	}
	refuse := func(why string) (*url.URL, error) {
		return nil, fmt.Errorf("fal API URL: %w", errors.New(why))
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return refuse("it cannot be parsed")
	case u.User != nil:
		return refuse("it must not hold user information")
	case u.Scheme != "https" && u.Scheme != "http":
		return refuse("it must begin with https://")
	case u.Hostname() == "" || u.Opaque != "":
		return refuse("it names no host")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return refuse("http is allowed to a loopback address only; use https")
	case u.RawQuery != "" || u.ForceQuery || strings.Contains(raw, "?"):
		return refuse("it must not hold a query")
	case u.Fragment != "" || strings.Contains(raw, "#"):
		return refuse("it must not hold a fragment")
	case u.RawPath != "" || strings.Contains(u.EscapedPath(), "%"):
		return refuse("its path must not be escaped")
	}
	for _, part := range strings.Split(u.Path, "/") {
		if part == "." || part == ".." {
			return refuse("its path must not climb")
		}
	}
	if p := u.Port(); p != "" {
		if n, err := strconv.Atoi(p); err != nil || n < 1 || n > 65535 {
			return refuse("its port is none")
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimRight(u.Path, "/")}, nil
}

// loopback says whether a host surely is this machine.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// origin is what a key may be sent to, in comparable form.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Scheme) + " " + strings.ToLower(u.Hostname()) + " " + port
}
