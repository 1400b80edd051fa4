package delivery

import "errors"

// ErrResult says that a result is of no actor, or that one before it is missing.
var ErrResult = errors.New("unexpected result")
