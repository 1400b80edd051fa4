package codectable

import "errors"

// ErrCut: the model has no such cut.
var ErrCut = errors.New("unknown cut")
