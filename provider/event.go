package provider

import "time"

// Step is one rung of an operation's ladder.
type Step int

const (
	StepNone Step = iota
	// Acquire, in order.
	StepCreate    // claim written, create sent and answered
	StepProvision // the provider says ready
	StepAddress   // it has an IP
	StepTCP       // something listens
	StepBanner    // it speaks SSH
	StepHostKey   // its host key is pinned, or matches the pin
	StepAuth      // it takes the lease's key
	StepBootstrap // the ready command succeeds and the claim is ready
	// Release and rollback, in order.
	StepDelete         // delete sent and accepted
	StepAbsentGet      // get says 404
	StepAbsentList     // the whole inventory lacks it
	StepAbsentGetAgain // get says 404 again
	StepForget         // key and claim removed
)

// AcquireSteps and ReleaseSteps are the ladders, in order.
var (
	AcquireSteps = []Step{StepCreate, StepProvision, StepAddress, StepTCP, StepBanner, StepHostKey, StepAuth, StepBootstrap}
	ReleaseSteps = []Step{StepDelete, StepAbsentGet, StepAbsentList, StepAbsentGetAgain, StepForget}
)

// Phase is how far a step is.
type Phase int

const (
	PhasePending Phase = iota
	PhaseActive
	PhaseWaiting // active, and Reason says what for
	PhaseDone
	PhaseFailed
)

// Reason is why a step waits. Its String is one short clause for a person.
type Reason int

const (
	ReasonNone        Reason = iota
	ReasonStatus             // provider status is Detail
	ReasonNoAddress          // no IP yet
	ReasonRefused            // port closed
	ReasonTimeout            // no answer at all
	ReasonSilent             // connects, but no SSH banner
	ReasonNotSSH             // something else answers
	ReasonBusy               // sshd turns connections away for now
	ReasonKeyNotYet          // sshd does not take the key yet
	ReasonNotReady           // ready command not successful yet
	ReasonDropped            // connection closed on us
	ReasonRateLimited        // provider says 429
	ReasonAPI                // provider answered with an error: Detail
	ReasonNetwork            // provider could not be reached: Detail
	ReasonLocked             // another program works on this lease
	ReasonStillThere         // deleted, and still to be seen
	ReasonReplay             // the create is replayed: its answer was lost
)

// Event is one fact about an operation's progress.
type Event struct {
	At         time.Time
	LeaseID    string // set as soon as it is known
	Slug       string
	InstanceID string
	Step       Step
	Phase      Phase
	Reason     Reason        // with PhaseWaiting
	Detail     string        // from outside, cleaned; may be empty
	Attempt    int           // 1 for the first
	RetryIn    time.Duration // with PhaseWaiting; 0 if unknown
	Err        error         // with PhaseFailed
}

// StepProgress is what a ladder shows of one step.
type StepProgress struct {
	Step    Step
	Phase   Phase
	Reason  Reason
	Detail  string
	Attempt int
	Started time.Time // zero while pending
	Ended   time.Time // zero until done or failed
	RetryAt time.Time // zero if no retry is due
	Err     error
}

var stepWords = map[Step]string{
	StepCreate: "created", StepProvision: "provisioned", StepAddress: "address", StepTCP: "TCP", StepBanner: "SSH banner",
	StepHostKey: "host key", StepAuth: "auth", StepBootstrap: "bootstrapped",
	StepDelete: "deleted", StepAbsentGet: "absent", StepAbsentList: "absent from the inventory", StepAbsentGetAgain: "absent again", StepForget: "claim and key removed",
}

// String names the step as a ladder does.
func (s Step) String() string { return stepWords[s] }

var reasonWords = map[Reason]string{
	ReasonStatus: "the provider says", ReasonNoAddress: "it has no address yet", ReasonRefused: "nothing listens there yet",
	ReasonTimeout: "no answer", ReasonSilent: "it answers, but not with SSH yet", ReasonNotSSH: "something else than SSH answers",
	ReasonBusy: "sshd turns connections away for now", ReasonKeyNotYet: "the key is not accepted yet", ReasonNotReady: "not set up yet",
	ReasonDropped: "it closed the connection", ReasonRateLimited: "the provider asks to wait (429)", ReasonAPI: "the provider answered with an error",
	ReasonNetwork: "the provider could not be reached", ReasonLocked: "another program works on this lease",
	ReasonStillThere: "the provider still shows it", ReasonReplay: "the answer was lost; asking again with the same key",
}

// String is one clause for a person.
func (r Reason) String() string { return reasonWords[r] }
