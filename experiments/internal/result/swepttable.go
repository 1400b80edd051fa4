package result

import "fmt"

const sweptLegend = `  endpoint time is the mean per frame over the same frames; ± is half its 95 % interval, from the deviations within the frames
  that ran the dynamic part and within those that skipped it; error is (simulated - measured) / measured mean. on: frames in
  which the dynamic part ran; ran and skipped: medians of those and of the other frames. Bytes are the mean per frame. Every
  simulated firing takes the mean of its profile.
  ~ the error is below that spread (within noise)   ! a part is further off than the whole, see below   - not measured, or no such frame
`

// sweptColumns are those of a table of a swept parameter, behind the first.
var sweptColumns = []string{" codec", " on", " bytes", " mean sim ms", " measured ± ms", " error", " ", " p50 sim", " meas", " p95 sim", " meas",
	" skipped sim", " meas", " ran sim", " meas", " latency sim", " meas ms", " quality"}

// sweptCells returns the row as text, in the order of the columns.
func (r *Row) sweptCells() []string {
	c := []string{r.Label, orMissing(r.Codec), missing, missing, missing, missing, missing, r.marks()}
	sim, measured := r.Stored.sweptStats(), r.Measured.sweptStats()
	for i := range sim {
		c = append(c, sim[i], measured[i])
	}
	if o := r.any(); o != nil {
		c[2], c[3] = fmt.Sprintf("%.0f %%", 100*o.Share()), fmt.Sprint(o.BoundaryBytes)
	}
	if o := r.Stored; o != nil {
		c[4] = milliseconds(o.Interval(EndpointTime).Value)
	}
	if o := r.Measured; o != nil {
		mean := o.Interval(EndpointTime)
		c[5] = milliseconds(mean.Value) + " ± " + milliseconds(mean.Spread())
	}
	if r.Failed != "" {
		c[5] = "failed"
	}
	if e, ok := r.Error(); ok {
		c[6] = signedPercent(e)
	}
	return append(c, r.qualityText())
}

// sweptStats returns median and 95th percentile, the medians of skipped and of other
// frames, and the median latency, in ms.
func (o *Outcome) sweptStats() []string {
	c := []string{missing, missing, missing, missing, missing}
	if o == nil {
		return c
	}
	c[0], c[1], c[4] = milliseconds(o.EndpointTime.Median), milliseconds(o.EndpointTime.P95), milliseconds(o.Latency.Median)
	for _, m := range o.Modes {
		c[2+min(m.ATR, 1)] = milliseconds(m.EndpointTime.Median)
	}
	return c
}
