package provision

import "errors"

// ErrInit: a testbed can't be made as asked; the text says what to change.
var ErrInit = errors.New("testbed init")
