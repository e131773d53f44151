package cli

import (
	"context"
	"fmt"

	"github.com/openclaw/crabbox-tui/provider/falsim"
	"github.com/openclaw/crabbox-tui/session/boxsim"
)

// booter lets the simulated API, which knows instances, start simulated boxes,
// which know SSH.
type booter struct{ host *boxsim.Host }

var _ falsim.Booter = booter{}

func (b booter) Boot(ctx context.Context, id, publicKey string, gpus int) (falsim.Box, error) {
	box, err := b.host.Boot(ctx, id, publicKey, gpus)
	if err != nil {
		return nil, err
	}
	return machine{box}, nil
}

type machine struct{ *boxsim.Box }

var machinePhases = map[falsim.BoxPhase]boxsim.Phase{
	falsim.BoxNoListener: boxsim.PhaseNoListener,
	falsim.BoxSilent:     boxsim.PhaseSilent,
	falsim.BoxNoKey:      boxsim.PhaseNoKey,
	falsim.BoxUp:         boxsim.PhaseUp,
}

var machineFaults = map[string]boxsim.Fault{
	"none":         boxsim.FaultNone,
	"refuse":       boxsim.FaultRefuse,
	"blackhole":    boxsim.FaultBlackhole,
	"drop":         boxsim.FaultDrop,
	"new-host-key": boxsim.FaultNewHostKey,
}

func (m machine) SetPhase(p falsim.BoxPhase) error { return m.Box.SetPhase(machinePhases[p]) }

func (m machine) SetFault(name string) error {
	fault, ok := machineFaults[name]
	if !ok {
		return fmt.Errorf("boxes have no fault %q", name)
	}
	return m.Box.SetFault(fault)
}
