package shape

import "errors"

// The errors of this package, beside those of package onnx; what is returned wraps one
// of them and adds where and why.
var (
	// ErrNoDim: the model has no symbolic dimension of that name.
	ErrNoDim = errors.New("no such dimension")
)
