package arrival_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/edgeprune/edgeprune/core/arrival"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecordsAreRead(t *testing.T) {
	for _, c := range []struct{ text, column string }{
		{"0\n0.5\n# a pause\n\n0.5\n2e0", ""},
		{"frame,at,size\n1,0,9\n2, 0.5,9\n3,0.5,9\n4,2,9\n", "at"},
	} {
		r, err := arrival.Parse("a.csv", []byte(c.text), c.column)
		require.NoError(t, err)
		assert.Equal(t, []int64{0, 5e8, 5e8, 2e9}, r.TimesNs)
		assert.Equal(t, int64(15e8), r.Longest())
		assert.Equal(t, int64(math.MaxInt64), r.At(4), "it has ended")
		looped, err := r.Looped()
		require.NoError(t, err)
		assert.Equal(t, int64(2e9+666_666_667), looped.LoopNs)
		assert.Equal(t, looped.LoopNs+5e8, looped.At(5))
		assert.Equal(t, int64(math.MaxInt64-1), looped.At(math.MaxInt64-1), "it does not overflow")
	}
}

func TestBadRecords(t *testing.T) {
	for text, says := range map[string]string{
		"": "a.csv: bad record of arrivals: it has no times; write one a line, in seconds since the " +
			"run's start",
		"# nothing\n\n": "a.csv: bad record of arrivals: it has no times; write one a line, in seconds since the " +
			"run's start",
		"0\n1\n0.5\n": "a.csv:3: bad record of arrivals: 0.5 s comes before the time before it, 1 s; sort the times",
		"0\n\nNaN\n": `a.csv:3: bad record of arrivals: "NaN" is no time; expected seconds since the run's start, ` +
			`from 0 to 2592000`,
		"-1\n": `a.csv:1: bad record of arrivals: "-1" is no time; expected seconds since the run's start, ` +
			`from 0 to 2592000`,
		"1764000000.5\n": `a.csv:1: bad record of arrivals: "1764000000.5" is no time; expected seconds since the ` +
			`run's start, from 0 to 2592000`,
		"Inf\n": `a.csv:1: bad record of arrivals: "Inf" is no time; expected seconds since the run's start, ` +
			`from 0 to 2592000`,
		"soon\n": `a.csv:1: bad record of arrivals: "soon" is no time; expected seconds since the run's ` +
			`start, from 0 to 2592000`,
		"0,1\n": "a.csv:1: bad record of arrivals: it has 2 columns; name the one with the times by column",
		"\"0\n": "a.csv: bad record of arrivals: parse error on line 1, column 4: extraneous or missing \" " +
			"in quoted-field",
		"COLUMN a,b\n0,1\n": `a.csv:1: bad record of arrivals: there is no column "at"; the first line names a, b`,
		"COLUMN a,at\n1\n":  "a.csv:2: bad record of arrivals: it has 1 columns; column at is number 2",
		"COLUMN a,at\n1,x\n": `a.csv:2: bad record of arrivals: "x" is no time; expected seconds since the run's start, ` +
			`from 0 to 2592000`,
		"COLUMN a,at\n": "a.csv: bad record of arrivals: it has no times; write one a line, in seconds since the " +
			"run's start",
	} {
		text, column := strings.CutPrefix(text, "COLUMN ")
		name := ""
		if column {
			name = "at"
		}
		_, err := arrival.Parse("a.csv", []byte(text), name)
		require.ErrorIs(t, err, arrival.ErrRecord, text)
		assert.EqualError(t, err, says)
	}
	_, err := arrival.Parse("a.csv", []byte(strings.Repeat("1\n", arrival.MaxTimes+1)), "")
	assert.EqualError(t, err, fmt.Sprintf("a.csv:%d: bad record of arrivals: it has more than %d times; leave some out",
		arrival.MaxTimes+1, arrival.MaxTimes))
	r, err := arrival.Parse("a.csv", []byte("3\n3\n"), "")
	require.NoError(t, err)
	_, err = r.Looped()
	assert.EqualError(t, err, "bad record of arrivals: its frames all come at one time, so it can't be looped")
}

// A later phase of a looped record is the same record, begun in its middle.
func TestPhaseOfARecord(t *testing.T) {
	r := &arrival.Record{TimesNs: []int64{5, 10, 40}, LoopNs: 50}
	at := func(offset int64) (all []int64) {
		times := arrival.Of(arrival.Schedule{Recorded: r, OffsetNs: offset})
		assert.True(t, times.Scheduled())
		for n := range int64(5) {
			all = append(all, times.At(n))
		}
		return all
	}
	assert.Equal(t, []int64{5, 10, 40, 55, 60}, at(0))
	assert.Equal(t, []int64{4, 34, 49, 54, 84}, at(6))
	assert.Equal(t, []int64{6, 11, 41, 56, 61}, at(49), "all of the first time are left out")
	ends := arrival.Of(arrival.Schedule{Recorded: &arrival.Record{TimesNs: []int64{5}}})
	assert.Equal(t, []int64{5, math.MaxInt64}, []int64{ends.At(0), ends.At(1)})
}

func TestRecordsFromElsewhere(t *testing.T) {
	for says, r := range map[string]arrival.Record{
		"0 times; expected 1 to 1048576":                           {},
		"its times are not sorted, or not from 0 to 2592000 s":     {TimesNs: []int64{2, 1}},
		"its times are not sorted, or not from 0 to 2592000 s ":    {TimesNs: []int64{-1}},
		"its times are not sorted, or not from 0 to 2592000 s  ":   {TimesNs: []int64{math.MaxInt64}},
		"it begins anew after 5 ns, before its end or much later":  {TimesNs: []int64{1, 6}, LoopNs: 5},
		"it begins anew after -1 ns, before its end or much later": {TimesNs: []int64{1}, LoopNs: -1},
	} {
		err := r.Check()
		require.ErrorIs(t, err, arrival.ErrRecord)
		assert.EqualError(t, err, "bad record of arrivals: "+strings.TrimSpace(says))
	}
	for mean, r := range map[int64]arrival.Record{
		7: {TimesNs: []int64{7}}, 3: {TimesNs: []int64{0, 6}, LoopNs: 7}, 6: {TimesNs: []int64{2, 8}},
	} {
		require.NoError(t, r.Check())
		assert.Equal(t, mean, r.Mean())
	}
}

func TestPhaseOfAPeriod(t *testing.T) {
	times := arrival.Of(arrival.Schedule{PeriodNs: 40, OffsetNs: 7})
	assert.Equal(t, []int64{7, 47}, []int64{times.At(0), times.At(1)})
}
