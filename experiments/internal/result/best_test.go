package result

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

func TestBestLeavesOutRawFramesAndBaselines(t *testing.T) {
	s := sweep()
	s.Rows[2].RawFrame = true // PP1 only normalises the frame
	sum, err := Summarise(s)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Groups[0].BestCutSimulated != "PP2" || sum.Groups[0].BestCutMeasured != "PP2" {
		t.Errorf("best cuts %+v", sum.Groups[0].Figures)
	}
	near(t, "regret of the right choice", sum.Groups[0].BestCutRegret, 0)
}

func TestRegretNeedsTheMeasurementOfThePredictedBest(t *testing.T) {
	s := sweep()
	s.Rows[2].Measured = nil
	sum, err := Summarise(s)
	if err != nil {
		t.Fatal(err)
	}
	if sum.BestCutSimulated != "PP1" || sum.BestCutMeasured != "PP2" || sum.BestCutRegret != nil {
		t.Errorf("got %+v", sum.Figures)
	}
}

func TestSpeedupNeedsItsBaseline(t *testing.T) {
	s := sweep()
	s.Rows = s.Rows[1:5]
	sum, err := Summarise(s)
	if err != nil {
		t.Fatal(err)
	}
	if sum.SpeedupMeasured != nil || sum.SpeedupSimulated != nil || sum.BestCutMeasured != "PP2" {
		t.Errorf("got %+v", sum.Figures)
	}
}

func TestHeadlineIsTheLargestMeasuredGain(t *testing.T) {
	s := sweep()
	// The fast endpoint's simulated 5 x would beat nothing that was measured.
	s.Rows[2].Measured, s.Rows[3].Measured = outcome(0.9, 1), outcome(0.8, 1)
	sum, err := Summarise(s)
	if err != nil {
		t.Fatal(err)
	}
	if sum.Headline != "slow, wired" {
		t.Errorf("headline %q", sum.Headline)
	}
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 1/0.8)
	s.Rows[5].Measured, s.Rows[6].Measured = outcome(0.5, 1), outcome(0.1, 1)
	if sum, err = Summarise(s); err != nil {
		t.Fatal(err)
	}
	if sum.Headline != "fast, wired" || sum.BestCutMeasured != "PP1" {
		t.Errorf("headline %q, %q", sum.Headline, sum.BestCutMeasured)
	}
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 5)
}

func TestSweepRoundTrip(t *testing.T) {
	want := tableSweep()
	v := stat.Interval{Value: 4.5, Low: 4, High: 5, N: 8}
	want.Factors = []FactorPoint{{Slowdown: 2, SimSpeedup: stat.Interval{Value: 3}, BestCut: "PP1"}, {Slowdown: 4, SimSpeedup: stat.Interval{Value: 5}, MeasuredSpeedup: &v}}
	b, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Sweep
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(&got, want) {
		t.Errorf("got %+v, want %+v", got, *want)
	}
}

func TestServerPartsBelongToTheLatency(t *testing.T) {
	part := func(s float64) []Part { return []Part{{Name: "tail", Kind: Segment, Time: statOf(s, 0)}} }
	r := Row{Stored: outcome(1, 2), Measured: outcome(1, 2)}
	r.Stored.Parts, r.Measured.Parts = part(0.6), part(0.4)
	p, ok := r.Cancels()
	if !ok || p.Part.Name != "tail" {
		t.Fatalf("got %+v %v", p, ok)
	}
	near(t, "share of the latency", &p.OfWhole, 0.1)
	r.Stored.Parts = part(0.41) // less than the latency's spread of 1 %
	if _, ok := r.Cancels(); ok {
		t.Error("an error within the spread cancels nothing")
	}
	r.Stored.Parts = []Part{{Name: "other", Kind: Segment}}
	if errs := r.PartErrors(); len(errs) != 0 {
		t.Errorf("a part of one driver alone has no error: %+v", errs)
	}
}
