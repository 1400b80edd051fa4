package factor

import "errors"

// What is wrong with a factor of a study.
var (
	ErrTarget = errors.New("nothing to vary")
	ErrLevel  = errors.New("not a value of the factor")
)
