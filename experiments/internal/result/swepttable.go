package result

import "fmt"

const sweptLegend = "  endpoint time is the mean per frame over the same frames; ± is half its 95 % interval, " +
	"from the deviations within the frames\n" +
	"  that ran the dynamic part and within those that skipped it; error is (simulated - " +
	"measured) / measured mean. Simulated from:\n" +
	"  stored, the profile made before the run (the headline); fresh, costs measured right " +
	"before the case; corrected, the stored\n" +
	"  ones times the machine's drift since. on: frames in which the dynamic part ran; ran and " +
	"skipped: medians of those and of\n" +
	"  the other frames, stored and measured. Bytes are the mean per frame. Every simulated " +
	"firing takes the mean of its profile.\n" +
	"  ~ the stored prediction's error is below the spread (within noise)   ? the interval is " +
	"wider than a tenth (not settled)\n" +
	"  ! a part is further off than the whole, see below   - not obtained, or no such frame\n"

// sweptColumns are those of a table of a swept parameter.
func sweptColumns(rows []*Row) []tableColumn {
	columns := []tableColumn{
		codecColumn,
		{head: "on", text: ofAny(func(o *Outcome) string { return fmt.Sprintf("%.0f %%", 100*o.Share()) }),
			about: "Frames in which the dynamic part ran.",
			value: valueOfAny(func(o *Outcome) float64 { return 100 * o.Share() })},
		{head: "bytes", text: ofAny(func(o *Outcome) string { return fmt.Sprint(o.BoundaryBytes) }),
			about: "Mean per frame, sent by the endpoint, after the codec.",
			value: valueOfAny(func(o *Outcome) float64 { return float64(o.BoundaryBytes) })},
	}
	columns = append(columns, quantityColumns(EndpointTime, "mean ms", predictionsOf(rows))...)
	for _, s := range []struct {
		head, name string
		of         func(o *Outcome) (seconds, clock float64, ok bool)
	}{
		{"p50", "endpoint time, median", func(o *Outcome) (float64, float64, bool) { return o.EndpointTime.Median, 0, true }},
		{"p95", "endpoint time, p95", func(o *Outcome) (float64, float64, bool) { return o.EndpointTime.P95, 0, true }},
		{"skipped", "endpoint time where it was skipped", medianInMode(false)},
		{"ran", "endpoint time where it ran", medianInMode(true)},
		{"latency ms", "latency, median", func(o *Outcome) (float64, float64, bool) {
			return o.Latency.Median, o.Latency.Clock, true
		}},
	} {
		of := func(outcome func(*Row) *Outcome, head, name string) tableColumn {
			return tableColumn{head: head, name: name, unit: "ms", text: func(r *Row) string {
				o := outcome(r)
				if o == nil {
					return missing
				}
				v, clock, ok := s.of(o)
				if !ok {
					return missing
				}
				return milliseconds(v) + clockText(clock, milliseconds)
			}, value: func(r *Row) (float64, bool) {
				o := outcome(r)
				if o == nil {
					return 0, false
				}
				v, _, ok := s.of(o)
				return 1e3 * v, ok
			}}
		}
		columns = append(columns,
			of(func(r *Row) *Outcome { return r.Stored }, s.head+" stored", s.name+", stored prediction"),
			of(func(r *Row) *Outcome { return r.Measured }, "meas", s.name+", measured"))
	}
	return append(columns, qualityColumn(rows))
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

// medianInMode is the median endpoint time of the frames in which the dynamic part
// ran, or of those in which it was skipped.
func medianInMode(ran bool) func(*Outcome) (seconds, clock float64, ok bool) {
	return func(o *Outcome) (float64, float64, bool) {
		for _, m := range o.Modes {
			if (m.ATR > 0) == ran {
				return m.EndpointTime.Median, 0, true
			}
		}
		return 0, 0, false
	}
}
