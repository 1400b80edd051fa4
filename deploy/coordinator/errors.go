package coordinator

import (
	"errors"
	"fmt"
)

var (
	// ErrNoAgent: no agent serves a device of the plan.
	ErrNoAgent = errors.New("no agent for the device")
	// ErrAgentLost: an agent has died or can't be reached any more.
	ErrAgentLost = errors.New("agent lost")
	// ErrAgent: an agent reported an error; the text says which actor.
	ErrAgent = errors.New("agent failed")
	// ErrPlan: an agent refused what the plan says of a kernel. It wraps ErrAgent.
	ErrPlan = fmt.Errorf("%w, and the plan is to be corrected", ErrAgent)
	// ErrHeld: a device is held for another coordinator's run.
	ErrHeld = errors.New("the device is in use")
	// ErrTaken: another coordinator has taken a device, which ended the run.
	ErrTaken = errors.New("another coordinator ended the run")
	// ErrStalled: nothing has happened for longer than Driver.Stall.
	ErrStalled = errors.New("the run makes no progress")
	// ErrTrace: a part of the trace was lost on its way to the coordinator.
	ErrTrace = errors.New("the trace is incomplete")
	// ErrUnsupported: the plan asks for what only the simulator can do.
	ErrUnsupported = errors.New("not possible in a deployment")
	// ErrNoServer: there is no NATS server at the address.
	ErrNoServer = errors.New("no NATS server")
	// ErrTransport: the coordinator's connection to the NATS server has failed for good, or
	// may not do what a run needs; the text names the subject.
	ErrTransport = errors.New("transport failed")

	errNotLoaded = errors.New("the agent was started again")
)
