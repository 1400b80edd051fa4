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
	// ErrCycle: nodes need each other's outputs. It is also an ErrInvalidModel.
	ErrCycle = fmt.Errorf("%w: cycle", ErrInvalidModel)
	// ErrDangling: a tensor is used that nothing makes. It is also an
	// ErrInvalidModel.
	ErrDangling = fmt.Errorf("%w: dangling name", ErrInvalidModel)
	// ErrDuplicate: two things have one name. It is also an ErrInvalidModel.
	ErrDuplicate = fmt.Errorf("%w: duplicate name", ErrInvalidModel)
	// ErrExternalRange: weights in another file lie outside of it, or the file
	// outside of the model's directory. It is also an ErrInvalidModel.
	ErrExternalRange = fmt.Errorf("%w: external data", ErrInvalidModel)
	// ErrUnsupported: the model is valid and needs what this package lacks.
	ErrUnsupported = errors.New("unsupported ONNX model")
	// ErrOpset: the version of the operator set, or of the format, is not one
	// that is read. It is also an ErrUnsupported.
	ErrOpset = fmt.Errorf("%w: version", ErrUnsupported)
	// ErrCustomOp: an operator that ONNX Runtime has not built in. It is also an
	// ErrUnsupported.
	ErrCustomOp = fmt.Errorf("%w: custom operator", ErrUnsupported)
	// ErrExternalData: weights lie in another file, and no files were given. It
	// is also an ErrUnsupported.
	ErrExternalData = fmt.Errorf("%w: external data", ErrUnsupported)
	// ErrTooLarge: the model would take more memory than is given to one, or more
	// than one file may hold. It is also an ErrUnsupported.
	ErrTooLarge = fmt.Errorf("%w: too large", ErrUnsupported)
	// ErrNoWeights: the model is known by its skeleton alone, without the weights.
	ErrNoWeights = errors.New("the model's weights are not at hand")
	// ErrNoShape: a tensor that a cut may send has no static shape.
	ErrNoShape = errors.New("tensor without a static shape")
	// ErrNoType: a tensor on a boundary has no known element type, or is none.
	ErrNoType = errors.New("tensor of unknown type")
)
