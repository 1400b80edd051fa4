package quantity

import "errors"

// ErrUnit says that a text is no number with a unit that is known.
var ErrUnit = errors.New("bad quantity")
