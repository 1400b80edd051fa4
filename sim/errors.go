package sim

import "errors"

// What can keep a plan from being simulated. A cost that was not measured wraps
// profile.ErrMissing, and a broken law trace.ErrConservation.
var (
	ErrModel   = errors.New("no such model")
	ErrPlan    = errors.New("plan can't be simulated")
	ErrStalled = errors.New("run stalled before its last frame")
)
