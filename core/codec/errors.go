package codec

import "errors"

var (
	// ErrUnknown: there is no codec of that name.
	ErrUnknown = errors.New("unknown codec")
	// ErrChain: stages of a codec don't go together.
	ErrChain = errors.New("bad chain of codecs")
	// ErrType: the codec can't code tokens of that type.
	ErrType = errors.New("codec does not apply to the token type")
	// ErrAffine: scales and zero points don't suit the tensor.
	ErrAffine = errors.New("bad scales or zero points")
)
