package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
)

var csvHeader = []string{
	"experiment", "endpoint", "link", "label", "baseline", "pp", "cut", "codec", "raw_frame", "slowdown", "instances", "emulated", "boundary_bytes",
	"endpoint_time_sim_s", "endpoint_time_measured_s", "endpoint_time_measured_low_s", "endpoint_time_measured_high_s",
	"endpoint_time_measured_p95_s", "endpoint_time_measured_p99_s", "frames_measured", "stop", "error", "within_noise", "errors_cancel",
	"latency_sim_s", "latency_measured_s", "latency_measured_low_s", "latency_measured_high_s", "latency_measured_p95_s", "latency_measured_p99_s",
	"throughput_sim_fps", "throughput_measured_fps", "quality", "equal", "failed",
	"param", "value", "share_on", "endpoint_time_mean_sim_s", "endpoint_time_mean_measured_s", "endpoint_time_mean_spread_s",
	"endpoint_time_skipped_sim_s", "endpoint_time_skipped_measured_s", "endpoint_time_ran_sim_s", "endpoint_time_ran_measured_s",
	"group", "throughput_measured_spread_fps", "latency_error", "latency_within_noise", "throughput_error", "throughput_within_noise",
	"sim_assumed",
}

// WriteCSV writes all rows of the sweep, those with several endpoints at once
// last, with a header. What was not obtained is an empty cell.
func WriteCSV(w io.Writer, s *Sweep) error {
	c := csv.NewWriter(w)
	if err := c.Write(csvHeader); err != nil {
		return fmt.Errorf("result: csv: %w", err)
	}
	for _, rows := range [][]Row{s.Rows, s.TwoEndpoints} {
		for i := range rows {
			if err := c.Write(rows[i].record(s.Emulated)); err != nil {
				return fmt.Errorf("result: csv: %w", err)
			}
		}
	}
	c.Flush()
	if err := c.Error(); err != nil {
		return fmt.Errorf("result: csv: %w", err)
	}
	return nil
}

func (r *Row) record(emulated bool) []string {
	bytes, sim, measured := "", make([]string, 3), make([]string, 13)
	if o := r.Sim; o != nil {
		bytes = fmt.Sprint(o.BoundaryBytes)
		sim = []string{number(o.EndpointTime.Median), number(o.Latency.Median), number(o.ThroughputFPS)}
	}
	if o := r.Measured; o != nil {
		bytes = fmt.Sprint(o.BoundaryBytes)
		e, l := o.EndpointTime, o.Latency
		measured = []string{
			number(e.Median), number(e.Low), number(e.High), number(e.P95), number(e.P99), fmt.Sprint(e.N), e.Stop,
			number(l.Median), number(l.Low), number(l.High), number(l.P95), number(l.P99), number(o.ThroughputFPS),
		}
	}
	errs := make([]string, 3)
	if e, ok := r.Error(); ok {
		_, cancels := r.Cancels()
		errs = []string{number(e), strconv.FormatBool(r.WithinNoise()), strconv.FormatBool(cancels)}
	}
	quality := ""
	if len(r.Quality) > 0 {
		quality = r.qualityText()
	}
	rec := []string{
		r.Experiment, r.Endpoint, r.Link, r.Label, string(r.Baseline), fmt.Sprint(r.PP), r.Cut, r.Codec,
		strconv.FormatBool(r.RawFrame), number(r.Slowdown), fmt.Sprint(r.Instances), strconv.FormatBool(emulated), bytes, sim[0],
	}
	rec = append(rec, measured[:7]...)
	rec = append(rec, errs...)
	rec = append(rec, sim[1])
	rec = append(rec, measured[7:12]...)
	rec = append(rec, sim[2], measured[12], quality, r.Equal, r.Failed)
	return slices.Concat(rec, r.sweptRecord(), r.errorRecord())
}

// errorRecord returns the group of mappings, the errors of the other quantities, and
// whether the simulation assumed anything.
func (r *Row) errorRecord() []string {
	rec := []string{r.Group, "", "", "", "", "", ""}
	if r.Sim != nil {
		rec[6] = strconv.FormatBool(len(r.Sim.Assumed) > 0)
	}
	if o := r.Measured; o != nil && o.ThroughputSpread > 0 {
		rec[1] = number(o.ThroughputSpread)
	}
	for i, q := range []Quantity{Latency, Throughput} {
		if e, noise, ok := r.ErrorOf(q); ok {
			rec[2+2*i], rec[3+2*i] = number(e), strconv.FormatBool(noise)
		}
	}
	return rec
}

// sweptRecord returns what a swept parameter adds to a record.
func (r *Row) sweptRecord() []string {
	rec := make([]string, 10)
	if r.Param != "" {
		rec[0], rec[1] = r.Param, number(r.Value)
	}
	if o := r.any(); o != nil && len(o.Modes) > 0 {
		rec[2] = number(o.Share())
	}
	for i, o := range []*Outcome{r.Sim, r.Measured} {
		if o == nil || len(o.Modes) == 0 {
			continue
		}
		rec[3+i] = number(o.MeanEndpointTime)
		if o == r.Measured {
			rec[5] = number(o.MeanSpread)
		}
		for _, m := range o.Modes {
			rec[6+2*min(m.ATR, 1)+i] = number(m.EndpointTime.Median)
		}
	}
	return rec
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', 9, 64) }
