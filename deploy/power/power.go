// Package power finds and reads the power meters of the machine that it runs on: INA3221 and
// INA238 of Jetson modules, RAPL of processors, NVML of NVIDIA's GPUs, and the recording of an
// external meter. It may not compute energies (core/energy does), and shows no 0 for what it
// can't read.
package power

import (
	"fmt"
	"time"
)

// Rail is one value of a meter.
type Rail struct {
	Label   string `json:"label"`
	Counter bool   `json:"counter"` // joules since some time, else watts now
	// WrapJoules is where a counter begins again at 0; 0: it does not.
	WrapJoules float64 `json:"wrap_joules,omitempty"`
	Source     string  `json:"source"` // file or call that it is read from
	// InTotal says that the rail counts towards what the meter shows of the device; what
	// other rails hold already does not.
	InTotal bool `json:"in_total"`
}

// About says what a meter is.
type About struct {
	Name  string `json:"name"` // such as "ina3221" or "rapl"
	Of    string `json:"of"`   // what its total is of, in words
	Rails []Rail `json:"rails"`
	// Period is how often the meter has a new value. PeriodFrom says who says so.
	Period     time.Duration `json:"period_ns"`
	PeriodFrom string        `json:"period_from"`
}

// Reading is what a rail showed: watts or joules. With an Err there is no value.
type Reading struct {
	Value float64
	Err   error
}

// Meter is a power meter that can be read. It may be read by one goroutine at a time.
type Meter interface {
	// About says what the meter is. It doesn't change, and is not the caller's to change.
	About() About
	// Read reads all rails now, in the order of About's: one that can't be read has its
	// error, and the others their values.
	Read() []Reading
}

// Missing is a meter, or a rail of one, that can't be used here.
type Missing struct {
	Name string `json:"name"`
	Why  string `json:"why"` // and how to mend it
}

// NoMeter is the error of a machine without a meter that can be read, with all reasons. It wraps
// ErrNoMeter.
func NoMeter(missing []Missing) error {
	err := ErrNoMeter
	for _, m := range missing {
		err = fmt.Errorf("%w; %s: %s", err, m.Name, m.Why)
	}
	return err
}
