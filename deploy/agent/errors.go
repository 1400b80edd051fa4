package agent

import "errors"

var (
	// ErrConfig: the agent's configuration can't work.
	ErrConfig = errors.New("agent: bad configuration")
	// ErrConnect: the NATS server can't be reached.
	ErrConnect = errors.New("agent: no connection to NATS")
	// ErrTwin: another agent has the same name.
	ErrTwin = errors.New("agent: there is another agent of this name")
	// ErrBusy: something was at work when the agent was to stop.
	ErrBusy = errors.New("agent: what was at work when it was to stop did not end")
	// ErrAtWork: a run is loaded, which what was asked for would disturb.
	ErrAtWork = errors.New("agent: a run is loaded")
	// ErrNotLoaded: a request names a run that is not loaded.
	ErrNotLoaded = errors.New("run is not loaded")
	// ErrLimit: a plan needs more than the agent's user lets it have.
	ErrLimit = errors.New("over a limit of the agent")
	// ErrPanic: a handler panicked; the error holds the stack.
	ErrPanic = errors.New("agent: a handler panicked")

	errEnded = errors.New("the run was ended")
)
