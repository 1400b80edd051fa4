package node

import "errors"

var (
	// ErrNoActors: no actor of the plan is mapped to the device.
	ErrNoActors = errors.New("no actor is mapped to it")
	// ErrClosed: the node has been closed.
	ErrClosed = errors.New("the node is closed")
)
