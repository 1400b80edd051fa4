package profiles

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/edgeprune/edgeprune/core/profile"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const header = "seconds,bytes_per_sec\n"

func TestTracesAreReadAsTheyWereWritten(t *testing.T) {
	rates := []profile.Rate{
		{At: 0, BytesPerSec: 1.25e7}, {At: 250 * time.Millisecond, BytesPerSec: 0}, {At: time.Second, BytesPerSec: 1.0 / 3},
	}
	b := RatesFile(rates, "from a to b", "two\nlines")
	assert.Equal(t, "# from a to b\n# two lines\n"+header+"0,12500000\n0.25,0\n1,0.3333333333333333\n", string(b))
	r, err := ReadRates(written(t, t.TempDir(), "wifi.csv", b), false)
	require.NoError(t, err)
	for i, x := range r.List() {
		assert.Equal(t, rates[i].At, x.At)
		assert.InDelta(t, rates[i].BytesPerSec, x.BytesPerSec, 1e-6)
	}
}

func TestTracesThatCanNotBe(t *testing.T) {
	const no = "no bandwidth over time: "
	for _, tt := range []struct{ text, says string }{
		{"", ": " + no + "it has no rows"},
		{header, ": " + no + "it has no rows"},
		{"t,rate\n0,1\n", ":1: " + no + `expected the header seconds,bytes_per_sec; found "t,rate"`},
		{header + "0,1\n1\n", ":3: " + no + "1 columns; expected seconds,bytes_per_sec"},
		{header + "0,1\n1,\n2,1\n", ":3: " + no + "a hole: bytes_per_sec is missing; leave the row out if the bandwidth " +
			"before it goes on"},
		{"# a comment\n" + header + "0,1\n\n,3\n", ":5: " + no + "a hole: seconds is missing; leave the row out if the " +
			"bandwidth before it goes on"},
		{header + "0,fast\n", ":2: " + no + `bytes_per_sec is "fast"; expected a number`},
		{header + "0,-5\n", ":2: " + no + "-5 bytes/s; expected a number of at least 0"},
		{header + "0,NaN\n", ":2: " + no + "NaN bytes/s; expected a number of at least 0"},
		{header + "nan,1\n", ":2: " + no + "seconds are nan; expected 0 to 31622400"},
		{header + "-1,1\n", ":2: " + no + "seconds are -1; expected 0 to 31622400"},
		{header + "1,1\n", ":2: " + no + "it begins at 1s; expected 0"},
		{header + "0,1\n2,1\n1,1\n", ":4: " + no + "1s comes after 2s; times must rise"},
		{header + "0,1\n1,0\n", ":3: " + no + "it ends with 0 bytes/s, so nothing would cross any more; let it end with " +
			"another bandwidth, or loop"},
		{header + "\"0,1\n", ":2: " + no + `extraneous or missing " in quoted-field`},
	} {
		path := written(t, t.TempDir(), "wifi.csv", []byte(tt.text))
		_, err := ReadRates(path, false)
		require.ErrorIs(t, err, profile.ErrRates)
		assert.EqualError(t, err, path+tt.says)
	}
	path := filepath.Join(t.TempDir(), "none.csv")
	_, err := ReadRates(path, false)
	assert.EqualError(t, err, "bandwidth over time: open "+path+": no such file or directory; record one with: edgeprune "+
		"testbed probe --for 60s -o FILE")
}
