package testbed

import "errors"

var (
	// ErrSetup: a testbed can't be set up; the text says what to change.
	ErrSetup = errors.New("testbed")

	errGoroutine = errors.New("it runs in this process")
	errHeld      = errors.New("it is kept from being started already")
)
