package casequeue

import "errors"

var (
	// ErrServer: the NATS server can't be used for this.
	ErrServer = errors.New("case queue")
	// ErrProgram: the cases on the server are of another program than this one.
	ErrProgram = errors.New("another program")
	// ErrBundle: what the cases of a study are made of is missing at the server, or damaged.
	ErrBundle = errors.New("bundle of a study")

	errExists = errors.New("a result is there already")
)
