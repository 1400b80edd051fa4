package energy_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/edgeprune/edgeprune/core/energy"
)

const ms = int64(1e6)

// sampled reads a power every step from 0 to end.
func sampled(power func(s float64) float64, step, end int64) *energy.Series {
	s := &energy.Series{Meter: "ina3221", Rail: "VDD_IN"}
	for at := int64(0); at <= end; at += step {
		s.Samples = append(s.Samples, energy.Sample{AtNs: at, Value: power(float64(at) * 1e-9)})
	}
	return s
}

// counted is what a counter shows of the same power's integral.
func counted(integral func(s float64) float64, wrap float64, step, end int64) *energy.Series {
	s := &energy.Series{Meter: "rapl", Rail: "package-0", Counter: true, WrapJoules: wrap}
	for at := int64(0); at <= end; at += step {
		v := integral(float64(at) * 1e-9)
		if wrap > 0 {
			v = math.Mod(v, wrap)
		}
		s.Samples = append(s.Samples, energy.Sample{AtNs: at, Value: v})
	}
	return s
}

func TestKnownIntegrals(t *testing.T) {
	for name, c := range map[string]struct {
		power, integral func(s float64) float64
	}{
		"constant": {func(float64) float64 { return 7.5 }, func(s float64) float64 { return 7.5 * s }},
		"ramp":     {func(s float64) float64 { return 2 + 3*s }, func(s float64) float64 { return 2*s + 1.5*s*s }},
		"sine": {func(s float64) float64 { return 10 + 5*math.Sin(4*s) },
			func(s float64) float64 { return 10*s + 1.25*(1-math.Cos(4*s)) }},
		"exponential": {func(s float64) float64 { return 20 * math.Exp(-s) },
			func(s float64) float64 { return 20 * (1 - math.Exp(-s)) }},
	} {
		t.Run(name, func(t *testing.T) {
			for _, w := range []energy.Interval{{0, 5000 * ms}, {1234 * ms, 3777 * ms}, {10 * ms, 4999 * ms}} {
				want := c.integral(float64(w.ToNs)*1e-9) - c.integral(float64(w.FromNs)*1e-9)
				for _, s := range []*energy.Series{
					sampled(c.power, 20*ms, 5000*ms),
					counted(c.integral, 0, 20*ms, 5000*ms),
					counted(c.integral, 11, 20*ms, 5000*ms), // begins again at 11 J, four times and more
				} {
					got, err := s.Between(w.FromNs, w.ToNs)
					require.NoError(t, err)
					assert.InEpsilon(t, want, got.Joules, 0.005, s.Meter)
					assert.InDelta(t, want, got.Joules, got.BoundJoules+want*1e-3, "the bound holds")
					assert.InDelta(t, 1, got.Coverage(), 1e-12)
					assert.InEpsilon(t, want/(float64(w.ToNs-w.FromNs)*1e-9), got.Watts(), 0.005)
				}
			}
		})
	}
}

// The bound of a step power: the meter saw the step somewhere between two samples.
func TestBoundHoldsForSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.Float64Range(0, 2).Draw(t, "at")
		low, high := rapid.Float64Range(0, 10).Draw(t, "low"), rapid.Float64Range(0, 10).Draw(t, "high")
		s := sampled(func(now float64) float64 {
			if now < at {
				return low
			}
			return high
		}, 100*ms, 2000*ms)
		from := rapid.Int64Range(0, 1000*ms).Draw(t, "from")
		to := rapid.Int64Range(from+1, 2000*ms).Draw(t, "to")
		got, err := s.Between(from, to)
		require.NoError(t, err)
		before := max(0, min(at, float64(to)*1e-9)-float64(from)*1e-9)
		want := low*before + high*(float64(to-from)*1e-9-before)
		assert.InDelta(t, want, got.Joules, got.BoundJoules+1e-9)
	})
}

