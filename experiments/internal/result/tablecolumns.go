package result

import (
	"fmt"
	"slices"
)

const legend = "  ± is half the 95 % interval: of the median over frames, or of throughput's " +
	"mean. Error is (simulated - measured) / measured.\n" +
	"  Simulated from: stored, the profile made before the run (the headline); " +
	"fresh, costs measured right before the case;\n" +
	"  corrected, the stored ones times the machine's drift since. Endpoint time and " +
	"latency are with one frame under way,\n" +
	"  throughput with all of them.\n" +
	"  ~ the stored prediction's error is below the spread (within noise)   ? the " +
	"interval is wider than a tenth (not settled)\n" +
	"  ! a part is further off than the whole, see below   - not obtained\n"

// cutColumns are those of a table of cuts.
func cutColumns(rows []*Row) []tableColumn {
	return append(quantitiesColumns(rows),
		append(append(energyColumns(rows), leakageColumn(rows)...), qualityColumn(rows))...)
}

// mappedColumns are those of a table of mappings.
func mappedColumns(rows []*Row) []tableColumn {
	return append(append(quantitiesColumns(rows), energyColumns(rows)...),
		tableColumn{head: "against the whole", text: func(r *Row) string { return orMissing(r.Equal) },
			about: "Results compared with those of the whole model on one machine."})
}

// quantitiesColumns hold the codec, the bytes and all quantities.
func quantitiesColumns(rows []*Row) []tableColumn {
	columns := []tableColumn{
		codecColumn,
		{head: "bytes", about: "Sent per frame by the endpoint, after the codec.", text: func(r *Row) string {
			if o := r.any(); o != nil {
				return fmt.Sprint(o.BoundaryBytes)
			}
			return missing
		}, value: valueOfAny(func(o *Outcome) float64 { return float64(o.BoundaryBytes) })},
	}
	made := predictionsOf(rows)
	heads := map[Quantity]string{EndpointTime: "endpoint ms", Latency: "latency ms", Throughput: "fps"}
	for _, q := range Quantities() {
		columns = append(columns, quantityColumns(q, heads[q], made)...)
		if q == Latency && returning(rows) {
			columns = append(columns, tableColumn{head: "round trip", unit: "ms", text: func(r *Row) string {
				if r.Measured == nil || r.Measured.RoundTrip == nil {
					return missing
				}
				return milliseconds(r.Measured.RoundTrip.Median) + " ± " + milliseconds(r.Measured.RoundTrip.Spread())
			}, value: func(r *Row) (float64, bool) {
				if r.Measured == nil || r.Measured.RoundTrip == nil {
					return 0, false
				}
				return 1e3 * r.Measured.RoundTrip.Median, true
			}, about: "Until the endpoint knows of the result, on its own clock."})
		}
	}
	return columns
}

// quantityColumns hold what every prediction says of a quantity, what was measured, and the
// errors.
func quantityColumns(q Quantity, head string, made []Prediction) []tableColumn {
	write, unit, scale := milliseconds, "ms", 1e3
	if q == Throughput {
		write, unit, scale = fps, "frames/s", 1
	}
	valueOf := func(of func(*Row) *Outcome) func(*Row) (float64, bool) {
		return func(r *Row) (float64, bool) {
			o := of(r)
			if o == nil {
				return 0, false
			}
			return scale * o.Interval(q).Value, true
		}
	}
	var columns []tableColumn
	for _, p := range made {
		columns = append(columns, tableColumn{head: fmt.Sprintf("%s %s", head, p), text: func(r *Row) string {
			if o := r.Predicted(p); o != nil {
				return write(o.Interval(q).Value)
			}
			return missing
		}, name: fmt.Sprintf("%s, %s prediction", q, p), unit: unit,
			value: valueOf(func(r *Row) *Outcome { return r.Predicted(p) })})
		head = ""
	}
	columns = append(columns, tableColumn{head: "measured ±", text: func(r *Row) string {
		if q == EndpointTime && r.Failed != "" {
			return "failed"
		}
		if r.Measured == nil {
			return missing
		}
		return measuredText(r.Measured, q, write)
	}, name: string(q) + ", measured", unit: unit, about: "± is half the 95 % interval.",
		value: valueOf(func(r *Row) *Outcome { return r.Measured })})
	head = "error "
	for _, p := range made {
		columns = append(columns, tableColumn{head: head + string(p), text: func(r *Row) string {
			if e, _, ok := r.ErrorOf(q, p); ok {
				return signedPercent(e)
			}
			return missing
		}, name: fmt.Sprintf("%s, error of %s", q, p), about: "(simulated - measured) / measured.",
			value: func(r *Row) (float64, bool) {
				e, _, ok := r.ErrorOf(q, p)
				return 100 * e, ok
			}})
		head = ""
	}
	return append(columns, tableColumn{
		text: func(r *Row) string { return r.marks(q) }, words: func(r *Row) string { return r.markWords(q) },
		name: string(q) + ", notes", about: "Within noise: the stored prediction's error is below the spread of the " +
			"measurements. Not settled: the interval is wider than a tenth. Errors of parts cancel: a part is further off " +
			"than the whole.",
	})
}

var codecColumn = tableColumn{head: "codec", text: func(r *Row) string { return orMissing(r.Codec) }}

// valueOfAny is of what was measured, or else simulated.
func valueOfAny(value func(*Outcome) float64) func(*Row) (float64, bool) {
	return func(r *Row) (float64, bool) {
		if o := r.any(); o != nil {
			return value(o), true
		}
		return 0, false
	}
}

// predictionsOf lists the predictions that rows have.
func predictionsOf(rows []*Row) []Prediction {
	made := Predictions()
	return slices.DeleteFunc(made, func(p Prediction) bool {
		return p != Stored && !slices.ContainsFunc(rows, func(r *Row) bool { return r.Predicted(p) != nil })
	})
}

// marks are those of the legend for a quantity.
func (r *Row) marks(q Quantity) string {
	m := ""
	if _, noise, ok := r.ErrorOf(q, Stored); ok && noise {
		m += "~"
	}
	if r.Measured != nil && !r.Settled(q) {
		m += "?"
	}
	if _, cancels := r.Cancels(); cancels && q == EndpointTime {
		m += "!"
	}
	return m
}
