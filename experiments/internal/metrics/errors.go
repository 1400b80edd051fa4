package metrics

import "errors"

// What a trace may lack or hold too often; errors of Measure wrap one of them.
var (
	ErrInstance = errors.New("no such instance")
	ErrMissing  = errors.New("missing in the trace")
	ErrUnasked  = errors.New("in the trace of a frame that skips it")
	ErrDoubled  = errors.New("twice in the trace")
	ErrTooFew   = errors.New("too few frames")
)
