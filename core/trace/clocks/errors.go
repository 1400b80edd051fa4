package clocks

import "errors"

// What can be wrong with clocks; errors of New wrap one of them.
var (
	// ErrJump says that no even run of two clocks explains their messages: one has
	// jumped, or its machine was suspended.
	ErrJump = errors.New("a clock jumped, or its machine was suspended")
	// ErrMessage says that a message names a clock that is not there, or a time that none has.
	ErrMessage = errors.New("not a message between the clocks")
)
