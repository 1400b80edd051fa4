package energy

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/nearest"
	"github.com/edgeprune/edgeprune/core/quantity"
)

// Basis says where power figures come from.
type Basis string

// The bases. Given is what a user vouches for, such as a data sheet's.
const (
	Given   Basis = "given"
	Fitted  Basis = "fitted" // to measured energies; see Fit
	Assumed Basis = "assumed"
)

// Figures are the power of a device by what it does. Idle is always there; the others are what
// it takes beside that: a unit with all of its lanes busy (a unit of n lanes of which k run
// takes k/n of it), while it sends, and while it receives. So the energy of a time T is
//
//	idle·T + Σ units[u]·busy[u] + send·sending + receive·receiving
//
// a linear model of utilisation (Fan, Weber, Barroso: Power provisioning for a warehouse-sized
// computer, ISCA 2007), with the radio's two states beside the processor's. A figure that is
// nil or not listed is not known, which is not 0.
type Figures struct {
	Idle    *quantity.Watts           `yaml:"idle,omitempty" json:"idle_watts,omitempty"`
	Units   map[string]quantity.Watts `yaml:"units,omitempty" json:"units_watts,omitempty"` // by name
	Send    *quantity.Watts           `yaml:"send,omitempty" json:"send_watts,omitempty"`
	Receive *quantity.Watts           `yaml:"receive,omitempty" json:"receive_watts,omitempty"`
	Basis   Basis                     `yaml:"basis,omitempty" json:"basis,omitempty"` // "" is given
	// Residual is, of fitted figures, the root mean square of what they miss of the measured
	// energies, as a fraction of their mean.
	Residual float64 `yaml:"residual,omitempty" json:"residual,omitempty"`
	From     string  `yaml:"from,omitempty" json:"from,omitempty"` // what they were taken from, in words
}

// Origin returns the basis in words, with its residual.
func (f *Figures) Origin() string {
	switch f.Basis {
	case Fitted:
		return fmt.Sprintf("fitted, residual %.2g %%", 100*f.Residual)
	case "":
		return string(Given)
	}
	return string(f.Basis)
}

// Check says what can't be true of figures of a device with units.
func (f *Figures) Check(units []string) error {
	values := map[string]float64{}
	add := func(name string, w *quantity.Watts) {
		if w != nil {
			values[name] = float64(*w)
		}
	}
	add("idle", f.Idle)
	add("send", f.Send)
	add("receive", f.Receive)
	for u, w := range f.Units {
		if !slices.Contains(units, u) {
			return fmt.Errorf("%w: there is no unit %q; the units are %q%s", ErrFigures, u, units, nearest.Hint(u, units))
		}
		values["units."+u] = float64(w)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if v := values[name]; !(v >= 0 && v <= math.MaxFloat64) {
			return fmt.Errorf("%w: %s is %g W; expected 0 or more", ErrFigures, name, v)
		}
	}
	switch {
	case f.Idle == nil:
		return fmt.Errorf("%w: idle is not given; without it no energy is known", ErrFigures)
	case !slices.Contains([]Basis{"", Given, Fitted, Assumed}, f.Basis):
		return fmt.Errorf("%w: basis %q; expected given, fitted or assumed%s", ErrFigures, f.Basis,
			nearest.Hint(f.Basis, []Basis{Given, Fitted, Assumed}))
	case f.Basis != Fitted && f.Residual != 0:
		return fmt.Errorf("%w: only fitted figures have a residual", ErrFigures)
	case !(f.Residual >= 0 && f.Residual <= math.MaxFloat64):
		return fmt.Errorf("%w: residual %g; expected a fraction such as 0.03", ErrFigures, f.Residual)
	}
	return nil
}

// Busy is for how long a device did what, in ns.
type Busy struct {
	WholeNs   float64
	UnitsNs   map[string]float64 // by name: the sum over its lanes, divided by their number
	SendNs    float64
	ReceiveNs float64
}

// States is the energy of a device by what it did, in joules.
type States struct {
	Idle    float64            `json:"idle_joules"` // over the whole time
	Units   map[string]float64 `json:"units_joules,omitempty"`
	Send    float64            `json:"send_joules"`
	Receive float64            `json:"receive_joules"`
}

// Total is the sum over all states, in joules.
func (s *States) Total() float64 {
	sum := s.Idle + s.Send + s.Receive
	for _, name := range slices.Sorted(maps.Keys(s.Units)) {
		sum += s.Units[name]
	}
	return sum
}

// Energy returns what a device took that was busy so long. A figure that is needed and not
// known is an error that wraps ErrFigures.
func (f *Figures) Energy(b Busy) (States, error) {
	s := States{Units: map[string]float64{}}
	part := func(w *quantity.Watts, ns float64, name string) (float64, error) {
		switch {
		case w != nil:
			return float64(*w) * ns * 1e-9, nil
		case ns == 0:
			return 0, nil
		}
		return 0, fmt.Errorf("%w: there is none for %s; add it under power", ErrFigures, name)
	}
	var err error
	if s.Idle, err = part(f.Idle, b.WholeNs, "idle"); err != nil {
		return States{}, err
	}
	if s.Send, err = part(f.Send, b.SendNs, "send"); err != nil {
		return States{}, err
	}
	if s.Receive, err = part(f.Receive, b.ReceiveNs, "receive"); err != nil {
		return States{}, err
	}
	for _, u := range slices.Sorted(maps.Keys(b.UnitsNs)) {
		var w *quantity.Watts
		if v, ok := f.Units[u]; ok {
			w = &v
		}
		if s.Units[u], err = part(w, b.UnitsNs[u], "units."+u); err != nil {
			return States{}, err
		}
	}
	return s, nil
}
