package cli

import (
	"context"

	"github.com/openclaw/crabbox-tui/provider"
	"github.com/openclaw/crabbox-tui/session"
)

// prober lets the lifecycle, which knows leases, use the session's readiness
// probe, which knows endpoints.
type prober struct{ probe *session.Prober }

var _ provider.Prober = prober{}

func (p prober) Probe(ctx context.Context, a provider.Address, ports []int, emit func(provider.Event)) (int, error) {
	endpoint := session.Endpoint{Host: a.Host, Port: a.Port, User: a.User, KeyFile: a.KeyPath, KnownHosts: a.KnownHostsPath}
	return p.probe.Probe(ctx, endpoint, ports, func(s session.Step) {
		if emit != nil {
			emit(event(s))
		}
	})
}

var rungSteps = map[session.Rung]provider.Step{
	session.RungTCP:     provider.StepTCP,
	session.RungBanner:  provider.StepBanner,
	session.RungHostKey: provider.StepHostKey,
	session.RungAuth:    provider.StepAuth,
	session.RungReady:   provider.StepBootstrap,
}

var rungPhases = map[session.RungPhase]provider.Phase{
	session.RungActive:  provider.PhaseActive,
	session.RungWaiting: provider.PhaseWaiting,
	session.RungDone:    provider.PhaseDone,
	session.RungFailed:  provider.PhaseFailed,
}

var rungReasons = map[session.Reason]provider.Reason{
	session.ReasonRefused:  provider.ReasonRefused,
	session.ReasonTimeout:  provider.ReasonTimeout,
	session.ReasonSilent:   provider.ReasonSilent,
	session.ReasonNotSSH:   provider.ReasonNotSSH,
	session.ReasonBusy:     provider.ReasonBusy,
	session.ReasonDenied:   provider.ReasonKeyNotYet,
	session.ReasonDropped:  provider.ReasonDropped,
	session.ReasonNotReady: provider.ReasonNotReady,
}

func event(s session.Step) provider.Event {
	return provider.Event{
		Step: rungSteps[s.Rung], Phase: rungPhases[s.Phase], Reason: rungReasons[s.Reason],
		Detail: s.Detail, Attempt: s.Attempt, RetryIn: s.RetryIn, Err: s.Err,
	}
}
