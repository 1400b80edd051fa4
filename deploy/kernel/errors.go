package kernel

import (
	"errors"

	"github.com/edgeprune/edgeprune/deploy/coder"
)

// Misused reports whether a kernel was refused for what the plan says of it, which its author
// must correct.
func Misused(err error) bool { return errors.Is(err, ErrParam) || errors.Is(err, ErrPort) }

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
	// ErrBound: a tensor that travels with its shape is larger than its type allows.
	ErrBound = coder.ErrBound
	// ErrPanic: a kernel panicked; the error holds the stack.
	ErrPanic = errors.New("the kernel panicked")
	// ErrOutput: a kernel made other tokens than its port promises.
	ErrOutput = errors.New("not what the port promises")
	// ErrState: an actor and its kernel don't agree on whether there is state.
	ErrState = errors.New("state is not as declared")
	// ErrSnapshot: bytes are not a snapshot of the kernel's state.
	ErrSnapshot = errors.New("not a snapshot")
	// ErrSource: a source's pictures or video can't be read.
	ErrSource = errors.New("no frames")
)
