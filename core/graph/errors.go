package graph

import "errors"

// The rules of the model of computation; a violation wraps one of them.
var (
	ErrTokenType   = errors.New("not a token type")
	ErrName        = errors.New("bad name")
	ErrRate        = errors.New("rate limits must keep 0 <= lrl <= url and url >= 1")
	ErrAsymmetric  = errors.New("both ends of a FIFO must have the same rate limits")
	ErrType        = errors.New("both ends of a FIFO must have the same token type")
	ErrUnconnected = errors.New("every port must be joined to exactly one FIFO")
	ErrCapacity    = errors.New("a FIFO's capacity must hold its delay tokens and one firing's tokens")
	ErrDeadlock    = errors.New("a cycle must carry enough delay tokens for one firing of each actor on it")
	ErrDynamic     = errors.New("variable rates are not supported yet; every port must have lrl = url")
)
