package cli

import (
	"testing"

	"github.com/openclaw/crabbox-tui/cmd/crabbox-tui/config"
	"github.com/openclaw/crabbox-tui/provider"
)

// An agent logs in, and is forwarded, only where the configuration says so.
func TestTheAgentIsUsedWhereItIsAskedFor(t *testing.T) {
	ant := provider.Lease{ID: "cbx_1", Slug: "ant"}
	for _, c := range []struct {
		login       bool
		forward     []string
		agent, lend string
	}{
		{false, nil, "", ""},
		{true, nil, "/s", ""},
		{false, []string{"bee"}, "", ""},
		{false, []string{"bee", "ant"}, "", "/s"},
		{true, []string{"cbx_1"}, "/s", "/s"},
	} {
		e := endpoint(config.Config{Agent: c.login, ForwardAgent: c.forward, AgentSocket: "/s"}, ant)
		if e.Agent != c.agent || e.Lend != c.lend {
			t.Errorf("%v, %v: logs in with %q, lends %q", c.login, c.forward, e.Agent, e.Lend)
		}
	}
}
