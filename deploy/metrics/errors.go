package metrics

import "errors"

var (
	// ErrAddress: metrics can't be served at an address, as it is none, or is in use.
	ErrAddress = errors.New("metrics can't be served")
)
