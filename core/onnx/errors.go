package onnx

import (
	"errors"
	"fmt"
)

// The errors of this package; what is returned wraps one of them and adds
// where and why.
var (
	// ErrNotONNX: the bytes are not an ONNX model at all.
	ErrNotONNX = errors.New("not an ONNX model")
	// ErrTruncated: the bytes begin as an ONNX model and end too early. It is
	// also an ErrNotONNX.
	ErrTruncated = fmt.Errorf("%w: truncated", ErrNotONNX)
	// ErrInvalidModel: the model breaks a rule of the ONNX format.
	ErrInvalidModel = errors.New("invalid ONNX model")
	// ErrUnsupported: the model is valid and needs what this package lacks.
	ErrUnsupported = errors.New("unsupported ONNX model")
	// ErrExternalData: weights lie in another file. It is also an ErrUnsupported.
	ErrExternalData = fmt.Errorf("%w: external data", ErrUnsupported)
	// ErrNoShape: a tensor that a cut may send has no static shape.
	ErrNoShape = errors.New("tensor without a static shape")
	// ErrNoCut: there is no such cut, or no segment between two cuts.
	ErrNoCut = errors.New("no such cut")
)
