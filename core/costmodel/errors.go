package costmodel

import "errors"

var (
	// ErrModel says that there is no such model.
	ErrModel = errors.New("no cost model")
	// ErrFit says that samples have no fit of a model.
	ErrFit = errors.New("the samples can't be fitted")
	// ErrNoPhases says that samples show no slow phases.
	ErrNoPhases = errors.New("no slow phases")
)
