package arrival

import "errors"

// ErrRecord: a record of arrivals has no times, or some that can't be.
var ErrRecord = errors.New("bad record of arrivals")
