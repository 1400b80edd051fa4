package keypath

import "errors"

// What is wrong with a path, or with a value for it.
var (
	ErrPath  = errors.New("no such key")
	ErrValue = errors.New("not a value of the key")
)
