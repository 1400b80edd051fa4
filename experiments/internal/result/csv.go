package result

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// column is one column of summary.csv: its name and what it holds of a row of a
// sweep. What was not obtained is an empty cell.
type column struct {
	name  string
	value func(s *Sweep, r *Row) string
}

// columns are those of summary.csv, in their order. A new one goes to the end, so
// that readers by position keep working.
var columns = []column{
	{"experiment", ofRow(func(r *Row) string { return r.Experiment })},
	{"endpoint", ofRow(func(r *Row) string { return r.Endpoint })},
	{"link", ofRow(func(r *Row) string { return r.Link })},
	{"label", ofRow(func(r *Row) string { return r.Label })},
	{"baseline", ofRow(func(r *Row) string { return string(r.Baseline) })},
	{"pp", ofRow(func(r *Row) string { return strconv.Itoa(r.PP) })},
	{"cut", ofRow(func(r *Row) string { return r.Cut })},
	{"codec", ofRow(func(r *Row) string { return r.Codec })},
	{"raw_frame", ofRow(func(r *Row) string { return strconv.FormatBool(r.RawFrame) })},
	{"slowdown", ofRow(func(r *Row) string { return number(r.Slowdown) })},
	{"instances", ofRow(func(r *Row) string { return strconv.Itoa(r.Instances) })},
	{"emulated", func(s *Sweep, _ *Row) string { return strconv.FormatBool(s.Emulated) }},
	{"boundary_bytes", ofRow(boundaryBytesText)},
	{"endpoint_time_sim_s", simulated(func(o *Outcome) string { return number(o.EndpointTime.Median) })},
	{"endpoint_time_measured_s", measured(func(o *Outcome) string { return number(o.EndpointTime.Median) })},
	{"endpoint_time_measured_low_s", measured(func(o *Outcome) string { return number(o.EndpointTime.Low) })},
	{"endpoint_time_measured_high_s", measured(func(o *Outcome) string { return number(o.EndpointTime.High) })},
	{"endpoint_time_measured_p95_s", measured(func(o *Outcome) string { return number(o.EndpointTime.P95) })},
	{"endpoint_time_measured_p99_s", measured(func(o *Outcome) string { return number(o.EndpointTime.P99) })},
	{"frames_measured", measured(func(o *Outcome) string { return strconv.Itoa(o.EndpointTime.N) })},
	{"stop", measured(func(o *Outcome) string { return o.EndpointTime.Stop })},
	{"error", errorOf(EndpointTime)},
	{"within_noise", withinNoise(EndpointTime)},
	{"errors_cancel", ofRow(errorsCancel)},
	{"latency_sim_s", simulated(func(o *Outcome) string { return number(o.Latency.Median) })},
	{"latency_measured_s", measured(func(o *Outcome) string { return number(o.Latency.Median) })},
	{"latency_measured_low_s", measured(func(o *Outcome) string { return number(o.Latency.Low) })},
	{"latency_measured_high_s", measured(func(o *Outcome) string { return number(o.Latency.High) })},
	{"latency_measured_p95_s", measured(func(o *Outcome) string { return number(o.Latency.P95) })},
	{"latency_measured_p99_s", measured(func(o *Outcome) string { return number(o.Latency.P99) })},
	{"throughput_sim_fps", simulated(func(o *Outcome) string { return number(o.Throughput.Value) })},
	{"throughput_measured_fps", measured(func(o *Outcome) string { return number(o.Throughput.Value) })},
	{"quality", ofRow(qualityCell)},
	{"equal", ofRow(func(r *Row) string { return r.Equal })},
	{"failed", ofRow(func(r *Row) string { return r.Failed })},
	{"param", ofRow(func(r *Row) string { return r.Param })},
	{"value", ofRow(sweptValue)},
	{"share_on", ofRow(shareOn)},
	{"endpoint_time_mean_sim_s", simulated(
		withModes(func(o *Outcome) string { return number(o.MeanEndpointTime.Value) }),
	)},
	{"endpoint_time_mean_measured_s",
		measured(withModes(func(o *Outcome) string { return number(o.MeanEndpointTime.Value) }))},
	{"endpoint_time_mean_spread_s",
		measured(withModes(func(o *Outcome) string { return number(o.MeanEndpointTime.Spread()) }))},
	{"endpoint_time_skipped_sim_s", simulated(inMode(false))},
	{"endpoint_time_skipped_measured_s", measured(inMode(false))},
	{"endpoint_time_ran_sim_s", simulated(inMode(true))},
	{"endpoint_time_ran_measured_s", measured(inMode(true))},
	{"group", ofRow(func(r *Row) string { return r.Group })},
	{"throughput_measured_spread_fps", measured(throughputSpread)},
	{"latency_error", errorOf(Latency)},
	{"latency_within_noise", withinNoise(Latency)},
	{"throughput_error", errorOf(Throughput)},
	{"throughput_within_noise", withinNoise(Throughput)},
	{"sim_assumed", simulated(func(o *Outcome) string { return strconv.FormatBool(len(o.Assumed) > 0) })},
	{"endpoint_time_sim_fresh_s", predictedBy(Fresh, EndpointTime)},
	{"endpoint_time_sim_corrected_s", predictedBy(Corrected, EndpointTime)},
	{"latency_sim_fresh_s", predictedBy(Fresh, Latency)},
	{"latency_sim_corrected_s", predictedBy(Corrected, Latency)},
	{"throughput_sim_fresh_fps", predictedBy(Fresh, Throughput)},
	{"throughput_sim_corrected_fps", predictedBy(Corrected, Throughput)},
	{"endpoint_time_settled", settledCell(EndpointTime)},
	{"latency_settled", settledCell(Latency)},
	{"throughput_settled", settledCell(Throughput)},
	{"sim_profile", simulated(func(o *Outcome) string { return o.Origin.Profile })},
	{"sim_link", simulated(func(o *Outcome) string { return o.Origin.Link })},
	{"sim_emulated", simulated(func(o *Outcome) string { return strconv.FormatBool(o.Origin.Emulated) })},
	{"measured_profile", measured(func(o *Outcome) string { return o.Origin.Profile })},
	{"measured_link", measured(func(o *Outcome) string { return o.Origin.Link })},
	{"measured_emulated", measured(func(o *Outcome) string { return strconv.FormatBool(o.Origin.Emulated) })},
}

