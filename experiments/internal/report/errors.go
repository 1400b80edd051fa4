package report

import "errors"

var (
	// ErrPicture says that a picture is not what it should be.
	ErrPicture = errors.New("no such picture")
	// ErrTable says that a table's rows don't fit its columns.
	ErrTable = errors.New("rows and columns of the table don't fit")
)
