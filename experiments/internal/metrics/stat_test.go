package metrics

import (
	"math"
	"testing"

	"github.com/edgeprune/edgeprune/core/quantile"
	"github.com/edgeprune/edgeprune/experiments/internal/result"
	"github.com/stretchr/testify/assert"
)

// described describes samples in seconds.
func described(samples []float64, stop string) result.Stat {
	var c quantile.Counts
	for _, s := range samples {
		c.Add(int64(math.Round(s * 1e9)))
	}
	return describe(&c, stop)
}

func TestDescribe(t *testing.T) {
	in := []float64{5, 1, 4, 2, 3, 6}
	st := described(in, "why")
	assert.Equal(t, 3.5, st.Median)
	assert.Equal(t, 1.0, st.Low)
	assert.Equal(t, 6.0, st.High)
	assert.Equal(t, 6.0, st.P95)
	assert.Equal(t, 6.0, st.P99)
	assert.Equal(t, 1.0, st.Min)
	assert.Equal(t, 6.0, st.Max)
	assert.Equal(t, 6, st.N)
	assert.Equal(t, "why", st.Stop)
	st = described([]float64{2, 1, 9}, "")
	assert.Equal(t, 2.0, st.Median, "too few for an interval: got %+v, want the range", st)
	assert.Equal(t, 1.0, st.Low, "too few for an interval: got %+v, want the range", st)
	assert.Equal(t, 9.0, st.High, "too few for an interval: got %+v, want the range", st)
	st = described(nil, "none")
	assert.Equal(t, 0, st.N)
	assert.Equal(t, "none", st.Stop)
	hundred := make([]float64, 100)
	for i := range hundred {
		hundred[i] = float64(i + 1)
	}
	st = described(hundred, "")
	assert.Equal(t, 50.5, st.Median)
	assert.Equal(t, 95.0, st.P95)
	assert.Equal(t, 99.0, st.P99)
}
