package kernel

import "errors"

var (
	// ErrUnknown: no kernel of that name is registered.
	ErrUnknown = errors.New("unknown kernel")
	// ErrDuplicate: a kernel of that name is registered already.
	ErrDuplicate = errors.New("kernel already registered")
	// ErrParam: a setting is unknown, missing or out of its range.
	ErrParam = errors.New("bad parameter")
	// ErrPort: the number, names, rates or token types of the ports don't suit the kernel.
	ErrPort = errors.New("ports don't suit the kernel")
	// ErrToken: the content of a token is not what its type or codec promises.
	ErrToken = errors.New("bad token")
	// ErrSource: a source's pictures or video can't be read.
	ErrSource = errors.New("no frames")
)
