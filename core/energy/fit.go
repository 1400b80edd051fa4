package energy

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/edgeprune/edgeprune/core/quantity"
	"gonum.org/v1/gonum/mat"
)

// Observation is a time in which a device's energy was measured.
type Observation struct {
	Busy   Busy
	Joules float64
}

// worstCondition is how badly conditioned observations may be: beyond, a change of the last of
// seven digits of a time would change the figures by more than their value.
const worstCondition = 1e7

// Fit returns the figures that explain observations best: the least squares of the energies on
// the times, by QR factorisation (Golub, Van Loan: Matrix Computations, 4th ed., section 5.3),
// with the root mean square of what they miss. A state that no observation has gets no figure.
// Fewer observations than figures and one, states that never differ, such as a unit that is
// busy for the same share of every time, and figures that come out below 0 are errors that
// wrap ErrFit and say what to measure.
func Fit(all []Observation) (Figures, error) {
	states := []string{"idle"}
	for _, o := range all {
		for _, u := range slices.Sorted(maps.Keys(o.Busy.UnitsNs)) {
			if name := "units." + u; o.Busy.UnitsNs[u] > 0 && !slices.Contains(states, name) {
				states = append(states, name)
			}
		}
	}
	for _, name := range []string{"send", "receive"} {
		if slices.ContainsFunc(all, func(o Observation) bool { return o.Busy.of(name) > 0 }) {
			states = append(states, name)
		}
	}
	if len(all) <= len(states) {
		return Figures{}, fmt.Errorf("%w: %d measurements for the figures %q; measure at least %d, and idle among them",
			ErrFit, len(all), states, len(states)+1)
	}
	a, e := mat.NewDense(len(all), len(states), nil), mat.NewVecDense(len(all), nil)
	mean := 0.0
	for i, o := range all {
		for j, name := range states {
			a.Set(i, j, o.Busy.of(name)*1e-9)
		}
		e.SetVec(i, o.Joules)
		mean += o.Joules / float64(len(all))
	}
	var qr mat.QR
	qr.Factorize(a)
	if c := qr.Cond(); !(c < worstCondition) {
		return Figures{}, fmt.Errorf("%w: the measurements don't tell the figures %q apart (condition %.1g); measure idle "+
			"time, and runs in which each of them differs", ErrFit, states, c)
	}
	var x mat.VecDense
	if err := qr.SolveVecTo(&x, false, e); err != nil {
		return Figures{}, fmt.Errorf("%w: %w", ErrFit, err)
	}
	f := Figures{Basis: Fitted, Units: map[string]quantity.Watts{}, From: fmt.Sprintf("%d measurements", len(all))}
	for j, name := range states {
		w := quantity.Watts(x.AtVec(j))
		if w < 0 {
			return Figures{}, fmt.Errorf("%w: %s comes out as %.3g W, below 0; measure longer, and runs in which it differs "+
				"more", ErrFit, name, float64(w))
		}
		f.set(name, w)
	}
	var off mat.VecDense
	off.MulVec(a, &x)
	off.SubVec(&off, e)
	f.Residual = mat.Norm(&off, 2) / math.Sqrt(float64(len(all))) / mean
	return f, nil
}

// of returns the time of a state as Fit names it.
func (b *Busy) of(state string) float64 {
	switch state {
	case "idle":
		return b.WholeNs
	case "send":
		return b.SendNs
	case "receive":
		return b.ReceiveNs
	}
	return b.UnitsNs[state[len("units."):]]
}

func (f *Figures) set(state string, w quantity.Watts) {
	switch state {
	case "idle":
		f.Idle = &w
	case "send":
		f.Send = &w
	case "receive":
		f.Receive = &w
	default:
		f.Units[state[len("units."):]] = w
	}
}
