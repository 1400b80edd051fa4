package goal

import "errors"

// ErrGoal is wrapped by errors of what is wrong with objectives and limits.
var ErrGoal = errors.New("no goal that can be reached")
