package explore

import "errors"

// ErrProblem is wrapped by errors of what is wrong with a problem or a goal.
var ErrProblem = errors.New("problem can't be searched")