// clockColumns follow where figures lie on several clocks.
var clockColumns = []column{
	{"latency_measured_clock_s", measured(func(o *Outcome) string { return number(o.Clock(Latency)) })},
	{"throughput_measured_clock_fps", measured(func(o *Outcome) string { return number(o.Clock(Throughput)) })},
	{"round_trip_measured_s", measured(func(o *Outcome) string {
		if o.RoundTrip == nil {
			return ""
		}
		return number(o.RoundTrip.Median)
	})},
}

// energyColumnsCSV follow where a device has power figures or a meter.
var energyColumnsCSV = []column{
	{"energy_endpoint_sim_j", simulated(energyCell(true))},
	{"energy_endpoint_measured_j", measured(energyCell(true))},
	{"energy_all_sim_j", simulated(energyCell(false))},
	{"energy_all_measured_j", measured(energyCell(false))},
	{"energy_measured_means", measured(func(o *Outcome) string {
		if o.Energy == nil {
			return ""
		}
		return string(o.Energy.Means)
	})},
	{"energy_basis", ofRow(energyBasis)},
}

// testbedColumns follow where the experiment ran on a testbed.
var testbedColumns = []column{
	{"measured_real", measured(func(o *Outcome) string { return strconv.FormatBool(o.Origin.Real) })},
}

// WriteCSV writes all rows of the sweep, those with several endpoints at once
// last, with a header. What was not obtained is an empty cell.
func WriteCSV(w io.Writer, s *Sweep) error {
	c := csv.NewWriter(w)
	columns := columns
	if all := s.All(); overClocks(all, Latency) || overClocks(all, Throughput) {
		columns = slices.Concat(columns, clockColumns)
	}
	if hasEnergy(s.All()) {
		columns = slices.Concat(columns, energyColumnsCSV)
	}
	if hasLeakage(s.All()) {
		columns = slices.Concat(columns, leakageColumnsCSV)
	}
	if slices.ContainsFunc(s.All(), func(r *Row) bool { return len(r.spans()) > 0 }) {
		columns = slices.Concat(columns, stateColumns)
	}
	if s.Testbed != nil {
		columns = slices.Concat(columns, testbedColumns)
	}
	cells := make([]string, len(columns))
	for i := range columns {
		cells[i] = columns[i].name
	}
	if err := c.Write(cells); err != nil {
		return fmt.Errorf("result: csv: %w", err)
	}
	for _, rows := range [][]Row{s.Rows, s.TwoEndpoints} {
		for i := range rows {
			for j := range columns {
				cells[j] = columns[j].value(s, &rows[i])
			}
			if err := c.Write(cells); err != nil {
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
