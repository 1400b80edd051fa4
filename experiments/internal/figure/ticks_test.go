package figure

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"pgregory.net/rapid"
)

// odd are values that axes have failed on, and others of their kinds.
var odd = []float64{
	0, math.Copysign(0, -1), 1, -1, 99.99999999999996, 100, math.Nextafter(100, 101), 3.5, 5e-324, 1e-300, 1e300,
	math.MaxFloat64, -math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(), 1e15, 1e15 + 1, 0.1, 0.3,
}

// Ticks end, are in order, within the axis and labelled differently, whatever its ends are.
func TestTicksOfAnyRange(t *testing.T) {
	value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom(odd))
	rapid.Check(t, func(t *rapid.T) {
		lo, hi := value.Draw(t, "lo"), value.Draw(t, "hi")
		for _, m := range []plot.Ticker{linearTicks{}, logTicks{}} {
			last, label := math.Inf(-1), "none"
			for _, k := range m.Ticks(lo, hi) {
				require.GreaterOrEqual(t, k.Value, lo, "%T", m)
				require.LessOrEqual(t, k.Value, hi, "%T", m)
				require.Greater(t, k.Value, last, "%T", m)
				if last = k.Value; !k.IsMinor() {
					require.NotEqual(t, label, k.Label, "%T", m)
					label = k.Label
				}
			}
		}
	})
}

// An axis between any two values has ends in order, every value a finite place, and two labels.
func TestAxisOfAnyRange(t *testing.T) {
	value := rapid.OneOf(rapid.Float64(), rapid.SampledFrom(odd))
	rapid.Check(t, func(t *rapid.T) {
		lo, hi, x := value.Draw(t, "lo"), value.Draw(t, "hi"), value.Draw(t, "x")
		linear, log := newPanel("", "", ""), newPanel("", "", "")
		linear.Y.Min, linear.Y.Max = lo, hi
		logAxis(&log.Y, min(lo, hi), max(lo, hi))
		for _, p := range []*plot.Plot{linear, log} {
			fit(&p.Y)
			require.Less(t, p.Y.Min, p.Y.Max)
			require.False(t, math.IsNaN(p.Y.Norm(x)) || math.Abs(p.Y.Norm(x)) > 1+beyond, "%v at %v", x, p.Y.Norm(x))
			require.InDelta(t, 0, p.Y.Norm(p.Y.Min), 1e-9)
			require.InDelta(t, 1, p.Y.Norm(p.Y.Max), 1e-9)
			labels := 0
			for _, k := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
				if !k.IsMinor() {
					labels++
				}
			}
			require.GreaterOrEqual(t, labels, 2, "axis from %v to %v", p.Y.Min, p.Y.Max)
			require.LessOrEqual(t, labels, 12, "axis from %v to %v", p.Y.Min, p.Y.Max)
		}
	})
}

func TestTicksOfNearEnds(t *testing.T) {
	lo := 99.99999999999996
	ticks := linearTicks{}.Ticks(lo, 100)
	require.NotEmpty(t, ticks)
	assert.LessOrEqual(t, len(ticks), 10)
	for _, k := range ticks {
		assert.True(t, k.Value >= lo && k.Value <= 100, "%v", k.Value)
	}
}

// Zero has no place on a logarithmic axis, unless there is nothing else.
func TestLogAxisOfZeros(t *testing.T) {
	p := newPanel("", "", "")
	logAxis(&p.Y, 0, 0)
	assert.Equal(t, 0.0, p.Y.Norm(0), "zeros alone lie at the axis's begin")
	logAxis(&p.Y, 0, 50)
	assert.Greater(t, p.Y.Min, 0.0)
	assert.Negative(t, p.Y.Norm(0))
	assert.InDelta(t, 1, p.Y.Norm(65), 1e-9)
}

// One value makes an axis with labels.
func TestLogAxisOfOneValue(t *testing.T) {
	for _, v := range []float64{3.5, 1, 7, 1.5e-9, 4.2e12} {
		p := newPanel("", "", "")
		logAxis(&p.Y, v, v)
		var labels []string
		for _, k := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
			if !k.IsMinor() {
				labels = append(labels, k.Label)
			}
		}
		assert.GreaterOrEqual(t, len(labels), 2, "%v: labels %q", v, labels)
	}
}
