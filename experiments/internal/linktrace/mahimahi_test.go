package linktrace

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const ms = time.Millisecond

func TestMahimahi(t *testing.T) {
	for _, name := range []string{"verizon.up", "verizon", "verizon.trace"} {
		r, err := Read(written(t, name, "0\n2\n2\n6\n"), false)
		require.NoError(t, err)
		assert.Nil(t, r.Latencies)
		assert.Equal(t, []profile.Rate{
			{At: 0, BytesPerSec: 1.5e6}, {At: ms, BytesPerSec: 3e6}, {At: 2 * ms}, {At: 5 * ms, BytesPerSec: 1.5e6},
		}, r.Rates.List())
		_, ends := r.Rates.Ends()
		assert.False(t, ends, "it begins anew behind 6 ms, asked for or not")
		assert.InDelta(t, 6000*1000, r.Rates.Bytes(int64(6000*ms)), 1e-3, "four packets in every 6 ms")
		assert.EqualValues(t, 6*ms, r.Rates.After(int64(3*ms), 1500))
		assert.EqualValues(t, 7*ms, r.Rates.After(int64(3*ms), 3000))
	}
	// As man mm-link has it: a packet every ms is 12 Mbit/s.
	r, err := Read(written(t, "12", "1\n"), false)
	require.NoError(t, err)
	assert.InDelta(t, 12e6/8, r.Rates.Mean(), 1e-6)
	r, err = Read(written(t, "rare", "100\r\n"), false)
	require.NoError(t, err)
	assert.InDelta(t, 15_000, r.Rates.Mean(), 1e-6)
	again := &profile.Rates{}
	b, err := r.Rates.MarshalJSON()
	require.NoError(t, err)
	require.NoError(t, again.UnmarshalJSON(b))
	assert.Equal(t, r.Rates, again)
}

// Without a name that says CSV, the first line tells the format.
func TestFormatByContent(t *testing.T) {
	r, err := Read(written(t, "trace", "seconds,bytes_per_sec\n0,5\n"), false)
	require.NoError(t, err)
	assert.InDelta(t, 5, r.Rates.Mean(), 0)
	path := written(t, "lab.json", "{\n")
	_, err = Read(path, false)
	assert.EqualError(t, err, path+":1: no trace of a link: it is JSON; a link profile goes under the link's key profile")
}

func TestMahimahiThatCanNotBe(t *testing.T) {
	for text, says := range map[string]string{
		"1\n\n2\n": ":2: no bandwidth over time: a hole: the line is empty; a time in ms is expected in every line",
		"1\nx\n": `:2: no bandwidth over time: found "x"; expected a whole number of ms in every line, as in a ` +
			`file of Mahimahi`,
		"1\n1.5\n": `:2: no bandwidth over time: found "1.5"; expected a whole number of ms in every line, as in a ` +
			`file of Mahimahi`,
		"1\n-5\n": `:2: no bandwidth over time: found "-5"; expected a whole number of ms in every line, as in a ` +
			`file of Mahimahi`,
		"1\nNaN\n": `:2: no bandwidth over time: found "NaN"; expected a whole number of ms in every line, as in a ` +
			`file of Mahimahi`,
		"5\n4\n":         ":2: no bandwidth over time: 4 ms comes after 5 ms; times may not fall",
		"1\n31622400001": ":2: no bandwidth over time: 31622400001 ms; expected 31622400000 at most",
		"0\n0\n": ":2: no bandwidth over time: all times are 0 ms; the last one says after which time the file begins " +
			"anew",
		"1\n" + strings.Repeat("7", 70_000): ":2: no bandwidth over time: the line is longer than any time in ms",
	} {
		path := written(t, "up", text)
		_, err := Read(path, false)
		require.ErrorIs(t, err, profile.ErrRates)
		assert.EqualError(t, err, path+says)
	}
}

// A file that is too large is refused before it has taken much memory.
func TestBounds(t *testing.T) {
	rows := func(format string, from, n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, from+i)
		}
		return b.String()
	}
	const large = ": no trace of a link: it has more than 64 MiB; leave rows out, or cut it to the time of a run"
	for name, tt := range map[string]struct {
		text, says string
		most       uint64 // MB that are allocated in all
	}{
		"line.csv": {strings.Repeat("7", 70<<20), ":1: no trace of a link: the line has more than 65536 bytes", 1},
		"line":     {strings.Repeat("7", 70<<20), ":1: no bandwidth over time: the line is longer than any time in ms", 1},
		"rows.csv": {"seconds,bytes_per_sec\n" + rows("%d,1\n", 0, 1_000_001), ":1000002: no trace of a link: it has " +
			"more than " +
			"1000000 rows; leave some out, or cut it to the time of a run", 250},
		"lines": {strings.Repeat(strings.Repeat("0", 4000)+"1\n", 17_000), large, 80},
		"changes": {rows("%d1\n", 1, 500_001), ":500001: no bandwidth over time: the bandwidth has changed more than " +
			"1000000 " +
			"times up to here; cut the file to the time of a run", 150},
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := read(name, strings.NewReader(tt.text), false)
		runtime.ReadMemStats(&after)
		require.EqualError(t, err, name+tt.says)
		assert.Less(t, (after.TotalAlloc-before.TotalAlloc)/1e6, tt.most, name)
	}
}
