package coder

import "errors"

var (
	// ErrData: bytes that came are not what the codec makes.
	ErrData = errors.New("not what the codec makes")
	// ErrMemory: memory is too short for a token, or not aligned to 8 bytes.
	ErrMemory = errors.New("memory doesn't suit the token")
	// ErrBound: a tensor doesn't fit into the tokens that are to hold it.
	ErrBound = errors.New("the tensor exceeds its bound")
	// ErrStage: the codec has a stage that this package lacks.
	ErrStage = errors.New("not coded here")
)
