package leakage

import "errors"

var (
	// ErrCut: the application has no such cut.
	ErrCut = errors.New("unknown cut")
	// ErrFrames: the source shows too few different frames, or none.
	ErrFrames = errors.New("too few samples for leakage")
	// ErrMany: more samples are asked for than fit the memory.
	ErrMany = errors.New("too many samples for leakage")
	// ErrLossless: a codec that should lose nothing gave back other bytes.
	ErrLossless = errors.New("a codec without loss changed a tensor")
)
