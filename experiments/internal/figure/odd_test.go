package figure

import (
	"errors"
	"math"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/recorder"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/stat"
	"github.com/edgeprune/edgeprune/experiments/internal/timeline"
)

// pages are all figures of a sweep.
var pages = map[string]func(*result.Sweep) (*page, error){
	"endpoint time": endpointTimePage, "two endpoints": twoEndpointsPage, "speed-up": speedupPage,
	"part errors": partErrorsPage, "parameter": parameterPage, "mappings": mappingsPage,
	"predictions": predictionsPage,
	"quality":     func(s *result.Sweep) (*page, error) { return qualityPage(s, endpointTime) },
	"latency": func(s *result.Sweep) (*page, error) {
		return sweepPage(s, "latency", []metric{latency, throughput}, false)
	},
}

// Every figure of a sweep is drawn or says that there is nothing to draw, whatever its
// numbers are: zeros, one row, infinite ones, none.
func TestFiguresOfAnyNumbers(t *testing.T) {
	value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom(odd))
	rapid.Check(t, func(t *rapid.T) {
		of := func() result.Stat {
			return result.Stat{Median: value.Draw(t, "median"), Low: value.Draw(t, "low"), High: value.Draw(t, "high"), N: 3}
		}
		interval := func() stat.Interval {
			return stat.Interval{Value: value.Draw(t, "value"), Low: value.Draw(t, "low"), High: value.Draw(t, "high"), N: 3}
		}
		outcome := func() *result.Outcome {
			return &result.Outcome{EndpointTime: of(), Latency: of(), Throughput: result.Rate{Interval: interval()},
				MeanEndpointTime: interval(), BoundaryBytes: rapid.Int64Range(0, 9).Draw(t, "bytes"),
				Parts: []result.Part{{Name: "a", Kind: result.Segment, OnEndpoint: true, Time: of()}}}
		}
		from := rapid.SampledFrom([]func() *result.Sweep{small, gated, mapped}).Draw(t, "sweep")
		s := from()
		s.Rows = s.Rows[:rapid.IntRange(0, min(4, len(s.Rows))).Draw(t, "rows")]
		for i := range s.Rows {
			r := &s.Rows[i]
			r.Stored, r.Measured = outcome(), nil
			if rapid.Bool().Draw(t, "measured") {
				r.Measured = outcome()
			}
			for k := range r.Quality {
				r.Quality[k] = value.Draw(t, "quality")
			}
		}
		s.TwoEndpoints = nil
		s.Factors = []result.FactorPoint{{Slowdown: value.Draw(t, "slowdown"), SimSpeedup: interval()}}
		for name, f := range pages {
			p, err := f(s)
			if errors.Is(err, ErrNothing) {
				continue
			}
			require.NoError(t, err, name)
			var rec recorder.Canvas
			vg.Initialize(&rec)
			p.draw(draw.NewCanvas(&rec, p.width, p.height))
		}
	})
}

// A model's cuts and a timeline are drawn where all are one, or take no time.
func TestFiguresOfOneValue(t *testing.T) {
	dir := t.TempDir()
	for _, cuts := range [][]ModelCut{
		{{Name: "a", Bytes: 7, HeadMACs: -1}},
		{{Name: "a", Bytes: 7, Depth: 3}, {Name: "b", Bytes: 7, Depth: 3, Point: 1}},
		{{Name: "a", Bytes: math.MaxInt64, Depth: 1}, {Name: "b", Bytes: 1, Depth: 2}},
	} {
		paths, err := ModelCuts(filepath.Join(dir, "cuts"), Model{Name: "m", MACs: 1, Cuts: cuts}, result.WriteFile)
		require.NoError(t, err)
		require.Len(t, paths, 2)
	}
	none := &timeline.View{
		Instances: []string{""}, Of: 1, Actors: []string{"a"},
		Lanes: []timeline.Lane{{Rows: 1, Blocks: []timeline.Block{{}}}},
	}
	paths, err := Gantt(filepath.Join(dir, "gantt"), none, "")
	require.NoError(t, err)
	require.Len(t, paths, 2)
}
