package profiles

import (
	"errors"
	"fmt"
)

// The errors of this package; what is returned wraps one of them and says of which file, and
// what to do.
var (
	// ErrFile: a file is no profile that this program can read.
	ErrFile = errors.New("no usable profile")
	// ErrFormat: the profile is of a newer program. It is also an ErrFile.
	ErrFormat = fmt.Errorf("%w: newer format", ErrFile)
	// ErrOtherModel: what was profiled is another model of the same name.
	ErrOtherModel = errors.New("profile of another model")
	// ErrOtherDevice: the profile is of another device.
	ErrOtherDevice = errors.New("profile of another device")
	// ErrStale: the device was set otherwise when it was profiled, or other programs ran on it.
	ErrStale = errors.New("stale profile")
	// ErrNone: no profile is kept of a device, or several are.
	ErrNone = errors.New("no such profile")
)
