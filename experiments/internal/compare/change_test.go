package compare

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/edgeprune/edgeprune/experiments/internal/stat"
)

// settled is a value of so many samples.
func settled(v, half float64) Value {
	return Value{Metric: latency, Interval: stat.Interval{Value: v, Low: v - half, High: v + half, N: 40}, Settled: true}
}

func TestChanges(t *testing.T) {
	few := settled(1, 0.1)
	few.N = 3
	counted := func(v float64) Value { return Value{Interval: exactly(v), Exact: true, Settled: true} }
	for name, tt := range map[string]struct {
		from, to Value
		metric   Metric
		verdict  Verdict
		delta    string
		basis    string
	}{
		"more than the intervals":    {settled(1, 0.02), settled(1.1, 0.02), latency, Changed, "+10.00 %", "p<0.001 n=40+40"},
		"within the intervals":       {settled(1, 0.1), settled(1.05, 0.1), latency, Unchanged, "~", "p=0.489 n=40+40"},
		"equal":                      {settled(1, 0.1), settled(1, 0.1), latency, Unchanged, "=", "p=1.000 n=40+40"},
		"few samples":                {few, settled(2, 0.1), latency, Untested, "+100.00 %", "not tested"},
		"counted, and other":         {counted(100), counted(99), traffic, Changed, "-1.00 %", "exact"},
		"counted, and equal":         {counted(0), counted(0), traffic, Unchanged, "=", "exact"},
		"no ratio to nothing":        {counted(0), counted(7), traffic, Untested, "-", "no ratio"},
		"an interval down to zero":   {settled(1, 1), settled(2, 0.1), latency, Untested, "-", "no ratio"},
		"too far apart for a number": {counted(1e-300), counted(1e300), traffic, Untested, "-", "no ratio"},
		"points": {settled(0.02, 0.01), settled(-0.03, 0.01), Metric{Points: true}, Changed, "-5.00 points",
			"p<0.001 n=40+40"},
		"points that may be equal": {settled(0, 0.1), settled(0.05, 0.1), Metric{Points: true}, Unchanged, "~",
			"p=0.488 n=40+40"},
	} {
		c := changeOf(tt.metric, tt.from, tt.to)
		assert.Equal(t, tt.verdict, c.Verdict, name)
		assert.Equal(t, tt.delta, c.Delta(tt.metric), name)
		l := Line{Values: []Value{tt.from, tt.to}, Change: []Change{c}}
		assert.Equal(t, tt.basis, l.Basis(0), name)
	}
}

// A change is called one just where the interval of the ratio doesn't hold 1, which is where p
// is below 0.05.
func TestProbabilityAgreesWithTheInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		a, b := settled(1, 0.3*random.Float64()), settled(0.5+random.Float64(), 0.3*random.Float64())
		b.High += 0.2 * random.Float64()
		c := changeOf(latency, a, b)
		assert.Equal(t, c.Ratio.Low > 1 || c.Ratio.High < 1, c.P < Alpha, "%+v", c)
	}
}

// Runs of one distribution are called changed about as often as the note says.
func TestFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	sample := func() Value {
		all := make([]float64, 40)
		for i := range all {
			all[i] = 10 + random.NormFloat64()
		}
		return Value{Interval: stat.Median(all), Settled: true}
	}
	alarms := 0
	const trials = 4000
	for range trials {
		if changeOf(latency, sample(), sample()).Verdict == Changed {
			alarms++
		}
	}
	assert.Less(t, float64(alarms)/trials, 0.06)
	assert.Greater(t, float64(alarms)/trials, 0.01, "a test that never finds anything")
}

// Of a change that is there, half the width of the intervals tells how small it may be.
func TestRealChangesAreFound(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	found := 0
	for range 500 {
		var v [2]Value
		for k := range v {
			all := make([]float64, 40)
			for i := range all {
				all[i] = 10 + float64(k) + random.NormFloat64()
			}
			v[k] = Value{Interval: stat.Median(all), Settled: true}
		}
		if changeOf(latency, v[0], v[1]).Verdict == Changed {
			found++
		}
	}
	assert.Greater(t, found, 425)
}

