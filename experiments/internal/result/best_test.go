package result

import (
	"encoding/json"
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBestLeavesOutRawFramesAndBaselines(t *testing.T) {
	s := sweep()
	s.Rows[2].RawFrame = true // PP1 only normalises the frame
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.Equal(t, "PP2", sum.Groups[0].BestCutSimulated, "best cuts %+v", sum.Groups[0].Figures)
	assert.Equal(t, "PP2", sum.Groups[0].BestCutMeasured, "best cuts %+v", sum.Groups[0].Figures)
	near(t, "regret of the right choice", sum.Groups[0].BestCutRegret, 0)
}

func TestRegretNeedsTheMeasurementOfThePredictedBest(t *testing.T) {
	s := sweep()
	s.Rows[2].Measured = nil
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.Equal(t, "PP1", sum.BestCutSimulated)
	assert.Equal(t, "PP2", sum.BestCutMeasured)
	assert.Nil(t, sum.BestCutRegret)
}

func TestSpeedupNeedsItsBaseline(t *testing.T) {
	s := sweep()
	s.Rows = s.Rows[1:5]
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.Nil(t, sum.SpeedupMeasured)
	assert.Nil(t, sum.SpeedupSimulated)
	assert.Equal(t, "PP2", sum.BestCutMeasured)
}

func TestHeadlineIsTheLargestMeasuredGain(t *testing.T) {
	s := sweep()
	// The fast endpoint's simulated 5 x would beat nothing that was measured.
	s.Rows[2].Measured, s.Rows[3].Measured = outcome(0.9, 1), outcome(0.8, 1)
	sum, err := Summarise(s)
	require.NoError(t, err)
	assert.Equal(t, "slow, wired", sum.Headline, "headline")
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 1/0.8)
	s.Rows[5].Measured, s.Rows[6].Measured = outcome(0.5, 1), outcome(0.1, 1)
	sum, err = Summarise(s)
	require.NoError(t, err)
	assert.Equal(t, "fast, wired", sum.Headline, "headline")
	assert.Equal(t, "PP1", sum.BestCutMeasured, "headline")
	near(t, "measured speed-up", valueOf(sum.SpeedupMeasured), 5)
}

func TestSweepRoundTrip(t *testing.T) {
	want := tableSweep()
	v := stat.Interval{Value: 4.5, Low: 4, High: 5, N: 8}
	want.Factors = []FactorPoint{{Slowdown: 2, SimSpeedup: stat.Interval{Value: 3}, BestCut: "PP1"},
		{Slowdown: 4, SimSpeedup: stat.Interval{Value: 5}, MeasuredSpeedup: &v}}
	b, err := json.Marshal(want)
	require.NoError(t, err)
	var got Sweep
	require.NoError(t, json.Unmarshal(b, &got))
	assert.Equal(t, want, &got, "got %+v, want %+v", got, *want)
}

func TestServerPartsBelongToTheLatency(t *testing.T) {
	part := func(s float64) []Part { return []Part{{Name: "tail", Kind: Segment, Time: statOf(s, 0)}} }
	r := Row{Stored: outcome(1, 2), Measured: outcome(1, 2)}
	r.Stored.Parts, r.Measured.Parts = part(0.6), part(0.4)
	p, ok := r.Cancels()
	require.True(t, ok)
	require.Equal(t, "tail", p.Part.Name)
	near(t, "share of the latency", &p.OfWhole, 0.1)
	r.Stored.Parts = part(0.41) // less than the latency's spread of 1 %
	_, ok = r.Cancels()
	assert.False(t, ok, "an error within the spread cancels nothing")
	r.Stored.Parts = []Part{{Name: "other", Kind: Segment}}
	assert.Empty(t, r.PartErrors(), "a part of one driver alone has no error")
}
