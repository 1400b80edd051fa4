package codec

import "errors"

var (
	// ErrUnknown: there is no codec of that name.
	ErrUnknown = errors.New("unknown codec")
	// ErrType: the codec can't code tokens of that type.
	ErrType = errors.New("codec does not apply to the token type")
	// ErrNoModel: the codec is not defined by an ONNX model.
	ErrNoModel = errors.New("codec has no model")
)