func TestGeomean(t *testing.T) {
	line := func(ratio float64, ok bool) Line {
		return Line{Change: []Change{{Ratio: stat.Interval{Value: ratio, N: 1}, Settled: ok}}}
	}
	g := geomean([]Line{line(2, true), line(0.5, true), line(8, true), line(1000, false)}, 0)
	assert.InDelta(t, 2, g.Ratio, 1e-12)
	assert.Equal(t, "+100.00 %", g.Delta())
	assert.Equal(t, "of 3 of 4, the others are not settled or have no ratio", g.Basis(4))
	assert.Nil(t, geomean([]Line{line(2, false)}, 0))
	assert.Equal(t, "-", (*Geomean)(nil).Delta())
	assert.Equal(t, "of 0 of 4, the others are not settled or have no ratio", (*Geomean)(nil).Basis(4))
}

// What has too few samples for a test is not said to be unchanged.
func TestSentencesSayWhatIsNotTested(t *testing.T) {
	few := func(v float64) Value {
		of := settled(v, 0.1)
		of.N = 3
		return of
	}
	table := func(pairs ...[2]Value) *Table {
		all := &Table{Metric: latency, Found: Measured, Geomean: []*Geomean{nil}}
		for _, p := range pairs {
			all.Lines = append(all.Lines, Line{
				Case: "PP1", Values: p[:], Change: []Change{changeOf(latency, p[0], p[1])},
			})
		}
		return all
	}
	open, more := [2]Value{settled(1, 0.1), settled(1.01, 0.1)}, [2]Value{settled(1, 0.01), settled(1.1, 0.01)}
	untested, equal := [2]Value{few(1), few(2)}, [2]Value{few(1), few(1)}
	for want, of := range map[string]*Table{
		"not tested in 2 cases.":                                       table(untested, untested),
		"no change to be seen in 3 cases (1 not tested).":              table(open, untested, equal),
		"no change to be seen in 1 case.":                              table(equal),
		"changed in 1 of 2 cases (1 not tested), most PP1 (+10.00 %).": table(more, untested),
	} {
		assert.Equal(t, "latency, measured, B against A: "+want, of.sentence(0))
	}
}

func TestProbabilityInJSON(t *testing.T) {
	b, err := json.Marshal([]Probability{0.25, Probability(math.NaN())})
	require.NoError(t, err)
	assert.JSONEq(t, "[0.25, null]", string(b))
}

func TestTexts(t *testing.T) {
	ms := Unit{"ms", 1e-3}
	for text, v := range map[string]Value{
		"7.000 ± 0.052": settled(7e-3, 0.052e-3), "110.3 ± 4.8": settled(0.1103, 0.0048),
		"-0.0 ± 4.7": settled(-0.02e-3, 4.7e-3),
		"1200 ± 350": settled(1.2, 0.35), "12.35": settled(12.3456e-3, 0),
	} {
		assert.Equal(t, text, v.Text(ms))
	}
	v := settled(1e-3, 1e-3)
	v.Settled = false
	assert.Equal(t, "1.0 ± 1.0 ?", v.Text(ms))
}

func TestUnits(t *testing.T) {
	unit := func(m Metric, v float64) string {
		table := Table{Metric: m, Lines: []Line{{Values: []Value{{Interval: exactly(v)}}}}}
		return table.Unit().Name
	}
	assert.Equal(t, "s", unit(latency, 2))
	assert.Equal(t, "ms", unit(latency, 0.2))
	assert.Equal(t, "µs", unit(latency, 2e-5))
	assert.Equal(t, "s", unit(latency, 0))
	assert.Equal(t, "kB", unit(traffic, 2e4))
	assert.Equal(t, "bytes", unit(traffic, 7))
	assert.Equal(t, "mJ", unit(energyOfAll, 0.2))
	assert.Equal(t, "frames/s", unit(throughput, 12))
	assert.Equal(t, "%", unit(Metric{Points: true}, 12))
}
