package power

import "errors"

// What keeps a meter from being read.
var (
	// ErrNoMeter says that nothing that can be read shows a power or an energy.
	ErrNoMeter = errors.New("no power meter can be read")
	// ErrNotSupported says that a meter is there but doesn't show this.
	ErrNotSupported = errors.New("not supported by this device")
	// ErrValue says that what a meter shows is no number.
	ErrValue = errors.New("bad value of a meter")
	// ErrFile says that the file of an external meter can't be used.
	ErrFile = errors.New("bad file of an external meter")
)
