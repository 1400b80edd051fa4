package result

import "strconv"

// The functions below make the value of a column of summary.csv.

// ofRow is a value that a row alone gives.
func ofRow(text func(r *Row) string) func(*Sweep, *Row) string {
	return func(_ *Sweep, r *Row) string { return text(r) }
}

// simulated is a value of the simulated outcome.
func simulated(text func(o *Outcome) string) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string { return ifAny(r.Stored, text) })
}

// measured is a value of the measured outcome.
func measured(text func(o *Outcome) string) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string { return ifAny(r.Measured, text) })
}

func ifAny(o *Outcome, text func(o *Outcome) string) string {
	if o == nil {
		return ""
	}
	return text(o)
}

// errorOf is the stored prediction's error of a quantity, as a fraction.
func errorOf(q Quantity) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string {
		e, _, ok := r.ErrorOf(q, Stored)
		if !ok {
			return ""
		}
		return number(e)
	})
}

// withinNoise says whether the error of a quantity is below the spread of its
// measurements.
func withinNoise(q Quantity) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string {
		_, noise, ok := r.ErrorOf(q, Stored)
		if !ok {
			return ""
		}
		return strconv.FormatBool(noise)
	})
}

// predictedBy is the value of a quantity by a prediction.
func predictedBy(p Prediction, q Quantity) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string {
		return ifAny(r.Predicted(p), func(o *Outcome) string { return number(o.Interval(q).Value) })
	})
}

// settledCell says whether the measured interval of a quantity is narrow enough.
func settledCell(q Quantity) func(*Sweep, *Row) string {
	return ofRow(func(r *Row) string {
		if r.Measured == nil {
			return ""
		}
		return strconv.FormatBool(r.Settled(q))
	})
}

// withModes restricts a value to outcomes whose frames have modes.
func withModes(text func(o *Outcome) string) func(*Outcome) string {
	return func(o *Outcome) string {
		if len(o.Modes) == 0 {
			return ""
		}
		return text(o)
	}
}

// inMode is the median endpoint time, in s, of the frames in which the dynamic part
// ran, or of those in which it was skipped.
func inMode(ran bool) func(*Outcome) string {
	return func(o *Outcome) string {
		text := ""
		for _, m := range o.Modes {
			if (m.ATR > 0) == ran {
				text = number(m.EndpointTime.Median)
			}
		}
		return text
	}
}

func errorsCancel(r *Row) string {
	if _, ok := r.Error(); !ok {
		return ""
	}
	_, cancels := r.Cancels()
	return strconv.FormatBool(cancels)
}

// boundaryBytesText prefers the measured outcome's bytes.
func boundaryBytesText(r *Row) string {
	o := r.any()
	if o == nil {
		return ""
	}
	return strconv.FormatInt(o.BoundaryBytes, 10)
}

func qualityCell(r *Row) string {
	if len(r.Quality) == 0 {
		return ""
	}
	return r.qualityText()
}

func sweptValue(r *Row) string {
	if r.Param == "" {
		return ""
	}
	return number(r.Value)
}

func shareOn(r *Row) string {
	return ifAny(r.any(), withModes(func(o *Outcome) string { return number(o.Share()) }))
}

func throughputSpread(o *Outcome) string {
	if o.Throughput.N == 0 {
		return ""
	}
	return number(o.Throughput.Spread())
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 9, 64) }
