package space

import "errors"

// ErrSpace is wrapped by errors of what can't be searched.
var ErrSpace = errors.New("no mappings can be searched")
