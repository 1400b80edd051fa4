package identity

import "errors"

var (
	// ErrKey: a file holds no usable key, or others may read it.
	ErrKey = errors.New("key")
	// ErrTestbed: a testbed file can't be used.
	ErrTestbed = errors.New("testbed file")
	// ErrRefused: the NATS server does not take this client, or this client not the server.
	// Trying again does not help.
	ErrRefused = errors.New("identity refused")
)
