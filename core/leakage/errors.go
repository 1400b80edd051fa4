package leakage

import "errors"

// ErrSamples is wrapped by errors of samples that nothing can be said of.
var ErrSamples = errors.New("samples say nothing about leakage")
