package trace

import "errors"

// What can be wrong with a trace.
var (
	ErrFormat       = errors.New("not a trace")
	ErrConservation = errors.New("trace breaks a conservation law")
	ErrClocks       = errors.New("the run's clocks can't be compared")
)
