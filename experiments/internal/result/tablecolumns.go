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
		append(append(energyColumns(rows), leakageColumn(rows)...), tableColumn{"quality", (*Row).qualityText})...)
}

// mappedColumns are those of a table of mappings.
func mappedColumns(rows []*Row) []tableColumn {
	return append(append(quantitiesColumns(rows), energyColumns(rows)...),
		tableColumn{"against the whole", func(r *Row) string { return orMissing(r.Equal) }})
}

// quantitiesColumns hold the codec, the bytes and all quantities.
func quantitiesColumns(rows []*Row) []tableColumn {
	columns := []tableColumn{
		{"codec", func(r *Row) string { return orMissing(r.Codec) }},
		{"bytes", func(r *Row) string {
			if o := r.any(); o != nil {
				return fmt.Sprint(o.BoundaryBytes)
			}
			return missing
		}},
	}
	made := predictionsOf(rows)
	heads := map[Quantity]string{EndpointTime: "endpoint ms", Latency: "latency ms", Throughput: "fps"}
	for _, q := range Quantities() {
		columns = append(columns, quantityColumns(q, heads[q], made)...)
		if q == Latency && returning(rows) {
			columns = append(columns, tableColumn{"round trip", func(r *Row) string {
				if r.Measured == nil || r.Measured.RoundTrip == nil {
					return missing
				}
				return milliseconds(r.Measured.RoundTrip.Median) + " ± " + milliseconds(r.Measured.RoundTrip.Spread())
			}})
		}
	}
	return columns
}

// quantityColumns hold what every prediction says of a quantity, what was measured, and the
// errors.
func quantityColumns(q Quantity, head string, made []Prediction) []tableColumn {
	write := milliseconds
	if q == Throughput {
		write = fps
	}
	var columns []tableColumn
	for _, p := range made {
		columns = append(columns, tableColumn{fmt.Sprintf("%s %s", head, p), func(r *Row) string {
			if o := r.Predicted(p); o != nil {
				return write(o.Interval(q).Value)
			}
			return missing
		}})
		head = ""
	}
	columns = append(columns, tableColumn{"measured ±", func(r *Row) string {
		if q == EndpointTime && r.Failed != "" {
			return "failed"
		}
		if r.Measured == nil {
			return missing
		}
		return measuredText(r.Measured, q, write)
	}})
	head = "error "
	for _, p := range made {
		columns = append(columns, tableColumn{head + string(p), func(r *Row) string {
			if e, _, ok := r.ErrorOf(q, p); ok {
				return signedPercent(e)
			}
			return missing
		}})
		head = ""
	}
	return append(columns, tableColumn{"", func(r *Row) string { return r.marks(q) }})
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
