package hoststest

import "errors"

// ErrImpossible: no hosts can be made on this machine; the text says what is missing.
var ErrImpossible = errors.New("no hosts can be made here")
