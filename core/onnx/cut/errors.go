package cut

import "errors"

// The errors of this package, beside those of package onnx; what is returned wraps one
// of them and adds where and why.
var (
	// ErrNoCut: there is no such cut, or no segment between two cuts.
	ErrNoCut = errors.New("no such cut")
	// ErrParts: nodes can not be divided so, as two parts would wait for each other.
	ErrParts = errors.New("parts that need each other")
)
