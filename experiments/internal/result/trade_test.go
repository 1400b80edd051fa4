package result

import (
	"bytes"
	"encoding/csv"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"

	"github.com/edgeprune/edgeprune/core/golden"
)

// swept is a sweep of a threshold over one endpoint and two links; the second was
// not measured. Skipped frames take 10 ms, others 30 ms.
func swept() *Sweep {
	s := &Sweep{Kind: OfParameter, Experiment: "gated", Machine: "here", Date: "today", Emulated: true,
		Swept: &Swept{Param: "look.threshold", Quality: "IDF1", Loss: 0.01}}
	for _, link := range []string{"wired", "wireless"} {
		add := func(label string, b Baseline, v float64, ran int, idf1 float64) {
			r := Row{Case: Case{Experiment: "gated", Endpoint: "slow", Link: link, Label: label, Baseline: b, PP: -1, Param: "look.threshold", Value: v, Slowdown: 4},
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
	o := &Outcome{Latency: of(10, 0.05), BoundaryBytes: int64(4 + 100*ran), Throughput: rate(10, 0.5), EndpointTime: of(10, 0.01)}
	o.Parts = []Part{{Name: "encode", Kind: Segment, OnEndpoint: true, Time: of(ran, 0.02)}, {Name: "camera", Kind: Segment, OnEndpoint: true, Time: of(10, 0.01)}}
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
	if len(trades) != 2 {
		t.Fatalf("trades %+v", trades)
	}
	a, b := trades[0], trades[1]
	if a.Value != 8 || a.Link != "wired" || a.Share != 0.4 || a.BytesPerFrame != 404 || a.AlwaysBytes != 1004 || math.Abs(a.LessTrafficFraction-600./1004) > 1e-12 {
		t.Errorf("wired: %+v", a)
	}
	if math.Abs(*a.EndpointTime-1.25*0.018) > 1e-12 || math.Abs(*a.AlwaysTimeSim-0.03) > 1e-12 || b.EndpointTime != nil || b.EndpointTimeSim == nil {
		t.Errorf("times: %+v, %+v", a, b)
	}
	const says = "threshold 8: 59.8 % less traffic than always on (404 instead of 1004 bytes per frame), mean endpoint time 18.0 ms instead of 30.0 ms simulated, 22.5 ms instead of 37.5 ms measured, IDF1 0.895 instead of 0.900"
	if got := a.String(); got != says {
		t.Errorf("got %s\nwant %s", got, says)
	}
	if got := b.String(); !strings.Contains(got, "simulated, not measured, IDF1") {
		t.Errorf("got %s", got)
	}
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
	if r.WithinNoise() {
		t.Error("4.5 ms off with a spread of 1 ms are not within noise")
	}
	parts := r.PartErrors()
	if len(parts) != 2 || math.Abs(parts[0].Error+0.2) > 1e-12 || math.Abs(parts[0].OfWhole+0.4*0.005/0.0225) > 1e-12 || math.Abs(parts[1].OfWhole+0.0025/0.0225) > 1e-12 {
		t.Errorf("parts %+v", parts)
	}
	if _, ok := r.Cancels(); ok {
		t.Error("no part is further off than the whole")
	}
	r.Measured.Parts[1].Time.Mean = 0.018 // 5.5 ms more than it is predicted to take
	r.Stored.MeanEndpointTime = r.Measured.MeanEndpointTime
	if p, ok := r.Cancels(); !ok || p.Part.Name != "camera" {
		t.Errorf("cancels %+v, %v", p, ok)
	}
	sum, err := Summarise(swept())
	e := Find(sum.Errors, EndpointTime, Stored)
	if err != nil || math.Abs(*e.Median-0.2) > 1e-12 || len(sum.Trades) != 2 || sum.BestCutMeasured != "" || sum.SpeedupSimulated != nil {
		t.Errorf("summary %+v, %v", sum, err)
	}
}

func TestSweptTableGolden(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTable(&b, swept()); err != nil {
		t.Fatal(err)
	}
	golden.Check(t, filepath.Join("testdata", "swept.txt"), b.String())
}

func TestSweptCSV(t *testing.T) {
	var b bytes.Buffer
	if err := WriteCSV(&b, swept()); err != nil {
		t.Fatal(err)
	}
	recs, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	cell := func(row int, name string) string { return recs[row][slices.Index(recs[0], name)] }
	for name, want := range map[string]string{
		"param": "look.threshold", "value": "8", "share_on": "0.4", "endpoint_time_mean_sim_s": "0.018", "endpoint_time_mean_measured_s": "0.0225",
		"endpoint_time_mean_spread_s": "0.001", "endpoint_time_skipped_sim_s": "0.01", "endpoint_time_ran_measured_s": "0.0375", "error": "-0.2",
	} {
		if got := cell(3, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if got := cell(8, "endpoint_time_mean_measured_s") + cell(10, "endpoint_time_ran_sim_s"); got != "" {
		t.Errorf("what is missing is %q", got)
	}
}
