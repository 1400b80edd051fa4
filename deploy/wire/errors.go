package wire

import "errors"

var (
	// ErrMessage: the bytes are not a message of this format and version, or its
	// lengths contradict each other or exceed the FIFO's bound.
	ErrMessage = errors.New("not a valid token message")
	// ErrBatch: the bytes are not a trace batch, or it is cut off.
	ErrBatch = errors.New("not a valid trace batch")
	// ErrName: a name can't stand in a subject.
	ErrName = errors.New("bad name")
	// ErrVersion: a coordinator and a device have different versions of the wire format.
	ErrVersion = errors.New("different versions")
	// ErrTooLarge: a message is larger than MaxMessageBytes.
	ErrTooLarge = errors.New("message too large")
)
