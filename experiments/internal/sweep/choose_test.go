package sweep

import (
	"testing"

	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/edgeprune/edgeprune/experiments/internal/spec"
	"github.com/stretchr/testify/assert"
)

func TestSpread(t *testing.T) {
	for _, tt := range []struct {
		total, n int
		want     []int
	}{
		{0, 3, nil}, {5, 0, nil}, {5, 1, []int{0}}, {1, 4, []int{0}}, {5, 2, []int{0, 4}}, {5, 3, []int{0, 2, 4}},
		{4, 4, []int{0, 1, 2, 3}}, {4, 9, []int{0, 1, 2, 3}}, {27, 8, []int{0, 4, 7, 11, 15, 19, 22, 26}},
	} {
		assert.Equal(t, tt.want, spread(tt.total, tt.n), "spread(%d, %d)", tt.total, tt.n)
	}
}

// sweepOf makes rows of one endpoint and link: the baselines, then for every
// partition point from 2 the times of its codecs none and, if given, fp16.
func sweepOf(link string, times ...[]float64) []result.Row {
	row := func(pp int, b result.Baseline, codec string, time float64, raw bool) result.Row {
		r := result.Row{Case: result.Case{Endpoint: "e", Link: link, PP: pp, Baseline: b, Codec: codec, RawFrame: raw}}
		if time > 0 {
			r.Stored = &result.Outcome{EndpointTime: result.Stat{Median: time}}
		}
		return r
	}
	rows := []result.Row{row(99, result.AllOnEndpoint, "none", 1, false), row(1, result.RawToServer, "none", 1, true),
		row(1, result.JPEGToServer, "jpeg", 1, true)}
	for i, of := range times {
		for c, s := range of {
			rows = append(rows, row(2+i, "", []string{"none", "fp16"}[c], s, i == 0))
		}
	}
	return rows
}

// cutsOf is an experiment that compares cuts, and has nothing else.
func cutsOf(m spec.Measure) *Experiment {
	x := &Experiment{Spec: &spec.Spec{Measure: m}}
	x.Kind = &cuts{unvaried{x}}
	return x
}

func TestChoose(t *testing.T) {
	// PP2 sends raw frames, so that its speed doesn't count; PP7 under fp16 is best.
	times := [][]float64{{0.1}, {9}, {8, 9}, {7}, {6}, {5, 2}, {4}, {8}, {9}, {9}}
	rows := sweepOf("l", times...)
	// Indices: 0-2 baselines, 3 PP2, 4 PP3, 5-6 PP4, 7 PP5, 8 PP6, 9-10 PP7, 11 PP8, 12 PP9, 13 PP10, 14 PP11.
	for _, tt := range []struct {
		name   string
		effort Effort
		want   []int
	}{
		{"standard: ends, middle, best with its codecs and neighbours", Standard, []int{0, 1, 2, 3, 8, 9, 10, 11, 14}},
		{"quick: ends, best with its codecs", Quick, []int{0, 1, 2, 3, 9, 10, 14}},
		{"complete", Complete, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}},
	} {
		x := cutsOf(spec.Measure{Cuts: 5, QuickCuts: 3})
		assert.Equal(t, tt.want, x.Choose(rows, tt.effort), tt.name)
	}
}

// The best cut may lie at an end of the network, where it has one neighbour.
func TestChooseAtTheEnd(t *testing.T) {
	rows := sweepOf("l", []float64{9}, []float64{8}, []float64{1})
	got, want := cutsOf(spec.Measure{Cuts: 1}).Choose(rows, Standard), []int{0, 1, 2, 3, 4, 5}
	assert.Equal(t, want, got)
}

// Every endpoint and link gets its own choice; a quick run measures the first.
func TestChoosePerGroup(t *testing.T) {
	rows := append(sweepOf("wired", []float64{9}, []float64{1}), sweepOf("wireless", []float64{9}, []float64{1})...)
	x := cutsOf(spec.Measure{Cuts: 2, QuickCuts: 2})
	got, want := x.Choose(rows, Standard), []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	assert.Equal(t, want, got)
	got, want = x.Choose(rows, Quick), []int{0, 1, 2, 3, 4}
	assert.Equal(t, want, got, "quick")
}

// Without a prediction nothing is best, but the cuts are still spread.
func TestChooseWithoutPredictions(t *testing.T) {
	got := cutsOf(spec.Measure{Cuts: 2}).Choose(sweepOf("l", []float64{0}, []float64{0}, []float64{0}), Standard)
	for _, must := range []int{0, 1, 2, 3, 5} {
		assert.Contains(t, got, must, "chose %v without", got)
	}
}

// A standard run may measure some groups only: those that have an endpoint and a link of
// their own come first.
func TestChooseFewGroups(t *testing.T) {
	var rows []result.Row
	for _, g := range [][2]string{{"slow", "wired"}, {"slow", "wireless"}, {"fast", "wired"}, {"fast", "wireless"}} {
		rows = append(rows, result.Row{Case: result.Case{Endpoint: g[0], Link: g[1], Baseline: result.AllOnEndpoint}})
	}
	for groups, want := range map[int][]int{0: {0, 1, 2, 3}, 1: {0}, 2: {0, 3}, 3: {0, 1, 3}, 9: {0, 1, 2, 3}} {
		x := cutsOf(spec.Measure{Cuts: 1, QuickCuts: 1, Groups: groups})
		assert.Equal(t, want, x.Choose(rows, Standard), "%d groups", groups)
		assert.Equal(t, want, x.Headline(rows, Standard), "headline of %d groups", groups)
		assert.Len(t, x.Choose(rows, Complete), 4, "a complete run measures")
	}
}
