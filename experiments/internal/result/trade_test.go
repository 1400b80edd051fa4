package result

import (
	"bytes"
	"encoding/csv"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/core/golden"
)

// swept is a sweep of a threshold over one endpoint and two links; the second was
// not measured. Skipped frames take 10 ms, others 30 ms.
func swept() *Sweep {
	s := &Sweep{Kind: OfParameter, Experiment: "gated", Machine: "here", Date: "today", Emulated: true,
		Swept: &Swept{Param: "look.threshold", Quality: "IDF1", Loss: 0.01}}
	for _, link := range []string{"wired", "wireless"} {
		add := func(label string, b Baseline, v float64, ran int, idf1 float64) {
			r := Row{Case: Case{Experiment: "gated", Endpoint: "slow", Link: link, Label: label, Baseline: b, PP: -1,
				Param: "look.threshold", Value: v, Slowdown: 4},
				Quality: map[string]float64{"IDF1": idf1}}
			r.Stored = gatedOutcome(ran, 1)
			if link == "wired" {
				r.Measured = gatedOutcome(ran, 1.25)
			}
			s.Rows = append(s.Rows, r)
		}
		add("all on server, raw", RawToServer, 0, 10, 0.9)
		add("threshold 0 (always on)", "", 0, 10, 0.9)
		add("threshold 8", "", 8, 4, 0.895)
		add("threshold 16", "", 16, 1, 0.2)
		add("threshold 255", "", 255, 0, 0.1)
	}
	return s
}

// gatedOutcome is ten frames of which some ran; times are multiplied by k.
func gatedOutcome(ran int, k float64) *Outcome {
	of := func(n int, s float64) Stat {
		return Stat{Median: s * k, Mean: s * k, Low: s * k, High: s * k, P95: s * k, N: n}
	}
	o := &Outcome{Latency: of(10, 0.05), BoundaryBytes: int64(4 + 100*ran), Throughput: rate(10, 0.5),
		EndpointTime: of(10, 0.01)}
	o.Parts = []Part{{Name: "encode", Kind: Segment, OnEndpoint: true, Time: of(ran, 0.02)},
		{Name: "camera", Kind: Segment, OnEndpoint: true, Time: of(10, 0.01)}}
	if ran < 10 {
		o.Modes = append(o.Modes, Mode{0, of(10-ran, 0.01)})
	}
	if ran > 0 {
		o.Modes = append(o.Modes, Mode{1, of(ran, 0.03)})
	}
	mean := k * (0.01*float64(10-ran) + 0.03*float64(ran)) / 10
	o.MeanLatency = stat.Interval{Value: o.Latency.Mean, Low: o.Latency.Mean, High: o.Latency.Mean, N: 10}
	o.MeanEndpointTime = stat.Interval{Value: mean, Low: mean - 0.001, High: mean + 0.001, N: 10}
	return o
}

func TestTrades(t *testing.T) {
	s := swept()
	trades := Trades(s)
	require.Len(t, trades, 2, "trades")
	a, b := trades[0], trades[1]
	assert.Equal(t, 8.0, a.Value, "wired")
	assert.Equal(t, "wired", a.Link, "wired")
	assert.Equal(t, 0.4, a.Share, "wired")
	assert.EqualValues(t, 404, a.BytesPerFrame, "wired")
	assert.EqualValues(t, 1004, a.AlwaysBytes, "wired")
	assert.LessOrEqual(t, math.Abs(a.LessTrafficFraction-600./1004), 1e-12, "wired")
	assert.LessOrEqual(t, math.Abs(*a.EndpointTime-1.25*0.018), 1e-12, "times")
	assert.LessOrEqual(t, math.Abs(*a.AlwaysTimeSim-0.03), 1e-12, "times")
	assert.Nil(t, b.EndpointTime, "times")
	assert.NotNil(t, b.EndpointTimeSim, "times")
	const says = "threshold 8: 59.8 % less traffic than always on (404 instead of 1004 bytes per frame), mean endpoint " +
		"time 18.0 ms instead of 30.0 ms simulated, 22.5 ms instead of 37.5 ms measured, IDF1 0.895 instead of 0.900"
	got := a.String()
	assert.Equal(t, says, got, "got %s\nwant", got)
	assert.Contains(t, b.String(), "simulated, not measured, IDF1")
	s.Swept.Loss = 0.001 // only always on is left
	if got := Trades(s); got[0].Value != 0 || got[0].LessTrafficFraction != 0 {
		t.Errorf("without loss: %+v", got)
	}
	for i := range s.Rows {
		s.Rows[i].Quality = nil
	}
	if got := Trades(s); got != nil {
		t.Errorf("without quality: %+v", got)
	}
	if got := Trades(sweep()); got != nil {
		t.Errorf("of cuts: %+v", got)
	}
}

// The mean is what counts of frames in modes; parts count as often as they occur.
func TestErrorsOfModes(t *testing.T) {
	r := &swept().Rows[2]
	if e, ok := r.Error(); !ok || math.Abs(e+0.2) > 1e-12 {
		t.Errorf("error %g, %v", e, ok)
	}
	assert.False(t, r.WithinNoise(), "4.5 ms off with a spread of 1 ms are not within noise")
	parts := r.PartErrors()
	require.Len(t, parts, 2, "parts")
	assert.LessOrEqual(t, math.Abs(parts[0].Error+0.2), 1e-12, "parts")
	assert.LessOrEqual(t, math.Abs(parts[0].OfWhole+0.4*0.005/0.0225), 1e-12, "parts")
	assert.LessOrEqual(t, math.Abs(parts[1].OfWhole+0.0025/0.0225), 1e-12, "parts")
	_, ok := r.Cancels()
	assert.False(t, ok, "no part is further off than the whole")
	r.Measured.Parts[1].Time.Mean = 0.018 // 5.5 ms more than it is predicted to take
	r.Stored.MeanEndpointTime = r.Measured.MeanEndpointTime
	p, ok := r.Cancels()
	require.True(t, ok, "cancels")
	assert.Equal(t, "camera", p.Part.Name, "cancels")
	sum, err := Summarise(swept())
	e := Find(sum.Errors, EndpointTime, Stored)
	require.NoError(t, err, "summary")
	assert.LessOrEqual(t, math.Abs(*e.Median-0.2), 1e-12, "summary")
	require.Len(t, sum.Trades, 2, "summary")
	assert.Empty(t, sum.BestCutMeasured, "summary")
	assert.Nil(t, sum.SpeedupSimulated, "summary")
}

func TestSweptTableGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteTable(&b, swept()))
	golden.Check(t, filepath.Join("testdata", "swept.txt"), b.String())
}

func TestSweptCSV(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, WriteCSV(&b, swept()))
	recs, err := csv.NewReader(&b).ReadAll()
	require.NoError(t, err)
	cell := func(row int, name string) string { return recs[row][slices.Index(recs[0], name)] }
	for name, want := range map[string]string{
		"param": "look.threshold", "value": "8", "share_on": "0.4", "endpoint_time_mean_sim_s": "0.018",
		"endpoint_time_mean_measured_s": "0.0225",
		"endpoint_time_mean_spread_s":   "0.001", "endpoint_time_skipped_sim_s": "0.01",
		"endpoint_time_ran_measured_s": "0.0375", "error": "-0.2",
	} {
		assert.Equal(t, want, cell(3, name), name)
	}
	got := cell(8, "endpoint_time_mean_measured_s") + cell(10, "endpoint_time_ran_sim_s")
	assert.Empty(t, got, "what is missing")
}
