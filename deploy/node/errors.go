package node

import "errors"

var (
	// ErrNoActors: no actor of the plan is mapped to the device.
	ErrNoActors = errors.New("no actor is mapped to it")
	// ErrClosed: the node has been closed.
	ErrClosed = errors.New("the node is closed")
	// ErrRecovering: a device that goes on with a run is finding out from its peers where.
	ErrRecovering = errors.New("the device is finding out where to go on")
	// ErrRecord: what a restart needs was not saved.
	ErrRecord = errors.New("no record of it was saved")
)