func TestGapsAreNotCovered(t *testing.T) {
	s := sampled(func(float64) float64 { return 4 }, 100*ms, 1000*ms)
	s.Samples = append(s.Samples[:3], s.Samples[7:]...) // nothing from 200 to 700 ms
	s.GapNs = 250 * ms
	got, err := s.Between(0, 1000*ms)
	require.NoError(t, err)
	assert.Equal(t, 500*ms, got.CoveredNs)
	assert.InDelta(t, 0.5, got.Coverage(), 1e-12)
	assert.InDelta(t, 2, got.Joules, 1e-9, "what is not covered is not made up")
	assert.InDelta(t, 4, got.Watts(), 1e-9)

	_, err = s.Between(300*ms, 600*ms)
	require.ErrorIs(t, err, energy.ErrMissing)
	assert.EqualError(t, err, "energy is not known: ina3221, rail VDD_IN: none of its 7 samples cover the time asked for")

	got, err = s.Between(900*ms, 1900*ms) // the meter stopped
	require.NoError(t, err)
	assert.InDelta(t, 0.1, got.Coverage(), 1e-12)
}

func TestOverIsTheUnion(t *testing.T) {
	s := sampled(func(s float64) float64 { return 1 + s }, 10*ms, 1000*ms)
	all := []energy.Interval{{500 * ms, 700 * ms}, {100 * ms, 300 * ms}, {200 * ms, 400 * ms}, {50 * ms, 50 * ms}}
	got, err := s.Over(all)
	require.NoError(t, err)
	assert.Equal(t, []energy.Interval{{100 * ms, 400 * ms}, {500 * ms, 700 * ms}}, energy.Union(all))
	assert.InEpsilon(t, 0.3*(1+0.25)+0.2*(1+0.6), got.Joules, 1e-9)
	assert.Equal(t, 500*ms, got.WholeNs)
}

func TestTotalNeedsEveryRail(t *testing.T) {
	gpu := sampled(func(float64) float64 { return 3 }, 10*ms, 100*ms)
	cpu := sampled(func(float64) float64 { return 2 }, 5*ms, 100*ms)
	whole := []energy.Interval{{0, 100 * ms}}
	got, err := energy.Total([]*energy.Series{gpu, cpu}, whole)
	require.NoError(t, err)
	assert.InEpsilon(t, 0.5, got.Joules, 1e-9)
	cpu.Samples = nil
	_, err = energy.Total([]*energy.Series{gpu, cpu}, whole)
	require.ErrorIs(t, err, energy.ErrMissing, "a missing rail is not 0")
	_, err = energy.Total(nil, whole)
	require.ErrorIs(t, err, energy.ErrMissing)
}

func TestBadSamples(t *testing.T) {
	for want, s := range map[string]energy.Series{
		"sample 1 at 5 ns comes after one at 5 ns": {Samples: []energy.Sample{{5, 1}, {5, 1}}},
		"sample 0 is NaN":                          {Samples: []energy.Sample{{5, math.NaN()}}},
		"sample 1 is 2 J after 3 J, and the counter has no end at which it begins again": {
			Counter: true, Samples: []energy.Sample{{1, 3}, {2, 2}},
		},
		"sample 0 is 9 J, the counter goes from 0 to 8 J": {
			Counter: true, WrapJoules: 8, Samples: []energy.Sample{{1, 9}},
		},
	} {
		s.Meter, s.Rail = "m", "r"
		_, err := s.Between(0, 10)
		require.ErrorIs(t, err, energy.ErrSamples)
		assert.EqualError(t, err, "bad samples of a meter: m, rail r: "+want)
	}
}

// A meter that shows 4 W rising to 6 W over two seconds.
func ExampleSeries_Between() {
	s := energy.Series{Meter: "ina3221", Rail: "VDD_IN", Samples: []energy.Sample{{0, 4}, {1e9, 5}, {2e9, 6}}}
	a, err := s.Between(0, 2e9)
	fmt.Printf("%.1f J ± %.1f J, %.1f W, %v\n", a.Joules, a.BoundJoules, a.Watts(), err)
	// Output: 10.0 J ± 1.0 J, 5.0 W, <nil>
}
