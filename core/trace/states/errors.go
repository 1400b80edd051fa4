package states

import "errors"

// What keeps a device's states or their energies from being known.
var (
	// ErrDevice says that the trace and the plan don't say what the device did.
	ErrDevice = errors.New("the device's states are not known")
	// ErrShort says that what a meter covers of a run is too short.
	ErrShort = errors.New("the meter covers too little of the run")
)
