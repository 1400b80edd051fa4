package node

import "errors"

var (
	// ErrNoActors: no actor of the plan is mapped to the device.
	ErrNoActors = errors.New("no actor is mapped to it")
	// ErrClosed: the node has been closed.
	ErrClosed = errors.New("the node is closed")
	// ErrPanic: a kernel panicked.
	ErrPanic = errors.New("the kernel panicked")
	// ErrTokenBytes: a kernel made a token longer than its FIFO's bound.
	ErrTokenBytes = errors.New("token length outside its FIFO's bound")
)
