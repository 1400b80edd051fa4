package output

import "errors"

// Errors about where an output shall go, which the user has to correct.
var (
	ErrExists = errors.New("output: there is a file already")
	ErrNoFile = errors.New("output: a folder, not a file")
	ErrInput  = errors.New("output: what is read would be overwritten")
	ErrPlace  = errors.New("output: nothing can be written there")
	ErrFull   = errors.New("output: the folder is not empty")
)

// User reports whether an error is one that the user has to correct.
func User(err error) bool {
	for _, user := range []error{ErrExists, ErrNoFile, ErrInput, ErrPlace, ErrFull} {
		if errors.Is(err, user) {
			return true
		}
	}
	return false
}
