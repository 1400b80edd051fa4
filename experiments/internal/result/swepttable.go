package result

import "fmt"

//nolint:lll // lines of a table
const sweptLegend = `  endpoint time is the mean per frame over the same frames; ± is half its 95 % interval, from the deviations within the frames
  that ran the dynamic part and within those that skipped it; error is (simulated - measured) / measured mean. Simulated from:
  stored, the profile made before the run (the headline); fresh, costs measured right before the case; corrected, the stored
  ones times the machine's drift since. on: frames in which the dynamic part ran; ran and skipped: medians of those and of
  the other frames, stored and measured. Bytes are the mean per frame. Every simulated firing takes the mean of its profile.
  ~ the stored prediction's error is below the spread (within noise)   ? the interval is wider than a tenth (not settled)
  ! a part is further off than the whole, see below   - not obtained, or no such frame
`

// sweptColumns are those of a table of a swept parameter.
func sweptColumns(rows []*Row) []tableColumn {
	columns := []tableColumn{
		{"codec", func(r *Row) string { return orMissing(r.Codec) }},
		{"on", ofAny(func(o *Outcome) string { return fmt.Sprintf("%.0f %%", 100*o.Share()) })},
		{"bytes", ofAny(func(o *Outcome) string { return fmt.Sprint(o.BoundaryBytes) })},
	}
	columns = append(columns, quantityColumns(EndpointTime, "mean ms", predictionsOf(rows))...)
	for _, s := range []struct {
		head string
		of   func(o *Outcome) string
	}{
		{"p50", func(o *Outcome) string { return milliseconds(o.EndpointTime.Median) }},
		{"p95", func(o *Outcome) string { return milliseconds(o.EndpointTime.P95) }},
		{"skipped", medianInMode(false)},
		{"ran", medianInMode(true)},
		{"latency ms", func(o *Outcome) string {
			return milliseconds(o.Latency.Median) + clockText(o.Latency.Clock, milliseconds)
		}},
	} {
		columns = append(columns,
			tableColumn{s.head + " stored", func(r *Row) string { return orNone(r.Stored, s.of) }},
			tableColumn{"meas", func(r *Row) string { return orNone(r.Measured, s.of) }})
	}
	return append(columns, tableColumn{"quality", (*Row).qualityText})
}

// ofAny is of what was measured, or else simulated.
func ofAny(text func(*Outcome) string) func(*Row) string {
	return func(r *Row) string { return orNone(r.any(), text) }
}

func orNone(o *Outcome, text func(*Outcome) string) string {
	if o == nil {
		return missing
	}
	return text(o)
}

// medianInMode is the median endpoint time, in ms, of the frames in which the dynamic part
// ran, or of those in which it was skipped.
func medianInMode(ran bool) func(*Outcome) string {
	return func(o *Outcome) string {
		for _, m := range o.Modes {
			if (m.ATR > 0) == ran {
				return milliseconds(m.EndpointTime.Median)
			}
		}
		return missing
	}
}
