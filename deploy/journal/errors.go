package journal

import "errors"

var (
	// ErrFormat: the file is not a journal of this version.
	ErrFormat = errors.New("not a journal")
	// ErrLocked: another process has the journal open.
	ErrLocked = errors.New("the journal is in use")
	// ErrTooLarge: a record is larger than records may be.
	ErrTooLarge = errors.New("record too large for the journal")
	// ErrClosed: the journal has been closed.
	ErrClosed = errors.New("the journal is closed")
)
