package quantity

import (
	"fmt"
	"math"
	"strconv"
)

// Watts is a power. It is a flag.Value, and in YAML a number or a text; in JSON it is a number.
type Watts float64

// Joules is an energy, written as Watts are.
type Joules float64

// ParseWatts reads a power: a number alone is watts, else a unit follows, with or without a
// blank: W, mW, uW, µW, kW or MW. What can't be read is an error that wraps ErrUnit and gives
// examples.
func ParseWatts(s string) (Watts, error) {
	v, ok := prefixed(s, "W")
	if !ok {
		return 0, fmt.Errorf("%w: expected a power, such as 2W, 850mW or 2.5, which is in watts; found %q", ErrUnit, s)
	}
	return Watts(v), nil
}

// ParseJoules reads an energy: a number alone is joules, else a unit follows: J, mJ, uJ, µJ, kJ,
// MJ or Wh, mWh, kWh, of which a Wh is 3600 J. Errors are as ParseWatts'.
func ParseJoules(s string) (Joules, error) {
	v, ok := prefixed(s, "J")
	if !ok {
		v, ok = prefixed(s, "Wh")
		v *= 3600
	}
	if !ok {
		return 0, fmt.Errorf("%w: expected an energy, such as 3J, 120mJ, 5Wh or 2.5, which is in joules; found %q", ErrUnit,
			s)
	}
	return Joules(v), nil
}

// prefixed reads a number of a unit that may have a prefix.
func prefixed(s, unit string) (float64, bool) {
	number, suffix := split(s)
	v, err := strconv.ParseFloat(number, 64)
	scale, known := 1.0, suffix == ""
	for prefix, by := range map[string]float64{"": 1, "m": 1e-3, "u": 1e-6, "µ": 1e-6, "k": 1e3, "M": 1e6} {
		if suffix == prefix+unit {
			scale, known = by, true
		}
	}
	v *= scale
	return v, err == nil && known && !math.IsInf(v, 0) && !math.IsNaN(v)
}

// Set implements flag.Value.
func (w *Watts) Set(s string) (err error) {
	*w, err = ParseWatts(s)
	return err
}

// String implements flag.Value: the number of watts.
func (w *Watts) String() string { return strconv.FormatFloat(float64(*w), 'g', -1, 64) }

// UnmarshalYAML reads a number or a text.
func (w *Watts) UnmarshalYAML(decode func(any) error) error {
	var v any
	if err := decode(&v); err != nil {
		return err
	}
	return w.Set(fmt.Sprint(v))
}

// Set implements flag.Value.
func (j *Joules) Set(s string) (err error) {
	*j, err = ParseJoules(s)
	return err
}

// String implements flag.Value: the number of joules.
func (j *Joules) String() string { return strconv.FormatFloat(float64(*j), 'g', -1, 64) }
