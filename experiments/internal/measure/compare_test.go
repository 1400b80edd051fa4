package measure

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/trace"
	"github.com/stretchr/testify/assert"
)

func results(values ...[]float32) []trace.Result {
	var rs []trace.Result
	for i, v := range values {
		rs = append(rs, trace.Result{Frame: int64(i), Values: v})
	}
	return rs
}

func TestCompareResults(t *testing.T) {
	want := results([]float32{1, 2}, []float32{0})
	nan := float32(math.NaN())
	for _, tt := range []struct {
		name  string
		got   []trace.Result
		worst float64
		ok    bool
	}{
		{"same bits", results([]float32{1, 2}, []float32{0}), 0, true},
		{"rounding", results([]float32{1, 2.0002}, []float32{0}), 1e-4, true},
		{"too far", results([]float32{1, 2.01}, []float32{0}), 0, false},
		{"not zero", results([]float32{1, 2}, []float32{1e-3}), 0, false},
		{"not a number", results([]float32{1, nan}, []float32{0}), 0, false},
		{"a value more", results([]float32{1, 2, 3}, []float32{0}), 0, false},
		{"a frame less", results([]float32{1, 2}), 0, false},
	} {
		worst, err := compareResults(tt.got, want)
		assert.Equal(t, tt.ok, (err == nil), tt.name)
		assert.LessOrEqual(t, math.Abs(worst-tt.worst), 1e-6, tt.name)
	}
}

func TestSameResults(t *testing.T) {
	want := results([]float32{1}, []float32{2}, []float32{3})
	again := trace.Result{Frame: 1, Values: []float32{2}}
	for _, tt := range []struct {
		name   string
		got    []trace.Result
		frames int
		ok     bool
	}{
		{"all", want, 3, true},
		{"a run that had enough", want[:2], 2, true},
		{"the last lost", want[:2], 3, false},
		{"the first lost", want[1:], 2, false},
		{"doubled", []trace.Result{want[0], want[1], again}, 3, false},
		{"reordered", []trace.Result{want[1], want[0]}, 2, false},
		{"more than can be", append(results([]float32{1}, []float32{2}, []float32{3}), trace.Result{Frame: 3}), 4, false},
		{"off by rounding", results([]float32{1}, []float32{2.000001}), 2, false},
		{"off", results([]float32{1}, []float32{4}), 2, false},
		{"nothing", nil, 0, false},
	} {
		err := SameResults("p", tt.got, want, tt.frames)
		assert.Equal(t, tt.ok, (err == nil), tt.name)
		if err != nil {
			assert.ErrorIs(t, err, ErrWrong, tt.name)
		}
	}
}
