package agent

import "errors"

var (
	// ErrConfig: the agent's configuration can't work.
	ErrConfig = errors.New("agent: bad configuration")
	// ErrConnect: the NATS server can't be reached.
	ErrConnect = errors.New("agent: no connection to NATS")
	// ErrNotLoaded: a request names a run that is not loaded.
	ErrNotLoaded = errors.New("run is not loaded")

	errEnded = errors.New("the run was ended")
)
