package quality

import "errors"

// What makes a quality impossible to compute; errors of this package wrap one.
var (
	ErrTruth  = errors.New("not a ground truth")
	ErrFrames = errors.New("frames don't match the ground truth")
)
