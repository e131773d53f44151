package claims

import "encoding/json"

// Claim is one lease's ownership record: crabbox's claim file, field by field,
// in its order. Strings come from outside; strip control characters before
// they reach a screen or a log.
type Claim struct {
	LeaseID         string `json:"leaseID"`
	Slug            string `json:"slug,omitempty"`
	Provider        string `json:"provider,omitempty"`
	CloudID         string `json:"cloudID,omitempty"` // the provider's instance id; empty until known
	CloudNumericID  int64  `json:"cloudNumericID,omitempty"`
	CloudImmutable  string `json:"cloudImmutableID,omitempty"`
	ProviderScope   string `json:"providerScope,omitempty"` // see Scope
	StaticHost      string `json:"staticHost,omitempty"`
	StaticUser      string `json:"staticUser,omitempty"`
	StaticPort      string `json:"staticPort,omitempty"`
	StaticWorkRoot  string `json:"staticWorkRoot,omitempty"`
	TargetOS        string `json:"targetOS,omitempty"`
	WindowsMode     string `json:"windowsMode,omitempty"`
	Pond            string `json:"pond,omitempty"`
	RepoRoot        string `json:"repoRoot"`
	ClaimedAt       string `json:"claimedAt"`  // RFC 3339, UTC, whole seconds
	LastUsedAt      string `json:"lastUsedAt"` // RFC 3339, UTC, whole seconds
	IdleTimeoutSecs int    `json:"idleTimeoutSeconds,omitempty"`

	TailscaleIPv4     string   `json:"tailscaleIPv4,omitempty"`
	TailscaleFQDN     string   `json:"tailscaleFQDN,omitempty"`
	TailscaleHostname string   `json:"tailscaleHostname,omitempty"`
	TailscaleLoginURL string   `json:"tailscaleLoginURL,omitempty"`
	TailscaleExitNode string   `json:"tailscaleExitNode,omitempty"`
	TailscaleTags     []string `json:"tailscaleTags,omitempty"`
	TailscaleExitLAN  bool     `json:"tailscaleExitLAN,omitempty"`

	SSHHost string `json:"sshHost,omitempty"`
	SSHPort int    `json:"sshPort,omitempty"`

	BridgeURL               string   `json:"bridgeURL,omitempty"`
	CoordinatorURL          string   `json:"coordinatorRegistrationURL,omitempty"`
	RuntimeAdapterID        string   `json:"runtimeAdapterRegistrationID,omitempty"`
	RuntimeAdapterPendingID string   `json:"runtimeAdapterPendingRegistrationID,omitempty"`
	CacheVolumes            []string `json:"cacheVolumes,omitempty"`

	Labels map[string]string `json:"labels,omitempty"`

	// unknown holds the top-level keys of the file that are not above, in
	// their order; they are written back after the known ones.
	unknown []unknownField
}

type unknownField struct {
	key   string
	value json.RawMessage
}
