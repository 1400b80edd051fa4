package graph

import "errors"

// The rules of the model of computation; a violation wraps one of them.
var (
	ErrTokenType  = errors.New("not a token type")
	ErrName       = errors.New("bad name")
	ErrRate       = errors.New("rate limits must keep 0 <= lrl <= url and url >= 1")
	ErrKind       = errors.New("an actor's ports must fit its kind")
	ErrAsymmetric = errors.New("both ends of a FIFO must have the same rate limits")
	ErrType       = errors.New("both ends of a FIFO must have the same token type")
	ErrControl    = errors.New(
		"control tokens, one int32 per iteration, must go from a configuration actor to the actors of its dynamic part, " +
			"each at its one control port",
	)
	ErrDPG = errors.New(
		"a dynamic part must have one configuration actor of its own, an entry, an exit and one pair of rate limits",
	)
	ErrDelay       = errors.New("a FIFO of variable rate or of control tokens must carry no delay tokens")
	ErrUnconnected = errors.New("every port must be joined to exactly one FIFO")
	ErrCapacity    = errors.New("a FIFO's capacity must hold its delay tokens and one firing's tokens")
	ErrBound       = errors.New("rates, capacities and tokens must keep the bounds on memory")
	ErrDeadlock    = errors.New("a cycle must carry enough delay tokens for one firing of each actor on it")
)
