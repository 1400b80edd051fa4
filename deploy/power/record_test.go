package power_test

import (
	"errors"
	"path"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/edgeprune/edgeprune/core/energy"
	"github.com/edgeprune/edgeprune/deploy/power"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func fsMatch(pattern, name string) (bool, error) { return path.Match(pattern, name) }

// ramp is a meter on a clock of its own: every reading takes 1 ms, and its power is 5 W and
// 2 W more for every second. Its second rail fails at every other reading, its third always.
type ramp struct {
	ns    atomic.Int64
	reads atomic.Int64
}

func (r *ramp) About() power.About {
	return power.About{Name: "ramp", Period: 10 * time.Millisecond, Rails: []power.Rail{
		{Label: "a", InTotal: true}, {Label: "b"}, {Label: "c"},
	}}
}

func (r *ramp) Read() []power.Reading {
	n := r.reads.Add(1)
	w := 5 + 2*float64(r.ns.Add(1e6)-5e5)*1e-9 // in the middle of the reading
	second, never := power.Reading{Value: w}, power.Reading{Err: errors.New("bus error")}
	if n%2 == 0 {
		second = power.Reading{Err: errors.New("busy")}
	}
	return []power.Reading{{Value: w}, second, never}
}

// clock is the clock of a ramp; 9 ms pass between two readings.
func (r *ramp) clock() int64 { return r.ns.Load() }

func TestRecord(t *testing.T) {
	m := &ramp{}
	rec := power.Record([]power.Meter{m}, m.clock)
	require.Eventually(t, func() bool { return m.reads.Load() >= 20 }, 20*time.Second, time.Millisecond)
	sofar, err := rec.Live()
	require.NoError(t, err)
	assert.Positive(t, sofar.Joules)
	got := rec.Stop()
	live, err := rec.Live()
	require.NoError(t, err)
	assert.Greater(t, live.Joules, sofar.Joules, "it goes on to the last sample")
	whole, err := got.TotalOver([]energy.Interval{{FromNs: 0, ToNs: m.ns.Load()}})
	require.NoError(t, err)
	assert.InEpsilon(t, whole.Joules, live.Joules, 1e-9)
	assert.Equal(t, whole.CoveredNs, live.CoveredNs)
	require.Len(t, got.Series, 3)
	assert.Equal(t, []int{0}, got.Total)
	a, b, c := got.Series[0], got.Series[1], got.Series[2]
	require.GreaterOrEqual(t, len(a.Samples), 20)
	assert.Less(t, len(b.Samples), len(a.Samples))
	assert.Empty(t, c.Samples, "what can't be read has no sample")
	assert.Equal(t, int64(10*time.Millisecond), a.MeterPeriodNs)
	assert.Equal(t, []power.Missing{{Name: "ramp, b", Why: "busy"}, {Name: "ramp, c", Why: "bus error"}}, got.Missing)

	from, to := a.Samples[0].AtNs, a.Samples[len(a.Samples)-1].AtNs
	s := float64(to-from) * 1e-9
	want := 5*s + float64(to+from)*1e-9*s
	sum, err := got.TotalOver([]energy.Interval{{FromNs: from, ToNs: to}})
	require.NoError(t, err)
	assert.InEpsilon(t, want, sum.Joules, 0.005)
	_, err = c.Between(from, to)
	require.ErrorIs(t, err, energy.ErrMissing)
}

func TestCSV(t *testing.T) {
	const file = "# a bench supply\ntime_s,supply_w,counter_j\n10,4,100\n10.5,5,\n11,6,105\n11.5,7,108\n"
	got, err := power.ReadCSV("m.csv", strings.NewReader(file), -10*time.Second, 0)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, "supply", got[0].Rail)
	assert.Equal(t, int64(500e6), got[0].SamplePeriodNs)
	a, err := got[0].Between(0, 1e9)
	require.NoError(t, err)
	assert.InDelta(t, 5, a.Joules, 1e-9, "the offset puts the meter's 10 s at 0")
	a, err = got[1].Between(0, 1e9)
	require.NoError(t, err)
	assert.InDelta(t, 5, a.Joules, 1e-9)

	const dated = "time,all_w\n2026-03-01T10:00:00Z,2\n2026-03-01T10:00:00.5Z,4\n"
	began := time.Date(2026, 3, 1, 9, 59, 58, 0, time.UTC).UnixNano()
	got, err = power.ReadCSV("m.csv", strings.NewReader(dated), -time.Second, began)
	require.NoError(t, err)
	a, err = got[0].Between(1e9, 1.5e9)
	require.NoError(t, err)
	assert.InDelta(t, 1.5, a.Joules, 1e-9)
}

func TestBadCSV(t *testing.T) {
	for file, want := range map[string]string{
		"":           "m.csv is empty; expected a line such as time_s,supply_w",
		"when,a_w\n": `m.csv: the first column is "when"; expected time_s or time`,
		"time_s\n": "m.csv has only a column of times; expected one of watts beside it, " +
			"such as supply_w",
		"time_s,supply\n": `m.csv: column "supply" has no unit; expected a name that ends in _w for watts ` +
			`or in _j for joules of a counter`,
		"time_s,a_w\n1,x\n":              `m.csv:2: a_w is "x"; expected a number, or nothing where it is missing`,
		"time_s,a_w\n1,NaN\n":            `m.csv:2: a_w is "NaN"; expected a number, or nothing where it is missing`,
		"time_s,a_w\n1,2\n1,3\n":         "m.csv:3: its time is not after that of the line before",
		"time_s,a_w\nx,2\n":              `m.csv:2: time_s is "x"; expected seconds`,
		"time,a_w\n10:00,2\n":            `m.csv:2: time is "10:00"; expected one such as 2026-03-01T10:00:00.25Z`,
		"time_s,a_w\n1,2\n2,\n":          "m.csv: column a_w has 1 values; expected two at least",
		"time_s,a_w\n1,2,3\n":            "m.csv: record on line 2: wrong number of fields",
		"time_s,a_w\n1,2\n# x\n\n3,\"\n": `m.csv: parse error on line 5, column 5: extraneous or missing " in quoted-field`,
	} {
		_, err := power.ReadCSV("m.csv", strings.NewReader(file), 0, 0)
		require.ErrorIs(t, err, power.ErrFile, file)
		assert.Equal(t, "bad file of an external meter: "+want, err.Error(), file)
	}
}
