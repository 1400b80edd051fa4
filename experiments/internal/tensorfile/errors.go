package tensorfile

import "errors"

// The errors of this package; all are the user's to correct.
var (
	// ErrFile: a file can't be read as what it is, or says that it is.
	ErrFile = errors.New("bad tensor file")
	// ErrFit: a tensor is of another shape or type than what is wanted.
	ErrFit = errors.New("the tensor doesn't fit")
)
