package admission

import "errors"

var (
	// ErrRule: a rule names no policy, or a queue that can't be.
	ErrRule = errors.New("bad drop policy")
	// ErrFull: a frame was offered to a queue that is full and drops none.
	ErrFull = errors.New("as many frames wait as may; capture the next one when one has entered")
)
