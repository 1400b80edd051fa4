package energy

import "errors"

// What keeps an energy from being known. It is never 0 then.
var (
	// ErrMissing says that no sample covers any of the time that was asked for.
	ErrMissing = errors.New("energy is not known")
	// ErrSamples says that samples can't be what a meter showed.
	ErrSamples = errors.New("bad samples of a meter")
	// ErrFigures says that power figures can't be true, or don't suffice.
	ErrFigures = errors.New("bad power figures")
	// ErrFit says that measurements don't determine power figures.
	ErrFit = errors.New("power figures can't be fitted")
)
